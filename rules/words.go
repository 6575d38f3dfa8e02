package rules

import (
	"bytes"
	"slices"
	"unicode"
	"unicode/utf8"
)

// tokenise cuts plain into words. A word is a run of letters, digits and marks; one apostrophe between letters
// belongs to it ("can't", "j'ai"), and so does one point, comma or colon between digits ("12.50", "10:30"). Han and
// kana, which are written without spaces, are words of one character. URLs and e-mail addresses are one token each.
//
// norm begins with all of plain in the lower case of ASCII, where most words are found folded; the others are added
// behind it.
func (t *Text) tokenise() {
	t.tokens, t.emoji = t.tokens[:0], t.emoji[:0]
	n := len(t.plain)
	t.norm = slices.Grow(t.norm[:0], n+n/8+8)[:n] // some more, so that the last word does not touch the end either
	foldCase(t.norm, t.plain)
	t.runs = hasRun(t.norm)
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
	t.identify()
}

// identify looks every word up, and the other reading of those that were drawn out.
func (t *Text) identify() {
	t.ids = slices.Grow(t.ids[:0], len(t.tokens))[:len(t.tokens)]
	for i := range t.tokens {
		k := &t.tokens[i]
		id := &t.ids[i]
		id.first, k.hash = t.lexicon.look(t.norm[k.from:k.to])
		id.second = 0
		if k.alt != k.to {
			id.second, _ = t.lexicon.look(t.norm[k.to:k.alt])
			t.present.add(id.second)
		}
		t.present.add(id.first)
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
	t.addToken(start, end, start, end, kind|kindAddress)
}

// oneWord adds the word that starts at i and returns where it ends. limit bounds it.
func (t *Text) oneWord(i, limit int) int {
	p, start := t.plain[:limit], i
	classes := uint8(0)
	for i < len(p) {
		if class := asciiClass[p[i]]; class != 0 {
			classes |= class
			i++
			continue
		}
		if p[i] >= utf8.RuneSelf {
			return t.foreignWord(start, limit)
		}
		if !joins(p, i, start) {
			break
		}
		if p[i] == '`' {
			t.norm[i] = '\''
		}
		i++
	}
	var kind tokenKind
	if classes&classDigit != 0 {
		kind |= kindDigit
	}
	if classes&classLetter != 0 {
		kind |= kindLetter
	}
	if classes&classUpper != 0 {
		kind |= capitalKind(p[start:i], classes)
	}
	if t.runs && drawnOut(t.norm[start:i]) {
		from := len(t.norm)
		t.norm = append(t.norm, t.norm[start:i]...)
		t.drawnWord(start, i, from, kind)
	} else {
		t.addToken(start, i, start, i, kind)
	}
	return i
}

// drawnOut reports whether a folded word of ASCII has some letter three times in a row.
func drawnOut(word []byte) bool {
	for i := 2; i < len(word); i++ {
		if c := word[i]; c == word[i-1] && c == word[i-2] && asciiClass[c]&classLetter != 0 {
			return true
		}
	}
	return false
}

// capitalKind is what is to be said of the capitals of a word of ASCII that has some.
func capitalKind(word []byte, classes uint8) tokenKind {
	kind := kindCapital
	if asciiClass[word[0]]&classUpper != 0 {
		kind |= kindUpper
	}
	if classes&classLower != 0 {
		return kind
	}
	capitals := 0
	for _, c := range word {
		if asciiClass[c]&classUpper != 0 {
			capitals++
		}
	}
	if capitals > 1 {
		kind |= kindCaps
	}
	return kind
}

// joins reports whether the ASCII sign at i holds a word together: an apostrophe between letters, or a point, comma
// or colon between digits.
func joins(p []byte, i, start int) bool {
	if i == start || i+1 >= len(p) {
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

// addToken stores the word norm[from:to] that stands at plain[start:end].
func (t *Text) addToken(start, end, from, to int, kind tokenKind) {
	t.tokens = append(t.tokens, token{start: int32(start), end: int32(end), from: int32(from), to: int32(to), alt: int32(to), kind: kind})
}

// drawnWord stores the drawn-out word norm[from:] by two readings of it, one behind the other: runs of three or more
// of one letter cut to one ("so") and to two ("good").
func (t *Text) drawnWord(start, end, from int, kind tokenKind) {
	sp := &t.spare
	sp.fold = append(sp.fold[:0], t.norm[from:]...)
	t.norm = cutRuns(t.norm[:from], sp.fold, 1)
	t.addToken(start, end, from, len(t.norm), kind)
	t.norm = cutRuns(t.norm, sp.fold, 2)
	t.tokens[len(t.tokens)-1].alt = int32(len(t.norm))
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
