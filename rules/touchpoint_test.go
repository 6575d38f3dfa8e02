package rules_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"attune/rules"

	"github.com/google/go-cmp/cmp"
)

// journeys is a pack with a touchpoint that asks and measures. keys are further keys of it.
func journeys(keys string) string {
	return packOf("en", `scoring: {half_life: 4, flag: 2, offer: {score: 5}, escalate: {score: 50}}
crisis:
  - {id: danger, what: a, why: b, match: {phrases: ["(drowning)"]}, line: msg.line, examples: {fires: [a], silent: [b]}}
messages:
  msg.line: ["Call 112."]
  msg.felt: ["Did you feel understood?"]
touchpoints:
  - {id: billing, when: "path startsWith '/billing'", story: x, feel: [understood, calm], `+keys+`}
signals:
`+signalOf("bad", "customer", `{phrases: ["(bad)"]}`, "points: 2, feels: [ignored],")+
		signalOf("miss", "bot", `{phrases: ["(oops)"]}`, "failure: true,"))
}

const asksAll = "ask: {text: msg.felt}, target: 80%"

// atBilling begins a conversation at the touchpoint.
func atBilling(t *testing.T, keys string) *talk {
	t.Helper()
	k := newTalk(compile(t, journeys(keys)))
	k.facts.Path = "/billing/7"
	return k
}

// play judges a script and returns what became of asks, turn by turn: "opened billing".
func (k *talk) asked(t *testing.T, script ...string) []string {
	t.Helper()
	var out []string
	for _, line := range script {
		j := k.say(t, line)
		if j.Survey != "" {
			out = append(out, j.AskOutcome+" "+j.Survey)
		}
	}
	return out
}

func TestATouchpointAsksWhoeverTakesLeave(t *testing.T) {
	k := atBilling(t, asksAll)
	k.customer("where is my bill?")
	k.bot("It is under Account.")
	k.customer("great, thanks")
	j := k.bot("You are welcome.")
	if j.Ask != "survey" || j.AskOutcome != "opened" || j.Survey != "billing" || j.Touchpoint != "billing" {
		t.Errorf("asked %q %q about %q at %q", j.Ask, j.AskOutcome, j.Survey, j.Touchpoint)
	}
	if diff := cmp.Diff([]string{"Did you feel understood?"}, j.Say); diff != "" || j.Sent != "You are welcome." {
		t.Errorf("the reply stays as it is, the question comes apart: sent %q, say (-want +got):\n%s", j.Sent, diff)
	}
	if j = k.customer("not really"); !j.Withhold || j.AskOutcome != "declined" || j.Decision != rules.None {
		t.Errorf("the answer is withheld: %v, %s, leads to %v", j.Withhold, j.AskOutcome, j.Decision)
	}
	if diff := cmp.Diff([]string{"Thank you for telling me. Say 'person' whenever you want a colleague."}, j.Say); diff != "" {
		t.Errorf("said (-want +got):\n%s", diff)
	}
	if j = k.customer("bad, bad"); j.Decision != rules.None {
		t.Errorf("two points lead to %v", j.Decision)
	}
	k.bot("Hm.")
	k.customer("bad")
	k.bot("Hm.")
	if j = k.customer("bad"); j.Decision != rules.Offer {
		t.Errorf("a no to the question silences offers: %v at %v", j.Decision, j.Score)
	}
}

