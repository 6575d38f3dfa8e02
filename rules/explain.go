package rules

import (
	"slices"
	"strconv"
	"strings"
)

// Explanation tells what Judge makes of one turn, and why: what was read, which rules something in the turn spoke for
// and what became of each, how the score moved, and what a reply became. It is for people and may hold customers'
// words.
type Explanation struct {
	Role string `json:"role"`
	Text string `json:"text"`
	// Event and Value are what happened, on events.
	Event string `json:"event,omitempty"`
	Value string `json:"value,omitempty"`
	// Words is the text as rules read it: folded, without signs.
	Words string `json:"words"`
	// Considered are the rules that some words or structure of the turn spoke for, in the order of the packs, then
	// those that look at every reply.
	Considered []Considered `json:"considered"`
	// Before is the score when the turn began; Left what time had left of it when the points of the turn were added.
	Before float64 `json:"before"`
	Left   float64 `json:"left"`
	// Calmed is what signals that calm took off then.
	Calmed float64 `json:"calmed,omitempty"`
	// Points, Score, Feelings, Band and Flagged are as in Judgement; Flag is what the points are held against.
	Points   float64            `json:"points"`
	Score    float64            `json:"score"`
	Feelings map[string]float64 `json:"feelings,omitempty"`
	Band     string             `json:"band"`
	// Touchpoint is the place of the journey; empty for none.
	Touchpoint string  `json:"touchpoint,omitempty"`
	Flag       float64 `json:"flag"`
	Flagged    bool    `json:"flagged"`
	// Thresholds are the limits in force, offer and escalate.
	Thresholds []Threshold `json:"thresholds,omitempty"`
	// Decision, Reason, Why and Live are as in Judgement.
	Decision string `json:"decision"`
	Reason   string `json:"reason,omitempty"`
	Why      string `json:"why,omitempty"`
	Live     bool   `json:"live"`
	// Withhold tells that the utterance answers Attune and goes no further; Ask and AskOutcome which question.
	Withhold   bool   `json:"withhold,omitempty"`
	Ask        string `json:"ask,omitempty"`
	AskOutcome string `json:"ask_outcome,omitempty"`
	// Say is what Attune itself says.
	Say []string `json:"say,omitempty"`
	// Sent is what goes out on a bot turn, and Facts what had to stay.
	Sent  string `json:"sent,omitempty"`
	Facts []Fact `json:"facts,omitempty"`
	// Lock is the verdict of the fact lock on a bot turn: kept, or refused when it kept a rewrite from being used.
	Lock string `json:"lock,omitempty"`
}

// Considered is one rule that was looked at, and what became of it.
type Considered struct {
	Rule string `json:"rule"`
	Kind string `json:"kind"`
	Pack string `json:"pack"`
	What string `json:"what"`
	Why  string `json:"why"`
	// Outcome is fired, applied, or why not: match, when, unless, off, shadow, facts, growth, verbatim, spent, unused.
	Outcome string `json:"outcome"`
	// Because is the condition behind when and unless, the kind of fact behind facts, or what was used up behind spent.
	Because string `json:"because,omitempty"`
	// Quotes are the words that spoke for the rule, Spans their bytes in Text; empty for what is not in words.
	Quotes []string `json:"quotes,omitempty"`
	// Meant are the quotes as they were read where a word has a slip, "" for the others; empty when none has.
	Meant []string `json:"meant,omitempty"`
	Spans [][2]int `json:"spans,omitempty"`
	// Points and Feels are what a signal weighs when it fires.
	Points float64  `json:"points,omitempty"`
	Feels  []string `json:"feels,omitempty"`
	// Calms is what a signal takes off the score when it fires: half, or a number; empty for nothing.
	Calms string `json:"calms,omitempty"`
}

// The outcomes of Considered beside those of a Rejection.
const (
	OutcomeFired   = "fired"
	OutcomeApplied = "applied"
	OutcomeMatch   = "match"  // some of the match is there, but not all of it, or what its not: excludes is there too
	OutcomeWhen    = "when"   // the condition does not hold
	OutcomeUnless  = "unless" // the exception holds
	OutcomeOff     = "off"    // switched off, or expired
	OutcomeUnused  = "unused" // it would have done, but another rule had the sentence, or there was nothing to change
)

// Threshold is a limit of the score or of a feeling, and where the turn left it.
type Threshold struct {
	Decision string  `json:"decision"`
	Of       string  `json:"of"` // score, or a feeling
	At       float64 `json:"at"`
	Is       float64 `json:"is"`
	// State is below, reached (on this turn), or spent (reached before, waiting to be rearmed).
	State string `json:"state"`
}

// Fact is one thing of a reply that a rewrite may not lose or move.
type Fact struct {
	Kind string `json:"kind"`
	Text string `json:"text"`
}

