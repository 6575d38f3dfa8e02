package rules

import "slices"

// decay lets a customer turn pass: after half_life of them half the score is left. The factor 2^(-1/half_life) is
// applied before the points of the turn: with two points each turn and a half-life of four the score is 2, 3.7, 5.1,
// 6.3, 7.3, 8.1.
func (m *moment) decay() {
	m.st.scale(m.tongue.decay)
}

// signals lets the signals of a side fire and adds up what they weigh. What calms is taken off before the points of
// the same turn are added: thanks for yesterday do not excuse today.
func (m *moment) signals(s *side) {
	var points, calms float64
	var feelings [Feelings]float64
	halves := false
	for _, at := range m.candidates(s) {
		x := s.rules[at]
		if x.kind != kindSignal {
			continue
		}
		sentence, why := m.standsUp(x)
		if m.sc.trace != nil {
			m.traceSignal(x, why)
		}
		if why != "" || x.again && slices.Contains(m.j.Signals, x.id) { // heard in another language already
			continue
		}
		m.j.Signals = append(m.j.Signals, x.id)
		if x.tracked {
			m.record(x.hash)
		}
		if m.turn.Role == Customer {
			m.quote(x.clause, sentence)
		}
		if m.shadow(&x.head) {
			continue
		}
		g := x.signal
		points += g.points
		for _, f := range g.feels {
			feelings[f] += g.points
		}
		halves = halves || g.halves
		calms += g.calms
		m.failed = m.failed || g.failure
		m.settled = m.settled || g.settles
		if g.always > m.plan.decision || g.always != None && !m.plan.explicit {
			m.plan = plan{decision: g.always, explicit: true, rule: x.id, why: x.why, desk: g.desk}
		}
		if g.points > m.heaviest.points || m.heaviest.rule == nil && g.points > 0 {
			m.heaviest.points, m.heaviest.rule = g.points, x
		}
	}
	if halves {
		m.st.scale(0.5)
	}
	if calms > 0 {
		m.st.lower(calms)
	}
	m.addPoints(points, &feelings)
}

// standsUp tells in which sentence a rule holds, and if it does not, why.
func (m *moment) standsUp(x *rule) (sentence int32, why string) {
	if !m.active(&x.head) {
		return -1, OutcomeOff
	}
	if x.clause != nil {
		if sentence = m.whereSaid(x.clause); sentence < 0 {
			return -1, OutcomeMatch
		}
	}
	switch {
	case !x.when.holds(m):
		return -1, OutcomeWhen
	case x.unless != nil && x.unless.holds(m):
		return -1, OutcomeUnless
	}
	return sentence, ""
}

func (m *moment) addPoints(points float64, feelings *[Feelings]float64) {
	d := &m.st.d
	m.j.Points += points
	d.Score = min(maxScore, d.Score+points)
	for i := range feelings {
		d.Feelings[i] = min(maxScore, d.Feelings[i]+feelings[i])
	}
	m.rearm()
}

// rearm lets the thresholds fire again once the score is below rearm_below. One that is still reached, because it lies
// below that itself, was not left behind and cannot be crossed.
func (m *moment) rearm() {
	d := &m.st.d
	if d.Spent == 0 || d.Score >= m.tongue.scoring.rearm {
		return
	}
	if !m.reached(&m.limits.offer) {
		d.Spent &^= 1 << Offer
	}
	if !m.reached(&m.limits.escalate) {
		d.Spent &^= 1 << Escalate
	}
}

// quote keeps the words that made a clause hold, for the card.
func (m *moment) quote(c *clause, sentence int32) {
	f := &m.sc.found
	leaf := f.source(c, sentence)
	if leaf < 0 {
		return
	}
	for i := f.within(leaf, sentence); i >= 0; i = f.more(i) {
		if x := &f.mets[i]; x.end > x.start {
			m.j.Words = append(m.j.Words, m.turn.Text[x.start:x.end])
			return
		}
	}
}

// reached tells whether the score or a feeling has reached a threshold.
func (m *moment) reached(t *thresholds) bool {
	d := &m.st.d
	if t.score > 0 && d.Score >= t.score {
		return true
	}
	for i, v := range t.feelings {
		if v > 0 && d.Feelings[i] >= v {
			return true
		}
	}
	return false
}
