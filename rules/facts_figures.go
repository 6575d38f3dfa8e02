package rules

import (
	"bytes"
	"unicode"
	"unicode/utf8"
)

// figure adds the number, price, time or id around token i: the run of characters that touch it, so that sign,
// currency, unit and dashes are part of it. It returns how many further tokens lie inside.
func (l *factReader) figure(i int) int {
	t := l.text
	p := t.plain
	k := &t.tokens[i]
	low := int32(0)
	if i > 0 {
		low = t.tokens[i-1].end
	}
	start, end := k.start, k.end
	for start > low {
		r, n := utf8.DecodeLastRune(p[low:start])
		if !touches(r) {
			break
		}
		start -= int32(n)
	}
	for int(end) < len(p) {
		r, n := utf8.DecodeRune(p[end:])
		if !touches(r) && !unicode.IsLetter(r) && !unicode.IsNumber(r) && !isMark(r) {
			break
		}
		end += int32(n)
	}
	for start < k.start && (p[start] == '.' || p[start] == ',' || p[start] == ':' || p[start] == '/') {
		start++
	}
	for end > k.end {
		r, n := utf8.DecodeLastRune(p[k.end:end])
		if unicode.IsLetter(r) || unicode.IsNumber(r) || r == '%' || r == '‰' || r == '°' || r == '+' || unicode.Is(unicode.Sc, r) {
			break
		}
		end -= int32(n)
	}
	more := 0
	for i+more+1 < len(t.tokens) && t.tokens[i+more+1].start < end {
		more++
	}
	end = max(end, t.tokens[i+more].end)
	l.add(figureKind(p[start:end]), start, end, l.foldDigits(i, more, start, end))
	return more
}

// foldDigits returns the key of a figure: its text with digits of any script as ASCII ones, or nil for the text itself.
func (l *factReader) foldDigits(i, more int, start, end int32) []byte {
	t := l.text
	if more > 0 || t.identity || t.tokens[i].start != start || t.tokens[i].end != end {
		return nil
	}
	if t.tokens[i].kind&kindLetter != 0 {
		return nil // an id: capitals count
	}
	return t.word(i)
}

// touches reports whether a sign holds a figure together.
func touches(r rune) bool {
	switch r {
	case '.', ',', ':', '/', '-', '+', '#', '%', '‰', '°', '@', '&', '=', '×', '−', '_', '\\':
		return true
	}
	return r >= utf8.RuneSelf && unicode.Is(unicode.Sc, r) || r == '$'
}

// figureKind sorts figures for explanations; the lock only compares text.
func figureKind(p []byte) factKind {
	letters, colon, slash, dots, dashes := false, false, false, 0, 0
	for _, r := range string(p) {
		switch {
		case r == '$' || r >= utf8.RuneSelf && unicode.Is(unicode.Sc, r):
			return factMoney
		case unicode.IsLetter(r) || r == '#' || r == '_':
			letters = true
		case r == ':':
			colon = true
		case r == '/':
			slash = true
		case r == '.':
			dots++
		case r == '-':
			dashes++
		}
	}
	switch {
	case colon:
		return factTime
	case letters:
		return factID
	case slash || dots == 2 || dashes == 2:
		return factDate
	}
	return factNumber
}

// host adds the name of a host without a scheme, with the path behind it ("example.com/pay"), and returns how many
// further tokens lie inside; 0 when word i begins none.
func (l *factReader) host(i int) int {
	t := l.text
	p := t.plain
	start, end := t.tokens[i].start, int(t.tokens[i].end)
	if end >= len(p) || p[end] != '.' && p[end] != '-' {
		return 0
	}
	const longest = 100
	label, dots := end, 0
	for end < len(p) && end < int(start)+longest {
		c := p[end]
		if c == '.' {
			dots++
			label = end + 1
		} else if c != '-' && asciiClass[c]&classWord == 0 {
			break
		}
		end++
	}
	if end == label { // the full stop of the sentence
		end, dots = label-1, dots-1
		label = 1 + lastDot(p[:end])
	}
	if dots == 0 || end-label < 2 || !isLowerWord(p[label:end]) {
		return 0
	}
	scan := addressScan{p: p, stop: end}
	if end < len(p) && (p[end] == '/' || p[end] == ':' || p[end] == '?' || p[end] == '#') {
		for scan.stop < len(p) && !endsAddress(p[scan.stop]) {
			scan.stop++
		}
	}
	end = max(end, scan.trimmed(int(start)))
	more := 0
	for i+more+1 < len(t.tokens) && int(t.tokens[i+more+1].start) < end {
		more++
	}
	if more > 0 {
		l.add(factURL, start, int32(end), nil)
	}
	return more
}

func lastDot(p []byte) int { return bytes.LastIndexByte(p, '.') }

func isLowerWord(p []byte) bool {
	for _, c := range p {
		if c < 'a' || c > 'z' {
			return false
		}
	}
	return true
}
