package lab

import "math"

// cases are what a logistic regression learns from: how often yes and no came up with the same features, in the same
// fold and behind the same intercept.
type cases struct {
	features  []feature // of feature 0 first
	intercept int32
	fold      int32
	yes, no   float64
}

// feature is how strongly one rule speaks in a case.
type feature struct {
	rule  int32
	value float64
}

// regression is an L2-regularised logistic regression with bounded weights: the chance of a yes is the logistic
// function of an intercept and the weighted features. It minimises the negative log likelihood plus
// penalty/2 · Σ (weight - centre)², one coordinate at a time by a bounded Newton step, always in the same order, so
// that the same cases give the same weights. (The cyclic descent of Friedman, Hastie and Tibshirani 2010, with bounds.)
type regression struct {
	cases      []cases
	weights    []float64
	centre     []float64
	low, high  []float64 // equal: the weight stays
	intercepts []float64
	penalty    float64
	// without is the fold whose cases are not learnt from; -1 learns from all.
	without int32

	columns [][]cell // by rule: the cases it speaks in
	behind  [][]int32
	logits  []float64
}

type cell struct {
	at    int32
	value float64
}

// The descent ends when no weight moves by more than settled, at the latest after so many rounds.
const (
	settled    = 1e-4
	maxRounds  = 100
	widestStep = 2.0 // keeps a Newton step on the safe side where the curve is flat
)

// learn brings the weights to the minimum, from where they are.
func (g *regression) learn() {
	if g.columns == nil {
		g.index()
	}
	g.logits = make([]float64, len(g.cases))
	for i := range g.cases {
		g.logits[i] = g.logit(&g.cases[i])
	}
	for range maxRounds {
		moved := 0.0
		for b := range g.intercepts {
			moved = max(moved, math.Abs(g.moveIntercept(b)))
		}
		for r := range g.weights {
			if g.low[r] < g.high[r] {
				moved = max(moved, math.Abs(g.moveWeight(r)))
			}
		}
		if moved < settled {
			return
		}
	}
}

func (g *regression) index() {
	g.columns = make([][]cell, len(g.weights))
	g.behind = make([][]int32, len(g.intercepts))
	for i := range g.cases {
		c := &g.cases[i]
		for _, f := range c.features {
			g.columns[f.rule] = append(g.columns[f.rule], cell{int32(i), f.value})
		}
		g.behind[c.intercept] = append(g.behind[c.intercept], int32(i))
	}
}

// logit is what the cases come to under the weights as they are.
func (g *regression) logit(c *cases) float64 {
	sum := g.intercepts[c.intercept]
	for _, f := range c.features {
		sum += g.weights[f.rule] * f.value
	}
	return sum
}

func (g *regression) moveIntercept(b int) float64 {
	slope, bend := 0.0, 1e-9
	for _, i := range g.behind[b] {
		c := &g.cases[i]
		if c.fold == g.without {
			continue
		}
		p := logistic(g.logits[i])
		n := c.yes + c.no
		slope += n*p - c.yes
		bend += n * p * (1 - p)
	}
	step := bounded(-slope/bend, -widestStep, widestStep)
	g.intercepts[b] += step
	for _, i := range g.behind[b] {
		g.logits[i] += step
	}
	return step
}

func (g *regression) moveWeight(r int) float64 {
	slope, bend := g.penalty*(g.weights[r]-g.centre[r]), g.penalty+1e-9
	for _, x := range g.columns[r] {
		c := &g.cases[x.at]
		if c.fold == g.without {
			continue
		}
		p := logistic(g.logits[x.at])
		n := c.yes + c.no
		slope += x.value * (n*p - c.yes)
		bend += x.value * x.value * n * p * (1 - p)
	}
	to := bounded(g.weights[r]+bounded(-slope/bend, -widestStep, widestStep), g.low[r], g.high[r])
	step := to - g.weights[r]
	if step == 0 {
		return 0
	}
	g.weights[r] = to
	for _, x := range g.columns[r] {
		g.logits[x.at] += step * x.value
	}
	return step
}

// loss is the negative log likelihood of a fold under the weights as they are, -1 for all folds.
func (g *regression) loss(fold int32) float64 {
	sum := 0.0
	for i := range g.cases {
		c := &g.cases[i]
		if fold >= 0 && c.fold != fold {
			continue
		}
		z := g.logit(c)
		sum += c.yes*softplus(-z) + c.no*softplus(z)
	}
	return sum
}

func logistic(z float64) float64 { return 1 / (1 + math.Exp(-z)) }

// softplus is log(1 + e^z), for any z.
func softplus(z float64) float64 {
	if z > 30 {
		return z
	}
	return math.Log1p(math.Exp(z))
}

func bounded(v, low, high float64) float64 { return min(max(v, low), high) }
