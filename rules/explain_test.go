package rules_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"attune/rules"
)

const explainPack = `
pack: explained
version: 1
locale: en
scoring: {half_life: 4, flag: 2, offer: {score: 3}, escalate: {score: 8}, rearm_below: 1, bands: {calm: 0, uneasy: 2}}
signals:
  - id: poor
    what: The customer calls the service poor.
    why: Words about us.
    from: customer
    match: {phrases: ["(awful)"]}
    points: 2
    feels: [frustrated]
    examples: {fires: ["awful"], silent: ["fine"]}
  - id: late
    what: The customer says that it is late.
    why: Time makes it worse.
    from: customer
    match: {phrases: ["(late)"]}
    when: "score > 5"
    points: 1
    examples: {fires: [[{customer: awful}, {customer: awful}, {customer: awful}, {customer: awful}, {customer: awful late}]], silent: ["fine"]}
rewrites:
  - id: refusal
    what: Say what comes next.
    why: A dead end feels like being dominated.
    move: soften
    match: {text: "I cannot help with {what}"}
    say: ["I cannot help with {what} here."]
    examples: [{in: "I cannot help with 5 bills.", out: "I cannot help with 5 bills here."}, {in: "I can help.", unchanged: true}]
  - id: drops-a-number
    what: Leave the bill out.
    why: It shows what the lock refuses.
    move: soften
    match: {text: "you owe {what}"}
    drops: [what]
    say: ["There is a bill."]
    examples: [{in: "You owe 5 euros.", unchanged: true}]
`

func explainSet(t *testing.T) *rules.Set {
	t.Helper()
	set, found := rules.Compile([]rules.File{{Name: "explained.yaml", Data: []byte(explainPack)}})
	if set == nil {
		t.Fatal(found)
	}
	return set
}

func outcomes(e *rules.Explanation) map[string]string {
	out := map[string]string{}
	for _, c := range e.Considered {
		out[c.Rule] = c.Outcome
		if c.Because != "" {
			out[c.Rule] += ": " + c.Because
		}
	}
	return out
}

func TestExplainUtterance(t *testing.T) {
	set := explainSet(t)
	var st rules.State
	facts := &rules.Facts{AgentsAvailable: 1}
	set.Explain(&st, &rules.Turn{Role: rules.Customer, Text: "AWFUL"}, facts)
	e := set.Explain(&st, &rules.Turn{Role: rules.Customer, Text: "It is awful, and láte."}, facts)
	if want := map[string]string{"poor": "fired"}; !cmp.Equal(outcomes(e), want) {
		t.Errorf("outcomes %v, want %v", outcomes(e), want)
	}
	e = set.Explain(&st, &rules.Turn{Role: rules.Customer, Text: "It is awful, and late."}, facts)
	if want := map[string]string{"poor": "fired", "late": "when: score > 5"}; !cmp.Equal(outcomes(e), want) {
		t.Errorf("outcomes %v, want %v", outcomes(e), want)
	}
	if e.Words != "it is awful and late" || e.Text[e.Considered[0].Spans[0][0]:e.Considered[0].Spans[0][1]] != "awful" {
		t.Errorf("read as %q, spans %v", e.Words, e.Considered[0].Spans)
	}
	if e.Left >= e.Before || e.Points != 2 || e.Score != e.Left+2 || !e.Flagged {
		t.Errorf("before %v, left %v, points %v, score %v, flagged %v", e.Before, e.Left, e.Points, e.Score, e.Flagged)
	}
	if len(e.Thresholds) != 2 || e.Thresholds[0].State != "spent" || e.Thresholds[1].State != "below" {
		t.Errorf("thresholds %+v: the offer was reached a turn before", e.Thresholds)
	}
}

func TestExplainReply(t *testing.T) {
	set := explainSet(t)
	e := set.Explain(new(rules.State), &rules.Turn{Role: rules.Bot, Text: "I cannot help with 5 bills. You owe 20 euros."}, &rules.Facts{})
	if want := map[string]string{"refusal": "applied", "drops-a-number": "facts: number"}; !cmp.Equal(outcomes(e), want) {
		t.Errorf("outcomes %v, want %v", outcomes(e), want)
	}
	if e.Sent != "I cannot help with 5 bills here. You owe 20 euros." {
		t.Errorf("sent %q", e.Sent)
	}
	var facts []string
	for _, f := range e.Facts {
		facts = append(facts, f.Text)
	}
	if want := []string{"cannot", "cannot", "5", "20", "euros"}; !cmp.Equal(facts, want) {
		t.Errorf("facts %q, want %q", facts, want)
	}
}

// Explaining is judging: what follows is the same.
func TestExplainJudges(t *testing.T) {
	set := explainSet(t)
	var a, b rules.State
	facts := &rules.Facts{AgentsAvailable: 1, Session: "s"}
	var j rules.Judgement
	for _, turn := range []rules.Turn{
		{Role: rules.Customer, Text: "awful"},
		{Role: rules.Bot, Text: "I cannot help with that."},
		{Role: rules.Customer, Text: "awful, late"},
		{Role: rules.Event, Event: "silence"},
		{Role: rules.Bot, Text: "I cannot help with that."},
	} {
		set.Judge(&a, &turn, facts, &j)
		e := set.Explain(&b, &turn, facts)
		if e.Score != j.Score || e.Sent != j.Sent || e.Decision != j.Decision.String() {
			t.Errorf("%s: judged %v %q %v, explained %v %q %v", turn.Role, j.Score, j.Sent, j.Decision, e.Score, e.Sent, e.Decision)
		}
	}
	left, err := a.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	right, err := b.MarshalBinary()
	if err != nil || string(left) != string(right) {
		t.Errorf("state after judging %s, after explaining %s (%v)", left, right, err)
	}
}

func TestExplainSaysHowASlipWasRead(t *testing.T) {
	set := compile(t, packOf("en", "signals:\n"+signalOf("refunds", "customer", `{phrases: ["my refund", "a complaint"]}`, "")))
	e := set.Explain(&rules.State{}, &rules.Turn{Role: rules.Customer, Text: "Where is my refund? I make a compalint."}, &rules.Facts{})
	if len(e.Considered) != 1 {
		t.Fatalf("considered %+v", e.Considered)
	}
	c := e.Considered[0]
	if diff := cmp.Diff([]string{"my refund", "a compalint"}, c.Quotes); diff != "" {
		t.Errorf("quotes (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"", "a complaint"}, c.Meant); diff != "" {
		t.Errorf("meant (-want +got):\n%s", diff)
	}
	e = set.Explain(&rules.State{}, &rules.Turn{Role: rules.Customer, Text: "Where is my refund?"}, &rules.Facts{})
	if e.Considered[0].Meant != nil {
		t.Errorf("without a slip: meant %q", e.Considered[0].Meant)
	}
}
