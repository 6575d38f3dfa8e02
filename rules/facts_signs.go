package rules

import (
	"bytes"
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// longestQuote bounds quoted text and code in bytes. Without a bound every quotation mark of a hostile message
// would search to its end.
const longestQuote = 400

// gap looks at plain[from:to], which holds no word: currency and percent signs that stand alone, and the start of quoted text
// and code, which then are one fact, besides what they hold.
func (l *factReader) gap(from, to int32) {
	p := l.text.plain
	for i := from; i < to; {
		if l.block < len(l.blocks) && int(i) >= l.blocks[l.block].start {
			b := l.blocks[l.block]
			l.block++
			l.add(factCode, int32(b.start), int32(b.end), nil)
			l.codedTo = int32(b.end)
		}
		if p[i] == ' ' {
			i++
			continue
		}
		if i < l.codedTo {
			i = min(l.codedTo, to)
			continue
		}
		r, n := utf8.DecodeRune(p[i:])
		switch {
		case r == '`':
			i = l.code(i, to)
			continue
		case i >= l.quotedTo && l.opensQuote(i, r, n):
			l.quote(i, r, int32(n))
		case isUnitSign(r) && l.alone(i, int32(n)):
			l.add(factMoney, i, i+int32(n), nil)
		case l.joinsRange(i, r, int32(n)):
			l.add(factNumber, i, i+int32(n), []byte{'-'})
		}
		i += int32(n)
	}
}

// joinsRange reports whether a dash makes a range of the two figures around it ("5 - 7", "5–7").
func (l *factReader) joinsRange(i int32, r rune, n int32) bool {
	if r != '-' && r != '–' && r != '—' && r != '−' {
		return false
	}
	p := l.text.plain
	before, after := bytes.TrimRight(p[max(0, i-2):i], " "), bytes.TrimLeft(p[i+n:min(len(p), int(i+n)+2)], " ")
	return len(before) > 0 && len(after) > 0 && isDigitByte(before[len(before)-1]) && isDigitByte(after[0])
}

// isUnitSign reports whether r says what a figure counts: a currency, or per cent.
func isUnitSign(r rune) bool { return r == '%' || r == '‰' || unicode.Is(unicode.Sc, r) }

// alone reports whether such a sign touches no figure, directly or over other signs ("5,-€"). One that does is part
// of it; the full stop of the sentence behind it makes it part of nothing.
func (l *factReader) alone(i, n int32) bool {
	p := l.text.plain
	const most = 3
	before := p[:i]
	for range most {
		r, size := utf8.DecodeLastRune(before)
		if unicode.IsNumber(r) {
			return false
		}
		if !touches(r) {
			break
		}
		before = before[:len(before)-size]
	}
	after := p[i+n:]
	for range most {
		r, size := utf8.DecodeRune(after)
		if unicode.IsNumber(r) {
			return false
		}
		if !touches(r) {
			break
		}
		after = after[size:]
	}
	return true
}

// opensQuote reports whether r at i opens quoted text: an opening mark, or a straight one behind a space or bracket.
func (l *factReader) opensQuote(i int32, r rune, n int) bool {
	switch r {
	case '“', '„', '«', '‘', '‚', '‹', '「', '『':
		return true
	case '"', '\'':
		before, size := utf8.DecodeLastRune(l.text.plain[:i])
		after, _ := utf8.DecodeRune(l.text.plain[int(i)+n:])
		return (size == 0 || unicode.IsSpace(before) || strings.ContainsRune("([{*_—–-:", before)) && !unicode.IsSpace(after)
	}
	return false
}

// quote adds the text up to the closing mark as one fact.
func (l *factReader) quote(i int32, open rune, n int32) {
	if open == l.unclosed && i < l.upTo {
		return // searched already
	}
	p := l.text.plain
	body := p[i+n : min(len(p), int(i+n)+longestQuote)]
	end := -1
	for j := 0; j < len(body); {
		r, size := utf8.DecodeRune(body[j:])
		if closes(open, r) && (open != '\'' && open != '‘' || !wordAt(body, j+size)) {
			end = j
			break
		}
		if r == '\n' {
			break
		}
		j += size
	}
	if end <= 0 {
		l.unclosed, l.upTo = open, i+n+int32(len(body))
		return
	}
	stop := i + n + int32(end)
	l.quotedTo = stop
	f := l.add(factQuote, i+n, stop, nil)
	f.quoted = true
}

// wordAt reports whether a letter or digit stands at b[i]: then an apostrophe before it closes nothing.
func wordAt(b []byte, i int) bool {
	if i >= len(b) {
		return false
	}
	r, _ := utf8.DecodeRune(b[i:])
	return unicode.IsLetter(r) || unicode.IsNumber(r)
}

// closes reports whether r closes what open opened.
func closes(open, r rune) bool {
	switch open {
	case '“':
		return r == '”' || r == '"'
	case '„':
		return r == '“' || r == '”' || r == '"'
	case '«':
		return r == '»'
	case '‹':
		return r == '›'
	case '‘':
		return r == '’' || r == '\''
	case '‚':
		return r == '‘' || r == '’' || r == '\''
	case '「':
		return r == '」'
	case '『':
		return r == '』'
	}
	return r == open
}

func sortFacts(facts []fact) {
	slices.SortStableFunc(facts, func(a, b fact) int { return cmp.Compare(a.start, b.start) })
}

// promote takes a capitalised word at the start of a sentence for a name when it is one elsewhere in the text.
func (l *factReader) promote() {
	weak := 0
	for i := range l.facts {
		f := &l.facts[i]
		if !f.weak {
			continue
		}
		if weak++; weak > 64 {
			return // a message of a hundred sentences has said its names
		}
		for j := range l.facts[:min(len(l.facts), 256)] {
			if g := &l.facts[j]; !g.weak && g.same(f) {
				f.weak = false
				break
			}
		}
	}
}
