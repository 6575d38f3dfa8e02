package rules

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// append adds an offer to a reply. It returns the offer when the reply cannot carry it, so that it is said apart.
func (m *moment) append(text string, o *offering) (string, *offering) {
	if m.takesYes(text) { // "yes" would answer two questions
		id := "offer.beside"
		if !m.facts.deskOpen(o.desk) {
			id = "offer.beside.closed"
		}
		o.text, o.asks = m.words(id, ""), ""
	}
	if strings.Contains(text, o.text) || m.offersAlready() {
		m.open(o.asks, o.rule, o.desk)
		return text, nil // the bot makes such an offer itself
	}
	sent := m.joined(text, string(escapeText(nil, o.text, m.facts.Syntax)), placeAfter)
	if sent == "" || onlyCheer(m.sc.text) || !m.extends(sent, placeAfter) {
		return text, o
	}
	if by := m.unsafe(sent); by != "" {
		m.reject(o.rule, by)
		return text, o
	}
	m.j.Rules = append(m.j.Rules, o.rule)
	m.open(o.asks, o.rule, o.desk)
	return sent, nil
}

// adds tells whether a rewrite adds to a reply instead of replacing some of it.
func (x *rule) adds() bool { return x.rewrite.place == placeBefore || x.rewrite.place == placeAfter }

// addedBefore tells whether the reply carries an addition already, in words of ours: it has been here before.
func (m *moment) addedBefore(text string) bool {
	if sh := m.facts.Shown; sh != nil && sh.adds() {
		return true
	}
	return slices.ContainsFunc(m.tongue.additions, func(t *template) bool { return t.saidIn(text) }) || m.offersAlready()
}

// addition makes at most one addition to the whole reply.
func (m *moment) addition(text string) string {
	if !slices.ContainsFunc(m.sc.sorted, (*rule).adds) || onlyCheer(m.sc.text) || m.addedBefore(text) {
		return text
	}
	for _, x := range m.sc.sorted {
		if !x.adds() {
			continue
		}
		i, s := m.take(x)
		if s == nil {
			continue
		}
		t, key := m.variantOf(x, i, s)
		if t == nil {
			m.reject(x.id, BySpent)
			continue
		}
		sent := m.added(x, t, text)
		switch {
		case sent == "":
		case m.extends(sent, x.rewrite.place):
			m.commit(x, i, s, key)
			m.note(x, i, s, t, key)
			return sent
		case m.facts.Shown.trial:
			return text // it comes last, or too late; nothing else takes its place before that is known
		default:
			m.reject(x.id, BySpent)
		}
	}
	return text
}

// added is the reply with the words of a rule before or after it, or "" when they do not fit.
func (m *moment) added(x *rule, t *template, text string) string {
	with, ok := t.fill(m.sc.filled[:0], m.facts.Syntax, func(name string) (string, bool) {
		if h := m.heardOf(x); x.rewrite.heard && h != nil {
			for _, sl := range h.Slots {
				if sl.Name == name {
					if m.facts.Syntax == Plain && strings.Contains(sl.Text, "](") {
						break // a link where the widget shows plain text as Markdown, in which it cannot be escaped
					}
					return fromCustomer(sl.Text, m.facts.Syntax), true
				}
			}
			return "", false
		}
		return m.captured(x, name)
	})
	if !ok {
		m.reject(x.id, ByFacts)
	}
	m.sc.filled = with
	if !ok || len(with) == 0 {
		return ""
	}
	sent := m.joined(text, string(with), x.rewrite.place)
	if sent == "" {
		m.reject(x.id, ByFacts)
		return ""
	}
	if by := m.unsafe(sent); by != "" {
		m.reject(x.id, by)
		return ""
	}
	return sent
}

// captured is a capture of a rule that matched somewhere in the reply as the bot said it.
func (m *moment) captured(x *rule, name string) (string, bool) {
	if x.clause == nil {
		return "", false
	}
	raw := m.sc.text.Raw()
	for sentence := range m.sentences() {
		if !m.sc.found.holds(x.clause, sentence) || m.isApart(sentence) {
			continue
		}
		if c, ok := m.sc.found.capture(x.clause, sentence, name); ok {
			return raw[c.start:c.end], true
		}
	}
	return "", false
}

