package rules

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Check runs every example and test of the set and looks for rules that compile but cannot be meant. Failing examples
// and tests are errors; the rest are warnings. It depends on nothing but the set; Review is about dates.
func (s *Set) Check() Diagnostics {
	r := &report{}
	c := &checker{set: s, r: r, sc: newScratch(s.lexicon)}
	for _, p := range s.specs {
		c.pack(p)
	}
	return r.findings(s.names)
}

// verifiedFor is how long a helpline counts as verified.
const verifiedFor = 180 * 24 * time.Hour

// Review tells what has run out by a day: rules and approvals that expired, helplines nobody has verified for 180
// days. All findings are warnings.
func (s *Set) Review(now time.Time) Diagnostics {
	r := &report{}
	for _, p := range s.specs {
		expired := func(h *head) {
			if !h.expires.IsZero() && !now.Before(h.expires) {
				r.warnf(h.at, "%q has expired and does nothing", h.id)
			}
		}
		for _, x := range p.signals {
			expired(&x.head)
		}
		for _, x := range p.escalations {
			expired(&x.head)
		}
		for _, x := range p.verbatim {
			expired(&x.head)
		}
		for _, x := range p.touchpoints {
			expired(&x.head)
		}
		for _, x := range p.rewrites {
			expired(&x.head)
			for _, st := range x.steps {
				if st.approved != nil && !st.approved.until.IsZero() && !now.Before(st.approved.until) {
					r.warnf(st.approved.at, "the approval of %q has run out, so it is no longer said", x.id)
				}
			}
		}
		for _, x := range p.crisis {
			expired(&x.head)
			day, hint := x.verified.Format(time.DateOnly), "call it, then write the day as verified: "+now.Format(time.DateOnly)
			switch {
			case x.verified.IsZero():
				r.warnHintf(x.head.at, hint, "nobody has verified the helpline of %q", x.id)
			case now.Sub(x.verified) > verifiedFor:
				r.warnHintf(x.head.at, hint, "the helpline of %q was last verified on %s", x.id, day)
			case x.verified.Sub(now) > 24*time.Hour: // a day begins earlier elsewhere
				r.warnHintf(x.head.at, hint, "the helpline of %q was verified on %s, a day that is still to come", x.id, day)
			}
		}
	}
	return r.findings(s.names)
}

// checker runs examples and tests.
type checker struct {
	set     *Set
	r       *report
	sc      *scratch
	j       Judgement
	reasons map[string]bool // rules that some test saw decide
	partial bool            // rules are left out: nothing is asked that depends on others
}

func (c *checker) pack(p *spec) {
	c.reasons = map[string]bool{}
	for _, x := range p.signals {
		role := x.from
		if x.examples != nil {
			c.examples(p, &x.head, role, x.examples, c.fires)
			c.negative(&x.head, x.examples)
		}
	}
	for _, x := range p.crisis {
		if x.examples != nil {
			c.examples(p, &x.head, Customer, x.examples, c.fires)
			c.negative(&x.head, x.examples)
		}
	}
	for _, x := range p.verbatim {
		if x.examples != nil {
			c.examples(p, &x.head, Bot, x.examples, c.matches)
			c.negative(&x.head, x.examples)
		}
	}
	for _, x := range p.rewrites {
		if x.examples != nil {
			c.rewrite(p, x)
		}
	}
	for _, x := range p.tests {
		if !c.partial {
			c.test(p, x)
		}
	}
	c.lint(p)
	c.reachable(p)
	c.overlap(p)
}

// negative warns about a rule without a counter-example: nobody has thought about where it must keep silent.
func (c *checker) negative(h *head, e *examplesSpec) {
	if len(e.silent) == 0 {
		c.r.add(Warning, h.at.src, h.at.line, h.at.col, "silent: [TEXT], the nearest thing that must not fire", "%q has no silent example", h.id)
	}
}

// examples plays each example and asks whether its last turn makes the rule fire.
func (c *checker) examples(p *spec, h *head, role Role, e *examplesSpec, fired func(*spec, *head, []*turnSpec) bool) {
	run := func(list []*exampleSpec, want bool) {
		for _, ex := range list {
			turns := ex.turns
			if c.partial && !ex.plain {
				continue
			}
			if ex.plain {
				turns = []*turnSpec{plainTurn(ex, role)}
			}
			if got := fired(p, h, turns); got != want {
				verb := "does not fire"
				if got {
					verb = "fires"
				}
				c.r.add(Error, ex.at.src, ex.at.line, ex.at.col, "", "%q %s on this example", h.id, verb)
			}
		}
	}
	run(e.fires, true)
	run(e.silent, false)
}

