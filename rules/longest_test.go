package rules_test

import (
	"strings"
	"testing"

	"attune/rules"
)

// TestOfALongTextTheBeginningIsRead puts words at the last place that is read, behind it and
// across it, in an utterance and in a reply far longer than any message by default.
func TestOfALongTextTheBeginningIsRead(t *testing.T) {
	set := compile(t, packOf("en", "signals:\n"+signalOf("grr", "customer", `{phrases: ["(grr)"]}`, "points: 1,")+
		signalOf("no", "bot", `{phrases: ["(nope)"]}`, "points: 1,")+
		"rewrites:\n"+rewriteOf("softer", `move: plain words, match: {phrases: ["(nope)"]}, say: [well]`)))
	for _, tt := range []struct {
		name string
		room int // before the word
		want bool
	}{
		{"the last word that is read", rules.LongestRead - len("nope"), true},
		{"the first that is not", rules.LongestRead, false},
		{"one that is cut", rules.LongestRead - 2, false},
	} {
		pad := strings.Repeat(" ", tt.room)
		k := newTalk(set)
		if j := k.customer(pad + "grr. " + strings.Repeat("é", 1<<20)); len(j.Signals) > 0 != tt.want {
			t.Errorf("%s, customer: %v", tt.name, j.Signals)
		}
		reply := pad + "nope. " + strings.Repeat("€", 1<<20)
		if j := k.bot(reply); len(j.Signals) > 0 != tt.want || j.Sent != reply {
			t.Errorf("%s, bot: %v, %d bytes sent of %d", tt.name, j.Signals, len(j.Sent), len(reply))
		}
	}
	// The cut is not within a character: what stands there is no invalid byte.
	for _, c := range []string{"é", "€", "👍"} {
		for shift := range len(c) {
			text := strings.Repeat(" ", shift) + strings.Repeat(c, rules.LongestRead)
			if e := set.Explain(&rules.State{}, &rules.Turn{Role: rules.Customer, Text: text}, &rules.Facts{}); strings.Contains(e.Words, "\uFFFD") {
				t.Errorf("%q moved by %d is cut within", c, shift)
			}
		}
	}
}
