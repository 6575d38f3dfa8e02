package rules_test

import (
	"strings"
	"testing"
	"time"

	"attune/rules"

	"github.com/google/go-cmp/cmp"
)

// asking is a pack that offers a person when somebody says "bad", and reads the answers of the design.
func asking(ask string) string {
	return packOf("en", `scoring: {offer: {score: 2}, escalate: {score: 50}, rearm_below: 1}
always: {wants-person: escalate, invokes-right: route, needs-care: offer}
phrases:
  yes: ["yes", "yes please", "ok", "sure", "please do", "👍"]
  no: ["no", "no thanks", "not now", "👎"]
  help: ["hurt myself"]
signals:
`+signalOf("bad", "customer", `{phrases: ["(bad)"]}`, "points: 2, desk: urgent,")+
		signalOf("wants-person", "customer", `{phrases: ["(human)"]}`, "")+
		signalOf("invokes-right", "customer", `{phrases: ["my lawyer"]}`, "desk: legal,")+
		signalOf("needs-care", "customer", `{phrases: ["(blind)"]}`, "")+`asks:
  connect: `+ask+`
crisis:
  - {id: danger, what: a, why: b, match: {phrases: [help]}, line: msg.line, desk: urgent, closed: msg.closed, examples: {fires: [a], silent: [b]}}
messages:
  offer: ["Shall I get someone?"]
  msg.line: ["Call 112."]
  msg.closed: ["Someone calls you back."]
  msg.done: ["Done."]
`)
}

const ordinaryAsk = "{accept: [yes], decline: [no], then: escalate, expires: 1 turn}"

// outcome is what an answer led to.
type outcome struct {
	Ask, Outcome string
	Decision     rules.Decision
	Withhold     bool
	Say          string
}

func outcomeOf(j *rules.Judgement) outcome {
	return outcome{j.Ask, j.AskOutcome, j.Decision, j.Withhold, strings.Join(j.Say, " / ")}
}

func TestAnswersToAnAsk(t *testing.T) {
	const (
		requested = "I'm bringing in a colleague. It takes a moment; say 'stay' to go on with me."
		declined  = "All right. What else can I do for you?"
	)
	accepted := outcome{"connect", "accepted", rules.Escalate, true, requested}
	refused := outcome{"connect", "declined", rules.None, true, declined}
	expired := outcome{"connect", "expired", rules.None, false, ""}
	tests := []struct {
		name, answer string
		want         outcome
	}{
		{"accepted", "yes", accepted},
		{"case and signs do not count", "  YES!! ", accepted},
		{"in two sentences", "Yes. Please do.", accepted},
		{"by thumb", "👍🏽", accepted},
		{"by thumbs", "👍👍!", accepted},
		{"thumb down", "👎", refused},
		{"thumb up and down", "👍👎", expired},
		{"with an emoji", "yes 👍", accepted},
		{"and an emoji behind it", "Yes. 👍", accepted},
		{"drawn out", "yesss", accepted},
		{"declined", "no thanks", refused},
		{"a decline has priority", "Yes. No.", refused},
		{"not the whole utterance", "yes but where is my parcel?", expired},
		{"a sentence more", "Yes. Where is my parcel?", expired},
		{"declined with a question", "No. Where is my parcel?", expired},
		{"something else", "where is my parcel?", expired},
		{"nothing but signs", "???", expired},
	}
	set := compile(t, asking(ordinaryAsk))
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			k := newTalk(set)
			k.customer("bad")
			if j := k.bot("Hm."); j.AskOutcome != "opened" || j.Sent != "Hm. Shall I get someone?" {
				t.Fatalf("the ask is %q, sent %q", j.AskOutcome, j.Sent)
			}
			if diff := cmp.Diff(tt.want, outcomeOf(k.customer(tt.answer))); diff != "" {
				t.Errorf("outcome (-want +got):\n%s", diff)
			}
			if k.st.Asking() != "" {
				t.Errorf("%q is still open", k.st.Asking())
			}
		})
	}
}

