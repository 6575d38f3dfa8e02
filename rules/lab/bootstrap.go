package lab

import (
	"math/rand/v2"
	"slices"
)

// resamples is how many samples an interval is made of.
const resamples = 1000

// Interval holds the true figure in 95 of 100 cases, as far as the dialogues at hand stand for those to come.
type Interval [2]float64

// resample draws dialogues with replacement, as many as there are, and hands out how often each group was drawn. Whole
// dialogues are drawn since the turns of one have much in common. The draws are the same every time.
func (g *grouped) resample(each func(weights []int32)) {
	if len(g.of) == 0 {
		return
	}
	random := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // it must be repeatable
	weights := make([]int32, len(g.size))
	for range resamples {
		clear(weights)
		for range g.of {
			weights[g.of[random.IntN(len(g.of))]]++
		}
		each(weights)
	}
}

// spread collects a figure over samples.
type spread []float64

// interval leaves the lowest and the highest 2.5 % out; nil when the figure was never defined.
func (s spread) interval() *Interval {
	if len(s) == 0 {
		return nil
	}
	slices.Sort(s)
	cut := len(s) * 25 / 1000
	return &Interval{round(s[cut]), round(s[len(s)-1-cut])}
}
