package lab_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"attune/rules/lab"
)

// VADER tells moods apart that are put into words, and their opposites.
func TestVader(t *testing.T) {
	for _, x := range []struct {
		text string
		want int
	}{
		{"", 0},
		{"my parcel is at the depot", 0},
		{"my parcel is number 1182", 1}, // number is a good word to it
		{"this is terrible", -1},
		{"this is not terrible", 1},
		{"I love it", 1},
		{"I don’t love it", -1},
		{"not a problem", 1},
		{"no problem", 1},
		{"No", -1},
		{"No.", 0}, // it does not take marks off short words
		{"nice shop but awful service", -1},
		{"awful weather but a wonderful flight", 1},
		{"!!!", 0},
		{"\xff\xfe awful", -1},
	} {
		got := 0
		switch v := lab.Vader(x.text); {
		case v <= -0.05:
			got = -1
		case v >= 0.05:
			got = 1
		}
		if got != x.want {
			t.Errorf("%q has the mood %d, want %d", x.text, got, x.want)
		}
	}
	for _, text := range []string{strings.Repeat("no ", 20_000), strings.Repeat("!", 64<<10), "but", "least", "\x00", "never so"} {
		if mood := lab.Vader(text); mood < -1 || mood > 1 {
			t.Errorf("a mood of %v", mood)
		}
	}
	for _, x := range [][2]string{{"it is bad", "it is very bad"}, {"it is bad", "it is BAD"}, {"it is bad", "it is bad!"}, {"it is slightly bad", "it is bad"}} {
		if weaker, stronger := lab.Vader(x[0]), lab.Vader(x[1]); weaker <= stronger {
			t.Errorf("%q is %v, %q %v", x[0], weaker, x[1], stronger)
		}
	}
}

// What a signal tells without fail the regression finds, on dialogues it was not learnt from; it learns nothing from
// labels that have nothing to do with signals.
func TestRegressionBaseline(t *testing.T) {
	var telling, empty []string
	for i := range 200 {
		text := []string{"fine", "bad", "meh", "hello"}[i%4]
		telling = append(telling, fmt.Sprintf(`{"id":"t%d","turns":[{"role":"customer","text":%q,"label":{"x":%d}}]}`, i, text, i%4/2*(1-i%2)))
		empty = append(empty, fmt.Sprintf(`{"id":"e%d","turns":[{"role":"customer","text":%q,"label":{"x":%d}}]}`, i, text, i/4%2))
	}
	r := evaluated(t, lab.EvalOptions{}, telling...).Parts[0].ByTurn
	// Meh is labelled yes and weighs least: the points are wrong about it, a regression is not.
	if r.Regression == nil || r.Regression.F1 != 1 || *r.RegressionArea.AUC != 1 || r.Flagged.F1 != 0 {
		t.Errorf("regression %+v, area %+v, flagged %+v", r.Regression, r.RegressionArea, r.Flagged)
	}
	r = evaluated(t, lab.EvalOptions{}, empty...).Parts[0].ByTurn
	if *r.RegressionArea.AUC > 0.6 {
		t.Errorf("area %v out of nothing", *r.RegressionArea.AUC)
	}
	r = evaluated(t, lab.EvalOptions{}, telling[2], telling[6]).Parts[0].ByTurn
	if r.Regression != nil || r.RegressionArea.AUC != nil {
		t.Errorf("a regression on one label only: %+v", r.Regression)
	}
}

// A regression over whole dialogues knows how often a signal fired, and says nothing where all are labelled alike.
func TestRegressionOverDialogues(t *testing.T) {
	say := func(n int) string {
		return strings.Repeat(`,{"role":"customer","text":"meh"}`, n)[1:]
	}
	var all, alike []string
	for i := range 100 {
		all = append(all, fmt.Sprintf(`{"id":"d%d","turns":[%s],"label":{"x":%d}}`, i, say(1+i%4), i%4/2))
		alike = append(alike, fmt.Sprintf(`{"id":"d%d","turns":[%s],"label":{"x":1}}`, i, say(1+i%4)))
	}
	d := evaluated(t, lab.EvalOptions{}, all...).Parts[0].ByDialogue
	// Once is no, three and four times is yes, and twice is no as well, which more than once cannot tell.
	if d.Regression == nil || d.Regression.Recall != 1 || d.Regression.Precision != 0.6667 || *d.RegressionArea.AUC < 0.7 {
		t.Errorf("regression %+v, area %v", d.Regression, *d.RegressionArea.AUC)
	}
	if d = evaluated(t, lab.EvalOptions{}, alike...).Parts[0].ByDialogue; d.Regression != nil || d.RegressionArea.AUC != nil {
		t.Errorf("a regression on one label only: %+v", d.Regression)
	}
}

// Without a rule what it is a stand-in for is run for real.
func TestAblation(t *testing.T) {
	r := evaluated(t, lab.EvalOptions{Ablate: true}, labelled...)
	got := map[string]lab.Ablation{}
	for _, w := range r.Parts[0].Rules {
		got[w.Rule] = *w.Ablation
	}
	want := map[string]lab.Ablation{
		// All that is flagged and right is flagged for it. d1 and d2 are offered nobody anyway.
		"bad": {LostF1: 0.4444},
		// It is never enough on its own.
		"meh": {},
		// d3 is offered a person for it, and d5 for nothing; d3 would lose its alarm, which comes on another turn.
		"awful": {LostF1: -0.0556, LostOfferF1: 0.4, Offers: 2, Persons: 1, CalmOffers: 1, CalmPersons: 1},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	var b bytes.Buffer
	if err := r.WriteText(&b); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(b.String(), "\nawful     -0.0556   0.4000    0.0000       2 (1)        1 (1)\n") {
		t.Errorf("no row for awful in\n%s", b.String())
	}
	for _, w := range evaluated(t, lab.EvalOptions{}, labelled...).Parts[0].Rules {
		if w.Ablation != nil {
			t.Error("ablated without being asked")
		}
	}
}

// The lead is counted in the customer's turns, up to the one on which they ask.
func TestLeadBeforeTheyAsk(t *testing.T) {
	e := lab.NewEval(compiled(t), lab.Everyday(), lab.EvalOptions{Calm: true})
	miss := `{"role":"bot","text":"Sorry, I did not get that."}`
	say := func(text string) string { return fmt.Sprintf(`{"role":"customer","text":%q}`, text) }
	for i, turns := range [][]string{
		{say("hello"), miss, say("hello"), miss, say("hello"), miss, say("what"), say("I want a human"), say("I want a human")},
		{say("I want a human"), miss},
		{say("hello"), miss},
	} {
		e.Add(dialogue(t, fmt.Sprintf(`{"id":"c%d","turns":[%s]}`, i, strings.Join(turns, ","))))
	}
	got := e.Report().Parts[0].Leads
	// Bot turns are not judged where nothing is labelled, but what they are flagged for is an alarm. The first offer
	// comes with the third miss.
	want := &lab.Leads{Asked: lab.LeadTo{
		Dialogues: 2, Flagged: lab.Lead{Before: 1, Median: new(4.0)}, Offer: lab.Lead{Before: 1, Median: new(2.0)},
	}}
	if diff := cmp.Diff(want, got, noIntervals); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
