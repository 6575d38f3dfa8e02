package rules_test

import (
	"testing"

	"attune/rules"
)

// served offers a person at two points, or at once when somebody says "angry", and knows one reply that settles.
func served(t *testing.T) *rules.Set {
	return compile(t, packOf("en", `scoring: {offer: {score: 2}, escalate: {score: 50}, rearm_below: 1}
always: {needs-care: offer}
signals:
`+signalOf("bad", "customer", `{phrases: ["(bad)"]}`, "points: 2,")+
		signalOf("needs-care", "customer", `{phrases: ["(blind)"]}`, "")+
		signalOf("angry", "customer", `{phrases: ["(angry)"]}`, "")+
		signalOf("fine", "customer", `{phrases: ["(fine)"]}`, "calms: 3,")+
		signalOf("slow", "bot", `{phrases: ["(late)"]}`, "points: 2,")+
		signalOf("found", "bot", `{phrases: ["(found)"]}`, "settles: true,")+`escalations:
  - {id: hot, what: a, why: b, when: "fired('angry', 1)", do: offer, asks: connect}
asks:
  connect: {accept: ["(yes)"], decline: ["(no)"], then: escalate, expires: 1 turn}
messages:
  offer: ["Shall I get someone?"]
`))
}

// TestAnOfferByScoreWaitsForAReplyThatSettlesNothing talks in turn, the customer first, and looks at the last reply.
func TestAnOfferByScoreWaitsForAReplyThatSettlesNothing(t *testing.T) {
	set := served(t)
	const offer = " Shall I get someone?"
	for _, tt := range []struct {
		name string
		said []string
		want string
	}{
		{"a reply that settles nothing", []string{"bad", "One moment."}, "One moment." + offer},
		{"one that settles", []string{"bad", "I found it."}, "I found it."},
		{"the next one, to a customer who still minds", []string{"bad", "I found it.", "that is bad", "One moment."}, "One moment." + offer},
		{"two that settle", []string{"bad", "I found it.", "that is bad", "I found that, too."}, "I found that, too."},
		{"the next one, to a customer who goes on", []string{"bad", "I found it.", "and the other", "One moment."}, "One moment."},
		{"the score has come down and up again", []string{"bad", "I found it.", "fine", "One moment.", "bad", "Well."}, "Well." + offer},
		{"one that settles and weighs itself", []string{"hello", "It is late, but I found it."}, "It is late, but I found it."},
		{"the next one to whoever minds", []string{"hello", "It is late, but I found it.", "that is bad", "One moment."}, "One moment." + offer},
		{"one that weighs itself", []string{"hello", "It is late."}, "It is late." + offer},
		{"an escalation", []string{"angry", "I found it."}, "I found it." + offer},
		{"a need that was named", []string{"blind", "I found it."}, "I found it." + offer},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var st rules.State
			var j rules.Judgement
			facts := &rules.Facts{Session: "s", AgentsAvailable: 1}
			for i, text := range tt.said {
				role := rules.Customer
				if i%2 == 1 {
					role = rules.Bot
				}
				j = rules.Judgement{}
				set.Judge(&st, &rules.Turn{Role: role, Text: text}, facts, &j)
			}
			if j.Sent != tt.want {
				t.Errorf("sent %q, want %q", j.Sent, tt.want)
			}
		})
	}
}

// An offer by score that waits since the customer broke in still gives way to a reply that settles.
func TestAnOfferByScoreThatWasCutOffIsOneStill(t *testing.T) {
	set := served(t)
	var st rules.State
	var j rules.Judgement
	say := func(text string, cut bool) string {
		f := rules.Facts{Session: "s", AgentsAvailable: 1}
		if cut {
			f.Shown = &rules.Shown{From: len(text), Sent: text, Closed: true, Cut: true}
		}
		j = rules.Judgement{}
		set.Judge(&st, &rules.Turn{Role: rules.Bot, Text: text}, &f, &j)
		return j.Sent
	}
	if got := say("It is late.", true); j.Decision != rules.Offer || got != "It is late." {
		t.Fatalf("cut off: %q, decided %v", got, j.Decision)
	}
	if got := say("I found it.", false); got != "I found it." {
		t.Errorf("settled: %q", got)
	}
}

// TestAQuestionBeforeARemarkTakesTheYes: an offer that asks for a yes would take the answer to the bot's own question.
func TestAQuestionBeforeARemarkTakesTheYes(t *testing.T) {
	set := served(t)
	for reply, beside := range map[string]bool{
		"Would you like the small one?":                          true,
		"Would you like the small one instead? It costs 36.":     true,
		"The small one costs 36.":                                false,
		"What is its colour? It stands on the label.":            false,
		"Is there anything else I can help with? I am all ears.": false,
	} {
		var st rules.State
		var j rules.Judgement
		facts := &rules.Facts{Session: "s", AgentsAvailable: 1}
		set.Judge(&st, &rules.Turn{Role: rules.Customer, Text: "bad"}, facts, &j)
		j = rules.Judgement{}
		set.Judge(&st, &rules.Turn{Role: rules.Bot, Text: reply}, facts, &j)
		if opened := j.AskOutcome == "opened"; opened == beside {
			t.Errorf("%q was sent as %q", reply, j.Sent)
		}
	}
}
