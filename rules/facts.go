package rules

import (
	"unicode"
	"unicode/utf8"
)

// factKind says what sort of fact a piece of text is.
type factKind uint8

const (
	factNumber factKind = iota
	factMoney
	factDate
	factTime
	factDay // weekdays and relative days
	factName
	factID
	factURL
	factEmail
	factCode
	factQuote
	factCondition
	factNegation
	factModal
)

var factNames = [...]string{"number", "money", "date", "time", "day", "name", "id", "URL", "e-mail address", "code", "quote", "condition", "negation", "modal verb"}

// String names the kind for people.
func (k factKind) String() string { return factNames[k] }

// A fact is one thing in a reply that a rewrite must not change. Two facts are the same when kind and key are.
type fact struct {
	key        uint64
	start, end int32 // raw bytes
	kind       factKind
	weak       bool // a capitalised word at the start of a sentence: a name only if it is one elsewhere
	quoted     bool // inside quoted text, or the quoted text itself
}

func (f *fact) same(g *fact) bool { return f.kind == g.kind && f.key == g.key }

// factsOf returns the facts of a plain text in order. locale chooses the words.
func factsOf(locale, text string) []fact {
	var l factReader
	return l.read(locale, text, false)
}

// A factReader reads facts and keeps its memory. The zero value is ready; it belongs to one goroutine at a time.
type factReader struct {
	text     Text
	facts    []fact
	words    *factWords
	quotedTo int32 // end in plain of the quoted text being read
	unclosed rune  // a quotation mark that nothing closes before upTo
	upTo     int32
}

// read returns the facts of text in order; they are valid until the next call. markup says that it is HTML or SSML,
// where tags with attributes are facts of their own, since they hold addresses and how things are spoken.
func (l *factReader) read(locale, text string, markup bool) []fact {
	l.facts = l.facts[:0]
	l.words = factWordsOf(locale)
	l.quotedTo, l.unclosed, l.upTo = 0, 0, 0
	if markup {
		l.text.ResetMarkup(text)
		l.tags(text)
	} else {
		l.text.Reset(text)
	}
	t := &l.text
	from := int32(0) // end of what was looked at of plain
	s := 0
	for i := 0; i < len(t.tokens); i++ {
		for int32(i) >= t.sentences[s].last {
			s++
		}
		l.gap(from, t.tokens[i].start)
		i += l.token(i, &t.sentences[s])
		from = t.tokens[i].end
	}
	l.gap(from, int32(len(t.plain)))
	if markup {
		sortFacts(l.facts)
	}
	l.promote()
	return l.facts
}

// add appends a fact whose text stands at plain[start:end], with the key of word, or of that text when word is nil.
func (l *factReader) add(kind factKind, start, end int32, word []byte) *fact {
	if word == nil {
		word = l.text.plain[start:end]
	}
	where := l.text.rawSpan(start, end)
	l.facts = append(l.facts, fact{
		key: hashFact(word), start: int32(where.start), end: int32(where.end), kind: kind, quoted: start < l.quotedTo,
	})
	return &l.facts[len(l.facts)-1]
}

// wordAt is the folded word of token i, nil behind the end.
func (l *factReader) wordAt(i int) []byte {
	if i >= len(l.text.tokens) {
		return nil
	}
	return l.text.word(i)
}

func hashFact(b []byte) uint64 {
	h := uint64(14695981039346656037)
	for _, c := range b {
		h = (h ^ uint64(c)) * 1099511628211
	}
	return h
}

// token adds the facts that begin with token i and returns how many further tokens they cover.
func (l *factReader) token(i int, s *sentence) int {
	t := &l.text
	k := &t.tokens[i]
	switch {
	case k.kind&kindEmail != 0:
		l.add(factEmail, k.start, k.end, nil)
		return 0
	case k.kind&kindAddress != 0:
		l.add(factURL, k.start, k.end, nil)
		return 0
	case k.kind&kindDigit != 0:
		return l.figure(i)
	}
	if l.beginsFigure(i) {
		return l.figure(i)
	}
	word := t.word(i)
	if !l.words.listed.has(k.hash, word) {
		if start := l.startsClause(i, s); l.isName(i, start) {
			l.add(factName, k.start, k.end, nil).weak = start
		}
		return 0
	}
	if n := l.words.idiom(word, func(n int) []byte { return l.wordAt(i + n) }); n > 0 {
		return n
	}
	if i+1 < int(s.last) {
		if kind, ok := l.words.pair(word, t.word(i+1)); ok {
			l.pair(i, kind)
			return 1
		}
	}
	start := l.startsClause(i, s)
	if w, ok := l.words.single[string(word)]; ok {
		if l.means(i, w, start) {
			if w.only == onlyBeforeTime { // "next week" is another fact than "next month"
				l.pair(i, w.kind)
				return 1
			}
			l.meaning(k, w, word)
			return 0
		}
		if w.only == onlyMonth && w.modal != "" { // "may" that is no month
			l.add(factModal, k.start, k.end, []byte(w.modal))
			return 0
		}
	}
	if l.isName(i, start) {
		l.add(factName, k.start, k.end, nil).weak = start
	}
	return 0
}

