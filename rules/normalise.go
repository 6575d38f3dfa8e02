package rules

import (
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// marksPerLetter is how many combining marks are kept on one letter. Scripts in use need at most four (Vietnamese
// two, pointed Hebrew and vocalised Arabic three or four); what comes on top only makes words unreadable.
const marksPerLetter = 4

// growthPerSegment bounds what NFKC may make of a segment: U+FDFA alone turns 3 bytes into 33, and a message of
// nothing else would cost ten times its size. A segment that grows more stays as it is.
const growthPerSegment = 6

// maxChanged bounds the segments of one message that are brought into NFKC; one that grows long counts for several. Messages of real customers are composed
// already, and ones of this size that are not are an attempt to keep the machine busy; what is left stays as written.
const maxChanged = 4096

// normalise fills plain and its map. ASCII without control characters is plain already.
func (t *Text) normalise(raw string, markup bool) {
	t.plain = t.plain[:0]
	t.backStart, t.backEnd = t.backStart[:0], t.backEnd[:0]
	if !markup {
		t.plain = append(t.plain, raw...)
		if isPlainASCII(t.plain) {
			t.identity = true
			return
		}
		t.plain = t.plain[:0]
	}
	t.identity = false
	sp := &t.spare
	sp.stripped, sp.stripStart, sp.stripEnd = sp.stripped[:0], sp.stripStart[:0], sp.stripEnd[:0]
	if markup {
		sp.readMarkup(raw)
	} else {
		sp.readPlain(raw)
	}
	t.compose()
}

// readPlain copies raw without the characters that are not seen, remembering where each byte came from.
func (sp *foldWork) readPlain(raw string) {
	marks := 0
	for i := 0; i < len(raw); {
		r, n := utf8.DecodeRuneInString(raw[i:])
		marks = sp.put(r, raw[i:i+n], i, i+n, marks)
		i += n
	}
}

// afterBroken reports whether what was copied last is a byte that is not UTF-8 and stands right before start. Of a run of
// such bytes the first is kept: it parts the words around it, and a flood of them costs nothing further on.
func (sp *foldWork) afterBroken(start int) bool {
	n := len(sp.stripped)
	if n == 0 || sp.stripped[n-1] < utf8.RuneSelf || int(sp.stripEnd[n-1]) != start {
		return false
	}
	r, size := utf8.DecodeLastRune(sp.stripped)
	return r == utf8.RuneError && size == 1
}

// put appends one character that stands in raw at [start, end) and returns how many combining marks in a row it ends.
func (sp *foldWork) put(r rune, text string, start, end, marks int) int {
	switch {
	case r == utf8.RuneError && len(text) == 1 && sp.afterBroken(start):
		sp.stripEnd[len(sp.stripEnd)-1] = int32(end)
		return marks
	case r < 0x80:
		if r < 0x20 && r != '\n' && r != '\t' && r != '\r' || r == 0x7f {
			return marks
		}
		marks = 0
	case invisible(r):
		return marks
	case r >= 0x300 && isMark(r):
		marks++
		if marks > marksPerLetter {
			return marks
		}
	default:
		marks = 0
		if isApostrophe(r) && sp.afterLetter() {
			text = "'" // before NFKC, which takes U+00B4 apart into a space and a mark
		}
	}
	for k := range len(text) {
		sp.stripped = append(sp.stripped, text[k])
		if len(text) == end-start {
			sp.stripStart = append(sp.stripStart, int32(start+k))
			sp.stripEnd = append(sp.stripEnd, int32(start+k+1))
		} else {
			sp.stripStart = append(sp.stripStart, int32(start))
			sp.stripEnd = append(sp.stripEnd, int32(end))
		}
	}
	return marks
}

// afterLetter reports whether what was copied last is a letter.
func (sp *foldWork) afterLetter() bool {
	r, _ := utf8.DecodeLastRune(sp.stripped)
	return unicode.IsLetter(r)
}

// compose brings the stripped text into NFKC, segment by segment, and joins the two maps.
func (t *Text) compose() {
	src := t.spare.stripped
	left := maxChanged
	for i := 0; i < len(src); {
		n := len(src) - i
		if left > 0 {
			n = norm.NFKC.QuickSpan(src[i:])
		}
		t.copyThrough(i, i+n)
		i += n
		// QuickSpan stops before a segment that must change; most often its neighbours must change as well.
		if i < len(src) {
			i, left = t.composeRun(src, i, left)
		}
	}
}

// composeRun takes segments from src[i:] until one was in NFKC already or none is left to spend. It returns where it
// stopped and what is left.
func (t *Text) composeRun(src []byte, i, left int) (int, int) {
	it := &t.spare.iter
	it.Init(norm.NFKC, src[i:])
	for from := 0; left > 0 && !it.Done(); left -= 1 + len(t.spare.fold)/growthPerSegment {
		// One character may come in several pieces; the position moves with the last of them.
		out := append(t.spare.fold[:0], it.Next()...)
		for it.Pos() == from && !it.Done() {
			out = append(out, it.Next()...)
		}
		t.spare.fold = out
		to := it.Pos()
		same := string(out) == string(src[i+from:i+to])
		if same || len(out) > growthPerSegment*(to-from) {
			t.copyThrough(i+from, i+to)
		} else {
			start, end := t.spare.stripStart[i+from], t.spare.stripEnd[i+to-1]
			for _, c := range out {
				t.plain = append(t.plain, c)
				t.backStart = append(t.backStart, start)
				t.backEnd = append(t.backEnd, end)
			}
		}
		from = to
		if same || it.Done() {
			return i + to, left - 1
		}
	}
	return i + it.Pos(), left
}

// copyThrough takes stripped[from:to] over as it is.
func (t *Text) copyThrough(from, to int) {
	sp := &t.spare
	t.plain = append(t.plain, sp.stripped[from:to]...)
	t.backStart = append(t.backStart, sp.stripStart[from:to]...)
	t.backEnd = append(t.backEnd, sp.stripEnd[from:to]...)
}

// isApostrophe reports whether r is one of the signs people type or keyboards make for an apostrophe.
func isApostrophe(r rune) bool {
	switch r {
	case '\u2019', '\u2018', '\u201b', '\u02bc', '\u02b9', '\u2032', '\u00b4', '\uff07':
		return true
	}
	return false
}

// invisible reports whether r takes no room on the screen: format characters, variation selectors, fillers and tags
// (Default_Ignorable_Code_Point of Unicode, written out as ranges).
func invisible(r rune) bool {
	switch {
	case r < 0xad:
		return r >= 0x80 && r < 0xa0 && r != 0x85
	case r == 0xad, r == 0x34f, r == 0x61c, r == 0x115f, r == 0x1160, r == 0x17b4, r == 0x17b5:
		return true
	case r < 0x180b:
		return false
	case r <= 0x180f:
		return true
	case r < 0x200b:
		return false
	case r <= 0x200f, r >= 0x202a && r <= 0x202e, r >= 0x2060 && r <= 0x206f:
		return true
	case r == 0x3164, r >= 0xfe00 && r <= 0xfe0f, r == 0xfeff, r == 0xffa0, r >= 0xfff0 && r <= 0xfffb:
		return true
	case r >= 0x1bca0 && r <= 0x1bca3, r >= 0x1d173 && r <= 0x1d17a:
		return true
	}
	return r >= 0xe0000 && r <= 0xe0fff
}

// isMark reports whether r is a combining mark.
func isMark(r rune) bool {
	switch {
	case r < 0x300:
		return false
	case r < 0x370:
		return true
	case r < 0x483, r >= 0x48a && r < 0x591, r >= 0x3100 && r < 0xa66f:
		return false // Greek, Cyrillic, Armenian, Han, without a search in the table
	case r >= 0xac00 && r < 0xfb1e, r > 0xfb1e && r < 0xfe00:
		return false // Hangul, and forms of Hebrew and Arabic
	}
	return unicode.Is(unicode.M, r)
}