func plainTurn(ex *exampleSpec, role Role) *turnSpec {
	t := *ex.turns[0]
	t.role = role
	if role == Event {
		t.text, t.event = "", ex.turns[0].text
	}
	return &t
}

// fires judges a conversation and tells whether the last turn fired the rule.
func (c *checker) fires(p *spec, h *head, turns []*turnSpec) bool {
	w := defaultWorld(p.locale, p.register)
	var st State
	c.play(&st, &w, turns, nil, h.id, 0, nil)
	return slices.Contains(c.j.Signals, h.id)
}

// matches tells whether the words of the last turn match, for verbatim blocks.
func (c *checker) matches(p *spec, h *head, turns []*turnSpec) bool {
	t := c.set.home(p)
	side := &t.sides[sideIndex(Bot)]
	w := defaultWorld(p.locale, p.register)
	turn := &Turn{Role: Bot, Text: turns[len(turns)-1].text}
	m := &c.sc.m
	*m = moment{set: c.set, tongue: t, st: &State{}, facts: w.judged(), turn: turn, j: &c.j, sc: c.sc}
	m.observe()
	m.look(side)
	for _, at := range m.candidates(side) {
		if x := side.rules[at]; x.id == h.id && x.kind == kindVerbatim && m.where(x.clause) >= 0 {
			return true
		}
	}
	return false
}

// firstMoment is when examples and tests that care about time begin.
var firstMoment = time.Date(2026, 1, 5, 10, 0, 0, 0, time.UTC)

// play judges turns one after the other; c.j is the judgement of the last one. each may be nil.
func (c *checker) play(st *State, w *world, turns []*turnSpec, only *head, force string, offset int, each func(t *turnSpec)) {
	timed := slices.ContainsFunc(turns, func(t *turnSpec) bool { return t.after > 0 })
	at := firstMoment
	for _, t := range turns {
		at = at.Add(t.after)
		if t.given != nil {
			for _, set := range t.given.set {
				set(w)
			}
			continue
		}
		if t.expect == nil {
			turn := Turn{Role: t.role, Text: t.text, Event: t.event, Value: t.value, Expected: t.expected}
			if timed {
				turn.At = at
			}
			c.sc.only, c.sc.force, c.sc.offset = only, force, offset
			c.set.judge(c.sc, st, &turn, w.judged(), &c.j)
			c.sc.release()
		}
		if each != nil {
			each(t)
		}
	}
}

// rewrite checks the examples of a rewrite, alone: other rewrites keep silent.
func (c *checker) rewrite(p *spec, w *rewriteSpec) {
	unchanged := false
	for _, e := range w.examples.list {
		if unchanged = unchanged || e.unchanged; c.partial && len(e.before) > 0 {
			continue
		}
		if e.unchanged {
			if sent := c.rewritten(p, w, e, e.in, 0); sent != e.in {
				c.r.add(Error, e.at.src, e.at.line, e.at.col, "", "%q changes this example to %q", w.id, sent)
			}
			continue
		}
		if e.out == nil {
			continue
		}
		c.rewriteExample(p, w, e)
	}
	if !unchanged {
		c.r.add(Warning, w.at.src, w.at.line, w.at.col, "{in: TEXT, unchanged: true}, the nearest reply it must leave alone", "%q has no example that stays unchanged", w.id)
	}
}

func (c *checker) rewriteExample(p *spec, w *rewriteSpec, e *rewriteExample) {
	variants := 1
	for _, st := range w.steps {
		variants = max(variants, len(st.say))
	}
	first := ""
	for offset := range variants {
		sent := c.rewritten(p, w, e, e.in, offset)
		if offset == 0 {
			first = sent
		}
		if sent != e.out.text {
			continue
		}
		if again := c.rewritten(p, w, e, sent, offset); again != sent {
			c.r.add(Error, e.at.src, e.at.line, e.at.col, "a proxy behind a proxy would say it twice", "%q changes its own words again, to %q", w.id, again)
		}
		return
	}
	c.rewritten(p, w, e, e.in, 0)
	hint := ""
	for _, x := range c.j.Rejected {
		if x.Rule == w.id {
			hint = "it was refused by: " + x.By
			if x.By == ByFacts {
				hint = "the fact lock refuses it: a number, name, negation or condition is lost, moved or added (adds: [fact] declares one)"
			}
		}
	}
	c.r.add(Error, e.out.src, e.out.line, e.out.col, hint, "%q makes %q of this example", w.id, first)
}

// rewritten is what the rule alone makes of a reply after the example's earlier turns.
func (c *checker) rewritten(p *spec, w *rewriteSpec, e *rewriteExample, in string, offset int) string {
	around := defaultWorld(p.locale, p.register)
	for _, g := range e.given {
		for _, set := range g.set {
			set(&around)
		}
	}
	var st State
	turns := append(slices.Clone(e.before), &turnSpec{at: e.at, role: Bot, text: in})
	c.play(&st, &around, turns, &w.head, w.id, offset, nil)
	return c.j.Sent
}