// pair adds a fact of two words, however they are spaced and written.
func (l *factReader) pair(i int, kind factKind) {
	t := &l.text
	l.add(kind, t.tokens[i].start, t.tokens[i+1].end, nil).key = hashFact(t.word(i)) ^ hashFact(t.word(i+1))*31
}

// meaning adds what a listed word stands for: a contraction is a modal verb and a negation.
func (l *factReader) meaning(k *token, w factWord, word []byte) {
	if w.modal != "" && w.only != onlyMonth {
		l.add(factModal, k.start, k.end, []byte(w.modal))
	}
	if w.kind == factModal {
		return
	}
	if w.key != "" {
		word = []byte(w.key)
	}
	l.add(w.kind, k.start, k.end, word)
}

// means decides words with two readings.
func (l *factReader) means(i int, w factWord, start bool) bool {
	t := &l.text
	capital := t.tokens[i].kind&kindUpper != 0
	switch w.only {
	case onlyMonth: // "May", "March": capital inside a sentence, or beside a number
		return capital && !start || l.besideNumber(i)
	case onlyAfterNumber: // units
		return !start && i > 0 && l.isNumber(i-1)
	case onlyBeforeTime: // "next week"
		return i+1 < len(t.tokens) && l.words.spans[string(t.word(i+1))]
	case onlyCounting: // "one", but not "that one"
		return start || i == 0 || !l.words.pointing[string(t.word(i-1))]
	case onlyAfterNe: // "plus" of "ne … plus"
		for j := i - 1; j >= 0 && j >= i-4; j-- {
			if p := t.word(j); string(p) == "ne" || len(p) > 2 && p[0] == 'n' && p[1] == '\'' {
				return true
			}
		}
		return false
	}
	return true
}

// isNumber reports whether token i is a number in digits or words.
func (l *factReader) isNumber(i int) bool {
	if l.text.tokens[i].kind&kindDigit != 0 {
		return true
	}
	w, ok := l.words.single[string(l.text.word(i))]
	return ok && w.kind == factNumber
}

func (l *factReader) besideNumber(i int) bool {
	return i > 0 && l.text.tokens[i-1].kind&kindDigit != 0 || i+1 < len(l.text.tokens) && l.text.tokens[i+1].kind&kindDigit != 0
}

// startsClause reports whether a capital on token i is due to its place: the start of a sentence, or behind a colon,
// a bracket or an opening quote.
func (l *factReader) startsClause(i int, s *sentence) bool {
	if i == int(s.first) {
		return true
	}
	p := l.text.plain[l.text.tokens[i-1].end:l.text.tokens[i].start]
	for j := len(p); j > 0; {
		r, n := utf8.DecodeLastRune(p[:j])
		switch r {
		case ':', '(', '[', '"', '“', '„', '«', '‘', '¿', '¡', '|', '>':
			return true
		}
		j -= n
	}
	return false
}

// isName reports whether token i is taken for a name: a capitalised word that is not a function word. German
// capitalises every noun, so there a word behind an article or adjective is a noun and not a name.
func (l *factReader) isName(i int, start bool) bool {
	t := &l.text
	k := &t.tokens[i]
	if k.kind&kindUpper == 0 && !hasInnerCapital(t.plain[k.start:k.end]) {
		return false
	}
	if l.words.stops[string(t.word(i))] || l.words.never[string(t.word(i))] {
		return false
	}
	if !l.words.nouns || start || k.kind&kindCaps != 0 {
		return true
	}
	before := &t.tokens[i-1]
	if before.kind&kindUpper != 0 && !l.words.pointing[string(t.word(i-1))] {
		return true // "Max Mustermann", "Herr Müller"
	}
	w, listed := l.words.single[string(t.word(i-1))]
	return !l.words.pointing[string(t.word(i-1))] && (listed && w.only == always || !isAdjective(t.word(i-1)))
}

// hasInnerCapital finds brands such as "iPhone".
func hasInnerCapital(word []byte) bool {
	for i, c := range word {
		if i > 0 && c >= 'A' && c <= 'Z' {
			return true
		}
	}
	return false
}

// isAdjective reports whether a German word looks like an inflected adjective.
func isAdjective(w []byte) bool {
	n := len(w)
	if n < 5 {
		return false
	}
	switch string(w[n-2:]) {
	case "en", "er", "es", "em":
		return true
	}
	return w[n-1] == 'e'
}

// figure adds the number, price, time or id around token i: the run of characters that touch it, so that sign,
// currency, unit and dashes are part of it. It returns how many further tokens lie inside.
func (l *factReader) figure(i int) int {
	t := &l.text
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

// beginsFigure reports whether word i is joined to a number behind it, as in "AB-1182".
func (l *factReader) beginsFigure(i int) bool {
	t := &l.text
	const most = 4
	for stop := i + most; i+1 < len(t.tokens) && i < stop; {
		gap := t.plain[t.tokens[i].end:t.tokens[i+1].start]
		if len(gap) != 1 || gap[0] != '-' && gap[0] != '/' && gap[0] != '_' {
			return false
		}
		if i++; t.tokens[i].kind&kindDigit != 0 {
			return true
		}
	}
	return false
}

// foldDigits returns the key of a figure: its text with digits of any script as ASCII ones, or nil for the text itself.
func (l *factReader) foldDigits(i, more int, start, end int32) []byte {
	t := &l.text
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
