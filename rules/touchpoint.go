package rules

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
)

// touchpoint is a compiled place of the journey.
type touchpoint struct {
	head
	hash     uint32
	when     *condition
	offer    *thresholds
	escalate *thresholds
	feel     []string
	proxies  []proxySpec
	question string  // message id, "" when nobody is asked
	share    float64 // percent of the sessions
}

// proxyMeanings are the proxies a touchpoint may name: what is measured in place of asking, each as the share of its
// conversations. What is not measured yet says why.
var proxyMeanings = []struct{ name, what, unmeasured string }{
	{"promises-kept", "Of the promises made, those that were kept.", "promises outlive the visit; attune_promises_total counts those of all conversations"},
	{"restated-facts", "Conversations in which the customer gave a number, date or code again that is in one of their last four turns.", ""},
	{"way-out-by-failure-2", "Of the conversations in which the bot failed twice in a row, those in which a person was offered or brought in by then.", ""},
}

const (
	proxyRestated = "restated-facts"
	proxyWayOut   = "way-out-by-failure-2"
)

// measured tells whether a proxy can be measured.
func measured(proxy string) bool {
	return slices.ContainsFunc(proxyMeanings, func(p struct{ name, what, unmeasured string }) bool {
		return p.name == proxy && p.unmeasured == ""
	})
}

// maxVisits is how many touchpoints of one conversation are measured: the first ones.
const maxVisits = 4

// visit is what a conversation went through at one touchpoint: its hash, and what happened there.
type visit struct {
	touchpoint uint32
	events     visitEvents
}

// visitEvents say what happened at a touchpoint. The lowest bits are the feelings that reached the flag.
type visitEvents uint32

const (
	visitRestated visitEvents = 1 << (Feelings + iota) // the customer gave a fact again
	visitWayOut                                        // a person was offered or brought in
	visitFailed                                        // the bot failed twice in a row
	visitInTime                                        // and there had been a way out by then
)

// UnmarshalJSON reads a short array.
func (v *visit) UnmarshalJSON(b []byte) error {
	var a [2]uint32
	if err := json.Unmarshal(b, &a); err != nil {
		return fmt.Errorf("visit: %w", err)
	}
	*v = visit{touchpoint: a[0], events: visitEvents(a[1])}
	return nil
}

// arrive finds the touchpoint and the thresholds in force.
func (m *moment) arrive() {
	sc := m.tongue.scoring
	m.limits = limits{offer: sc.offer, escalate: sc.escalate}
	for _, t := range m.tongue.touchpoints {
		if !m.active(&t.head) || m.shadow(&t.head) || !t.when.holds(m) {
			continue
		}
		m.touchpoint = t
		if t.offer != nil {
			m.limits.offer = *t.offer
		}
		if t.escalate != nil {
			m.limits.escalate = *t.escalate
		}
		return
	}
}

// at is the id of the touchpoint the turn is at, "" for none.
func (m *moment) at() string {
	if m.touchpoint == nil {
		return ""
	}
	return m.touchpoint.id
}

// measures tells whether a proxy is measured where the conversation is.
func (t *touchpoint) measures(proxy string) bool {
	return t != nil && slices.ContainsFunc(t.proxies, func(p proxySpec) bool { return p.name == proxy })
}

// restates tells whether the utterance at hand holds a word with a digit, of three characters or more, that one of the
// last customer turns held: a number, date or code that somebody has to give again.
func (m *moment) restates() bool {
	t := m.sc.text
	for i := range t.tokens {
		if t.tokens[i].kind&kindDigit == 0 || len(t.word(i)) < 3 {
			continue
		}
		mark := markOf(t.tokens[i].hash)
		for i := range m.st.d.History.Customer {
			s := &m.st.d.History.Customer[i].Sketch
			if at := slices.Index(s.said(), mark); at >= 0 && s.digits>>at&1 != 0 {
				return true
			}
		}
	}
	return false
}

// partWords is how many content words an utterance may have beside its thanks and still only take leave.
const partWords = 2

// parts tells whether the customer thanks, takes leave or wants nothing more, and asks for nothing with it.
func (m *moment) parts() bool {
	o := &m.sc.obs
	return (o.cues.has(cueThanks) || o.cues.has(cueGoodbye) || o.cues.has(cueClosing)) && !o.cues.has(cueAsking) &&
		o.sketch.words <= partWords && !bytes.ContainsRune(m.sc.text.plain, '?')
}

// survey puts the touchpoint's question behind the reply to a customer who takes leave: once a conversation, to its
// share of the sessions, and never while the customer is upset, anything else is asked, or after a crisis.
func (m *moment) survey() {
	d, t := &m.st.d, m.touchpoint
	if t == nil || t.question == "" || !d.Parting || d.Surveyed || m.facts.Mode >= Observe {
		return
	}
	const asks = pastQuestion | pastYesNo | pastMore | pastForm
	busy := m.failed || m.sc.obs.flags&asks != 0 || m.plan.decision != None || d.Ask != nil || len(m.j.Say) > 0
	if busy || m.reached(&m.limits.offer) || !chosen(m.facts.Session, t.id, t.share) {
		return
	}
	d.Surveyed = true
	m.j.Survey = t.id
	m.say(t.question, "")
	m.open(askSurvey, t.id, "")
}

