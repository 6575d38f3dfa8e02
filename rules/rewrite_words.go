package rules

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// wordEdits replaces every hit of the rule's words, but for those in code and those that hold some markup and not its
// other end. The edits are valid until the next call.
func (m *moment) wordEdits(x *rule, t *template, original string) []edit {
	f := &m.sc.found
	out := m.sc.words[:0]
	held := m.held(original)
	for sentence := range int32(len(m.sc.text.sentences)) {
		if !f.holds(x.clause, sentence) || m.isApart(sentence) {
			continue
		}
		leaf := f.source(x.clause, sentence)
		if leaf < 0 {
			continue
		}
		open := m.sc.text.tokenSpan(int(m.sc.text.sentences[sentence].first), int(m.sc.text.sentences[sentence].first)+1).start
		for i := f.within(leaf, sentence); i >= 0; i = f.more(i) {
			h := &f.mets[i]
			if h.end <= h.start {
				continue
			}
			if len(out) > 0 && int(h.start) < out[len(out)-1].end {
				m.crowded = true
				continue
			}
			if m.tears(original, int(h.start), int(h.end)) || touchesHeld(held, int(h.start), int(h.end)) {
				m.crowded = true // a longer hit may hide a shorter one
				continue
			}
			filled, ok := t.fill(m.sc.filled[:0], m.facts.Syntax, func(name string) (string, bool) {
				for _, c := range f.caps[h.caps:h.capsEnd] {
					if c.name == name {
						return original[c.start:c.end], true
					}
				}
				return "", false
			})
			m.sc.filled = filled
			with := string(filled)
			if !ok || !paired(with) {
				continue
			}
			e, ok := fitted(original, int(h.start), int(h.end), with, int(h.start) <= open)
			if ok && len(with) == 0 && m.exposesName(original, e) {
				continue
			}
			if ok && (len(out) == 0 || e.start >= out[len(out)-1].end) {
				out = append(out, e)
			}
		}
	}
	m.sc.words = out
	return out
}

// exposesName tells whether taking words out would leave a name as the first word of a sentence, or behind a colon. There
// it may be any word, so the next to look at the reply would not know that it has to stay.
func (m *moment) exposesName(text string, e edit) bool {
	at := e.end - len(e.with)
	if text[at:e.end] != e.with { // it had a small letter
		return false
	}
	before := strings.TrimRight(text[:e.start], " \u00a0\u202f*_")
	if e.with == "" && before != "" && before[len(before)-1] != ':' {
		return false // in the middle it is a name still
	}
	at = len(text) - len(strings.TrimLeft(text[at:], " *_"))
	for _, f := range m.sc.names.read(m.facts.locale(), text, m.markup()) {
		if f.kind == factName && !f.weak && int(f.start) == at {
			return true
		}
	}
	return false
}

// fitted puts a replacement for words into its sentence: the capital of the beginning is kept.
func fitted(text string, start, end int, with string, opens bool) (edit, bool) {
	switch {
	case with == "" && opens:
		return takenFromFront(text, start, end)
	case with == "":
		return takenOut(text, start, end)
	}
	if last, _ := utf8.DecodeLastRuneInString(with); last == ',' && strings.HasPrefix(text[end:], ",") {
		end++
	}
	r, n := utf8.DecodeRuneInString(text[start:])
	if opens && n > 0 && unicode.IsUpper(r) {
		with = capital(with)
	}
	return edit{start, end, with}, true
}

