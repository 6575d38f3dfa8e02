package rules

import (
	"bytes"
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
	mild       bool // common enough that authored text may bring it without saying so; the original's must stay
}

func (f *fact) same(g *fact) bool { return f.kind == g.kind && f.key == g.key }

// factsOf returns the facts of a plain text in order. locale chooses the words.
func factsOf(locale, text string) []fact {
	var l factReader
	return l.read(locale, text, false)
}

// A factReader reads facts and keeps its memory. The zero value is ready; it belongs to one goroutine at a time.
type factReader struct {
	own      Text // of read
	text     *Text
	facts    []fact
	words    *factWords
	quotedTo int32 // end in plain of the quoted text being read
	unclosed rune  // a quotation mark that nothing closes before upTo
	upTo     int32
	blocks   []span // blocks of code in plain
	block    int    // the next of them
	codedTo  int32  // end in plain of the code being read
}

// read returns the facts of a text in order; they are valid until the next call. markup says that it is HTML or SSML,
// where tags are facts of their own, since they hold addresses and how things are spoken and shown.
func (l *factReader) read(locale, text string, markup bool) []fact {
	l.own.read(text, markup)
	return l.of(&l.own, locale, markup)
}

// of is read for a text whose words are known already. It keeps t no longer than the call.
func (l *factReader) of(t *Text, locale string, markup bool) []fact {
	l.text, l.facts = t, l.facts[:0]
	l.words = factWordsOf(locale)
	l.quotedTo, l.unclosed, l.upTo, l.codedTo = 0, 0, 0, 0
	l.blocks, l.block = l.blocks[:0], 0
	if markup {
		l.tags(t.raw)
	} else {
		l.blocks = codeBlocks(l.blocks, t.plain)
	}
	from := int32(0) // end of what was looked at of plain
	s := 0
	for i := 0; i < len(t.tokens); i++ {
		for int32(i) >= t.sentences[s].last {
			s++
		}
		if start := t.tokens[i].start; start != from+1 || t.plain[from] != ' ' || len(l.blocks) > 0 {
			l.gap(from, start)
		}
		i += l.token(i, &t.sentences[s])
		from = t.tokens[i].end
	}
	l.gap(from, int32(len(t.plain)))
	if markup {
		sortFacts(l.facts)
	}
	l.promote()
	l.text = nil
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

// wordAt is the folded word of token i, nil behind the end of the sentence.
func (l *factReader) wordAt(i int, s *sentence) []byte {
	if i >= int(s.last) {
		return nil
	}
	return l.text.word(i)
}

// together reports whether nothing but white space stands between token i and the n tokens behind it.
func (l *factReader) together(i, n int) bool {
	t := l.text
	for k := i; k < i+n; k++ {
		if len(bytes.TrimSpace(t.plain[t.tokens[k].end:t.tokens[k+1].start])) > 0 {
			return false
		}
	}
	return true
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
	t := l.text
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
	if int(k.end) < len(t.plain) && t.plain[k.end] != ' ' {
		if t.beginsFigure(i) {
			return l.figure(i)
		}
		if more := l.host(i); more > 0 {
			return more
		}
	}
	e := l.words.at(t.ids[i].first)
	if e == nil {
		if k.kind&kindCapital != 0 {
			l.name(i, s)
		}
		return 0
	}
	if n := e.idiom(func(n int) []byte { return l.wordAt(i+n, s) }); n > 0 && l.together(i, n) {
		return n
	}
	if i+1 < int(s.last) {
		if p, ok := e.pair(t.word(i + 1)); ok {
			l.pair(i, p.kind).mild = p.mild
			return 1
		}
	}
	start := l.startsClause(i, s)
	if w := e.single; w != nil {
		if l.means(i, *w, start, s) {
			if w.only == onlyBeforeTime { // "next week" is another fact than "next month"
				l.pair(i, w.kind)
				return 1
			}
			l.meaning(k, *w, t.word(i))
			return 0
		}
		if w.only == onlyMonth && w.modal != "" { // "may" that is no month
			l.add(factModal, k.start, k.end, []byte(w.modal))
			return 0
		}
	}
	l.name(i, s)
	return 0
}

// name adds token i when it is one.
func (l *factReader) name(i int, s *sentence) {
	k := &l.text.tokens[i]
	if start := l.startsClause(i, s); l.isName(i, start) {
		l.add(factName, k.start, k.end, nil).weak = start
	}
}

// pair adds a fact of two words, however they are spaced and written.
func (l *factReader) pair(i int, kind factKind) *fact {
	t := l.text
	f := l.add(kind, t.tokens[i].start, t.tokens[i+1].end, nil)
	f.key = hashFact(t.word(i)) ^ hashFact(t.word(i+1))*31
	at := len(l.facts) - 1
	l.gap(t.tokens[i].end, t.tokens[i+1].start) // "at `least`"
	return &l.facts[at]
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
	l.add(w.kind, k.start, k.end, word).mild = w.mild
}

// means decides words with two readings.
func (l *factReader) means(i int, w factWord, start bool, s *sentence) bool {
	t := l.text
	capital := t.tokens[i].kind&kindUpper != 0
	switch w.only {
	case onlyMonth: // "May", "March": capital inside a sentence, or beside a number
		return capital && !start || l.besideNumber(i, s)
	case onlyAfterNumber: // units
		return i > int(s.first) && (!start && l.isNumber(i-1) || l.words.counts[string(t.word(i-1))])
	case onlyBeforeTime: // "next week"
		return i+1 < int(s.last) && l.words.spans[string(t.word(i+1))]
	case onlyCounting: // "one", but not "that one"
		return start || i == 0 || !l.words.pointing[string(t.word(i-1))]
	case onlyBeforeFigure: // "from 9", "ab dem 3."
		return i+1 < int(s.last) && (l.isFigure(i+1) || i+2 < int(s.last) && l.words.pointing[string(t.word(i+1))] && l.isFigure(i+2))
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

// single is what the word at token i stands for by itself, nil when that is no fact.
func (l *factReader) single(i int) *factWord {
	if e := l.words.at(l.text.ids[i].first); e != nil {
		return e.single
	}
	return nil
}

// isNumber reports whether token i is a number in digits or words.
func (l *factReader) isNumber(i int) bool {
	if l.text.tokens[i].kind&kindDigit != 0 {
		return true
	}
	w := l.single(i)
	return w != nil && w.kind == factNumber
}

// isFigure reports whether token i is a number, a date or a day, which a word before it may make a limit of.
func (l *factReader) isFigure(i int) bool {
	if l.text.tokens[i].kind&kindDigit != 0 {
		return true
	}
	w := l.single(i)
	return w != nil && w.only == always && !w.mild && (w.kind == factNumber || w.kind == factDate || w.kind == factDay)
}

func (l *factReader) besideNumber(i int, s *sentence) bool {
	t := l.text.tokens
	return i > int(s.first) && t[i-1].kind&kindDigit != 0 || i+1 < int(s.last) && t[i+1].kind&kindDigit != 0
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
	t := l.text
	k := &t.tokens[i]
	if k.kind&kindUpper == 0 && !hasInnerCapital(t.plain[k.start:k.end]) {
		return false
	}
	if traitsOf(t.ids[i].first)&l.words.stop != 0 || l.words.never[string(t.word(i))] {
		return false
	}
	if !l.words.nouns || start || k.kind&kindCaps != 0 {
		return true
	}
	before := &t.tokens[i-1]
	if before.kind&kindUpper != 0 && !l.words.pointing[string(t.word(i-1))] {
		return true // "Max Mustermann", "Herr Müller"
	}
	w := l.single(i - 1)
	listed := w != nil && w.only == always && w.kind != factNegation
	return !l.words.pointing[string(t.word(i-1))] && (listed || !isAdjective(t.word(i-1)))
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
