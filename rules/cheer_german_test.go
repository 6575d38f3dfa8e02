package rules_test

import (
	"testing"

	"attune/rules"
)

// German bots cheer in German; what carries news stays.
func TestGermanCheerGoes(t *testing.T) {
	set := compile(t, packOf("de", "rewrites:\n"+rewriteOf("calm", `move: strip-cheer, when: "customer_turn >= 0"`)))
	for in, want := range map[string]string{
		"Großartig! 🎉 Ihr Paket ist da!":        "Ihr Paket ist da.",
		"Gute Nachrichten! Es kommt am Montag!": "Es kommt am Montag.",
		"Sehr gern! Der Termin steht!":          "Der Termin steht.",
		"Prima Wetter heute!":                   "Prima Wetter heute.",
	} {
		var st rules.State
		var j rules.Judgement
		set.Judge(&st, &rules.Turn{Role: rules.Bot, Text: in}, &rules.Facts{Session: "s1", Locale: "de"}, &j)
		if j.Sent != want {
			t.Errorf("%q became %q, want %q", in, j.Sent, want)
		}
	}
}
