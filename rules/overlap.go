package rules

import (
	"slices"
	"strings"
)

// overlap warns about rules that another rule makes superfluous: two signals that catch each other's examples, and
// a rewrite that gets to speak in none of its examples. A signal within another one is no fault: it may add to it on
// purpose.
func (c *checker) overlap(p *spec) {
	for _, x := range p.signals {
		if x.examples == nil || x.points <= 0 || x.mode != modeOn {
			continue
		}
		for _, y := range c.caughtBy(p, x) {
			if !slices.Contains(c.caughtBy(p, y), x) {
				continue
			}
			c.r.add(Warning, x.at.src, x.at.line, x.at.col, "join the two, or add an example that only this one catches",
				"every example of %q is caught by %q as well, so the same words count twice", x.id, y.id)
		}
	}
	for _, w := range p.rewrites {
		if w.examples == nil || w.mode != modeOn {
			continue
		}
		if others, never := c.outspoken(p, w); never {
			by := "another rule"
			if len(others) > 0 {
				by = `"` + strings.Join(others, `", "`) + `"`
			}
			c.r.add(Warning, w.at.src, w.at.line, w.at.col, "raise its priority, narrow the other's match, or add an example that only this one takes",
				"%q gets to speak in none of its examples, since %s does", w.id, by)
		}
	}
}

// caughtBy lists the other signals of the pack that fire, with points, on every firing example of x.
func (c *checker) caughtBy(p *spec, x *signalSpec) []*signalSpec {
	if x.examples == nil {
		return nil
	}
	var common []*signalSpec
	for i, ex := range x.examples.fires {
		turns := ex.turns
		if ex.plain {
			turns = []*turnSpec{plainTurn(ex, x.from)}
		}
		c.fires(p, &x.head, turns)
		var others []*signalSpec
		for _, y := range p.signals {
			if y != x && y.points > 0 && y.mode == modeOn && slices.Contains(c.j.Signals, y.id) && (i == 0 || slices.Contains(common, y)) {
				others = append(others, y)
			}
		}
		if common = others; len(common) == 0 {
			return nil
		}
	}
	return common
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
