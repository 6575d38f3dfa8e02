package rules

import (
	"slices"
	"strings"
)

// edit replaces bytes [start, end) of a reply.
type edit struct {
	start, end int
	with       string
}

// offering is an offer that this reply should carry.
type offering struct {
	text, asks string
	rule, desk string
	byScore    bool
}

// reply treats what the bot said: verbatim veto, crisis veto, locale covered, words and cheer, at most one replacement
// of each sentence, at most one addition. Whatever is in doubt leaves the reply as it was.
func (m *moment) reply(s *side) {
	offer := m.offering()
	sc := m.sc
	sc.sorted = m.rewrites(s, sc.sorted[:0])
	m.resume()
	text := m.seen(m.turn.Text)
	switch {
	case m.crisisHere(s):
		offer = nil // a person is on the way; nothing else is said
	case len(sc.sorted) == 0 && offer == nil, m.facts.Fixed, len(text) > longestReply, strings.TrimSpace(text) == "":
	case m.verbatim(s):
		m.rejectAll(ByVerbatim)
	case !m.tongue.covered || m.otherLanguage():
	case !m.facts.Mode.tuned():
		m.rejectAll(ByShadow)
		if offer != nil {
			text, offer = m.append(text, offer)
		}
	default:
		m.owed = offer != nil
		text = m.reword(s, m.turn.Text)
		if m.offered || m.plan.decision > Offer {
			offer = nil // the reply makes the offer already, or a person is on the way; never two voices
		}
		if m.bare {
			break
		}
		if offer != nil {
			text, offer = m.append(text, offer)
		} else if m.plan.decision <= Offer {
			text = m.addition(text)
		}
	}
	switch sh := m.facts.Shown; {
	case sh != nil && sh.trial:
		m.tried(text)
	case offer != nil && sh != nil && sh.Cut:
		m.st.d.Offer = &pendingOffer{Rule: offer.rule, Desk: offer.desk, ByScore: offer.byScore}
	case offer != nil:
		m.j.Say = append(m.j.Say, offer.text)
		m.open(offer.asks, offer.rule, offer.desk)
	}
	m.j.Sent = text
}

// offering returns the offer to speak now: the one just decided, or the one that waited for a reply. One that only the
// score has led to is not put beside what the customer asked for: it waits for the next reply.
func (m *moment) offering() *offering {
	d := &m.st.d
	waiting := d.Offer
	d.Offer = nil
	if m.plan.decision > Offer || m.plan.decision < Offer && waiting == nil || m.sc.only != nil {
		return nil
	}
	o := &offering{}
	switch {
	case m.plan.decision == Offer:
		if !m.facts.Mode.live(Offer, m.plan.explicit) {
			return nil
		}
		if m.plan.byScore && m.settled {
			d.Offer = &pendingOffer{Rule: m.plan.rule, Desk: m.plan.desk, ByScore: true, Late: true}
			return nil
		}
		o.rule, o.desk, o.byScore = m.plan.rule, m.plan.desk, m.plan.byScore
		o.text, o.asks = m.offerWords(m.plan.esc, o.desk)
	case waiting.ByScore && m.settled:
		waiting.Late = true
		d.Offer = waiting
		return nil
	default:
		o.rule, o.desk, o.byScore = waiting.Rule, waiting.Desk, waiting.ByScore
		o.text, o.asks = m.offerWords(m.tongue.escalationNamed(waiting.Rule), o.desk)
	}
	if o.text == "" {
		return nil
	}
	return o
}

// lapse takes back an offer that has waited through a reply that settled something, unless the customer minds still.
func (m *moment) lapse() {
	d := &m.st.d
	if d.Offer != nil && d.Offer.Late && m.j.Points < m.tongue.scoring.flag {
		d.Offer = nil
	}
}

// rewrites lists the rewrites that match this reply and whose conditions hold, best first.
func (m *moment) rewrites(s *side, list []*rule) []*rule {
	for _, at := range m.candidates(s) {
		if x := s.rules[at]; x.kind == kindRewrite && m.applies(x) {
			list = insertRule(list, x)
		}
	}
	u := m.unrest()
	for _, x := range m.tongue.rewrites {
		if !u.allows(x.needs) && m.sc.trace == nil {
			continue
		}
		if (!x.rewrite.heard || m.heardOf(x.rule) != nil) && m.applies(x.rule) {
			list = insertRule(list, x.rule)
		}
	}
	return list
}

func (m *moment) applies(x *rule) bool {
	if m.sc.only != nil && x.id != m.sc.only.id {
		return false
	}
	_, why := m.standsUp(x)
	if m.sc.trace != nil {
		m.sc.trace.considered(m, x, why, x.condition(why))
	}
	return why == ""
}

func insertRule(list []*rule, x *rule) []*rule {
	list = append(list, x)
	for i := len(list) - 1; i > 0 && list[i-1].rank > x.rank; i-- {
		list[i-1], list[i] = list[i], list[i-1]
	}
	return list
}

func (m *moment) heardOf(x *rule) *heard {
	for i := range m.st.d.Heard {
		if h := &m.st.d.Heard[i]; h.Rule == x.hash && h.Turn == m.st.d.Turn {
			return h
		}
	}
	return nil
}

