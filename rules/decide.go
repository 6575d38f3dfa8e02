package rules

// decide finds what the turn leads to: what the customer asked for, then escalations, then thresholds. The most
// urgent wins; what was asked for explicitly wins over anything of the score.
func (m *moment) decide() {
	if m.plan.explicit {
		m.standings(nil)
		m.dropSilenced()
		m.spend()
		return
	}
	if m.st.d.cool() {
		return
	}
	m.standings(&m.plan)
	m.dropSilenced()
	m.thresholds(&m.plan)
}

// dropSilenced takes back an offer that may not be made now. A threshold it would have taken along stays armed.
func (m *moment) dropSilenced() {
	if m.plan.decision == Offer && !m.offerable() {
		m.plan = plan{}
	}
}

// offerable tells whether an offer may be made: none was just declined, and none is open.
func (m *moment) offerable() bool {
	d := &m.st.d
	quiet := d.QuietTo > 0 && d.Turn <= d.QuietTo
	return !quiet && d.Ask == nil && d.Offer == nil
}

// standings evaluates the escalations. One fires when its condition turns true.
func (m *moment) standings(p *plan) {
	u := m.unrest()
	for _, e := range m.tongue.escalations {
		may := u.allows(e.needs)
		if !may && len(m.st.d.Standing) == 0 && m.sc.trace == nil || !m.active(&e.head) {
			continue
		}
		holds := may && e.when.holds(m)
		before := m.st.standing(e.hash, holds)
		if m.sc.trace != nil {
			m.sc.trace.escalation(m, e.escalation, holds, before)
		}
		if before || !holds || p == nil {
			continue
		}
		if e.tracked {
			m.record(e.hash)
			u |= m.lately
		}
		if m.shadow(&e.head) {
			m.reject(e.id, ByShadow)
			continue
		}
		if e.do <= p.decision {
			continue
		}
		*p = plan{decision: e.do, rule: e.id, why: e.why, desk: e.desk, esc: e.escalation}
	}
}

// thresholds compares the score. Crossing fires once; the threshold is armed again when the score was below
// rearm_below.
func (m *moment) thresholds(p *plan) {
	d := &m.st.d
	for _, x := range [...]struct {
		decision Decision
		limit    *thresholds
	}{{Escalate, &m.limits.escalate}, {Offer, &m.limits.offer}} {
		bit := uint8(1) << x.decision
		if d.Spent&bit != 0 || !m.reached(x.limit) {
			continue
		}
		if x.decision == Offer && p.decision <= Offer && !m.offerable() {
			continue // it stays armed until an offer may be made
		}
		d.Spent |= bit
		if x.decision > p.decision {
			*p = m.byScore(x.decision)
		}
	}
	if p.decision != None {
		m.spend()
	}
}

// spend marks the thresholds that a decision of another rule has taken along.
func (m *moment) spend() {
	if m.plan.decision >= Offer && m.reached(&m.limits.offer) {
		m.st.d.Spent |= 1 << Offer
	}
	if m.plan.decision >= Escalate && m.reached(&m.limits.escalate) {
		m.st.d.Spent |= 1 << Escalate
	}
}

// scoreReason is the reason of a threshold that was reached without any signal on the turn itself.
const scoreReason = "score"

// byScore is a decision of a threshold; its reason is the signal that weighed most on this turn.
func (m *moment) byScore(d Decision) plan {
	if x := m.heaviest.rule; x != nil {
		return plan{decision: d, rule: x.id, why: x.why, desk: x.signal.desk, byScore: true}
	}
	return plan{decision: d, rule: scoreReason, byScore: true}
}

// act writes the decision down and says what there is to say, as far as the mode lets it.
func (m *moment) act() {
	j, p := m.j, &m.plan
	if p.decision == None {
		return
	}
	j.Decision, j.Reason, j.Why, j.Desk = p.decision, p.rule, p.why, p.desk
	j.Live = m.facts.Mode.live(p.decision, p.explicit)
	if !j.Live {
		return
	}
	d := &m.st.d
	switch p.decision {
	case Offer:
		m.actOffer()
	case Escalate:
		d.Ask, d.Offer = nil, nil
		j.Withhold = m.turn.Role == Customer && p.explicit
		m.say(m.handoffMessage("handoff.requested"))
		m.confirmCard()
	case Route:
		d.Ask, d.Offer = nil, nil
		m.say(m.handoffMessage("handoff.routed"))
		m.confirmCard()
	case Crisis:
		d.Ask, d.Offer, d.Heard = nil, nil, nil
		d.Crisis, d.Surveyed = true, true // whoever was in danger is not asked how it felt
		j.Withhold = false
		m.actCrisis()
	}
}

// handoffMessage picks the words for bringing a person in: the escalation's own, or the well-known ones.
func (m *moment) handoffMessage(standard string) (id, locale string) {
	e := m.plan.esc
	open := m.facts.deskOpen(m.plan.desk)
	switch {
	case !open && e != nil && e.closed != "":
		return e.closed, ""
	case !open:
		return "handoff.closed", ""
	case m.facts.busy(m.plan.desk) && e != nil && e.busy != "":
		return e.busy, ""
	case e != nil && e.normal != "":
		return e.normal, ""
	}
	return standard, ""
}

func (m *moment) actCrisis() {
	c := m.plan.crisis
	m.say(c.crisis.line, c.locale)
	if m.facts.deskOpen(m.plan.desk) && !m.facts.busy(m.plan.desk) || c.crisis.closed == "" {
		m.say("crisis.person", c.locale)
		return
	}
	m.say(c.crisis.closed, c.locale)
}

// actOffer makes an offer, or keeps it for the next reply.
func (m *moment) actOffer() {
	d := &m.st.d
	switch m.turn.Role {
	case Customer:
		d.Offer = &pendingOffer{Rule: m.plan.rule, Desk: m.plan.desk, ByScore: m.plan.byScore}
	case Event:
		text, asks := m.offerWords(m.plan.esc, m.plan.desk)
		m.j.Say = append(m.j.Say, text)
		m.open(asks, m.plan.rule, m.plan.desk)
	}
	// On a bot turn the reply carried it.
}

// offerWords is what an offer says, and the ask it opens.
func (m *moment) offerWords(e *escalation, desk string) (text, asks string) {
	id := "offer"
	asks = askConnect
	if e != nil {
		if e.ask != "" {
			asks = e.ask
		}
		if e.normal != "" {
			id = e.normal
		}
	}
	switch {
	case !m.facts.deskOpen(desk):
		if id = "offer.closed"; e != nil && e.closed != "" {
			id = e.closed
		}
	case m.facts.busy(desk):
		if id = "offer.busy"; e != nil && e.busy != "" {
			id = e.busy
		}
	}
	return m.words(id, ""), asks
}

// escalationNamed finds an escalation by id.
func (t *tongue) escalationNamed(id string) *escalation {
	for _, e := range t.escalations {
		if e.id == id {
			return e.escalation
		}
	}
	return nil
}
