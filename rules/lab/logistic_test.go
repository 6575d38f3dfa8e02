package lab_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"attune/rules/lab"
)

// With one feature that is there or not, the solution is known: the logarithms of the odds.
func TestRegressionOfOneFeature(t *testing.T) {
	intercept, weight := lab.Regression([]lab.Case{{Yes: 10, No: 90}, {Features: []float64{1}, Yes: 30, No: 20}}, 0, -100, 100)
	if want := math.Log(10.0 / 90); math.Abs(intercept-want) > 1e-3 {
		t.Errorf("intercept %v, want %v", intercept, want)
	}
	if want := math.Log(30.0/20) - math.Log(10.0/90); math.Abs(weight[0]-want) > 1e-3 {
		t.Errorf("weight %v, want %v", weight[0], want)
	}
}

func TestRegressionKeepsItsBounds(t *testing.T) {
	cases := []lab.Case{{Yes: 10, No: 90}, {Features: []float64{1}, Yes: 0, No: 500}, {Features: []float64{0, 1}, Yes: 500, No: 0}}
	_, weights := lab.Regression(cases, 0.001, 0, 5)
	if weights[0] != 0 || weights[1] != 5 {
		t.Errorf("weights %v, want those of the bounds", weights)
	}
	_, held := lab.Regression(cases, 1e9, 0, 5)
	if math.Abs(held[0])+math.Abs(held[1]) > 1e-3 {
		t.Errorf("weights %v, want them held to nothing", held)
	}
}

// At the minimum no small step downhill is left, whatever the cases.
func TestRegressionFindsTheMinimum(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	for range 20 {
		var cases []lab.Case
		for range 40 {
			cases = append(cases, lab.Case{
				Features: []float64{math.Round(random.Float64()), random.Float64() * 3, math.Round(random.Float64())},
				Yes:      math.Round(random.Float64() * 5), No: math.Round(random.Float64() * 5),
			})
		}
		intercept, weights := lab.Regression(cases, 1, -10, 10)
		least := lab.Loss(cases, 1, intercept, weights)
		for i := range weights {
			for _, step := range []float64{-0.01, 0.01} {
				weights[i] += step
				if loss := lab.Loss(cases, 1, intercept, weights); loss < least-1e-4 {
					t.Errorf("weight %d: a step of %v brings the loss from %v to %v", i, step, least, loss)
				}
				weights[i] -= step
			}
		}
	}
}

// A sample depends on the dialogues and not on their order, and folds do not tell apart what is set aside.
func TestSampleOfCases(t *testing.T) {
	ids := make([]string, 2000)
	for i := range ids {
		ids[i] = fmt.Sprintf("talk-%d", i)
	}
	want := lab.Sample(ids, 300)
	if n := len(want); n > 300 || n < 100 {
		t.Errorf("%d cases, want up to 300", n)
	}
	rand.New(rand.NewPCG(7, 8)).Shuffle(len(ids), func(i, j int) { ids[i], ids[j] = ids[j], ids[i] })
	if diff := cmp.Diff(want, lab.Sample(ids, 300)); diff != "" {
		t.Errorf("in another order another sample:\n%s", diff)
	}
	if got := len(lab.Sample(ids, 5000)); got != 2000 {
		t.Errorf("%d cases of 2000 where there is room", got)
	}
}
