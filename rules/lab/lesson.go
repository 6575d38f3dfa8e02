package lab

import (
	"math"
	"slices"
)

// lesson is what is learnt from, and how.
type lesson struct {
	cases      []cases
	calm       []cases
	intercepts int
	points     []float64 // as they are
	learnt     []bool    // rules with enough evidence
	evidence   []evidence
	flag       float64
	moveFlag   bool
	offer      float64 // the score from which a person is offered; 0 is never
}

// evidence is on how many labelled cases a rule fired, and how many of them are labelled yes.
type evidence struct{ fired, yes int }

func (f *Fit) lesson() *lesson {
	l := &lesson{
		cases: f.gathered.cases, calm: f.calm.cases, intercepts: int(f.source+1) * caseKinds,
		flag: f.weighing.Flag, offer: f.weighing.Offer, moveFlag: f.options.Flag, evidence: make([]evidence, len(f.rules)),
	}
	fired, yes := make([]float64, len(f.rules)), make([]float64, len(f.rules))
	for i := range l.cases {
		c := &l.cases[i]
		whole := 1.0
		switch c.intercept % caseKinds {
		case ofTurn:
			whole = 2
		case ofScore:
			continue
		}
		for _, x := range c.features {
			fired[x.rule] += whole * (c.yes + c.no)
			yes[x.rule] += whole * c.yes
		}
	}
	for i, r := range f.rules {
		l.points = append(l.points, r.points)
		l.evidence[i] = evidence{int(math.Round(fired[i])), int(math.Round(yes[i]))}
		l.learnt = append(l.learnt, l.evidence[i].fired >= wantEvidence)
	}
	return l
}

// taught is what the cases outside a fold teach, ready to be written into a pack.
type taught struct {
	points []float64
	flag   float64
}

// choose tries every penalty on each fold, with what the other four teach. It returns the one under which the flagged
// turns are the most right (F1), the more cautious one of two that are alike, and the turns as they are and as they
// would be. Without labelled turns the likelihood of the dialogues decides, and there is nothing to compare.
func (l *lesson) choose() (penalty float64, before, after Counts) {
	losses, counts := make([]float64, len(penalties)), make([]Counts, len(penalties))
	unlearnt := 0.0
	for fold := range int32(folds) {
		g := l.regression(fold)
		unlearnt += l.unlearnt(fold)
		for i, penalty := range penalties {
			g.penalty = penalty
			l.alternate(g)
			losses[i] += g.loss(fold)
			t := l.taught(g.weights, fold)
			now := l.counts(t.points, t.flag, fold, false)
			counts[i].plus(&now, 1)
		}
	}
	before = l.counts(l.points, l.flag, -1, false)
	best := -1
	for i := range penalties {
		switch {
		case before != Counts{}:
			if counts[i].F1() > after.F1()+1e-9 && counts[i].F1() > before.F1()+1e-9 {
				best, after = i, counts[i]
			}
		case losses[i] < unlearnt-1e-9:
			best, unlearnt = i, losses[i]
		}
	}
	if best < 0 {
		return 0, before, before
	}
	return penalties[best], before, after
}

// unlearnt is the loss of a fold under the points as they are.
func (l *lesson) unlearnt(fold int32) float64 {
	g := l.regression(fold)
	copy(g.low, l.points)
	copy(g.high, l.points)
	l.alternate(g)
	return g.loss(fold)
}

// learn returns what the cases outside a fold teach; -1 leaves none out. A penalty of 0 stands for nothing that holds:
// everything stays.
func (l *lesson) learn(without int32, penalty float64) taught {
	if penalty == 0 {
		return taught{slices.Clone(l.points), l.flag}
	}
	g := l.regression(without)
	g.penalty = penalty
	l.alternate(g)
	return l.taught(g.weights, without)
}

