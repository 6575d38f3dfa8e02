package lab

import (
	"math"
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

// interval is the one of a figure v: the lowest and the highest 2.5 % are left out; nil when the figure was never
// defined. When the samples were drawn from a share of the dialogues only, they spread more than those of all would, by
// the root of the share.
func (s spread) interval(v, share float64) *Interval {
	if len(s) == 0 {
		return nil
	}
	slices.Sort(s)
	cut := len(s) * 25 / 1000
	low, high := s[cut], s[len(s)-1-cut]
	if share < 1 {
		middle := s[len(s)/2]
		low, high = v+(low-middle)*math.Sqrt(share), v+(high-middle)*math.Sqrt(share)
	}
	return &Interval{round(bounded(low, 0, 1)), round(bounded(high, 0, 1))}
}
