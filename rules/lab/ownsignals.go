package lab

import (
	"math"
	"slices"
)

// ownSignals gathers which signals fired on labelled turns and on the turns right before them, or in labelled dialogues,
// for a regression.
type ownSignals struct {
	index    map[string]int32
	gathered gathering
	features []feature
}

// ownPenalty holds the weights of the regression near 0: a rule that was seen twice says little.
const ownPenalty = 1.0

// The different cases are bounded: most turns are alike, and few dialogues.
const (
	mostOwnCases = 100_000
	mostOwnTalks = 5_000
)

// add counts a labelled turn with its signals and those of the turn before.
func (o *ownSignals) add(s sampled, now, before []string, yes bool) {
	o.features = o.features[:0]
	for _, id := range now {
		o.features = append(o.features, feature{2 * o.of(id), 1})
	}
	for _, id := range before {
		o.features = append(o.features, feature{2*o.of(id) + 1, 1})
	}
	o.gather(s, yes, mostOwnCases)
}

// talk counts a labelled dialogue with the signals that fired in it, and how often.
func (o *ownSignals) talk(s sampled, fired map[string]int, yes bool) {
	o.features = o.features[:0]
	for _, id := range sortedKeys(fired) {
		o.features = append(o.features, feature{2 * o.of(id), 1})
		if fired[id] > 1 {
			o.features = append(o.features, feature{2*o.of(id) + 1, 1})
		}
	}
	o.gather(s, yes, mostOwnTalks)
}

func (o *ownSignals) gather(s sampled, yes bool, limit int) {
	slices.SortFunc(o.features, func(a, b feature) int { return int(a.rule - b.rule) })
	o.gathered.limit = limit
	o.gathered.add(s, 0, o.features, yes, 1)
}

func (o *ownSignals) of(id string) int32 {
	i, ok := o.index[id]
	if !ok {
		if o.index == nil {
			o.index = map[string]int32{}
		}
		i = int32(len(o.index)) //nolint:gosec // a set has few rules
		o.index[id] = i
	}
	return i
}

// regression learns from four folds and ranks the fifth, in turns. It returns the turns at the threshold with the best
// F1, and the area; nil when only one of yes and no came up.
func (o *ownSignals) regression() (*Measure, Area) {
	n := 2 * len(o.index)
	var ranked ranking
	g := &regression{
		cases: o.gathered.cases, weights: make([]float64, n), centre: make([]float64, n), low: slices.Repeat([]float64{math.Inf(-1)}, n),
		high: slices.Repeat([]float64{math.Inf(1)}, n), intercepts: make([]float64, 1), penalty: ownPenalty,
	}
	for fold := range int32(folds) {
		clear(g.weights)
		g.intercepts[0] = 0
		g.without = fold
		g.learn()
		for i := range g.cases {
			if c := &g.cases[i]; c.fold == fold {
				ranked.cases(units(logistic(g.logit(c))), c)
			}
		}
	}
	ranked.sort()
	area, ok := ranked.auc(nil)
	if !ok {
		return nil, Area{}
	}
	area = round(area)
	return measured(ranked.best()), Area{AUC: &area}
}

// cases adds cases of the same value, of no dialogue in particular.
func (r *ranking) cases(value int32, c *cases) {
	*r = append(*r, ranked{value: value, yes: int32(math.Round(c.yes)), no: int32(math.Round(c.no))})
}

// best are the counts of a sorted ranking at the threshold with the best F1.
func (r ranking) best() Counts {
	var all Counts // as if everything were an alarm
	for _, x := range r {
		all.TruePositives += int(x.yes)
		all.FalsePositives += int(x.no)
	}
	best, now := all, all
	for i := 0; i < len(r); {
		for value := r[i].value; i < len(r) && r[i].value == value; i++ {
			now.TruePositives -= int(r[i].yes)
			now.FalseNegatives += int(r[i].yes)
			now.FalsePositives -= int(r[i].no)
			now.TrueNegatives += int(r[i].no)
		}
		if now.F1() > best.F1() {
			best = now
		}
	}
	return best
}