// takenFromFront takes the first words of a sentence out, with the comma behind them. A sentence that has no others
// stays, unless more follows on its line.
func takenFromFront(text string, start, end int) (edit, bool) {
	start, end = unwrapped(text, start, end)
	if emptiesElement(text, start, end) {
		return edit{}, false
	}
	rest := strings.TrimLeft(text[end:], " ,;:–—")
	if dash := strings.TrimPrefix(rest, "- "); dash != rest {
		rest = strings.TrimLeft(dash, " ")
	}
	r, n := utf8.DecodeRuneInString(rest)
	if n == 0 || r == '\n' || isEndMark(r) {
		rest = strings.TrimLeft(rest[markRun([]byte(rest)):], " ")
		if r, n = utf8.DecodeRuneInString(rest); n == 0 || !unicode.IsLetter(r) && !unicode.IsNumber(r) {
			return edit{}, false
		}
		return edit{start, len(text) - len(rest), ""}, true
	}
	end = len(text) - len(rest)
	if unicode.IsLetter(r) {
		return edit{start, end + n, string(unicode.ToUpper(r))}, true
	}
	return edit{start, end, ""}, true
}

// takenOut takes words out of the middle or the end of a sentence. Of what stood around them nothing is left over: not
// the brackets or emphasis they stood in alone, not both of two commas, no comma before the end mark, no double space.
func takenOut(text string, start, end int) (edit, bool) {
	start, end = unwrapped(text, start, end)
	if emptiesElement(text, start, end) {
		return edit{}, false
	}
	left := strings.TrimRight(text[:start], " ")
	right := strings.TrimLeft(text[end:], " ")
	before, size := utf8.DecodeLastRuneInString(left)
	after, n := utf8.DecodeRuneInString(right)
	paused := isComma(before) && !(before == '-' && len(left) > 1 && left[len(left)-2] != ' ')
	pauses := isComma(after) && !(after == '-' && len(right) > 1 && right[1] != ' ')
	switch {
	case paused && pauses && before == after:
		return edit{len(strings.TrimRight(left[:len(left)-size], " ")), len(text) - len(right) + n, ""}, true
	case paused && (pauses || endsClause(strings.TrimLeft(right, "\u00a0\u202f"))):
		return edit{len(strings.TrimRight(left[:len(left)-size], " ")), end, ""}, true
	case pauses && (left == "" || before == '\n' || closerOf(before) != 0 || before == ':'):
		return edit{start, len(text) - len(strings.TrimLeft(right[n:], " ")), ""}, true
	case len(left) == start && closerOf(before) != 0 && (start < 2 || !isWordByte(text[start-2])): // "(unfortunately we"
		return edit{start, len(text) - len(right), ""}, true
	case start > 0 && text[start-1] == ' ' && (end == len(text) || !isWordByte(text[end]) && !opensWord(text[end:])):
		start--
	}
	return edit{start, end, ""}, true
}

// opensWord tells whether a text begins with the marks in front of a word: emphasis, code, brackets.
func opensWord(text string) bool {
	inner := strings.TrimLeft(text, "*_`([")
	r, n := utf8.DecodeRuneInString(inner)
	return n > 0 && len(inner) < len(text) && (unicode.IsLetter(r) || unicode.IsNumber(r))
}

// unwrapped widens a range over the brackets, quotes and emphasis that hold nothing else but a comma.
func unwrapped(text string, start, end int) (int, int) {
	for range 8 {
		inner := len(text) - len(strings.TrimLeft(text[end:], " ,"))
		before, n := utf8.DecodeLastRuneInString(text[:start])
		after, size := utf8.DecodeRuneInString(text[inner:])
		if n == 0 || size == 0 || before == '`' || before == '\'' || closerOf(before) != after {
			break
		}
		start, end = start-n, inner+size
	}
	return start, end
}

// emptiesElement tells whether nothing but the range stands between two tags.
func emptiesElement(text string, start, end int) bool {
	return start > 0 && end < len(text) && text[start-1] == '>' && text[end] == '<'
}

func isComma(r rune) bool {
	return r == ',' || r == ';' || r == '–' || r == '—' || r == '-' || r == '،'
}

// endsClause tells whether a text goes on with the end of the clause before it.
func endsClause(text string) bool {
	r, n := utf8.DecodeRuneInString(text)
	return n == 0 || r == '\n' || r == '<' || isEndMark(r) || openerOf(r) != 0 && closerOf(r) != r
}

func isWordByte(c byte) bool {
	return c >= utf8.RuneSelf || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

func capital(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(r)) + s[n:]
}
