package rules

import (
	"slices"
	"strings"
)

// overlap warns about rules that another rule makes superfluous: a signal whose every message another one catches that
// weighs as much or more, two that catch each other's examples, and a rewrite that gets to speak in none of its
// examples. A heavier signal within a lighter one is no fault: it adds to it on purpose. Nor is one that conversations
// show: what came before tells the two apart.
func (c *checker) overlap(p *spec) {
	o := &overlaps{c: c, p: p, at: map[string]int{}, caught: make([]bitSet, len(p.signals))}
	for i, x := range p.signals {
		if x.examples != nil && x.points > 0 && x.mode == modeOn {
			o.at[x.id] = i
		}
	}
	for i, x := range p.signals {
		if at, ok := o.at[x.id]; !ok || at != i {
			continue
		}
		if j := o.twin(i); j >= 0 {
			c.r.add(Warning, x.at.src, x.at.line, x.at.col, "join the two, or add an example that only this one catches",
				"every example of %q is caught by %q as well, so the same words count twice", x.id, p.signals[j].id)
		}
	}
	for _, w := range p.rewrites {
		if w.examples == nil || w.mode != modeOn {
			continue
		}
		if others, never := c.outspoken(p, w); never {
			why, hint := "", "its examples do not hold, or a verbatim or crisis rule keeps these replies as they are"
			if len(others) > 0 {
				why = `, since "` + strings.Join(others, `", "`) + `" does`
				hint = "raise its priority, narrow the other's match, or add an example that only this one takes"
			}
			c.r.add(Warning, w.at.src, w.at.line, w.at.col, hint, "%q gets to speak in none of its examples%s", w.id, why)
		}
	}
}

// overlaps finds signals of a pack that catch each other's examples. Only those with points can count twice.
type overlaps struct {
	c      *checker
	p      *spec
	at     map[string]int // ids of signals with points -> their place in the pack
	caught []bitSet       // by signal: what else fires on all its examples; nil until it is asked for
}

// twin returns the first other signal that makes signal i superfluous; -1 when there is none.
func (o *overlaps) twin(i int) int {
	x := o.p.signals[i]
	messages := !slices.ContainsFunc(x.examples.fires, func(e *exampleSpec) bool { return !e.plain })
	for j, y := range o.p.signals {
		if o.caughtBy(i).has(j) && (messages && x.points <= y.points || o.caughtBy(j).has(i)) {
			return j
		}
	}
	return -1
}

// caughtBy returns the other signals that fire, with points, on every firing example of signal i.
func (o *overlaps) caughtBy(i int) bitSet {
	if o.caught[i] != nil {
		return o.caught[i]
	}
	x := o.p.signals[i]
	var common bitSet
	for n, ex := range x.examples.fires {
		turns := ex.turns
		if ex.plain {
			turns = []*turnSpec{plainTurn(ex, x.from)}
		}
		o.c.fires(o.p, &x.head, turns)
		fired := newBitSet(len(o.p.signals))
		for _, id := range o.c.j.Signals {
			if j, ok := o.at[id]; ok && j != i {
				fired.add(j)
			}
		}
		if n == 0 {
			common = fired
		} else {
			common.intersect(fired)
		}
	}
	if common == nil {
		common = newBitSet(len(o.p.signals))
	}
	o.caught[i] = common
	return common
}

// bitSet is a set of small numbers.
type bitSet []uint64

func newBitSet(n int) bitSet { return make(bitSet, n/64+1) }

func (b bitSet) has(i int) bool { return b[i/64]&(1<<(i%64)) != 0 }
func (b bitSet) add(i int)      { b[i/64] |= 1 << (i % 64) }

func (b bitSet) intersect(other bitSet) {
	for i := range b {
		b[i] &= other[i]
	}
}

// outspoken plays the examples of a rewrite with all rules at work. never tells that it spoke in none of those it
// changes; others are the rules that spoke instead.
func (c *checker) outspoken(p *spec, w *rewriteSpec) (others []string, never bool) {
	for _, e := range w.examples.list {
		if e.unchanged || e.out == nil {
			continue
		}
		never = true
		around := defaultWorld(p.locale, p.register)
		for _, g := range e.given {
			for _, set := range g.set {
				set(&around)
			}
		}
		var st State
		turns := append(slices.Clone(e.before), &turnSpec{at: e.at, role: Bot, text: e.in})
		c.play(&st, &around, turns, nil, "", 0, nil)
		if slices.Contains(c.j.Rules, w.id) {
			return nil, false
		}
		for _, id := range c.j.Rules {
			if !slices.Contains(others, id) {
				others = append(others, id)
			}
		}
	}
	return others, never
}

// reachable warns about conditions that never hold.
func (c *checker) reachable(p *spec) {
	warn := func(h *head, when *exprSpec) {
		if why := unreachable(when); why != "" {
			at := when.parts[0].at
			c.r.add(Warning, at.src, at.line, at.col, why, "the condition of %q never holds", h.id)
		}
	}
	for _, x := range p.signals {
		warn(&x.head, x.when)
	}
	for _, x := range p.rewrites {
		warn(&x.head, x.when)
	}
	for _, x := range p.escalations {
		warn(&x.head, x.when)
	}
	for _, x := range p.touchpoints {
		warn(&x.head, x.when)
	}
}
