package rules_test

import (
	"testing"

	"attune/rules"
)

// An offer that is made without a rule obeys what holds for all offers.
func TestOfferWithoutARule(t *testing.T) {
	set, found := rules.Compile([]rules.File{{Name: "care.yaml", Data: []byte("pack: care\nversion: 1\nlocale: en\nmessages:\n  offer: [\"A person?\"]\n  offer.voice: [\"Somebody?\"]\n  offer.busy: [\"The queue?\"]\n")}})
	if set == nil {
		t.Fatal(found)
	}
	free := rules.Facts{AgentsAvailable: 1}
	var st rules.State
	var j rules.Judgement
	offer := func(f rules.Facts, want string) {
		t.Helper()
		set.Offer(&st, &f, "silence", &j)
		got := ""
		if len(j.Say) > 0 {
			got = j.Say[0]
		}
		if got != want || (j.Decision == rules.Offer) != (want != "") {
			t.Errorf("says %q and decides %v, want %q", got, j.Decision, want)
		}
	}
	say := func(text string) {
		set.Judge(&st, &rules.Turn{Role: rules.Customer, Text: text}, &free, &j)
	}
	offer(rules.Facts{AgentsAvailable: 1, Mode: rules.Tone}, "")
	offer(rules.Facts{AgentsAvailable: 1, Floor: "agent"}, "")
	offer(free, "A person?")
	if j.Ask != "connect" || j.AskOutcome != "opened" || j.Reason != "silence" {
		t.Errorf("ask %q %s, reason %q", j.Ask, j.AskOutcome, j.Reason)
	}
	offer(free, "") // one question at a time
	say("no thanks")
	offer(free, "") // and none after a decline
	for range 3 {
		say("where is my parcel")
	}
	offer(free, "")
	say("where is it")
	offer(rules.Facts{}, "The queue?")
	say("yes please")
	if j.Decision != rules.Escalate || !j.Withhold {
		t.Errorf("yes leads to %v", j.Decision)
	}
	st = rules.State{}
	offer(rules.Facts{AgentsAvailable: 1, Channel: "voice"}, "Somebody?")
}
