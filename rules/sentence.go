package rules

import (
	"bytes"
	"strconv"
	"unicode"
	"unicode/utf8"
)

// split groups the tokens into sentences. Only what stands between two tokens is looked at: a new line, the mark of
// a list item, or an end mark that is not part of an abbreviation, an initial, an ordinal or a trailing-off "...".
func (t *Text) split() {
	t.sentences = t.sentences[:0]
	if len(t.tokens) == 0 {
		t.wordless()
		return
	}
	first := 0
	from := int32(0) // where the sentence may start at the earliest
	plain, tokens := t.plain, t.tokens
	for k := range tokens {
		gapStart, gapEnd := tokens[k].end, int32(len(plain))
		if k+1 < len(tokens) {
			gapEnd = tokens[k+1].start
			if gapEnd == gapStart+1 && plain[gapStart] == ' ' {
				continue // by far the most common case
			}
		}
		at := t.boundary(k, first, gapStart, gapEnd)
		if at < 0 {
			continue
		}
		start := t.opening(t.tokens[first].start, from)
		t.sentences = append(t.sentences, sentence{int32(first), int32(k + 1), start, at})
		first, from = k+1, at
	}
}

// wordless makes one sentence without tokens of a message that has signs only ("???").
func (t *Text) wordless() {
	start := len(t.plain) - len(bytes.TrimLeftFunc(t.plain, unicode.IsSpace))
	end := len(bytes.TrimRightFunc(t.plain, unicode.IsSpace))
	if start < end {
		t.sentences = append(t.sentences, sentence{0, 0, int32(start), int32(end)})
	}
}

// boundary returns where the sentence that ends with token k ends in plain, or -1 when it goes on behind it. The last
// token always ends one.
func (t *Text) boundary(k, first int, start, end int32) int32 {
	gap := t.plain[start:end]
	last := k+1 == len(t.tokens)
	line := len(gap)
	if i := bytes.IndexAny(gap, "\n\u0085\u2028\u2029"); i >= 0 {
		line = i
	}
	if bullet := bytes.Index(gap[:line], []byte("•")); bullet >= 0 {
		line = bullet
	}
	if at := endMark(gap[:line]); at >= 0 && t.ends(k, first, gap[:line], at, last || line < len(gap)) {
		at += markRun(gap[at:line])
		at += closers(gap[at:line])
		return start + int32(at)
	}
	if last || line < len(gap) {
		return start + int32(len(bytes.TrimRightFunc(gap[:line], unicode.IsSpace)))
	}
	return -1
}

// endMark returns the index of the first end mark in gap, or -1.
func endMark(gap []byte) int {
	for i := 0; i < len(gap); {
		r, n := rune(gap[i]), 1
		if r >= utf8.RuneSelf {
			r, n = utf8.DecodeRune(gap[i:])
		}
		if isEndMark(r) {
			return i
		}
		i += n
	}
	return -1
}

func isEndMark(r rune) bool {
	switch r {
	case '.', '!', '?', '…', '。', '؟', '।', '‼', '⁇', '⁈', '⁉':
		return true
	}
	return false
}

// markRun returns the length of the run of end marks that b starts with.
func markRun(b []byte) int {
	i := 0
	for i < len(b) {
		r, n := utf8.DecodeRune(b[i:])
		if !isEndMark(r) {
			break
		}
		i += n
	}
	return i
}

// closers returns the length of the closing quotes, brackets and emphasis that b starts with.
func closers(b []byte) int {
	i := 0
	for i < len(b) {
		r, n := utf8.DecodeRune(b[i:])
		switch r {
		case '"', '\'', ')', ']', '}', '*', '_', '`', '~', '”', '’', '»', '›':
			i += n
			continue
		case '“', '‘', '«':
			// German closes with “ and ‘, Danish-style with «; only when nothing but a space or the end follows.
			if i+n == len(b) || b[i+n] == ' ' {
				i += n
				continue
			}
		}
		break
	}
	return i
}

// ends reports whether the end mark at gap[at] behind token k ends the sentence. line says that nothing follows on
// the same line.
func (t *Text) ends(k, first int, gap []byte, at int, line bool) bool {
	if line {
		return true
	}
	run := gap[at : at+markRun(gap[at:])]
	rest := gap[at+len(run):]
	next := t.tokens[k+1].kind
	switch {
	case len(run) == 1 && run[0] == '.':
		rest = rest[closers(rest):]
		if len(rest) == 0 || !hasSpace(rest) {
			return false // "z.B.", "example.com", "a.m."
		}
		return at != 0 || !t.abbreviates(k, first)
	case bytes.HasPrefix(run, []byte("...")) || bytes.Equal(run, []byte("..")) || string(run) == "…":
		return next&kindUpper != 0
	}
	return true
}

