package rules

// Offer makes an offer of a person (or a call-back, when the desk is closed) that no rule has decided on: the bot keeps
// the customer waiting. One that was decided and waits for a reply is made now. It opens its ask like any other, and is
// not made while another question is open, after a decline, or where the mode wants none. reason stands in j as the
// rule's id would; j is overwritten, and its Decision is None when no offer was made.
func (s *Set) Offer(st *State, f *Facts, reason string, j *Judgement) {
	sc, _ := s.pool.Get().(*scratch)
	defer func() {
		sc.release()
		s.pool.Put(sc)
	}()
	j.reset()
	m := &sc.m
	*m = moment{set: s, tongue: s.tongueFor(f.Locale, f.Register), st: st, facts: f, turn: &Turn{Role: Event}, j: j, sc: sc}
	m.arrive()
	if f.floor() != "bot" || !f.Mode.live(Offer, false) || st.d.Crisis {
		return
	}
	d := &st.d
	m.plan = plan{decision: Offer, rule: reason}
	if waiting := d.Offer; waiting != nil {
		d.Offer = nil
		m.plan.rule, m.plan.desk, m.plan.esc = waiting.Rule, waiting.Desk, m.tongue.escalationNamed(waiting.Rule)
		m.plan.why = m.whyOf(waiting.Rule)
	} else if !m.offerable() {
		m.plan = plan{}
		return
	}
	m.act()
	j.Score, j.Feelings, j.Band = d.Score, d.Feelings, m.band()
}

// TookLeave tells whether the customer's last words said good-bye or no more than thanks.
func (st *State) TookLeave() bool { return st.d.Parting }
