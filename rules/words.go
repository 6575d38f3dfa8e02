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
	t.tokens, t.emoji, t.signs = t.tokens[:0], t.emoji[:0], 0
	n := len(t.plain)
	t.norm = slices.Grow(t.norm[:0], n+n/8+8)[:n] // some more, so that the last word does not touch the end either
	foldCase(t.norm, t.plain)
	t.runs = hasRun(t.norm)
	from := 0
	if mayHoldAddress(t.plain) {
		scan := addressScan{p: t.plain}
		for i := t.wordFrom(0); i < n; i = t.wordFrom(i) {
			start, end, kind := scan.next(i)
			if kind == 0 {
				i = scan.stop
				continue
			}
			t.words(from, start)
			t.addToken(start, end, start, end, kind|kindAddress|kindParts)
			t.signs |= signsOf(t.plain[start:end])
			from, i = end, end
		}
	}
	t.words(from, n)
	t.identify()
}

// identify looks every word up, and the other reading of those that were drawn out.
func (t *Text) identify() {
	t.ids = slices.Grow(t.ids[:0], len(t.tokens))[:len(t.tokens)]
	lexicon, norm, present, ids := t.lexicon, t.norm, t.present, t.ids
	for i := range t.tokens {
		k := &t.tokens[i]
		var id wordID
		if w := norm[k.from:k.to]; len(w) <= 8 {
			id.first, k.hash = lexicon.lookShort(w)
		} else {
			id.first, k.hash = lexicon.look(w)
		}
		if k.alt != k.to {
			id.second, _ = lexicon.look(norm[k.to:k.alt])
			present.add(id.second)
		}
		present.add(id.first)
		ids[i] = id
	}
}

// wordFrom returns where the first word from i on begins, the end when there is none.
func (t *Text) wordFrom(i int) int {
	for i < len(t.plain) {
		r, n := utf8.DecodeRune(t.plain[i:])
		if isWordRune(r) {
			break
		}
		i += n
	}
	return i
}

// words cuts plain[i:end] into words; there is no address in it.
func (t *Text) words(i, end int) {
	p := t.plain[:end]
	for i < len(p) {
		start, classes := i, asciiClass[p[i]]
		if classes == 0 {
			if p[i] < utf8.RuneSelf {
				t.signs |= signBit(p[i])
				i++
				continue
			}
			r, n := utf8.DecodeRune(p[i:])
			if !isWordRune(r) {
				t.sign(r, i)
				i += n
			} else {
				i = t.foreignWord(i, end)
			}
			continue
		}
		for i++; i < len(p); i++ {
			class := asciiClass[p[i]]
			classes |= class
			if class == 0 {
				if p[i] == ' ' || !t.joinsASCII(p, i, start) {
					break
				}
				classes |= classJoined
			}
		}
		if i < len(p) && p[i] >= utf8.RuneSelf {
			i = t.foreignWord(start, end)
			continue
		}
		t.asciiWord(start, i, classes)
	}
}

// joinsASCII is joins, and folds the sign.
func (t *Text) joinsASCII(p []byte, i, start int) bool {
	if p[i] >= utf8.RuneSelf || !joins(p, i, start) {
		return false
	}
	if p[i] == '`' {
		t.norm[i] = '\''
	}
	t.signs |= signBit(p[i])
	return true
}

// asciiWord adds the word plain[start:end], whose bytes are of some classes.
func (t *Text) asciiWord(start, end int, classes uint8) {
	kind := asciiKind[classes]
	if classes&classUpper != 0 {
		kind |= capitalKind(t.plain[start:end], classes)
	}
	if t.runs && drawnOut(t.norm[start:end]) {
		from := len(t.norm)
		t.norm = append(t.norm, t.norm[start:end]...)
		t.drawnWord(start, end, from, kind)
		return
	}
	t.addToken(start, end, start, end, kind)
}

// asciiKind is what the classes of a word say of it, but for its capitals.
var asciiKind = func() (k [2 * classJoined]tokenKind) {
	for classes := range k {
		if classes&classLetter != 0 && classes&(classDigit|classJoined) != 0 {
			k[classes] |= kindParts
		}
		if classes&classDigit != 0 {
			k[classes] |= kindDigit
		}
		if classes&classLetter != 0 {
			k[classes] |= kindLetter
		}
	}
	return k
}()

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
	n := len(t.tokens)
	t.tokens = slices.Grow(t.tokens, 1)[:n+1]
	k := &t.tokens[n] // field by field: a token made first and copied then is waited for by the processor
	k.start, k.end, k.from, k.to, k.alt, k.kind, k.hash = int32(start), int32(end), int32(from), int32(to), int32(to), kind, 0
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