// taught brings points into the form of a pack. A regression says how points stand to each other, and their size only
// roughly: the size under which the flag works best is sought among those nearby, as long as calm dialogues are left
// alone. Where no size leaves them alone nothing is taught.
func (l *lesson) taught(points []float64, without int32) taught {
	best, f1 := taught{slices.Clone(l.points), l.flag}, -1.0
	most := max(l.calmOffers(l.points), calmOffers)
	for _, size := range sizes {
		t := taught{l.rounded(points, size), l.flag}
		if l.calmOffers(t.points) > most {
			continue
		}
		if x := l.counts(t.points, t.flag, without, true).F1(); x > f1+0.001 {
			best, f1 = t, x
		}
	}
	if !l.moveFlag {
		return best
	}
	for i := range sweepSteps {
		if x := l.counts(best.points, sweepThreshold(i), without, true).F1(); x > f1+0.001 {
			best.flag, f1 = sweepThreshold(i), x
		}
	}
	return best
}

// sizes are what points are multiplied with to find the best, those that change little first.
var sizes = []float64{1, 1.1, 0.9, 1.2, 0.8, 1.3, 0.7, 1.5, 0.6, 0.5}

// calmOffers is the share of the calm dialogues that would be offered a person by their score.
func (l *lesson) calmOffers(points []float64) float64 {
	if l.offer == 0 {
		return 0
	}
	all, offered := 0.0, 0.0
	for i := range l.calm {
		c := &l.calm[i]
		sum := 0.0
		for _, x := range c.features {
			sum += points[x.rule] * x.value
		}
		all += c.no
		if sum >= l.offer {
			offered += c.no
		}
	}
	return offered / max(all, 1)
}

// regression begins with the points as they are. No rule may calm by its points, so none goes below 0: what calms is
// written as calms, and stays as it is.
func (l *lesson) regression(without int32) *regression {
	g := &regression{
		cases: make([]cases, len(l.cases)), without: without, intercepts: make([]float64, l.intercepts),
		weights: slices.Clone(l.points), centre: l.points, low: make([]float64, len(l.points)), high: make([]float64, len(l.points)),
	}
	for i, p := range l.points {
		g.low[i], g.high[i] = p, p
		if l.learnt[i] {
			g.low[i], g.high[i] = 0, max(p, mostPoints)
		}
	}
	for i, c := range l.cases {
		c.features = slices.Clone(c.features)
		g.cases[i] = c
	}
	return g
}

// alternate learns how much a point tells in each kind of case, then the points, twice.
func (l *lesson) alternate(g *regression) {
	for range 2 {
		scale := l.scale(g)
		for i := range g.cases {
			k := scale[g.cases[i].intercept%caseKinds]
			for j := range g.cases[i].features {
				g.cases[i].features[j].value = k * l.cases[i].features[j].value
			}
		}
		g.columns = nil
		g.learn()
	}
}

// scale is how much a point tells, in each kind of case.
func (l *lesson) scale(g *regression) []float64 {
	s := &regression{
		cases: make([]cases, len(l.cases)), without: g.without, intercepts: slices.Clone(g.intercepts), penalty: 1e-3,
		weights: []float64{0.5, 0.3, 0.3}, centre: make([]float64, caseKinds), low: make([]float64, caseKinds), high: []float64{3, 3, 3},
	}
	for i, c := range l.cases {
		sum := 0.0
		for _, x := range c.features {
			sum += g.weights[x.rule] * x.value
		}
		c.features = []feature{{c.intercept % caseKinds, sum}}
		s.cases[i] = c
	}
	for i := range s.low {
		s.low[i] = 0.05
	}
	s.learn()
	return s.weights
}

// rounded brings points of some size to halves. What is left alone stays exactly as it is.
func (l *lesson) rounded(points []float64, size float64) []float64 {
	out := slices.Clone(l.points)
	for i, p := range points {
		p = min(p*size, max(l.points[i], mostPoints))
		if l.learnt[i] && math.Abs(p-out[i]) >= grain/2 {
			out[i] = math.Round(p/grain) * grain
		}
	}
	return out
}

// counts are the labelled turns of a fold, -1 for all, flagged or not under some points.
func (l *lesson) counts(points []float64, flag float64, fold int32, learning bool) Counts {
	var all Counts
	for i := range l.cases {
		c := &l.cases[i]
		if c.intercept%caseKinds != ofTurn || fold >= 0 && (c.fold == fold) == learning {
			continue
		}
		sum := 0.0
		for _, x := range c.features {
			sum += points[x.rule]
		}
		said := sum >= flag-1e-9 && sum > 0
		all.add(said, true, int(math.Round(2*c.yes)))
		all.add(said, false, int(math.Round(2*c.no)))
	}
	return all
}
