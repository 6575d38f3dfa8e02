package rules

// The outcomes of an ask, as in metrics.
const (
	askOpened   = "opened"
	askAccepted = "accepted"
	askDeclined = "declined"
	askExpired  = "expired"
)

// open puts a question: from now on it waits for its answer.
func (m *moment) open(id, rule, desk string) {
	a, ok := m.tongue.asks[id]
	if !ok {
		return
	}
	if desk == "" {
		desk = a.desk
	}
	m.st.d.Ask = &openAsk{ID: id, Rule: rule, Desk: desk, Left: a.turns}
	m.j.Ask, m.j.AskOutcome = id, askOpened
}

// answered matches the utterance against the open ask, decline first. It returns true when the utterance was an
// answer: then it goes no further.
func (m *moment) answered() bool {
	open := m.st.d.Ask
	if open == nil {
		return false
	}
	a, ok := m.tongue.asks[open.ID]
	if !ok || open.ID == askCard { // the packs have changed, or it is about somebody who came and went
		m.st.d.Ask = nil
		return false
	}
	m.j.Ask = open.ID
	if open.ID == askSurvey {
		m.j.Survey = open.Rule
	}
	switch m.answer(a) {
	case declines:
		m.st.d.Ask = nil
		m.j.AskOutcome = askDeclined
		if a.then != thenNothing { // it was an offer
			m.st.d.QuietTo = m.st.d.Turn + silence
		}
		m.j.Withhold = m.facts.Mode != ObserveAll
		if m.j.Withhold {
			id := a.declined
			if id == "" && a.then != thenNothing {
				id = "ask.declined"
			}
			m.say(id, "")
		}
		return true
	case accepts:
		m.st.d.Ask = nil
		m.j.AskOutcome = askAccepted
		m.accept(a, open)
		return true
	case noAnswer:
	}
	open.Left--
	if open.Left <= 0 {
		m.st.d.Ask = nil
		m.j.AskOutcome = askExpired
	} else {
		m.j.Ask, m.j.Survey = "", ""
	}
	return false
}

// accept does what accepting an ask does.
func (m *moment) accept(a *ask, open *openAsk) {
	switch a.then {
	case thenEscalate, thenRoute:
		m.plan = plan{decision: Escalate, explicit: true, rule: open.Rule, desk: open.Desk}
		if a.then == thenRoute {
			m.plan.decision = Route
		}
		m.plan.why = m.whyOf(open.Rule)
		m.act()
		m.j.Withhold = m.j.Live
	case thenStay:
		m.j.Stay = m.facts.Mode != ObserveAll
		m.j.Withhold = m.j.Stay
	case thenNothing:
		m.j.Withhold = m.facts.Mode != ObserveAll
	}
	if a.accepted != "" && m.j.Withhold {
		m.j.Say = m.j.Say[:0]
		m.say(a.accepted, "")
	}
}

// whyOf is the motivation of the rule that asked.
func (m *moment) whyOf(id string) string {
	if e := m.tongue.escalationNamed(id); e != nil {
		return e.why
	}
	for i := range m.tongue.sides {
		for _, x := range m.tongue.sides[i].rules {
			if x.id == id {
				return x.why
			}
		}
	}
	return ""
}

// questioned tells whether what the customer says may be an answer: to an open ask, or to the offer to stay that stands
// while they wait for a person.
func (m *moment) questioned() bool { return m.st.d.Ask != nil || m.facts.floor() == "attune" }

// An answerKind is what an utterance is to an ask.
type answerKind uint8

const (
	noAnswer answerKind = iota
	accepts
	declines
)

// answer tells what the utterance is to an ask, in the language of the session before others: "si" is a yes where
// Spanish is spoken.
func (m *moment) answer(a *ask) answerKind {
	for i := range a.answers {
		if k := m.answerIn(&a.answers[i]); k != noAnswer {
			return k
		}
	}
	return noAnswer
}

// answerIn does so for one language. Every sentence must be part of the answer: "Yes. Please do." is one; "Yes, but
// where is my parcel?" is not. A decline has priority.
func (m *moment) answerIn(w *answers) answerKind {
	f := &m.sc.found
	in := func(leaf, sentence int32) bool { return leaf >= 0 && f.in(leaf, sentence) }
	kind := noAnswer
	for s := range int32(len(m.sc.text.sentences)) {
		switch {
		case in(w.decline, s):
			kind = declines
		case in(w.accept, s):
			kind = max(kind, accepts)
		case !in(w.beside, s):
			return noAnswer
		}
	}
	return kind
}

// waiting hears a customer who is with nobody yet: only whether they would rather go on with the bot.
func (m *moment) waiting() {
	m.arrive()
	if m.facts.floor() != "attune" {
		return
	}
	a := m.tongue.asks[askStay]
	if a == nil || m.answer(a) != accepts {
		m.corrects()
		return
	}
	m.st.d.Ask = nil
	m.j.Ask, m.j.AskOutcome = askStay, askAccepted
	m.j.Stay, m.j.Withhold = true, true
	m.st.d.QuietTo = m.st.d.Turn + silence // it declines the person who was coming
	m.say("handoff.stayed", "")
}
