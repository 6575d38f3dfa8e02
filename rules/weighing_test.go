package rules_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"attune/rules"
)

func TestWeighing(t *testing.T) {
	set := compile(t, scored(ordinaryScoring))
	want := rules.Weighing{Flag: 2, Offer: 5, Escalate: 8, Asks: []string{"wants-person"}, Points: map[string]float64{"bad": 2, "awful": 5, "terrible": 8, "trapped": 3, "miss": 2}}
	for _, locale := range []string{"en", "", "en-IE"} {
		if diff := cmp.Diff(want, set.Weighing(locale)); diff != "" {
			t.Errorf("weighing of %q (-want +got):\n%s", locale, diff)
		}
	}
	delete(want.Points, "awful")
	if diff := cmp.Diff(want, set.Without("awful").Weighing("en")); diff != "" {
		t.Errorf("with a signal switched off (-want +got):\n%s", diff)
	}
	if w := set.Weighing("fr"); len(w.Points) > 0 {
		t.Errorf("in a language without a pack %v", w.Points)
	}
}

// A signal that is only watched adds nothing.
func TestWeighingOfShadow(t *testing.T) {
	set := compile(t, packOf("en", "signals:\n"+signalOf("bad", "customer", `{phrases: ["(bad)"]}`, "points: 2, mode: shadow,")))
	if w := set.Weighing("en"); len(w.Points) > 0 {
		t.Errorf("weighing %v, want none", w.Points)
	}
}
