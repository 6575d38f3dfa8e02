package rules

import (
	"bytes"
	"unicode"
	"unicode/utf8"
)

// Classes of ASCII bytes.
const (
	classWord  = 1 << iota // part of a word
	classUpper             // capital letter
	classLetter
	classDigit
)

// asciiClass gives the class of each byte; bytes from 0x80 have none and are decoded.
var asciiClass = func() (c [256]uint8) {
	for b := byte('0'); b <= '9'; b++ {
		c[b] = classWord | classDigit
	}
	for b := byte('a'); b <= 'z'; b++ {
		c[b] = classWord | classLetter
		c[b-32] = classWord | classLetter | classUpper
	}
	return c
}()

// tokenise cuts plain into words. A word is a run of letters, digits and marks; one apostrophe between letters
// belongs to it ("can't", "j'ai"), and so does one point, comma or colon between digits ("12.50", "10:30"). Han and
// kana, which are written without spaces, are words of one character. URLs and e-mail addresses are one token each.
func (t *Text) tokenise() {
	t.tokens, t.norm, t.emoji = t.tokens[:0], t.norm[:0], t.emoji[:0]
	p := t.plain
	addresses := mayHoldAddress(p)
	scan := addressScan{p: p}
	checked := 0 // before this no further address starts
	for i := 0; i < len(p); {
		c := p[i]
		if c < utf8.RuneSelf && asciiClass[c]&classWord == 0 {
			i++
			continue
		}
		if c >= utf8.RuneSelf {
			r, n := utf8.DecodeRune(p[i:])
			if !isWordRune(r) {
				t.sign(r, i)
				i += n
				continue
			}
		}
		if addresses && i >= checked {
			if start, end, kind := scan.next(i); kind != 0 {
				t.words(i, start)
				t.address(start, end, kind)
				i = end
				continue
			}
			checked = scan.stop
		}
		i = t.oneWord(i, len(p))
	}
}

// words cuts plain[i:end] into words; there is no address in it.
func (t *Text) words(i, end int) {
	for i < end {
		r, n := utf8.DecodeRune(t.plain[i:end])
		if isWordRune(r) {
			i = t.oneWord(i, end)
		} else {
			t.sign(r, i)
			i += n
		}
	}
}

// address adds one token for a URL or e-mail address.
func (t *Text) address(start, end int, kind tokenKind) {
	from := len(t.norm)
	for _, c := range t.plain[start:end] {
		if c >= 'A' && c <= 'Z' {
			c += 'a' - 'A'
		}
		t.norm = append(t.norm, c)
	}
	to := int32(len(t.norm))
	t.tokens = append(t.tokens, token{int32(start), int32(end), int32(from), to, to, hashOf(t.norm[from:]), kind | kindAddress})
	t.identify(&t.tokens[len(t.tokens)-1])
}

// oneWord adds the word that starts at i and returns where it ends. limit bounds it.
func (t *Text) oneWord(i, limit int) int {
	p := t.plain
	start, from := i, len(t.norm)
	var kind tokenKind
	var letters, capitals, run int
	var last byte
	drawn := false
	for i < limit {
		c := p[i]
		class := asciiClass[c]
		if class&classWord != 0 {
			if class&classUpper != 0 {
				capitals++
				if i == start {
					kind |= kindUpper
				}
				c += 'a' - 'A'
			}
			if class&classLetter != 0 {
				letters++
				if c == last {
					run++
					drawn = drawn || run >= 2
				} else {
					run = 0
				}
			} else {
				kind |= kindDigit
			}
			last = c
			t.norm = append(t.norm, c)
			i++
			continue
		}
		if c >= utf8.RuneSelf {
			return t.foreignWord(start, from, limit)
		}
		if !joins(p, i, start, limit) {
			break
		}
		if c == '`' {
			c = '\''
		}
		t.norm = append(t.norm, c)
		last = 0
		i++
	}
	if letters > 0 {
		kind |= kindLetter
		if capitals == letters && letters > 1 {
			kind |= kindCaps
		}
	}
	t.addWord(start, i, from, kind, drawn)
	return i
}

// joins reports whether the ASCII sign at i holds a word together: an apostrophe between letters, or a point, comma
// or colon between digits.
func joins(p []byte, i, start, limit int) bool {
	if i == start || i+1 >= limit {
		return false
	}
	switch p[i] {
	case '\'', '`':
		return isLetterAt(p, i+1) && !isDigitByte(p[i-1])
	case '.', ',', ':':
		return isDigitByte(p[i-1]) && isDigitByte(p[i+1])
	}
	return false
}

func isDigitByte(c byte) bool { return c >= '0' && c <= '9' }

func isLetterAt(p []byte, i int) bool {
	if p[i] < utf8.RuneSelf {
		return asciiClass[p[i]]&classLetter != 0
	}
	r, _ := utf8.DecodeRune(p[i:])
	return unicode.IsLetter(r)
}

// addWord stores the word in norm[from:] that stands at plain[start:end].
func (t *Text) addWord(start, end, from int, kind tokenKind, drawn bool) {
	to := len(t.norm)
	if drawn {
		to = t.shorten(from)
	}
	t.tokens = append(t.tokens, token{int32(start), int32(end), int32(from), int32(to), int32(len(t.norm)), hashOf(t.norm[from:to]), kind})
	t.identify(&t.tokens[len(t.tokens)-1])
}

// shorten replaces the drawn-out word norm[from:] by two readings of it, one behind the other: runs of three or more
// of one letter cut to one ("so") and to two ("good"). It returns where the first ends.
func (t *Text) shorten(from int) int {
	sp := &t.spare
	sp.fold = append(sp.fold[:0], t.norm[from:]...)
	t.norm = cutRuns(t.norm[:from], sp.fold, 1)
	to := len(t.norm)
	t.norm = cutRuns(t.norm, sp.fold, 2)
	return to
}

// cutRuns appends word to dst with each run of three or more of one letter cut to keep. Runs of two stay.
func cutRuns(dst, word []byte, keep int) []byte {
	for i := 0; i < len(word); {
		r, n := utf8.DecodeRune(word[i:])
		end := i + n
		run := 1
		for end < len(word) && bytes.HasPrefix(word[end:], word[i:i+n]) {
			end += n
			run++
		}
		if run > 2 && !unicode.IsDigit(r) {
			run = keep
		}
		for range run {
			dst = append(dst, word[i:i+n]...)
		}
		i = end
	}
	return dst
}