// verbatim tells whether some sentence must reach the customer byte for byte: then the whole reply is left alone.
func (m *moment) verbatim(s *side) bool {
	if m.sc.only != nil {
		return false
	}
	for _, at := range m.candidates(s) {
		x := s.rules[at]
		if x.kind == kindVerbatim && m.active(&x.head) && !m.shadow(&x.head) && m.where(x.clause) >= 0 {
			if m.sc.trace != nil {
				m.traceSignal(x, "")
			}
			return true
		}
	}
	return false
}

// crisisHere tells whether the conversation is, or this reply speaks of, a crisis.
func (m *moment) crisisHere(s *side) bool {
	if m.st.d.Crisis {
		return true
	}
	for _, at := range m.candidates(s) {
		x := s.rules[at]
		if x.kind == kindCrisis && m.active(&x.head) && !m.shadow(&x.head) && m.where(x.clause) >= 0 {
			return true
		}
	}
	return false
}

func (m *moment) reject(rule, by string) {
	for _, r := range m.j.Rejected {
		if r.Rule == rule && r.By == by {
			return
		}
	}
	m.j.Rejected = append(m.j.Rejected, Rejection{Rule: rule, By: by})
}

func (m *moment) rejectAll(by string) {
	for _, x := range m.sc.sorted {
		m.reject(x.id, by)
	}
}

// swapRounds is how often the words of a reply are gone through: where two replacements lie too close to be made at
// once, the second one is made in the next round, and not when the reply is judged again. Of a reply that comes in pieces
// each piece is gone through once, since what has left stays.
func (m *moment) swapRounds() int {
	if m.facts.Shown != nil {
		return 1
	}
	return 3
}

// reword replaces words, then sentences, behind what has left of the reply.
func (m *moment) reword(s *side, original string) string {
	sc := m.sc
	sc.spent = sc.spent[:0]
	text := original
	for range m.swapRounds() {
		sc.edits, m.crowded = sc.edits[:0], false
		m.swaps(text)
		if len(sc.edits) == 0 {
			break
		}
		text = sc.edited
		sc.edits = sc.edits[:0]
		m.lookAgain(s, text)
		sc.sorted = m.rewrites(s, sc.sorted[:0])
		if !m.crowded {
			break
		}
	}
	reach := m.reach(len(text) - len(original))
	for sentence := range int32(len(sc.text.sentences)) {
		if m.isApart(sentence) {
			continue
		}
		for _, x := range sc.sorted {
			if x.rewrite.place == placeSentence && sc.found.holds(x.clause, sentence) && m.replace(x, sentence, text, reach) {
				break
			}
		}
	}
	if len(sc.edits) > 0 {
		text = sc.edited
	}
	return m.seen(text)
}

// lookAgain finds the matches in a reply whose words were replaced, which the fact lock has read most often. Detectors
// have looked at what the bot said; where the sentences are still the same ones their findings stand.
func (m *moment) lookAgain(s *side, text string) {
	sc := m.sc
	type stay struct {
		leaf, sentence int32
	}
	var kept []stay
	for _, d := range s.detectors {
		for i := sc.found.first(int32(d.leaf)); i >= 0; i = sc.found.mets[i].next {
			kept = append(kept, stay{int32(d.leaf), sc.found.mets[i].sentence})
		}
	}
	before := len(sc.text.sentences)
	known := sc.after
	switch {
	case known != nil && known.text.raw == text:
		sc.sent.lend(&known.text)
	case sc.sent.raw != text || known != nil:
		known = nil
		sc.sent.read(text, m.markup())
	}
	sc.text, sc.sent = sc.sent, sc.text
	m.setApart(known)
	sc.found.start(s.leaves)
	if known != nil {
		sc.found.restore(known)
	} else {
		s.scan(sc.text, sc.again)
	}
	for _, k := range kept {
		if k.sentence < 0 || len(sc.text.sentences) == before {
			sc.found.add(&hit{id: int(k.leaf), sentence: int(k.sentence)})
		}
	}
}

// applied is text with edits, which do not overlap and ascend.
func applied(text string, edits []edit) string {
	var b strings.Builder
	size := len(text)
	for _, e := range edits {
		size += len(e.with) - (e.end - e.start)
	}
	b.Grow(size)
	at := 0
	for _, e := range edits {
		b.WriteString(text[at:e.start])
		b.WriteString(e.with)
		at = e.end
	}
	b.WriteString(text[at:])
	return b.String()
}

// with adds edits to those accepted so far, in order. It returns false when they overlap. One that takes text out may
// hold others that do.
func (sc *scratch) with(more []edit) bool {
	sc.trial = append(sc.trial[:0], sc.edits...)
	for _, e := range more {
		at := len(sc.trial)
		for at > 0 && sc.trial[at-1].start >= e.start {
			at--
		}
		held := at
		for held < len(sc.trial) && e.with == "" && sc.trial[held].with == "" && sc.trial[held].end <= e.end {
			held++
		}
		sc.trial = slices.Delete(sc.trial, at, held)
		if at > 0 && sc.trial[at-1].end > e.start || at < len(sc.trial) && e.end > sc.trial[at].start {
			return false
		}
		sc.trial = append(sc.trial, edit{})
		copy(sc.trial[at+1:], sc.trial[at:])
		sc.trial[at] = e
	}
	return true
}
