package rules_test

import (
	"strings"
	"testing"

	"attune/rules"

	"github.com/google/go-cmp/cmp"
)

// TestTheCardIsShown: where a pack has an ask named card, the customer hears what a colleague was told and says whether
// it is right, in the turns in which they wait.
func TestTheCardIsShown(t *testing.T) {
	with := asking(ordinaryAsk)
	with = strings.Replace(with, "asks:\n", "asks:\n  card: {accept: [yes], decline: [no], then: nothing, expires: 1 turn}\n", 1)
	type heard struct {
		Say        []string
		Correction bool
	}
	tests := []struct {
		name, pack, goal string
		answers          []string
		want             []heard
	}{
		{"right", with, "where is my parcel", []string{"yes", "anything new?"}, []heard{{Say: []string{"Good. They will be here soon."}}, {}}},
		{"wrong, in one breath", with, "where is my parcel", []string{"no, the invoice is wrong", "and hurry"}, []heard{
			{Say: []string{"Thank you, I have added that."}, Correction: true}, {},
		}},
		{"wrong, then what", with, "where is my parcel", []string{"no", "no!", "it is about the invoice"}, []heard{
			{Say: []string{"What shall I tell them instead?"}}, {}, {Say: []string{"Thank you, I have added that."}, Correction: true},
		}},
		{"nobody knows what they want", with, "", []string{"yes"}, []heard{{}}},
		{"a pack that does not say so", asking(ordinaryAsk), "where is my parcel", []string{"yes"}, []heard{{}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			set := compile(t, tt.pack)
			var st rules.State
			var j rules.Judgement
			facts := &rules.Facts{AgentsAvailable: 1, Goal: func() string { return tt.goal }}
			set.Judge(&st, &rules.Turn{Role: rules.Customer, Text: "human"}, facts, &j)
			shown := len(j.Say) == 2 && j.Say[1] == "I told my colleague: “where is my parcel”. Is that right?"
			if want := tt.goal != "" && tt.pack == with; shown != want {
				t.Fatalf("said is %q", j.Say)
			}
			facts.Floor = "attune"
			for i, a := range tt.answers {
				set.Judge(&st, &rules.Turn{Role: rules.Customer, Text: a}, facts, &j)
				var say []string
				say = append(say, j.Say...)
				if diff := cmp.Diff(tt.want[i], heard{say, j.Correction}); diff != "" {
					t.Errorf("%q (-want +got):\n%s", a, diff)
				}
			}
		})
	}
	// Nobody is asked any more once somebody came and went, and staying with the bot comes first.
	set := compile(t, with)
	for _, floor := range []string{"bot", "attune"} {
		var st rules.State
		var j rules.Judgement
		facts := &rules.Facts{AgentsAvailable: 1, Goal: func() string { return "a <b>bold</b> _wish_\nof mine" }}
		set.Judge(&st, &rules.Turn{Role: rules.Customer, Text: "human"}, facts, &j)
		if want := "“a bbold/b wish of mine”"; len(j.Say) != 2 || !strings.Contains(j.Say[1], want) {
			t.Errorf("said is %q, want %s in it", j.Say, want)
		}
		facts.Floor = floor
		set.Judge(&st, &rules.Turn{Role: rules.Customer, Text: map[string]string{"bot": "yes", "attune": "stay"}[floor]}, facts, &j)
		if j.Correction || j.Stay != (floor == "attune") || j.AskOutcome == "accepted" && floor == "bot" {
			t.Errorf("floor %s: %+v", floor, j)
		}
	}
}

func TestGiven(t *testing.T) {
	for text, want := range map[string][]string{
		"my order 4711-22 of 12 May cost 12.50 €, order 4711-22": {"4711-22", "12 May", "12.50 €"},
		"I have 2 questions": nil,
		"write to mia@example.com or call tomorrow at 10:30": {"mia@example.com", "10:30"},
		"": nil,
	} {
		if diff := cmp.Diff(want, rules.Given("en", text)); diff != "" {
			t.Errorf("%q (-want +got):\n%s", text, diff)
		}
	}
}
