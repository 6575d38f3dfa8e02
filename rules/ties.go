package rules

import (
	"fmt"
	"strings"
)

// tied ends the message about rewrites between which nothing chooses.
const tied = ", with equal priority and specificity"

// checkTies reports rewrites that would compete for one sentence with nothing to choose between them: same priority,
// same specificity. Each rewrite's examples are held against all others, so a tie is found where it matters.
func checkTies(s *Set, r *report) {
	sc := newScratch(s.lexicon)
	said := map[[2]string]bool{}
	for _, p := range s.specs {
		t := s.home(p)
		for _, w := range p.rewrites {
			if w.examples == nil || w.heard || w.place != placeSentence || w.mode == modeOff {
				continue
			}
			for _, e := range w.examples.list {
				if e.unchanged {
					continue
				}
				for _, other := range s.rivals(sc, t, w, e) {
					key := [2]string{min(w.id, other.id), max(w.id, other.id)}
					if said[key] {
						continue
					}
					said[key] = true
					r.hintf(w.at, fmt.Sprintf("give one a priority, or make a match more specific; the other is at %s:%d: %s",
						other.at.src.name, other.at.line, other.at.src.quote(other.at.line)),
						"rewrites %q and %q both replace %q"+tied, w.id, other.id, e.in)
				}
			}
		}
	}
}

// rivals lists the rewrites that tie with w for the sentence w takes in an example.
func (s *Set) rivals(sc *scratch, t *tongue, w *rewriteSpec, e *rewriteExample) []*rule {
	side := &t.sides[sideIndex(Bot)]
	around := defaultWorld(t.locale, t.register)
	st, facts, turn, j := &State{}, around.judged(), &Turn{Role: Bot, Text: e.in}, &Judgement{}
	m := &sc.m
	*m = moment{set: s, tongue: t, st: st, facts: facts, turn: turn, j: j, sc: sc}
	m.observe()
	m.look(side)
	var mine *rule
	for _, at := range m.candidates(side) {
		if x := side.rules[at]; x.kind == kindRewrite && x.id == w.id {
			mine = x
		}
	}
	if mine == nil {
		return nil
	}
	var out []*rule
	for _, at := range m.candidates(side) {
		x := side.rules[at]
		if x == mine || x.kind != kindRewrite || x.rewrite.place != placeSentence || x.mode == modeOff ||
			x.priority != mine.priority || x.rewrite.specificity != mine.rewrite.specificity {
			continue
		}
		for sentence := range m.sentences() {
			if sc.found.holds(x.clause, sentence) && sc.found.holds(mine.clause, sentence) {
				out = append(out, x)
				break
			}
		}
	}
	return out
}

// quote returns a line without the white space around it.
func (s *source) quote(line int) string {
	if line < 1 || line > len(s.lines) {
		return ""
	}
	q := []rune(strings.TrimSpace(s.lines[line-1]))
	if len(q) > maxQuote {
		q = q[:maxQuote]
	}
	return string(q)
}
