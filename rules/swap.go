package rules

import "slices"

// swaps goes through a reply once and makes what rules of words and cheer have for it. To hold a reply against its facts
// takes a reading of it, so all of them are held together. Only where that fails, where one may change what the next has to
// say, or where somebody asks about each, they are tried one by one, best first.
func (m *moment) swaps(text string) {
	sc := m.sc
	if m.independent() {
		bare := m.bare
		if m.swapAll(text) {
			return
		}
		sc.edits, m.crowded, m.bare = sc.edits[:0], false, bare
	}
	for _, x := range sc.sorted {
		if !x.rewrite.swaps() {
			continue
		}
		use, ok := m.swap(x, text)
		if ok && m.approves(x, text) && m.again(x) == nil {
			m.commit(x, use.at, use.step, use.key)
			m.note(x, use.at, use.step, use.say, use.key)
		}
	}
}

// independent tells whether it makes no difference to a rule of words that the one before it was used.
func (m *moment) independent() bool {
	if m.facts.Shown != nil || m.sc.trace != nil {
		return false
	}
	for _, x := range m.sc.sorted {
		if x.rewrite.swaps() && (x.tracked || x.rewrite.leavesMark) {
			return false
		}
	}
	return true
}

// swaps tells whether a rewrite replaces words or takes cheer out.
func (w *rewrite) swaps() bool { return w.place == placeWords || w.place == placeCheer }

// leavesMark tells whether other rules may not say everything once a step was used.
func (s *step) leavesMark() bool { return s.adds != 0 || s.ask != "" || s.do != None }

// swapAll makes the edits of all rules and holds what comes of them against the facts. It reports false, and books
// nothing, when that must not be sent and it is not clear by whose doing.
func (m *moment) swapAll(text string) bool {
	sc := m.sc
	sc.swaps = sc.swaps[:0]
	for _, x := range sc.sorted {
		if !x.rewrite.swaps() {
			continue
		}
		if use, ok := m.swap(x, text); ok {
			sc.edits = append(sc.edits[:0], sc.trial...)
			sc.swaps = append(sc.swaps, use)
		}
	}
	if len(sc.swaps) == 0 {
		return true
	}
	edited := applied(text, sc.edits)
	if by := m.unsafe(edited); by != "" {
		if len(sc.swaps) > 1 {
			return false
		}
		m.reject(sc.swaps[0].rule.id, by)
		sc.edits = sc.edits[:0]
		return true
	}
	sc.edited = edited
	for _, use := range sc.swaps {
		m.commit(use.rule, use.at, use.step, use.key)
	}
	return true
}

// swap puts on trial what a rule has for the words of every sentence it holds for, or for their cheer, beside the edits
// that were accepted. It reports false when there is nothing to try.
func (m *moment) swap(x *rule, original string) (taken, bool) {
	use, ok := m.usable(x)
	if !ok {
		return taken{}, false
	}
	var edits []edit
	switch {
	case x.rewrite.place == placeCheer:
		edits = m.untorn(original, cheerEdits(m.sc.text, original))
	case use.say != nil:
		edits = m.wordEdits(x, use.say, original)
	}
	edits = m.within(original, edits, m.reach(0))
	if len(edits) == 0 || m.checks >= mostChecks {
		return taken{}, false
	}
	if !m.sc.with(edits) {
		m.crowded = true
		return taken{}, false
	}
	return use, true
}

// usable returns the step with which a rule replaces words: the one it has used in this reply already, or the next.
func (m *moment) usable(x *rule) (taken, bool) {
	if use := m.again(x); use != nil {
		return *use, true
	}
	if !x.rewrite.endless && slices.Contains(m.j.Rules, x.id) {
		return taken{}, false // its next step is for another reply
	}
	i, s := m.take(x)
	if s == nil {
		return taken{}, false
	}
	use := taken{rule: x, at: i, step: s}
	if x.rewrite.place != placeCheer {
		if use.say, use.key = m.variantOf(x, i, s); use.say == nil {
			m.reject(x.id, BySpent)
			return taken{}, false
		}
	}
	return use, true
}