// test plays a conversation and holds each expectation against the turn before it.
func (c *checker) test(p *spec, t *testSpec) {
	w := defaultWorld(p.locale, p.register)
	if t.given != nil {
		for _, set := range t.given.set {
			set(&w)
		}
	}
	var st State
	number := 0
	role := Customer
	c.play(&st, &w, t.turns, nil, "", 0, func(turn *turnSpec) {
		if turn.expect == nil {
			number, role = number+1, turn.role
			if c.j.Reason != "" {
				c.reasons[c.j.Reason] = true
			}
			return
		}
		for _, x := range turn.expect.checks {
			if got, ok := c.expected(&x); !ok {
				severity, hint := Error, ""
				if p.overridden {
					severity, hint = Warning, "another pack overrides rules of this one, so its conversations may go another way"
				}
				c.r.add(severity, x.at.src, x.at.line, x.at.col, hint, "test %q, turn %d (%s): %s is %s, not %s",
					t.name, number, role, x.key, got, x.wanted())
			}
		}
	})
}

func (x *expectation) wanted() string {
	if x.op != "" {
		if x.op == "==" {
			return fmt.Sprintf("%g", x.num)
		}
		return fmt.Sprintf("%s %g", x.op, x.num)
	}
	return strings.Join(x.want, ", ")
}

// expected compares one expectation with the last judgement.
func (c *checker) expected(x *expectation) (got string, ok bool) {
	j := &c.j
	is := func(v string) (string, bool) {
		if v == "" {
			return "none", slices.Contains(x.want, v) || slices.Contains(x.want, "none")
		}
		return v, slices.Contains(x.want, v)
	}
	switch x.key {
	case "decision":
		return is(j.Decision.String())
	case "reason":
		return is(j.Reason)
	case "desk":
		return is(j.Desk)
	case "band":
		return is(j.Band)
	case "ask":
		return is(j.AskOutcome)
	case "flagged":
		return is(fmt.Sprint(j.Flagged))
	case "live":
		return is(fmt.Sprint(j.Live))
	case "touchpoint":
		return is(j.Touchpoint)
	case "stay":
		return is(fmt.Sprint(j.Stay))
	case "upstream":
		if j.Withhold {
			return is("nothing")
		}
		return is("message")
	case "sent":
		return is(j.Sent)
	case "score":
		return compare(j.Score, x)
	case "points":
		return compare(j.Points, x)
	case "signals":
		return all(x.want, j.Signals)
	case "rules":
		return all(x.want, j.Rules)
	case "silent":
		for _, id := range x.want {
			if slices.Contains(j.Signals, id) {
				return "fired by " + id, false
			}
		}
		return "", true
	case "rejected":
		var ids []string
		for _, r := range j.Rejected {
			ids = append(ids, r.Rule)
		}
		return all(x.want, ids)
	case "say":
		return c.said(x)
	}
	return "unknown", false
}

func all(want, have []string) (string, bool) {
	ok := true
	for _, w := range want {
		ok = ok && slices.Contains(have, w)
	}
	if len(want) == 0 {
		ok = len(have) == 0
	}
	if len(have) == 0 {
		return "none", ok
	}
	return strings.Join(have, ", "), ok
}

// compare holds a number against an expectation. Equality is to a tenth, as people write scores.
func compare(v float64, x *expectation) (string, bool) {
	got := fmt.Sprintf("%.2f", v)
	const tenth = 0.0501
	switch x.op {
	case ">=":
		return got, v >= x.num
	case "<=":
		return got, v <= x.num
	case ">":
		return got, v > x.num
	case "<":
		return got, v < x.num
	}
	return got, v > x.num-tenth && v < x.num+tenth
}

// said compares what Attune says with texts or ids of messages.
func (c *checker) said(x *expectation) (string, bool) {
	got := strings.Join(c.j.Say, " / ")
	if got == "" {
		got = "nothing"
	}
	for _, want := range x.want {
		found := slices.Contains(c.j.Say, want)
		for _, p := range c.set.specs {
			for _, channel := range [...]string{"text", "voice"} {
				variants, _ := c.set.message(c.set.home(p), want, "", channel)
				for _, v := range variants {
					t := parseTemplate(v)
					found = found || slices.ContainsFunc(c.j.Say, func(s string) bool { return s == v || t.saidIn(s) })
				}
			}
		}
		if !found {
			return got, false
		}
	}
	return got, len(x.want) > 0 || len(c.j.Say) == 0
}
