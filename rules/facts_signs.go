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
		if p[i] == ' ' {
			i++
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
		}
		i += int32(n)
	}
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

// code adds text between backticks and returns where to go on.
func (l *factReader) code(i, to int32) int32 {
	p := l.text.plain
	n := int32(0)
	for int(i+n) < len(p) && p[i+n] == '`' {
		n++
	}
	body := p[i+n : min(len(p), int(i+n)+longestQuote)]
	if end := bytes.Index(body, p[i:i+n]); end > 0 && n <= 3 {
		l.add(factCode, i+n, i+n+int32(end), nil)
	}
	return min(i+n, to)
}

// tags adds the tags with attributes of HTML or SSML: links, telephone numbers, how digits are spoken.
func (l *factReader) tags(raw string) {
	closed := strings.LastIndexByte(raw, '>')
	for i := 0; i <= closed; {
		at := strings.IndexByte(raw[i:closed+1], '<')
		if at < 0 {
			return
		}
		i += at
		n := tagLength(raw[i : closed+1])
		if n == 0 {
			i++
			continue
		}
		if tag := raw[i : i+n]; strings.IndexByte(tag, '=') > 0 {
			l.facts = append(l.facts, fact{key: hashFact([]byte(tag)), start: int32(i), end: int32(i + n), kind: factCode})
		}
		i += n
	}
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
