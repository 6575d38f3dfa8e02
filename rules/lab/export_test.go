package lab

// Ranked is one case for AUC.
type Ranked struct {
	Dialogue, Value int32
	Yes             bool
}

// AUC ranks cases and returns the area; each dialogue counts as often as weights says.
func AUC(cases []Ranked, weights []int32) (float64, bool) {
	var r ranking
	for _, c := range cases {
		r.put(c.Dialogue, c.Value, c.Yes)
	}
	r.sort()
	return r.auc(weights)
}

// Transfer is the GT-T of one dialogue.
func Transfer(alarms, due []int, tolerance float64) float64 { return transfer(alarms, due, tolerance) }

// HasKeyword is the keyword baseline.
func HasKeyword(text string) bool { return hasKeyword(text) }

// Case is one for Regression: the features of rules, from rule 0 on.
type Case struct {
	Features []float64
	Yes, No  float64
}

func (c *Case) cases() cases {
	out := cases{yes: c.Yes, no: c.No}
	for i, v := range c.Features {
		if v != 0 {
			out.features = append(out.features, feature{int32(i), v})
		}
	}
	return out
}

// Regression learns weights between two bounds, held to 0.
func Regression(all []Case, penalty, low, high float64) (intercept float64, weights []float64) {
	n := 0
	for i := range all {
		n = max(n, len(all[i].Features))
	}
	g := &regression{penalty: penalty, without: -1, intercepts: make([]float64, 1), weights: make([]float64, n), centre: make([]float64, n)}
	for range n {
		g.low, g.high = append(g.low, low), append(g.high, high)
	}
	for i := range all {
		g.cases = append(g.cases, all[i].cases())
	}
	g.learn()
	return g.intercepts[0], g.weights
}

// Loss is what a regression minimises.
func Loss(all []Case, penalty, intercept float64, weights []float64) float64 {
	g := &regression{intercepts: []float64{intercept}, weights: weights}
	for i := range all {
		g.cases = append(g.cases, all[i].cases())
	}
	sum := g.loss(-1)
	for _, w := range weights {
		sum += penalty / 2 * w * w
	}
	return sum
}

// Sample gathers one case for each id, at most limit, and returns how often the values that stand for them are in it.
func Sample(ids []string, limit int) map[float64]float64 {
	g := gathering{limit: limit}
	for _, id := range ids {
		v := 0.0
		for _, r := range id {
			v = v*31 + float64(r)
		}
		g.add(sampling(id), 0, []feature{{0, v}}, true, 1)
	}
	out := map[float64]float64{}
	for i := range g.cases {
		out[g.cases[i].features[0].value] += g.cases[i].yes
	}
	return out
}

// Vader is the mood of a text.
func Vader(text string) float64 { return vader(text) }

// KeepAtMost bounds how many dialogues are kept for intervals.
func (e *Eval) KeepAtMost(n int) {
	for _, p := range e.parts {
		p.kept.limit = n
	}
}

// Kept is how many dialogues are kept.
func (e *Eval) Kept() (n int) {
	for _, p := range e.parts {
		n += len(p.kept.tallies)
	}
	return n
}

// Unmarked is the text of a piece of HTML.
func Unmarked(s string) string { return unmarked(s) }
