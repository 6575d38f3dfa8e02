package rules_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"attune/rules"
)

func TestNear(t *testing.T) {
	set := compile(t, packOf("en", "signals:\n"+
		signalOf("two", "customer", `{near: {phrases: ["(forced)", "(menu)"], words: 3}}`, "")+
		signalOf("three", "customer", `{near: {phrases: ["(a1)", "(b1)", "(c1)"], words: 2}}`, "")+
		signalOf("beside", "customer", `{phrases: ["very long wait"], near: {phrases: ["(again)"], words: 2}}`, "")))
	for text, want := range map[string][]string{
		"forced menu":                               {"two"},
		"menu forced":                               {"two"},
		"menu x x x forced":                         {"two"},
		"forced x x x menu":                         {"two"},
		"menu x x x x forced":                       nil,
		"forced x x x x menu":                       nil,
		"forced x x x x menu x forced":              {"two"},
		"menu x x x x forced x x x x x forced menu": {"two"},
		"forced. menu":                              nil, // in the same sentence
		"forced":                                    nil,
		"a1 b1 c1":                                  {"three"},
		"c1 a1 b1":                                  {"three"},
		"b1 x a1 x c1":                              nil, // three words lie between the outer ones
		"a1 x b1 c1":                                {"three"},
		"a1 b1":                                     nil,
		"a1 x x x b1 c1 x a1":                       {"three"},
		"again a very long wait":                    {"beside"},
		"a very long wait x x again":                {"beside"},
		"a very long wait x x x again":              nil,
	} {
		if got := newTalk(set).customer(text).Signals; !slices.Equal(got, want) {
			t.Errorf("%q: signals %v, want %v", text, got, want)
		}
	}
	// Far more hits than a square would let pass; the bound is for what is not linear and not for a busy machine.
	crowd := strings.Repeat("forced ", 4600) + strings.Repeat("x ", 10) + strings.Repeat("menu ", 6500)
	best := time.Hour
	for range 3 {
		var st rules.State
		var j rules.Judgement
		from := time.Now()
		set.Judge(&st, &rules.Turn{Text: crowd}, &rules.Facts{}, &j)
		best = min(best, time.Since(from))
	}
	if best > 250*time.Millisecond {
		t.Errorf("%d bytes of such words took %v", len(crowd), best)
	}
}
