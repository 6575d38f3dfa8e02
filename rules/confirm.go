package rules

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxGoal bounds what is said back of the customer's own words, in characters.
const maxGoal = 140

// confirmCard shows the customer what the colleague who is coming was told, where the packs have an ask named card. Its
// answer comes while they wait.
func (m *moment) confirmCard() {
	if m.tongue.asks[askCard] == nil || m.facts.Goal == nil || !m.facts.deskOpen(m.plan.desk) {
		return
	}
	goal := plainGoal(m.facts.Goal())
	if goal == "" {
		return
	}
	if text := m.filled("card.confirm", "", map[string]string{"goal": goal}); text != "" {
		m.j.Say = append(m.j.Say, text)
		m.open(askCard, m.plan.rule, m.plan.desk)
	}
}

// corrects hears the answer to it: yes, no, or what is to be said instead. A no waits for the words, which may come in
// the same breath.
func (m *moment) corrects() {
	a := m.tongue.asks[askCard]
	if a == nil || m.st.d.Ask == nil || m.st.d.Ask.ID != askCard {
		return
	}
	m.j.Ask = askCard
	switch m.answer(a) {
	case accepts:
		m.st.d.Ask = nil
		m.j.AskOutcome = askAccepted
		m.say(orMessage(a.accepted, "card.right"), "")
	case declines:
		if m.st.d.Ask.Left > 1 { // it was said before
			m.st.d.Ask.Left--
			m.j.Ask = ""
			return
		}
		m.st.d.Ask.Left = cardTurns
		m.j.Ask = ""
		m.say(orMessage(a.declined, "card.what"), "")
	case noAnswer:
		m.st.d.Ask = nil
		m.j.AskOutcome = askDeclined
		m.j.Correction = true
		m.say("card.noted", "")
	}
	m.j.Withhold = true
}

// cardTurns is how many further answers that only say no are heard before the words themselves.
const cardTurns = 3

func orMessage(id, standard string) string {
	if id != "" {
		return id
	}
	return standard
}

// plainGoal is the customer's words as they can be said back anywhere: one line, without what marks up or turns text
// around, and no longer than a sentence.
func plainGoal(s string) string {
	var b strings.Builder
	n, blank := 0, true
	for _, r := range s {
		switch {
		case strings.ContainsRune("<>`*_[]{}|\\", r), unicode.Is(unicode.Cf, r), r == utf8.RuneError:
			continue
		case unicode.IsSpace(r), unicode.IsControl(r):
			if !blank {
				b.WriteByte(' ')
				n++
			}
			blank = true
			continue
		}
		if n >= maxGoal {
			return strings.TrimSpace(b.String()) + "…"
		}
		b.WriteRune(r)
		n, blank = n+1, false
	}
	return strings.TrimSpace(b.String())
}

// Given returns what a customer gave in an utterance that somebody might have to ask for again: numbers of three digits or
// more, amounts, dates, times, ids and addresses, in order and each once.
func Given(locale, text string) []string {
	var out []string
	at, end, plain := int32(0), int32(-2), true // of what is being put together, and whether it is a number and nothing else
	flush := func() {
		if end <= at {
			return
		}
		word := text[at:end]
		if n := countDigits(word); (n >= 3 || n > 0 && !plain || strings.Contains(word, "@") || strings.Contains(word, "://")) && !slices.Contains(out, word) {
			out = append(out, strings.Clone(word))
		}
	}
	for _, f := range factsOf(locale, text) {
		switch f.kind {
		case factNumber, factMoney, factDate, factTime, factID, factEmail, factURL:
		case factDay, factName, factCode, factQuote, factCondition, factNegation, factModal:
			continue
		}
		if f.start <= end+1 && end > 0 { // "12" and "May" are one date
			end, plain = max(end, f.end), plain && f.kind == factNumber
			continue
		}
		flush()
		at, end, plain = f.start, f.end, f.kind == factNumber
	}
	flush()
	return out
}

func countDigits(s string) int {
	n := 0
	for _, r := range s {
		if unicode.IsDigit(r) {
			n++
		}
	}
	return n
}
