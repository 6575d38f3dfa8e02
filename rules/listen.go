package rules

import (
	"strings"
	"unicode/utf8"
)

// Judge reads one turn, brings the state up to date and fills j with what follows. It depends on nothing but its
// arguments: no clock, no chance, no order of maps. Of a text longer than [LongestRead] the beginning is read. Many
// conversations may be judged at once; each State and each Judgement belongs to one caller at a time.
func (s *Set) Judge(st *State, t *Turn, f *Facts, j *Judgement) {
	sc, _ := s.pool.Get().(*scratch)
	s.judge(sc, st, t, f, j)
	sc.release()
	s.pool.Put(sc)
}

func (s *Set) judge(sc *scratch, st *State, t *Turn, f *Facts, j *Judgement) {
	if part := asRead(t); part != t {
		s.judge(sc, st, part, f, j)
		if t.Role == Bot {
			j.Sent = t.Text // what is longer than longestReply is not reworded
		}
		return
	}
	j.reset()
	m := &sc.m
	*m = moment{}
	m.set, m.tongue, m.st, m.facts, m.turn, m.j, m.sc = s, s.tongueFor(f.Locale, f.Register), st, f, t, j, sc
	if t.Role != Event {
		st.resume(t.At)
	}
	if t.Role == Customer { // the clock of all that lasts for some turns
		st.d.Turn++
	}
	m.lately = st.lately()
	switch t.Role {
	case Customer:
		m.customer()
	case Bot:
		m.bot()
	case Event:
		m.event()
	case Agent:
		m.arrive()
		m.observe()
		m.remember()
	}
	m.journey()
	d := &st.d
	j.Score, j.Feelings, j.Band = d.Score, d.Feelings, m.band()
	j.Flagged = j.Points > 0 && j.Points >= m.tongue.scoring.flag
}

// observe reads the words of the turn, and looks for all that is looked for in them.
func (m *moment) observe() {
	sc := m.sc
	if sc.known = m.reading(m.turn.Text); sc.known != nil {
		sc.text.lend(&sc.known.text)
		m.setApart(sc.known)
		sc.obs.restore(sc.known, m.turn, sc.text)
		sc.found.start(m.tongue.sides[sideIndex(m.turn.Role)].leaves)
		sc.found.restore(sc.known)
		return
	}
	sc.text.read(m.turn.Text, m.turn.Role == Bot && m.markup())
	m.setApart(nil)
	if m.turn.Role == Agent {
		sc.obs.begin(m.turn, sc.text)
		return
	}
	s := &m.tongue.sides[sideIndex(m.turn.Role)]
	sc.found.start(s.leaves)
	sc.obs.read(m.turn, sc.text, m.facts.locale(), s, sc.emit)
	if sc.trace != nil {
		sc.trace.read(sc.text)
	}
}

// remember takes the turn into the history, after everything has looked at it.
func (m *moment) remember() {
	if m.turn.Role == Customer && m.touchpoint.measures(proxyRestated) {
		m.restated = m.restates()
	}
	m.st.d.History.add(&m.sc.obs)
}

// customer judges an utterance. Time passes for the score with each, whoever has the floor.
func (m *moment) customer() {
	m.st.d.Parting = false
	m.decay()
	if m.sc.trace != nil {
		m.sc.trace.e.Left = m.st.d.Score
	}
	side := &m.tongue.sides[sideIndex(Customer)]
	m.observe()
	m.look(side)
	if c := m.crisis(side); c != nil {
		m.arrive()
		m.remember()
		m.plan = plan{decision: Crisis, explicit: true, rule: c.id, why: c.why, desk: c.crisis.desk, crisis: c}
		m.act()
		return
	}
	if m.facts.floor() != "bot" {
		m.waiting()
		m.remember()
		return
	}
	if m.answered() {
		m.arrive()
		return
	}
	m.arrive()
	m.signals(side)
	m.lapse()
	m.hear(side)
	m.decide()
	m.st.d.Parting = m.plan.decision == None && m.parts()
	m.remember()
	m.act()
}

// event judges something that happened without words. Time does not pass for the score.
func (m *moment) event() {
	side := &m.tongue.sides[sideIndex(Event)]
	m.sc.text.Reset("")
	m.setApart(nil)
	m.sc.obs.begin(m.turn, m.sc.text)
	m.sc.found.start(side.leaves)
	m.arrive()
	if m.facts.floor() == "bot" {
		m.look(side)
		m.signals(side)
		m.decide()
	}
	m.remember()
	m.act()
}

// bot judges a reply and treats it. A reply that comes while somebody else has the floor is left to the caller, who
// drops it.
func (m *moment) bot() {
	m.j.Sent = m.turn.Text
	if m.facts.floor() != "bot" {
		return
	}
	d := &m.st.d
	d.Expected = clip(m.turn.Expected, maxExpected)
	side := &m.tongue.sides[sideIndex(Bot)]
	m.observe()
	m.look(side)
	m.arrive()
	m.signals(side)
	if m.failed {
		d.Failures = min(d.Failures+1, 1<<20)
		d.Apology = false
	} else {
		d.Failures = 0
	}
	m.decide()
	m.remember()
	m.reply(side)
	m.act()
	if m.sc.only == nil {
		m.survey()
	}
}

// crisis returns the crisis rule that speaks for the turn, if any. Crisis is looked for whatever the floor, score or
// mode.
func (m *moment) crisis(s *side) *rule {
	for _, at := range m.candidates(s) {
		x := s.rules[at]
		if x.kind != kindCrisis || !m.active(&x.head) {
			continue
		}
		sentence := m.where(x.clause)
		if sentence < 0 {
			continue
		}
		m.j.Signals = append(m.j.Signals, x.id)
		if m.sc.trace != nil {
			m.traceSignal(x, "")
		}
		if m.shadow(&x.head) {
			continue
		}
		if m.turn.Role == Customer {
			m.quote(x.clause, sentence)
		}
		return x
	}
	return nil
}

// hear keeps what acknowledgements take from the customer's words until the next reply.
func (m *moment) hear(s *side) {
	d := &m.st.d
	d.Heard = d.Heard[:0]
	for _, at := range m.candidates(s) {
		x := s.rules[at]
		if x.kind != kindRewrite || len(d.Heard) == maxHeard || !m.active(&x.head) {
			continue
		}
		sentence := m.where(x.clause)
		if sentence < 0 {
			continue
		}
		h := heard{Rule: x.hash, Turn: d.Turn}
		f := &m.sc.found
		if leaf := f.source(x.clause, sentence); leaf >= 0 {
			if i := f.within(leaf, sentence); i >= 0 {
				for _, c := range f.caps[f.mets[i].caps:f.mets[i].capsEnd] {
					if text := m.turn.Text[c.start:c.end]; len(text) <= maxSlot && len(h.Slots) < maxSlots && namesThing(m.facts.locale(), text) {
						h.Slots = append(h.Slots, slot{Name: c.name, Text: strings.Clone(text)})
					}
				}
			}
		}
		d.Heard = append(d.Heard, h)
	}
}

// clip copies at most n bytes of s, at a character boundary.
func clip(s string, n int) string {
	if len(s) > n {
		for n > 0 && !utf8.RuneStart(s[n]) {
			n--
		}
		s = s[:n]
	}
	return s
}
