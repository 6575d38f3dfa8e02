package rules_test

import (
	"strings"
	"testing"

	"attune/rules"
)

// A condition that cannot hold in a calm conversation is not evaluated there; every other one is.
func TestConditionsHoldInCalmAndInUnrest(t *testing.T) {
	// What holds in a calm conversation, and once the bot has missed: "miss" fires, and weighs 2 points of anger.
	tests := []struct {
		when         string
		calm, unrest bool
	}{
		{"score == 0", true, false},
		{"score >= 0", true, true},
		{"score > 0", false, true},
		{"0 < score", false, true},
		{"score < 1", true, false},
		{"score > -1", true, true},
		{"score + 1 > 1", false, true},
		{"score != 0", false, true},
		{"bot.failures < 1", true, false},
		{"bot.failures >= 1", false, true},
		{"bot.failures == 1", false, true},
		{"feeling.angry > 0", false, true},
		{"feeling.angry >= 3", false, false},
		{"feeling.ignored > 0", false, false},
		{"fired('miss', 1)", false, true},
		{"!fired('miss', 1)", true, false},
		{"count('miss') == 0", true, false},
		{"count('miss') >= 1", false, true},
		{"not (count('miss') > 0)", true, false},
		{"score > 0 and channel == 'text'", false, true},
		{"score > 0 or channel == 'text'", true, true},
		{"score > 0 or bot.failures > 0", false, true},
		{"feeling.ignored > 0 or fired('miss', 3)", false, true},
		{"feeling.ignored > 0 and score > 0", false, false},
		{"(score > 5) ? false : true", true, true},
		{"(bot.failures > 0) == false", true, false},
	}
	for _, tt := range tests {
		signals := "scoring: {offer: {score: 50}, escalate: {score: 80}}\nsignals:\n" +
			signalOf("miss", "bot", `{phrases: ["(oops)"]}`, "points: 2, feels: [angry], failure: true,")
		decides := compile(t, packOf("en", signals+"escalations:\n  - {id: seen, what: a, why: b, when: \""+tt.when+"\", do: route}\n"))
		adds := compile(t, packOf("en", signals+
			"rewrites:\n"+rewriteOf("adds", "move: next-step, when: \""+tt.when+"\", place: after, steps: [{say: [\"So it is.\"]}]")))
		for _, now := range []struct {
			said string
			want bool
		}{{"Fine.", tt.calm}, {"Oops.", tt.unrest}} {
			turn := rules.Turn{Role: rules.Bot, Text: now.said}
			var one, other rules.State
			var j rules.Judgement
			decides.Judge(&one, &turn, &rules.Facts{}, &j)
			if got := j.Decision == rules.Route; got != now.want {
				t.Errorf("%s after %q: decided %v, want it %v", tt.when, now.said, j.Decision, now.want)
			}
			adds.Judge(&other, &turn, &rules.Facts{}, &j)
			if got := strings.HasSuffix(j.Sent, "So it is."); got != now.want {
				t.Errorf("%s after %q: sent %q, want it added %v", tt.when, now.said, j.Sent, now.want)
			}
		}
	}
}