func TestWhatATouchpointAsks(t *testing.T) {
	tests := []struct {
		name, keys string
		script     []string
		change     func(*talk)
		want       []string
	}{
		{"yes", asksAll, []string{"c: thank you", "b: Any time.", "c: Yes, very much."}, nil, []string{"opened billing", "accepted billing"}},
		{"no", asksAll, []string{"c: goodbye", "b: Bye.", "c: no"}, nil, []string{"opened billing", "declined billing"}},
		{"something else", asksAll, []string{"c: thank you", "b: Any time.", "c: where is my bill"}, nil, []string{"opened billing", "expired billing"}},
		{"never twice", asksAll, []string{"c: thank you", "b: Any time.", "c: yes", "c: thanks", "b: Bye."}, nil, []string{"opened billing", "accepted billing"}},
		{"not in the middle", asksAll, []string{"c: thanks, and where is my last bill?", "b: There."}, nil, nil},
		{"not without leave", asksAll, []string{"c: where is my bill", "b: There."}, nil, nil},
		{"not beside a question of the bot", asksAll, []string{"c: thanks", "b: Anything else?"}, nil, nil},
		{"but after its answer", asksAll, []string{"c: thanks", "b: Anything else?", "c: no thanks", "b: Bye."}, nil, []string{"opened billing"}},
		{"not beside a failure", asksAll, []string{"c: thanks", "b: oops"}, nil, nil},
		{"not while upset", asksAll, []string{"c: bad", "c: bad", "c: bad", "b: Hm.", "c: bad", "c: thanks", "b: Bye."}, nil, nil},
		{"not while a person is awaited", asksAll, []string{"c: thanks", "b: Bye."}, func(k *talk) { k.facts.Floor = "attune" }, nil},
		{"not while an agent speaks", asksAll, []string{"c: thanks", "b: Bye."}, func(k *talk) { k.facts.Floor = "agent" }, nil},
		{"not where Attune only watches", asksAll, []string{"c: thanks", "b: Bye."}, func(k *talk) { k.facts.Mode = rules.Observe }, nil},
		{"nowhere else", asksAll, []string{"c: thanks", "b: Bye."}, func(k *talk) { k.facts.Path = "/" }, nil},
		{"nobody, where nothing is asked", "target: 80%", []string{"c: thanks", "b: Bye."}, nil, nil},
		{"nobody of none", "ask: {text: msg.felt, share: 0%}", []string{"c: thanks", "b: Bye."}, nil, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			k := atBilling(t, tt.keys)
			if tt.change != nil {
				tt.change(k)
			}
			if diff := cmp.Diff(tt.want, k.asked(t, tt.script...)); diff != "" {
				t.Errorf("asked (-want +got):\n%s", diff)
			}
		})
	}
}

func TestNobodyInDangerIsAsked(t *testing.T) {
	k := atBilling(t, asksAll)
	if j := k.customer("I am drowning"); j.Decision != rules.Crisis {
		t.Fatalf("decision %v", j.Decision)
	}
	k.st.Returned()
	if got := k.asked(t, "c: thank you", "b: Any time."); got != nil {
		t.Errorf("asked %q after a crisis", got)
	}
}

func TestAShareOfTheSessionsIsAsked(t *testing.T) {
	set := compile(t, journeys("ask: {text: msg.felt, share: 10%}"))
	asked := func(session string) bool {
		k := newTalk(set)
		k.facts.Path, k.facts.Session = "/billing", session
		return k.asked(t, "c: thanks", "b: Bye.") != nil
	}
	n := 0
	for i := range 5000 {
		if asked(fmt.Sprintf("session-%d", i)) {
			n++
		}
	}
	if n < 400 || n > 600 {
		t.Errorf("%d of 5,000 sessions are asked, want about 500", n)
	}
	if id := "session-7"; asked(id) != asked(id) {
		t.Error("a session is asked or not by chance")
	}
}

func TestTheQuestionOutlivesANode(t *testing.T) {
	k := atBilling(t, asksAll+`, proxies: {restated-facts: "<= 10%"}`)
	k.customer("order 1182")
	k.bot("Which order?")
	k.customer("1182, thanks")
	k.bot("There.")
	if k.st.Asking() != "survey" {
		t.Fatalf("asking %q", k.st.Asking())
	}
	b, err := k.st.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	k.st = rules.State{}
	if err := k.st.UnmarshalBinary(b); err != nil {
		t.Fatal(err)
	}
	if j := k.customer("yes"); j.AskOutcome != "accepted" || j.Survey != "billing" {
		t.Errorf("%s, about %q", j.AskOutcome, j.Survey)
	}
	if cards := k.set.Scorecards(&k.st); len(cards) != 1 || !cards[0].Proxies[0].Held {
		t.Errorf("scorecards %+v", cards)
	}
}

// heldIn lists outcomes as "+name" and "-name".
func heldIn(list []rules.Outcome) string {
	var out []string
	for _, o := range list {
		sign := "-"
		if o.Held {
			sign = "+"
		}
		out = append(out, sign+o.Name)
	}
	slices.Sort(out)
	return strings.Join(out, " ")
}