func TestAnAskWaitsForItsTurns(t *testing.T) {
	k := newTalk(compile(t, asking("{accept: [yes], decline: [no], then: escalate, expires: 3 turns}")))
	k.customer("bad")
	k.bot("Hm.")
	for range 2 {
		if diff := cmp.Diff(outcome{}, outcomeOf(k.customer("where is my parcel?"))); diff != "" {
			t.Errorf("while it waits (-want +got):\n%s", diff)
		}
		k.bot("On its way.")
	}
	if j := k.customer("ok"); j.AskOutcome != "accepted" || !j.Withhold {
		t.Errorf("the third turn is %q, withheld %v", j.AskOutcome, j.Withhold)
	}
}

func TestWhatStandsBesideAnAnswer(t *testing.T) {
	tests := []struct{ answer, want string }{
		{"Yes. Thanks!", "accepted"},
		{"Thanks. Yes.", "accepted"},
		{"No. Thanks!", "declined"},
		{"Thanks!", "expired"},
		{"Thanks. Where is my parcel?", "expired"},
	}
	set := compile(t, asking("{accept: [yes], decline: [no], beside: [\"(thanks)\"], then: escalate}"))
	for _, tt := range tests {
		k := newTalk(set)
		k.customer("bad")
		k.bot("Hm.")
		if j := k.customer(tt.answer); j.AskOutcome != tt.want || j.Withhold != (tt.want != "expired") {
			t.Errorf("%q is %s, withheld %v, want %s", tt.answer, j.AskOutcome, j.Withhold, tt.want)
		}
	}
}

func TestThen(t *testing.T) {
	tests := []struct {
		ask  string
		want outcome
		stay bool
	}{
		{ordinaryAsk, outcome{"connect", "accepted", rules.Escalate, true, "I'm bringing in a colleague. It takes a moment; say 'stay' to go on with me."}, false},
		{"{accept: [yes], then: route, desk: sales}", outcome{"connect", "accepted", rules.Route, true, "This is for a colleague. I'm passing it on now; it takes a moment."}, false},
		{"{accept: [yes], then: stay}", outcome{"connect", "accepted", rules.None, true, ""}, true},
		{"{accept: [yes], then: nothing, accepted: msg.done}", outcome{"connect", "accepted", rules.None, true, "Done."}, false},
	}
	for _, tt := range tests {
		t.Run(tt.ask, func(t *testing.T) {
			k := newTalk(compile(t, asking(tt.ask)))
			k.customer("bad")
			k.bot("Hm.")
			j := k.customer("yes")
			if diff := cmp.Diff(tt.want, outcomeOf(j)); diff != "" {
				t.Errorf("outcome (-want +got):\n%s", diff)
			}
			if j.Stay != tt.stay {
				t.Errorf("stay %v", j.Stay)
			}
		})
	}
}

func TestAnAcceptedOfferKeepsReasonAndDesk(t *testing.T) {
	k := newTalk(compile(t, asking(ordinaryAsk)))
	k.customer("bad")
	k.bot("Hm.")
	if j := k.customer("yes"); j.Reason != "bad" || j.Why != "b" || j.Desk != "urgent" || !j.Live {
		t.Errorf("reason %q, why %q, desk %q, live %v", j.Reason, j.Why, j.Desk, j.Live)
	}
}

func TestARequestIsHeardWhileAnAskIsOpen(t *testing.T) {
	k := newTalk(compile(t, asking(ordinaryAsk)))
	k.customer("bad")
	k.bot("Hm.")
	if j := k.customer("human"); j.Decision != rules.Escalate || !j.Withhold || k.st.Asking() != "" {
		t.Errorf("a request leads to %v, withheld %v, still asking %q", j.Decision, j.Withhold, k.st.Asking())
	}
}

