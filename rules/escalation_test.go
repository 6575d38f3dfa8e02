package rules_test

import (
	"testing"

	"attune/rules"

	"github.com/google/go-cmp/cmp"
)

// failing is a pack whose escalations count failures of the bot.
func failing(escalations string) string {
	return packOf("en", "scoring: {offer: {score: 50}, escalate: {score: 80}}\nalways: {wants-person: escalate}\nsignals:\n"+
		signalOf("miss", "bot", `{phrases: ["(oops)"]}`, "points: 2, failure: true,")+
		signalOf("wants-person", "customer", `{phrases: ["(human)"]}`, "")+
		"escalations:\n"+escalations)
}

const afterTwo = "  - {id: two-misses, what: a, why: b, when: \"bot.failures >= 2\", do: offer, desk: support}\n"

func TestAnEscalationFiresWhenItTurnsTrue(t *testing.T) {
	tests := []struct {
		name        string
		escalations string
		turns       []string
		want        []string
	}{
		{
			"once while it holds, again after it did not", afterTwo,
			[]string{"b: oops", "b: oops", "c: hm", "b: oops", "b: Fine.", "b: oops", "b: oops"},
			[]string{"", "offer two-misses", "", "", "", "", "offer two-misses"},
		},
		{
			"on a customer's turn", "  - {id: third-turn, what: a, why: b, when: {customer_turn: \"> 2\"}, do: escalate}\n",
			[]string{"c: a", "c: b", "c: d", "c: e"},
			[]string{"", "", "escalate third-turn", ""},
		},
		{
			"the most urgent one wins, the others have had their moment",
			afterTwo + "  - {id: two-more, what: a, why: b, when: \"bot.failures >= 2\", do: route}\n",
			[]string{"b: oops", "b: oops", "b: oops"},
			[]string{"", "route two-more", ""},
		},
		{
			"what only watches does not decide",
			"  - {id: watching, what: a, why: b, mode: shadow, when: \"bot.failures >= 1\", do: escalate}\n" + afterTwo,
			[]string{"b: oops", "b: oops"},
			[]string{"", "offer two-misses"},
		},
		{
			"a request comes first, and the condition counts as having turned true",
			"  - {id: second-turn, what: a, why: b, when: {customer_turn: \"> 1\"}, do: route}\n",
			[]string{"c: hm", "c: human", "c: hm"},
			[]string{"", "escalate wants-person", ""},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			k := newTalk(compile(t, failing(tt.escalations)))
			var got []string
			for _, line := range tt.turns {
				j := k.say(t, line)
				if j.Decision == rules.None {
					got = append(got, "")
					continue
				}
				got = append(got, j.Decision.String()+" "+j.Reason)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("decisions (-want +got):\n%s", diff)
			}
		})
	}
}

func TestFailuresInARow(t *testing.T) {
	k := newTalk(compile(t, failing("  - {id: three, what: a, why: b, when: \"bot.failures >= 3\", do: escalate}\n")))
	for _, line := range []string{"b: oops", "b: oops", "b: Here you are.", "b: oops", "c: hm", "b: oops"} {
		if j := k.say(t, line); j.Decision != rules.None {
			t.Errorf("%q leads to %v: a reply without a failure starts the count anew", line, j.Decision)
		}
	}
	if j := k.bot("oops"); j.Decision != rules.Escalate {
		t.Errorf("the third in a row leads to %v", j.Decision)
	}
}

// TestModes shows what each mode lets happen in one conversation: a reworded reply, an offer by score, a request and
// a crisis.
func TestModes(t *testing.T) {
	set := compile(t, asking(ordinaryAsk)+"rewrites:\n"+
		rewriteOf("plain", `move: plain-words, match: {phrases: ["(utilize)"]}, say: ["use"]`))
	type acts struct{ Reworded, Offer, Request, Crisis bool }
	tests := map[string]acts{
		"full":        {true, true, true, true},
		"tone":        {true, false, false, true},
		"escalation":  {false, true, true, true},
		"observe":     {false, false, true, true},
		"observe-all": {false, false, false, false},
	}
	for name, want := range tests {
		t.Run(name, func(t *testing.T) {
			mode, err := rules.ParseMode(name)
			if err != nil {
				t.Fatal(err)
			}
			k := newTalk(set)
			k.facts.Mode = mode
			var got acts
			j := k.bot("Utilize it.")
			got.Reworded = j.Sent == "Use it."
			if rejected := len(j.Rejected) > 0; rejected == want.Reworded {
				t.Errorf("rejected %v", j.Rejected)
			}
			j = k.customer("bad")
			if j.Decision != rules.Offer || j.Score != 2 {
				t.Errorf("counted %v, %v: every mode counts", j.Decision, j.Score)
			}
			got.Offer = j.Live
			if j = k.bot("Hm."); (j.Sent != "Hm.") != want.Offer {
				t.Errorf("sent %q", j.Sent)
			}
			j = k.customer("human")
			got.Request = j.Live
			if j.Withhold != want.Request || (len(j.Say) > 0) != want.Request {
				t.Errorf("a request is withheld: %v, says %q", j.Withhold, j.Say)
			}
			j = k.customer("I will hurt myself")
			got.Crisis = j.Live
			if (len(j.Say) > 0) != want.Crisis || j.Decision != rules.Crisis {
				t.Errorf("a crisis says %q, decision %v", j.Say, j.Decision)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("acted on (-want +got):\n%s", diff)
			}
		})
	}
}

func TestTouchpointsLowerLimits(t *testing.T) {
	set := compile(t, scored(ordinaryScoring)+"touchpoints:\n  - {id: billing, when: \"path startsWith '/billing'\", story: x, feel: [calm], offer: {score: 2}}\n")
	for path, want := range map[string]rules.Decision{"/billing/1": rules.Offer, "/home": rules.None, "": rules.None} {
		k := newTalk(set)
		k.facts.Path = path
		if j := k.customer("bad"); j.Decision != want {
			t.Errorf("on %q it leads to %v, want %v", path, j.Decision, want)
		}
	}
}

func TestKillSwitch(t *testing.T) {
	set := compile(t, scored(ordinaryScoring))
	off := set.Without("bad", "unknown-rule")
	if off.Digest() == set.Digest() || off.Digest() != set.Without("unknown-rule", "bad").Digest() {
		t.Errorf("digests %q and %q", set.Digest(), off.Digest())
	}
	if j := newTalk(off).customer("bad awful"); j.Score != 5 {
		t.Errorf("score %v with the rule off", j.Score)
	}
	if j := newTalk(set).customer("bad awful"); j.Score != 7 {
		t.Errorf("score %v: the original set has changed", j.Score)
	}
}