// Explain judges a turn as Judge does, st included, and tells why. It is slower, and for people to read.
func (s *Set) Explain(st *State, t *Turn, f *Facts) *Explanation {
	sc := newScratch(s.lexicon)
	tr := &trace{e: Explanation{
		Role: t.Role.String(), Text: t.Text, Event: t.Event, Value: t.Value, Before: st.d.Score, Considered: []Considered{},
	}}
	tr.e.Left, tr.spent = st.d.Score, st.d.Spent
	sc.trace = tr
	var j Judgement
	s.judge(sc, st, t, f, &j)
	m := &sc.m
	e := &tr.e
	e.Points, e.Score, e.Band, e.Flagged, e.Flag = j.Points, j.Score, j.Band, j.Flagged, m.tongue.scoring.flag
	e.Decision, e.Reason, e.Why, e.Live = j.Decision.String(), j.Reason, j.Why, j.Live
	e.Withhold, e.Ask, e.AskOutcome, e.Touchpoint = j.Withhold, j.Ask, j.AskOutcome, j.Touchpoint
	e.Say, e.Sent = slices.Clone(j.Say), j.Sent
	for i, v := range j.Feelings {
		if v > 0 {
			if e.Feelings == nil {
				e.Feelings = map[string]float64{}
			}
			e.Feelings[Feeling(i).String()] = millionths(v)
		}
	}
	tr.settle(m, &j)
	if slices.ContainsFunc(e.Considered, func(c Considered) bool { return c.Outcome == OutcomeFired && c.Calms != "" }) {
		e.Calmed = max(0, millionths(e.Left+e.Points-e.Score))
	}
	return e
}

// trace is what Explain writes down while Judge works.
type trace struct {
	e      Explanation
	spent  uint8            // thresholds that were spent before
	meant  map[int32]string // tokens with a slip, by the words they were read as
	refuse map[string]string
	used   map[string]string // what was used up, by the rule that was kept back for it
}

// read keeps the words of the turn.
func (tr *trace) read(t *Text) {
	words := make([]string, len(t.tokens))
	for i := range t.tokens {
		words[i] = string(t.word(i))
	}
	tr.e.Words = strings.Join(words, " ")
}

// mended keeps the words that some were read as.
func (tr *trace) mended(t *Text, x *slips) {
	tr.meant = map[int32]string{}
	if x == nil {
		return
	}
	for _, i := range t.work.slipped {
		if n := x.find(t.word(int(i))); n != 0 {
			tr.meant[i] = x.words[n-1]
		}
	}
}

// meaning is how the tokens of a hit were read, "" when they have no slip.
func (tr *trace) meaning(t *Text, h *met) string {
	var words []string
	slipped := false
	for i := h.first; i < h.last; i++ {
		w, ok := tr.meant[i]
		if !ok {
			w = string(t.word(int(i)))
		}
		slipped = slipped || ok
		words = append(words, w)
	}
	if !slipped {
		return ""
	}
	return strings.Join(words, " ")
}

// considered keeps what became of a rule, with the words that spoke for it.
func (tr *trace) considered(m *moment, x *rule, outcome, because string) {
	c := Considered{
		Rule: x.id, Kind: x.kind.String(), Pack: m.set.packOf(&x.head), What: x.what, Why: x.why, Outcome: outcome, Because: because,
	}
	if x.signal != nil {
		c.Points = x.signal.points
		for _, f := range x.signal.feels {
			c.Feels = append(c.Feels, f.String())
		}
		switch g := x.signal; {
		case g.halves:
			c.Calms = "half"
		case g.calms > 0:
			c.Calms = strconv.FormatFloat(g.calms, 'g', -1, 64)
		}
	}
	if x.clause != nil {
		tr.quote(m, x.clause, &c)
	} else if outcome != "" {
		return // it looks at every reply, and nothing in this one spoke for it
	}
	for i := range tr.e.Considered {
		if old := &tr.e.Considered[i]; old.Rule == c.Rule && old.Kind == c.Kind {
			return // a reply is looked at again once its words are replaced
		}
	}
	tr.e.Considered = append(tr.e.Considered, c)
}

// traceSignal keeps a signal that was looked at. The score stands as time has left it until the points are added.
func (m *moment) traceSignal(x *rule, why string) {
	because := x.condition(why)
	switch {
	case why == "" && m.shadow(&x.head):
		why = ByShadow
	case why == "":
		why = OutcomeFired
	}
	m.sc.trace.considered(m, x, why, because)
}

// condition is the source of the condition behind an outcome.
func (x *rule) condition(outcome string) string {
	switch {
	case outcome == OutcomeWhen && x.when != nil:
		return x.when.source
	case outcome == OutcomeUnless && x.unless != nil:
		return x.unless.source
	}
	return ""
}