func TestAlwaysIsOutsideTheScore(t *testing.T) {
	tests := []struct {
		text     string
		decision rules.Decision
		withhold bool
	}{
		{"human", rules.Escalate, true},
		{"my lawyer will call", rules.Route, false},
		{"I am blind", rules.Offer, false},
		{"my lawyer is human", rules.Route, false},
	}
	set := compile(t, asking(ordinaryAsk))
	for _, tt := range tests {
		t.Run(tt.text, func(t *testing.T) {
			j := newTalk(set).customer(tt.text)
			if j.Decision != tt.decision || !j.Live || j.Score != 0 || j.Withhold != tt.withhold {
				t.Errorf("decision %v, live %v, score %v, withheld %v", j.Decision, j.Live, j.Score, j.Withhold)
			}
		})
	}
}

func TestTheWaitIsSaid(t *testing.T) {
	set := compile(t, asking(ordinaryAsk))
	tests := []struct {
		name   string
		change func(*rules.Facts)
		want   string
	}{
		{"at once", func(*rules.Facts) {}, "It takes a moment"},
		{"some minutes", func(f *rules.Facts) { f.QueueWait = 6 * time.Minute }, "about 6 minutes"},
		{"closed", func(f *rules.Facts) { f.DeskOpen = func(string) bool { return false } }, "not here right now"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			k := newTalk(set)
			tt.change(&k.facts)
			j := k.customer("human")
			if j.Decision != rules.Escalate || len(j.Say) != 1 || !strings.Contains(j.Say[0], tt.want) {
				t.Errorf("decision %v, says %q", j.Decision, j.Say)
			}
		})
	}
}

func TestStayWhileWaiting(t *testing.T) {
	set := compile(t, asking(ordinaryAsk))
	tests := []struct {
		floor, text string
		stay        bool
	}{
		{"attune", "stay", true},
		{"attune", "I'd rather go on with you", true},
		{"attune", "stay where you are", false},
		{"attune", "bad", false},
		{"agent", "stay", false},
		{"bot", "stay", false},
	}
	for _, tt := range tests {
		t.Run(tt.floor+" "+tt.text, func(t *testing.T) {
			k := newTalk(set)
			k.facts.Floor = tt.floor
			j := k.customer(tt.text)
			if j.Stay != tt.stay || j.Withhold != tt.stay || (len(j.Say) > 0) != tt.stay {
				t.Errorf("stay %v, withheld %v, says %q", j.Stay, j.Withhold, j.Say)
			}
			if tt.floor != "bot" && (j.Score != 0 || j.Decision != rules.None) {
				t.Errorf("scored %v, decided %v while somebody else has the floor", j.Score, j.Decision)
			}
		})
	}
}

func TestCrisisPassesEverything(t *testing.T) {
	set := compile(t, asking(ordinaryAsk))
	for _, floor := range []string{"bot", "attune", "agent", "nobody"} {
		t.Run(floor, func(t *testing.T) {
			k := newTalk(set)
			k.st.Returned() // a cool-down changes nothing
			k.facts.Floor = floor
			j := k.customer("I will hurt myself")
			want := outcome{"", "", rules.Crisis, false, "Call 112. / I am bringing a person in right now. Please stay with me."}
			if diff := cmp.Diff(want, outcomeOf(j)); diff != "" {
				t.Errorf("outcome (-want +got):\n%s", diff)
			}
			if j.Desk != "urgent" || !j.Live || !k.st.Crisis() {
				t.Errorf("desk %q, live %v, remembered %v", j.Desk, j.Live, k.st.Crisis())
			}
		})
	}
	t.Run("nobody there", func(t *testing.T) {
		k := newTalk(set)
		k.facts.AgentsAvailable = 0
		if got := outcomeOf(k.customer("I will hurt myself")).Say; got != "Call 112. / Someone calls you back." {
			t.Errorf("says %q", got)
		}
	})
	t.Run("an open ask is dropped", func(t *testing.T) {
		k := newTalk(set)
		k.customer("bad")
		k.bot("Hm.")
		k.customer("I will hurt myself")
		if k.st.Asking() != "" {
			t.Errorf("still asking %q", k.st.Asking())
		}
	})
	t.Run("heard in every language", func(t *testing.T) {
		k := newTalk(set)
		k.facts.Locale = "pt"
		if j := k.customer("I will hurt myself"); j.Decision != rules.Crisis {
			t.Errorf("decision %v", j.Decision)
		}
	})
}
