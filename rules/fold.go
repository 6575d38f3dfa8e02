package rules

import (
	"unicode"
	"unicode/utf8"
)

// foreignWord adds the word that starts at plain[start], at least one character of which is outside ASCII. It returns where
// the word ends.
func (t *Text) foreignWord(start, limit int) int {
	p, from := t.plain[:limit], len(t.norm)
	var kind tokenKind
	var letters, capitals, run int
	var last rune
	var scripts scriptSet
	drawn := false
	i := start
	for i < len(p) {
		r, n := rune(p[i]), 1
		if r >= utf8.RuneSelf {
			r, n = utf8.DecodeRune(p[i:])
		}
		if i > start && standsAlone(r) {
			break
		}
		switch {
		case isMark(r):
			// What NFKC could not compose onto a Latin, Greek or Cyrillic letter is decoration; other scripts need it.
			if scripts&scriptOther != 0 {
				t.norm = append(t.norm, p[i:i+n]...)
			}
		case unicode.IsLetter(r):
			letters++
			if !caseless(r) && unicode.IsUpper(r) {
				capitals++
				kind |= kindCapital
				if i == start {
					kind |= kindUpper
				}
			}
			f := foldRune(r)
			scripts |= scriptOf(f)
			if f == last {
				run++
				drawn = drawn || run >= 2
			} else {
				run = 0
			}
			last = f
			if r == 'ß' || r == 'ẞ' {
				t.norm = append(t.norm, "ss"...)
			} else {
				t.norm = utf8.AppendRune(t.norm, f)
			}
		case unicode.IsNumber(r):
			kind |= kindDigit
			last = 0
			if d, ok := digitValue(r); ok {
				t.norm = append(t.norm, '0'+byte(d))
			} else {
				t.norm = utf8.AppendRune(t.norm, r)
			}
		case r < utf8.RuneSelf && joins(p, i, start), joinsForeign(p, i, n, r):
			t.norm = utf8.AppendRune(t.norm, foldJoin(r))
			last = 0
		default:
			goto end
		}
		i += n
		if i-n == start && standsAlone(r) {
			break
		}
	}
end:
	if letters > 0 {
		kind |= kindLetter
		if capitals == letters && letters > 1 {
			kind |= kindCaps
		}
	}
	if scripts&scriptLatin != 0 && scripts&scriptLike != 0 {
		t.unmask(from)
	}
	if drawn {
		t.drawnWord(start, i, from, kind)
	} else {
		t.addToken(start, i, from, len(t.norm), kind)
	}
	return i
}

// joinsForeign reports whether a separator of Arabic-Indic numbers stands at i between digits.
func joinsForeign(p []byte, i, n int, r rune) bool {
	if r != '٫' && r != '٬' || i+n >= len(p) {
		return false
	}
	before, _ := utf8.DecodeLastRune(p[:i])
	after, _ := utf8.DecodeRune(p[i+n:])
	return unicode.IsDigit(before) && unicode.IsDigit(after)
}

// foldJoin gives the ASCII form of a sign inside a word.
func foldJoin(r rune) rune {
	switch r {
	case '`':
		return '\''
	case '٫':
		return '.'
	case '٬':
		return ','
	}
	return r
}

// foldRune folds case. Dotted and dotless i are both i, so that Turkish keyboards and capitals match; final sigma is sigma.
func foldRune(r rune) rune {
	switch {
	case r >= 'A' && r <= 'Z':
		return r + 'a' - 'A'
	case r < utf8.RuneSelf, caseless(r):
		return r
	case r == 'İ' || r == 'ı':
		return 'i'
	case r == 'ς':
		return 'σ'
	}
	return unicode.ToLower(r)
}

// caseless reports whether r is of a range without capitals, from Hebrew to Myanmar, of East Asia or a form of Arabic, so
// that nothing needs to be searched for it.
func caseless(r rune) bool {
	return r >= 0x590 && (r < 0x10a0 || r >= 0x3040 && r < 0xa640 || r >= 0xac00 && r < 0xfb00 || r >= 0xfb1d && r < 0xff00)
}

// digitValue returns the value of a decimal digit of any script.
func digitValue(r rune) (int, bool) {
	if r >= '0' && r <= '9' {
		return int(r - '0'), true
	}
	if r < utf8.RuneSelf || !unicode.Is(unicode.Nd, r) {
		return 0, false
	}
	// Decimal digits come in contiguous runs of ten that start at a multiple of ten or sixteen per script; walk back
	// to the zero, at most nine steps.
	v := 0
	for v < 9 && unicode.Is(unicode.Nd, r-rune(v)-1) {
		v++
	}
	return v, true
}

// isWordRune reports whether a word may start with r.
func isWordRune(r rune) bool {
	if r < utf8.RuneSelf {
		return r >= 0 && asciiClass[byte(r)]&classWord != 0
	}
	return unicode.IsLetter(r) || unicode.IsNumber(r)
}

// standsAlone reports whether r is of a script written without spaces, where each character is taken for a word.
func standsAlone(r rune) bool {
	return r >= 0x3040 && (r <= 0x30ff || r >= 0x3400 && r <= 0x9fff || r >= 0xf900 && r <= 0xfaff || r >= 0x20000 && r <= 0x3ffff)
}

// scriptSet tells which scripts a word is written in.
type scriptSet uint8

const (
	scriptLatin scriptSet = 1 << iota
	scriptLike            // Cyrillic or Greek, whose letters may pose as Latin ones
	scriptOther
)

func scriptOf(r rune) scriptSet {
	switch {
	case r < 0x250:
		return scriptLatin
	case r >= 0x370 && r < 0x530:
		return scriptLike
	case r >= 0x1e00 && r < 0x1f00:
		return scriptLatin
	case r >= 0x1f00 && r < 0x2000:
		return scriptLike
	}
	return scriptOther
}

// latinFor gives the Latin letter a folded Cyrillic or Greek one is taken for by the eye, 0 when there is none.
func latinFor(r rune) byte {
	switch r {
	case 'а', 'α':
		return 'a'
	case 'в', 'β':
		return 'b'
	case 'с':
		return 'c'
	case 'ԁ':
		return 'd'
	case 'е', 'ё', 'ε':
		return 'e'
	case 'һ', 'н':
		return 'h'
	case 'і', 'ї', 'ι':
		return 'i'
	case 'ј':
		return 'j'
	case 'к', 'κ':
		return 'k'
	case 'м', 'μ':
		return 'm'
	case 'ν':
		return 'v'
	case 'η', 'п':
		return 'n'
	case 'о', 'ο':
		return 'o'
	case 'р', 'ρ':
		return 'p'
	case 'ԛ':
		return 'q'
	case 'г':
		return 'r'
	case 'ѕ':
		return 's'
	case 'т', 'τ':
		return 't'
	case 'υ':
		return 'u'
	case 'ԝ', 'ω':
		return 'w'
	case 'х', 'χ':
		return 'x'
	case 'у':
		return 'y'
	}
	return 0
}

// unmask replaces the letters in norm[from:] that pose as Latin. Only words that also hold a real Latin letter come
// here, so Russian and Greek text is left alone.
func (t *Text) unmask(from int) {
	sp := &t.spare
	sp.fold = append(sp.fold[:0], t.norm[from:]...)
	t.norm = t.norm[:from]
	for i := 0; i < len(sp.fold); {
		r, n := utf8.DecodeRune(sp.fold[i:])
		if l := latinFor(r); l != 0 {
			t.norm = append(t.norm, l)
		} else {
			t.norm = append(t.norm, sp.fold[i:i+n]...)
		}
		i += n
	}
}