func hasSpace(b []byte) bool { return bytes.IndexFunc(b, unicode.IsSpace) >= 0 }

// abbreviates reports whether the point right behind token k belongs to the token.
func (t *Text) abbreviates(k, first int) bool {
	tok, next := &t.tokens[k], &t.tokens[k+1]
	w := t.word(k)
	if tok.kind&kindAddress != 0 {
		return false
	}
	if tok.kind&kindLetter == 0 {
		// A number: an ordinal before a month or a small word ("am 3. Mai", "der 2. versuch", "zum 31.12. gekündigt"),
		// but the mark of a list item at the start of a line ends there.
		if k == first || len(w) > 2 && !isDayAndMonth(w) {
			return false
		}
		return monthNames[string(t.word(k+1))] || next.kind&(kindUpper|kindDigit) == 0
	}
	if utf8.RuneCount(w) == 1 && tok.kind&kindUpper != 0 && next.kind&kindUpper != 0 {
		return string(w) != "i" // initials: "J. Smith"
	}
	if abbreviations[string(w)] {
		return true
	}
	if numberAbbreviations[string(w)] {
		return next.kind&kindDigit != 0 || t.beginsFigure(k+1)
	}
	if lastAbbreviations[string(w)] {
		return next.kind&kindUpper == 0
	}
	// "z.B.", "e.g.", "a.m.": a letter that another abbreviated letter touches. Behind some the sentence goes on even with
	// a name; those such as "p.m." may end it.
	if k > first && len(w) == 1 {
		before := &t.tokens[k-1]
		touches := before.end+1 == tok.start && t.plain[before.end] == '.' && before.to-before.from == 1
		return touches && (next.kind&kindUpper == 0 || tok.kind&kindUpper == 0 && bytes.ContainsAny(w, lastLetters) || string(w) == "b")
	}
	return false
}

// beginsFigure reports whether word i is joined to a number behind it, as in "AB-1182".
func (t *Text) beginsFigure(i int) bool {
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

// isDayAndMonth reports whether w is a date without its year, as German writes it before the last point: "31.12".
func isDayAndMonth(w []byte) bool {
	day, month, ok := bytes.Cut(w, []byte("."))
	return ok && between(day, 31) && between(month, 12)
}

// between reports whether w is a number of one or two digits from 1 to most.
func between(w []byte, most int) bool {
	n, err := strconv.Atoi(string(w))
	return err == nil && len(w) <= 2 && n >= 1 && n <= most
}

// opening returns where a sentence whose first token starts at start begins: quotes, brackets, emphasis and signs
// that touch the token belong to it.
func (t *Text) opening(start, low int32) int32 {
	for start > low {
		r, n := utf8.DecodeLastRune(t.plain[low:start])
		if unicode.IsSpace(r) || r == '•' || isEndMark(r) || r == '>' || r == '|' {
			break
		}
		start -= int32(n)
	}
	return start
}

// abbreviations that are followed by more of the same sentence, in the locales with packs. Cutting too often only means that a pattern matches less.
var abbreviations = wordSet(`dr mr mrs ms mx prof rev hon st sr sra srta jr vs approx ca bzw evtl ggf inkl exkl zzgl hr fr
	frl mme mlle me mgr ud uds vd vds avda dpto tel tél std mind max min incl excl resp sog str ing dipl eur usd`)

// numberAbbreviations are abbreviations only before a number: "no. 5", but "The answer is no. Sorry."
var numberAbbreviations = wordSet(`no nr nro núm num art abs par sec fig vol p pp pg pág ref ext apt`)

// lastLetters end short forms that end no sentence, in small letters: u.a., z.b., i.e., e.g., d.h., i.d.r., w.r.t., u.u.
const lastLetters = "abeghrtu"

// lastAbbreviations are abbreviations that may end a sentence, too. Where they do, the next one begins with a capital.
var lastAbbreviations = wordSet(`inc ltd corp co etc usw`)

// monthNames follow a German or Scandinavian ordinal.
var monthNames = wordSet(`januar jänner februar märz april mai juni juli august september oktober november dezember
	january february march may june july october december jan feb mar apr jun jul aug sep sept okt oct nov dez dec`)

// wordSet makes a set of the words in list.
func wordSet(list string) map[string]bool {
	m := map[string]bool{}
	for _, w := range bytes.Fields([]byte(list)) {
		m[string(w)] = true
	}
	return m
}