func TestScorecards(t *testing.T) {
	const proxies = `proxies: {restated-facts: "<= 10%", way-out-by-failure-2: ">= 98%", promises-kept: ">= 95%"}`
	tests := []struct {
		name              string
		script            []string
		proxies, feelings string
	}{
		{"all is well", []string{"c: where is my bill", "b: There."}, "-restated-facts", "+calm +understood"},
		{"not understood", []string{"c: bad", "b: Hm.", "c: thanks", "c: thanks"}, "-restated-facts", "+calm -understood"},
		{"a fact again", []string{"c: order 1182", "b: Which order?", "c: 1182!"}, "+restated-facts", "+calm +understood"},
		{"a fact again to a person", []string{"c: order 1182", "floor agent", "c: it is 1182"}, "+restated-facts", "+calm +understood"},
		{"another fact", []string{"c: order 1182", "b: Which order?", "c: 1183"}, "-restated-facts", "+calm +understood"},
		{"a menu is no fact", []string{"c: 2", "b: Again?", "c: 2"}, "-restated-facts", "+calm +understood"},
		{"one failure needs no way out", []string{"c: bill", "b: oops", "c: bill", "b: There."}, "-restated-facts", "+calm +understood"},
		{"two need one", []string{"c: bill", "b: oops", "c: bill", "b: oops", "c: bad, bad"}, "-restated-facts -way-out-by-failure-2", "+calm -understood"},
		{
			"an offer by then",
			[]string{"c: bad", "c: bad", "c: bad", "b: oops", "c: hm", "b: oops"},
			"+way-out-by-failure-2 -restated-facts", "+calm -understood",
		},
		{
			"an offer too late",
			[]string{"c: bad", "b: oops", "c: bad", "b: oops", "c: bad", "b: Hm."},
			"-restated-facts -way-out-by-failure-2", "+calm -understood",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			k := atBilling(t, proxies)
			for _, line := range tt.script {
				if floor, ok := strings.CutPrefix(line, "floor "); ok {
					k.facts.Floor = floor
					continue
				}
				k.say(t, line)
			}
			cards := k.set.Scorecards(&k.st)
			if len(cards) != 1 || cards[0].Touchpoint != "billing" {
				t.Fatalf("scorecards %+v", cards)
			}
			if got := heldIn(cards[0].Proxies); got != tt.proxies {
				t.Errorf("proxies %q, want %q", got, tt.proxies)
			}
			if got := heldIn(cards[0].Feelings); got != tt.feelings {
				t.Errorf("feelings %q, want %q", got, tt.feelings)
			}
		})
	}
}

func TestOfferThatIsOnlyWatchedIsNoWayOut(t *testing.T) {
	k := atBilling(t, `proxies: {way-out-by-failure-2: ">= 98%"}`)
	k.facts.Mode = rules.Observe
	for _, line := range []string{"c: bad", "c: bad", "c: bad", "b: oops", "c: hm", "b: oops"} {
		k.say(t, line)
	}
	if got := heldIn(k.set.Scorecards(&k.st)[0].Proxies); got != "-way-out-by-failure-2" {
		t.Errorf("proxies %q: the customer saw no offer", got)
	}
}

func TestScorecardsOfAnotherSet(t *testing.T) {
	k := atBilling(t, asksAll)
	k.customer("hello")
	if cards := compile(t, packOf("en", "")).Scorecards(&k.st); len(cards) != 0 {
		t.Errorf("a set without touchpoints sums up %+v", cards)
	}
}

func TestTouchpointsOfASet(t *testing.T) {
	want := []rules.Touchpoint{{
		ID: "billing-dispute", Story: "They knew my case and I knew what came next.", Feel: []string{"understood", "in-control"},
		Target: 0.8, Asked: 0.1,
		Proxies: []rules.Proxy{{Name: "restated-facts", AtMost: true, Share: 0.1}, {Name: "way-out-by-failure-2", Share: 0.98}},
	}}
	if diff := cmp.Diff(want, sample(t).Touchpoints()); diff != "" {
		t.Errorf("touchpoints (-want +got):\n%s", diff)
	}
}

func TestMeaningOfATouchpoint(t *testing.T) {
	got := strings.Join(sample(t).Meaning(), "\n")
	for _, want := range []string{
		"touchpoint billing-dispute: 10 % of the sessions are asked, 80 % yes is the aim",
		"understood is taken for the absence of ignored", "restated-facts is measured",
		"promises-kept is NOT measured: promises outlive the visit; attune_promises_total counts those of all conversations",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not said in:\n%s", want, got)
		}
	}
}