// joined puts an addition before or after a reply. In markup it goes inside the element that holds the first or last
// sentence; a reply of several lines, or one that is a list item, heading or table, gets a paragraph of its own. What comes
// before a reply comes behind its greeting. It is "" when there is no sentence to join, a block of code stands behind the
// last one, or the greeting has left.
func (m *moment) joined(text, with string, p place) string {
	if p == placeBefore {
		if at := m.greeted(text); at > 0 {
			if sh := m.facts.Shown; sh != nil && !(sh.trial && len(text)-at >= len(m.turn.Text)-sh.upto) {
				return "" // what is not settled stays as it is
			}
			return text[:at] + " " + with + text[at:]
		}
	}
	if !m.markup() {
		apart := strings.Contains(strings.TrimSpace(text), "\n") || m.facts.Syntax == Markdown && beginsBlock(text)
		body := strings.TrimRight(text, " \t\r\n")
		switch {
		case p == placeBefore && apart:
			return with + "\n\n" + text
		case p == placeBefore:
			return with + " " + text
		case apart:
			return body + "\n\n" + with + text[len(body):]
		}
		return body + closing(body) + with + text[len(body):]
	}
	var t Text
	t.ResetMarkup(text)
	if len(t.sentences) == 0 {
		return ""
	}
	if p == placeBefore {
		at := t.sentenceSpan(0).start
		return text[:at] + with + " " + text[at:]
	}
	at := t.sentenceSpan(len(t.sentences) - 1).end
	if endsInCode(text[at:]) {
		return ""
	}
	return text[:at] + closing(text[:at]) + with + text[at:]
}

// greetings are the first words of a sentence that greets, if it is short.
var greetings = wordSet(`hi hello hey welcome greetings good hallo guten moin servus hola buenos buenas bonjour bonsoir salut bienvenue`)

// longestGreeting is the number of words that a sentence which merely greets has at most ("Hi there, Anna!").
const longestGreeting = 4

// greeted returns where the sentence ends with which a reply greets; 0 for none.
func (m *moment) greeted(text string) int {
	var t Text
	t.read(text, m.markup())
	if len(t.sentences) == 0 {
		return 0
	}
	s := &t.sentences[0]
	if words := s.last - s.first; words == 0 || words > longestGreeting || s.asks(&t) || !greetings[string(t.word(int(s.first)))] {
		return 0
	}
	return t.sentenceSpan(0).end
}

// beginsBlock tells whether Markdown begins with a block that running text would break: a heading, list item, quote,
// table or fence.
func beginsBlock(text string) bool {
	text = strings.TrimLeft(text, " \t")
	if strings.HasPrefix(text, "|") || strings.HasPrefix(text, ">") || strings.HasPrefix(text, "```") {
		return true
	}
	mark, _, spaced := strings.Cut(text, " ")
	if !spaced {
		return false
	}
	number := strings.TrimRight(mark, ".)")
	return mark == "-" || mark == "*" || mark == "+" || strings.Trim(mark, "#") == "" || number != mark && strings.Trim(number, "0123456789") == ""
}

// closing is what stands between a reply and a sentence behind it: a space, and a full stop where the reply ends
// without a mark. Behind an address a stop would become part of it, and behind other signs a space would not show where
// the sentence begins, so there a new line does.
func closing(body string) string {
	inner := strings.TrimRight(body, "\"')]}*_~`”’»›")
	r, _ := utf8.DecodeLastRuneInString(inner)
	with := " "
	if unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.Is(unicode.Sc, r) || r == '%' || r == '°' {
		with = ". "
		if isAddress(body[strings.LastIndexAny(body, " \n\t>")+1:]) {
			with = "\n"
		}
	}
	if said := body + with; !beginsSentence(said, len(said)) {
		return "\n"
	}
	return with
}

// isAddress tells whether a word looks like a URL, an e-mail address or the name of a host.
func isAddress(word string) bool {
	if strings.ContainsAny(word, "/@") {
		return true
	}
	before, after, dotted := strings.Cut(word, ".")
	return dotted && before != "" && after != "" && !strings.ContainsAny(after, "0123456789")
}