// quote finds the words of a clause: of the leaf it is about, else of any that was met.
func (tr *trace) quote(m *moment, x *clause, c *Considered) {
	f := &m.sc.found
	raw := m.sc.text.Raw()
	for _, leaf := range x.about(nil) {
		for i := f.first(leaf); i >= 0; i = f.mets[i].next {
			if h := &f.mets[i]; h.end > h.start && int(h.end) <= len(raw) {
				span := [2]int{int(h.start), int(h.end)}
				if !slices.Contains(c.Spans, span) {
					c.Spans, c.Quotes = append(c.Spans, span), append(c.Quotes, raw[h.start:h.end])
					c.Meant = append(c.Meant, tr.meaning(m.sc.text, h))
				}
			}
		}
	}
	if !slices.ContainsFunc(c.Meant, func(s string) bool { return s != "" }) {
		c.Meant = nil
	}
}

// about lists the leaves that may make a clause hold.
func (c *clause) about(list []int32) []int32 {
	list = append(list, c.leaves...)
	if c.near != nil {
		list = append(list, c.near.leaves...)
	}
	for _, a := range c.any {
		list = a.about(list)
	}
	return list
}

// escalation keeps what became of an escalation whose condition holds, or held before.
func (tr *trace) escalation(m *moment, e *escalation, holds, before bool) {
	outcome := OutcomeWhen
	switch {
	case !holds && !before:
		return // none of the turn spoke for it
	case holds && before:
		outcome = BySpent
	case holds && m.shadow(&e.head):
		outcome = ByShadow
	case holds:
		outcome = OutcomeFired
	}
	c := Considered{Rule: e.id, Kind: "escalation", Pack: m.set.packOf(&e.head), What: e.what, Why: e.why, Outcome: outcome}
	if e.when != nil {
		c.Because = e.when.source
	}
	tr.e.Considered = append(tr.e.Considered, c)
}

// refused keeps the kind of fact that a rewrite would have lost or brought along.
func (tr *trace) refused(kind string) { tr.refuse = map[string]string{"facts": kind} }

// usedUp keeps why a budget holds a rewrite back.
func (tr *trace) usedUp(rule, why string) {
	if tr.used == nil {
		tr.used = map[string]string{}
	}
	if tr.used[rule] == "" {
		tr.used[rule] = why
	}
}

// settle tells what became of rewrites, and how the thresholds stand.
func (tr *trace) settle(m *moment, j *Judgement) {
	for i := range tr.e.Considered {
		c := &tr.e.Considered[i]
		if c.Kind != kindRewrite.String() || c.Outcome != "" {
			continue
		}
		c.Outcome = OutcomeUnused
		for _, r := range j.Rejected {
			if r.Rule == c.Rule {
				c.Outcome, c.Because = r.By, tr.refuse[r.By]
				if r.By == BySpent {
					c.Because = tr.used[r.Rule]
				}
			}
		}
		if slices.Contains(j.Rules, c.Rule) {
			c.Outcome, c.Because = OutcomeApplied, ""
		}
	}
	tr.e.Considered = slices.DeleteFunc(tr.e.Considered, func(c Considered) bool {
		return c.Outcome == OutcomeUnused && len(c.Spans) == 0
	})
	d := &m.st.d
	for _, x := range [...]struct {
		decision Decision
		limit    *thresholds
	}{{Offer, &m.limits.offer}, {Escalate, &m.limits.escalate}} {
		add := func(of string, at, is float64) {
			state := "below"
			switch {
			case is < at:
			case tr.spent&(1<<x.decision) != 0:
				state = "spent"
			default:
				state = "reached"
			}
			tr.e.Thresholds = append(tr.e.Thresholds, Threshold{Decision: x.decision.String(), Of: of, At: at, Is: is, State: state})
		}
		if x.limit.score > 0 {
			add("score", x.limit.score, d.Score)
		}
		for i, v := range x.limit.feelings {
			if v > 0 {
				add(Feeling(i).String(), v, d.Feelings[i])
			}
		}
	}
	if m.turn.Role == Bot {
		var l factReader
		for _, f := range l.read(m.facts.locale(), m.turn.Text, m.markup()) {
			if !f.weak {
				tr.e.Facts = append(tr.e.Facts, Fact{Kind: f.kind.String(), Text: m.turn.Text[f.start:f.end]})
			}
		}
		tr.e.Lock = "kept"
		if slices.ContainsFunc(j.Rejected, func(r Rejection) bool { return r.By == ByFacts }) {
			tr.e.Lock = "refused"
		}
	}
}

// String names the kind as packs do.
func (k ruleKind) String() string {
	return [...]string{"signal", "crisis", "verbatim", "rewrite"}[k]
}

// packOf names the pack a rule is written in.
func (s *Set) packOf(h *head) string {
	for _, p := range s.specs {
		if h.at != nil && p.src == h.at.src {
			return p.name
		}
	}
	return ""
}