// journey notes what the turn comes to for the touchpoint it is at.
func (m *moment) journey() {
	m.j.Touchpoint = m.at()
	if m.touchpoint == nil || m.turn.Role == Agent {
		return
	}
	v := m.st.visit(m.touchpoint.hash)
	if v == nil {
		return
	}
	d := &m.st.d
	for i, f := range d.Feelings {
		if f >= m.tongue.scoring.flag {
			v.events |= 1 << i
		}
	}
	if m.restated {
		v.events |= visitRestated
	}
	if m.offered || m.j.Live && m.j.Decision >= Offer || m.j.AskOutcome == askOpened && m.j.Survey == "" {
		v.events |= visitWayOut
	}
	if d.Failures >= 2 && v.events&visitFailed == 0 {
		v.events |= visitFailed
		if v.events&visitWayOut != 0 {
			v.events |= visitInTime
		}
	}
}

// chosen tells whether a session is among a share of them: always the same ones.
func chosen(session, what string, percent float64) bool {
	const parts = 1 << 16
	return float64(hashID(what, session)%parts) < percent/100*parts
}

// visit returns the conversation's visit to a touchpoint, nil beyond the bound.
func (st *State) visit(touchpoint uint32) *visit {
	d := &st.d
	for i := range d.Visits {
		if d.Visits[i].touchpoint == touchpoint {
			return &d.Visits[i]
		}
	}
	if len(d.Visits) == maxVisits {
		return nil
	}
	d.Visits = append(d.Visits, visit{touchpoint: touchpoint})
	return &d.Visits[len(d.Visits)-1]
}

// Scorecard is how one conversation went at one touchpoint.
type Scorecard struct {
	Touchpoint string
	// Proxies are those that could be told of this conversation, by name, and whether they came to pass. Whether that is
	// good or bad follows from the share that is wanted.
	Proxies []Outcome
	// Feelings are those aimed for. One has held when the scored feeling that it opposes stayed below the flag.
	Feelings []Outcome
}

// Outcome is one thing that came to pass or did not.
type Outcome struct {
	Name string
	Held bool
}

// Scorecards sums a conversation up, a card for each touchpoint of the set that it came by, in the order of the visits.
func (s *Set) Scorecards(st *State) []Scorecard {
	var out []Scorecard
	for _, v := range st.d.Visits {
		if t := s.touchpointBy(v.touchpoint); t != nil {
			out = append(out, t.card(v.events))
		}
	}
	return out
}

func (s *Set) touchpointBy(hash uint32) *touchpoint {
	for _, p := range s.specs {
		for _, t := range s.home(p).touchpoints {
			if t.hash == hash {
				return t
			}
		}
	}
	return nil
}

func (t *touchpoint) card(events visitEvents) Scorecard {
	c := Scorecard{Touchpoint: t.id}
	for _, p := range t.proxies {
		switch p.name {
		case proxyRestated:
			c.Proxies = append(c.Proxies, Outcome{p.name, events&visitRestated != 0})
		case proxyWayOut:
			if events&visitFailed != 0 {
				c.Proxies = append(c.Proxies, Outcome{p.name, events&visitInTime != 0})
			}
		}
	}
	for _, f := range t.feel {
		c.Feelings = append(c.Feelings, Outcome{f, events&(1<<goodFeelings[f]) == 0})
	}
	return c
}

// Touchpoint describes a place of the journey and what is aimed for there.
type Touchpoint struct {
	ID, Story string
	// Feel are the feelings aimed for.
	Feel []string
	// Target is the share of good answers that is aimed for, Asked that of the sessions that are asked, 0 to 1. A touchpoint
	// that asks nothing has neither.
	Target, Asked float64
	// Proxies are those that are measured.
	Proxies []Proxy
}

// Proxy is something measured in place of asking, and the share of conversations that is wanted, 0 to 1.
type Proxy struct {
	Name   string
	AtMost bool // Share is the most and not the least
	Share  float64
}

// Touchpoints lists the places of the journey in the order of the packs. Those of one id in several locales are one:
// the first.
func (s *Set) Touchpoints() []Touchpoint {
	var out []Touchpoint
	for _, p := range s.specs {
		for _, x := range p.touchpoints {
			if slices.ContainsFunc(out, func(t Touchpoint) bool { return t.ID == x.id }) {
				continue
			}
			t := Touchpoint{ID: x.id, Story: x.story, Feel: slices.Clone(x.feel)}
			if x.askText != nil {
				t.Target, t.Asked = x.target/100, x.share/100
			}
			for _, y := range x.proxies {
				if measured(y.name) {
					t.Proxies = append(t.Proxies, Proxy{Name: y.name, AtMost: y.atMost, Share: y.want / 100})
				}
			}
			out = append(out, t)
		}
	}
	return out
}
