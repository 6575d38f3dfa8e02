package lab_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"attune/rules"
	"attune/rules/lab"
)

// limitPack offers a person from a score that people come to who are lost by then. Each "bad" has two points.
func limitPack(tb testing.TB, scoring string) ([]rules.File, *rules.Set) {
	tb.Helper()
	files := []rules.File{{Name: "t.yaml", Data: []byte(`pack: t
version: 1
locale: en
owner: test@example.com
scoring: ` + scoring + `
signals:
  - {id: bad, what: a, why: b, from: customer, match: {phrases: ["(bad)"]}, points: 2, feels: [frustrated], examples: {fires: [bad], silent: [fine]}}
`)}}
	set, found := rules.Compile(files)
	if set == nil || len(found) > 0 {
		tb.Fatalf("compile:\n%s", found)
	}
	return files, set
}

const farLimits = "{half_life: 4, flag: 2, offer: {score: 6}, escalate: {score: 12}, rearm_below: 3}"

// walks makes conversations in which somebody says "bad" so often: those labelled yes lost times, the calm ones once.
func walks(tb testing.TB, n, lost int, label func(i int, id string) bool) []*lab.Dialogue {
	tb.Helper()
	var out []*lab.Dialogue
	for i := range n {
		id := fmt.Sprintf("walk-%d", i)
		times, yes := 1, 0
		if i%3 == 0 {
			times = lost
		}
		if label(i, id) {
			yes = 1
		}
		turns := strings.TrimSuffix(strings.Repeat(`{"role":"customer","text":"bad"},{"role":"bot","text":"Yes."},`, times), ",")
		out = append(out, dialogue(tb, fmt.Sprintf(`{"id":%q,"turns":[%s],"label":{"dissatisfied":%d}}`, id, turns, yes)))
	}
	return out
}

func third(i int, _ string) bool { return i%3 == 0 }

// limits proposes thresholds, and returns the files with them.
func limits(tb testing.TB, scoring string, all []*lab.Dialogue) (*lab.Fitted, string) {
	tb.Helper()
	files, set := limitPack(tb, scoring)
	f := lab.NewFit(set, lab.Everyday(), lab.FitOptions{})
	// The pack of a rule says where the scoring is.
	fitted := &lab.Fitted{Rules: []lab.RuleChange{{Rule: "bad", Pack: "t", Before: 2, After: 2}}}
	l, err := f.Limits(fitted, files)
	if err != nil {
		tb.Fatal(err)
	}
	for _, d := range all {
		l.Add(d)
	}
	fitted.Limits, fitted.Load = l.Learn()
	out, _, err := fitted.Amend(files)
	if err != nil {
		tb.Fatal(err)
	}
	return fitted, string(out[0].Data)
}

func TestLimitsComeToWherePeopleAreLost(t *testing.T) {
	// Three times "bad" come to a score of 5.1, once to 2.
	fitted, pack := limits(t, farLimits, walks(t, 300, 3, third))
	offer, escalate := fitted.Limits[0], fitted.Limits[1]
	if offer.Limit != "offer" || offer.Before != 6 || offer.After != 5 || offer.Cross.Before.F1 != 0 || offer.Cross.After.F1 != 1 {
		t.Errorf("offer %+v %+v, want 5, the nearest score that finds them all", offer, offer.Cross)
	}
	if escalate.Limit != "escalate" || escalate.After != 12 || escalate.Why == "" {
		t.Errorf("escalate %+v, want it where it was: its bounds are out of their reach", escalate)
	}
	if want := strings.Replace(farLimits, "offer: {score: 6}", "offer: {score: 5}", 1); !strings.Contains(pack, want) {
		t.Errorf("the pack is\n%swant %s in it", pack, want)
	}
	l := fitted.Load
	if l.Offers[0] != 0 || l.Offers[1] < 25 || l.Offers[1] > 42 || l.Persons != [2]float64{} || l.Minutes != [2]float64{} || l.IfAccepted[1] != 8*l.Offers[1] {
		t.Errorf("load %+v, want a third of the conversations with an offer, and nobody brought in", l)
	}
}

func TestLimitsStayWhere(t *testing.T) {
	for _, tt := range []struct {
		name, scoring string
		talks         []*lab.Dialogue
		why           string
	}{
		{"offers would come to calm conversations", farLimits, walks(t, 300, 3, func(i int, _ string) bool { return i%2 == 0 }), "no other finds more"},
		{"nobody comes near", farLimits, walks(t, 300, 1, third), "no other finds more"},
		{"there is little to learn from", farLimits, walks(t, 60, 3, third), "at least 30 of each"},
		{"nothing is labelled yes", farLimits, walks(t, 300, 3, func(int, string) bool { return false }), "0 dialogues are labelled yes"},
		{"there is no threshold", "{half_life: 4, flag: 2, offer: {angry: 4}, escalate: {score: 12}, rearm_below: 3}", walks(t, 300, 3, third), "no such threshold"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			fitted, pack := limits(t, tt.scoring, tt.talks)
			if c := fitted.Limits[0]; c.After != c.Before || !strings.Contains(c.Why, tt.why) {
				t.Errorf("offer %+v, want it left alone, since %s", c, tt.why)
			}
			if !strings.Contains(pack, tt.scoring) {
				t.Errorf("the pack changed:\n%s", pack)
			}
		})
	}
}

// An offer is sought between 0.6 and twice the threshold, never below the flag nor within a point of the escalation.
func TestLimitsAreBounded(t *testing.T) {
	for scoring, want := range map[string]float64{
		"{half_life: 4, flag: 2, offer: {score: 10}, escalate: {score: 20}, rearm_below: 3}":  10, // 5.1 is below 0.6 of it
		"{half_life: 4, flag: 5.5, offer: {score: 6}, escalate: {score: 12}, rearm_below: 3}": 6,  // 5.1 is below the flag
		"{half_life: 4, flag: 2, offer: {score: 7}, escalate: {score: 8}, rearm_below: 3}":    5,
	} {
		if fitted, _ := limits(t, scoring, walks(t, 300, 3, third)); fitted.Limits[0].After != want {
			t.Errorf("%s: offer %g, want %g", scoring, fitted.Limits[0].After, want)
		}
	}
}

func TestLimitsDependOnNothingElse(t *testing.T) {
	honest := walks(t, 300, 3, third)
	poisoned := walks(t, 300, 3, func(i int, id string) bool { return third(i, id) != lab.SetAside(id) })
	backwards := slices.Clone(honest)
	slices.Reverse(backwards)
	want, _ := limits(t, farLimits, honest)
	for name, talks := range map[string][]*lab.Dialogue{"what is set aside": poisoned, "their order": backwards} {
		if got, _ := limits(t, farLimits, talks); !cmp.Equal(want, got) {
			t.Errorf("%s changes what is learnt:\n%s", name, cmp.Diff(want, got))
		}
	}
}
