package lab_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"attune/rules/lab"
)

// Of many dialogues some are kept, for the intervals. The figures are those of all, and the intervals about as wide as
// if all were kept.
func TestEvalKeepsABoundedNumber(t *testing.T) {
	_, set := fitPack(t)
	all := talks(t, 1200, false)
	run := func(limit int) *lab.EvalReport {
		e := lab.NewEval(set, lab.Everyday(), lab.EvalOptions{})
		e.KeepAtMost(limit)
		for _, d := range all {
			e.Add(d)
		}
		if n := e.Kept(); n > limit || n < limit/4 {
			t.Errorf("%d dialogues are kept, want up to %d", n, limit)
		}
		return e.Report()
	}
	full, some := run(1200), run(300)
	figures := cmp.Options{noIntervals, cmpopts.IgnoreFields(lab.ByTurn{}, "Regression", "RegressionArea")}
	if diff := cmp.Diff(full, some, figures); diff != "" {
		t.Errorf("figures change with what is kept (-all +some):\n%s", diff)
	}
	width := func(in *lab.Interval) float64 { return in[1] - in[0] }
	for name, of := range map[string]func(*lab.EvalReport) *lab.Interval{
		"F1":        func(r *lab.EvalReport) *lab.Interval { return r.Parts[0].ByTurn.Flagged.Intervals.F1 },
		"AUC":       func(r *lab.EvalReport) *lab.Interval { return r.Parts[0].ByTurn.Points.Interval },
		"dialogues": func(r *lab.EvalReport) *lab.Interval { return r.Parts[0].ByDialogue.Score.Interval },
	} {
		a, b := width(of(full)), width(of(some))
		if b < a/1.5 || b > a*1.5 {
			t.Errorf("%s: an interval %v wide, and %v of some", name, a, b)
		}
	}
}
