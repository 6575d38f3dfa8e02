package rules

import (
	"bytes"
	"unicode"
	"unicode/utf8"
)

// growSlot widens the words plain[start:end] of a capture to the signs that belong to them, within [low, high):
// signs that touch ("$5", "12%", "(blue)"), and the sign of a unit one space away ("5 €", "0,5 %"). Punctuation, and quotes,
// brackets or emphasis of which only one side is inside, stay out.
func growSlot(plain []byte, start, end, low, high int32) (int32, int32) {
	for start > low {
		r, n := utf8.DecodeLastRune(plain[low:start])
		if unicode.IsSpace(r) || isPause(r) {
			break
		}
		start -= int32(n)
	}
	if start-1 > low && plain[start-1] == ' ' {
		if r, n := utf8.DecodeLastRune(plain[low : start-1]); unicode.Is(unicode.Sc, r) {
			start -= int32(n) + 1
		}
	}
	for end < high {
		r, n := utf8.DecodeRune(plain[end:high])
		if unicode.IsSpace(r) || isPause(r) {
			break
		}
		end += int32(n)
	}
	if end+1 < high && plain[end] == ' ' {
		if r, n := utf8.DecodeRune(plain[end+1 : high]); isUnitSign(r) {
			end += int32(n) + 1
		}
	}
	start, end = growGuillemets(plain, start, end, low, high)
	return trimPairs(plain, start, end)
}

// growGuillemets takes in a guillemet that stands one space away and has its partner inside.
func growGuillemets(plain []byte, start, end, low, high int32) (int32, int32) {
	const opening, closing = "« ", " »"
	if bytes.HasSuffix(plain[low:start], []byte(opening)) && (hasRune(plain[start:end], '»') || bytes.HasPrefix(plain[end:high], []byte(closing))) {
		start -= int32(len(opening))
	}
	if bytes.HasPrefix(plain[end:high], []byte(closing)) && hasRune(plain[start:end], '«') {
		end += int32(len(closing))
	}
	return start, end
}

// trimPairs takes openers off the front and closers off the end that have no partner inside. A few are all that
// people write; the bound keeps a message made of brackets cheap.
func trimPairs(plain []byte, start, end int32) (int32, int32) {
	const most = 8
	for range most {
		if start >= end {
			break
		}
		r, n := utf8.DecodeRune(plain[start:end])
		for isEmphasis(r) && start+int32(n) < end && rune(plain[start+int32(n)]) == r { // "**" is one mark
			n++
		}
		if c := closerOf(r); c == 0 || hasRune(plain[start+int32(n):end], c) {
			break
		}
		start += int32(n)
	}
	for range most {
		if start >= end {
			break
		}
		r, n := utf8.DecodeLastRune(plain[start:end])
		for isEmphasis(r) && end-int32(n) > start && rune(plain[end-int32(n)-1]) == r {
			n++
		}
		if o := openerOf(r); o == 0 || hasRune(plain[start:end-int32(n)], o) {
			break
		}
		end -= int32(n)
	}
	return start, end
}

func isEmphasis(r rune) bool { return r == '*' || r == '_' || r == '~' || r == '`' }

func hasRune(b []byte, want rune) bool {
	for i := 0; i < len(b); {
		r, n := utf8.DecodeRune(b[i:])
		if r == want {
			return true
		}
		i += n
	}
	return false
}

// isPause reports whether r is punctuation that is never part of a name, number or thing.
func isPause(r rune) bool {
	switch r {
	case ',', ';', ':', '–', '—', '，', '、', '؛', '،':
		return true
	}
	return isEndMark(r)
}

func closerOf(r rune) rune {
	switch r {
	case '(':
		return ')'
	case '[':
		return ']'
	case '{':
		return '}'
	case '“':
		return '”'
	case '„':
		return '“'
	case '«':
		return '»'
	case '‘', '‚':
		return '’'
	case '"', '\'', '*', '_', '`', '~':
		return r
	case '¿':
		return '?'
	case '¡':
		return '!'
	}
	return 0
}

func openerOf(r rune) rune {
	switch r {
	case ')':
		return '('
	case ']':
		return '['
	case '}':
		return '{'
	case '”':
		return '“'
	case '“':
		return '„'
	case '»':
		return '«'
	case '’':
		return '‘'
	case '"', '\'', '*', '_', '`', '~':
		return r
	}
	return 0
}
