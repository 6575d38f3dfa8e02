package rules_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"attune/rules"

	"github.com/google/go-cmp/cmp"
)

// scored is a pack of words that weigh: bad 2, awful 5, terrible 8.
func scored(scoring string) string {
	return packOf("en", "scoring: "+scoring+"\nalways: {wants-person: escalate}\nsignals:\n"+
		signalOf("bad", "customer", `{phrases: ["(bad)"]}`, "points: 2, feels: [frustrated, ignored],")+
		signalOf("awful", "customer", `{phrases: ["(awful)"]}`, "points: 5, feels: [angry],")+
		signalOf("terrible", "customer", `{phrases: ["(terrible)"]}`, "points: 8,")+
		signalOf("trapped", "customer", `{phrases: ["(trapped)"]}`, "points: 3, feels: [dominated],")+
		signalOf("thanks", "customer", `{phrases: ["(thanks)"]}`, "calms: half,")+
		signalOf("fine", "customer", `{phrases: ["(fine)"]}`, "calms: 3,")+
		signalOf("wants-person", "customer", `{phrases: ["(human)"]}`, "")+
		signalOf("miss", "bot", `{phrases: ["(oops)"]}`, "points: 2, failure: true, feels: [unfulfilled],"))
}

const ordinaryScoring = "{half_life: 4, flag: 2, offer: {score: 5, dominated: 3}, escalate: {score: 8}, rearm_below: 3}"

func rounded(v float64) float64 { return math.Round(v*10) / 10 }

func TestScoreDecaysBeforePointsAreAdded(t *testing.T) {
	set := compile(t, scored(ordinaryScoring))
	tests := []struct {
		name  string
		turns []string
		want  []float64
	}{
		{"two points every turn", []string{"bad", "bad", "bad", "bad", "bad", "bad"}, []float64{2, 3.7, 5.1, 6.3, 7.3, 8.1}},
		{"half is left after the half-life", []string{"terrible", "a", "b", "c", "d"}, []float64{8, 6.7, 5.7, 4.8, 4}},
		{"a signal counts once a turn", []string{"bad bad. bad!"}, []float64{2}},
		{"signals of one turn add up", []string{"bad and awful"}, []float64{7}},
		{"thanks halve what was left", []string{"terrible", "thanks"}, []float64{8, 3.4}},
		{"calming comes before the points of the turn", []string{"terrible", "thanks, but bad"}, []float64{8, 5.4}},
		{"a number is taken off", []string{"awful", "fine"}, []float64{5, 1.2}},
		{"never below zero", []string{"bad", "fine", "fine", "bad"}, []float64{2, 0, 0, 2}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			k := newTalk(set)
			var got []float64
			for _, text := range tt.turns {
				got = append(got, rounded(k.customer(text).Score))
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("score (-want +got):\n%s", diff)
			}
		})
	}
}

func TestRepliesAndEventsDoNotLetTimePass(t *testing.T) {
	k := newTalk(compile(t, scored(ordinaryScoring)))
	k.customer("bad")
	k.bot("Hello.")
	if j := k.say(t, "e: silence"); j.Score != 2 {
		t.Errorf("score %v after a reply and an event, want 2", j.Score)
	}
	if j := k.bot("oops"); j.Score != 4 || j.Points != 2 {
		t.Errorf("score %v, points %v after a failure of the bot, want 4 and 2", j.Score, j.Points)
	}
}

func TestEachFeelingTakesAllPoints(t *testing.T) {
	k := newTalk(compile(t, scored(ordinaryScoring)))
	if diff := cmp.Diff([rules.Feelings]float64{rules.Frustrated: 2, rules.Ignored: 2}, k.customer("bad").Feelings); diff != "" {
		t.Errorf("feelings (-want +got):\n%s", diff)
	}
	j := k.customer("awful")
	left := 1.681793 // 2 * 2^(-1/4), in millionths
	want := [rules.Feelings]float64{rules.Frustrated: left, rules.Ignored: left, rules.Angry: 5}
	if diff := cmp.Diff(want, j.Feelings); diff != "" {
		t.Errorf("feelings a turn later (-want +got):\n%s", diff)
	}
	if j.Score != left+5 {
		t.Errorf("score %v, want %v: the points count once", j.Score, left+5)
	}
	if got := k.customer("thanks").Feelings[rules.Angry]; math.Abs(got-5*math.Exp2(-0.25)/2) > 1e-6 {
		t.Errorf("thanks leave %v of anger, want half", got)
	}
}

func TestFlagReadsThePointsOfTheTurn(t *testing.T) {
	k := newTalk(compile(t, scored(ordinaryScoring)))
	for _, step := range []struct {
		line    string
		flagged bool
	}{{"c: bad", true}, {"c: hm", false}, {"b: oops", true}, {"b: Hello.", false}, {"c: terrible", true}, {"c: thanks", false}} {
		if j := k.say(t, step.line); j.Flagged != step.flagged {
			t.Errorf("%q flagged: %v with %v points and a score of %v", step.line, j.Flagged, j.Points, j.Score)
		}
	}
}

func TestBands(t *testing.T) {
	set := compile(t, scored("{bands: {calm: 0, uneasy: 2, upset: 5, urgent: 8}}"))
	for text, want := range map[string]string{"hm": "calm", "bad": "uneasy", "awful": "upset", "terrible": "urgent", "bad awful terrible": "urgent"} {
		if j := newTalk(set).customer(text); j.Band != want {
			t.Errorf("%q is in band %q, want %q", text, j.Band, want)
		}
	}
}

func TestThresholds(t *testing.T) {
	const none, offer, escalate = rules.None, rules.Offer, rules.Escalate
	tests := []struct {
		name, scoring string
		turns         []string
		want          []rules.Decision
	}{
		{
			"an offer is made once", "",
			[]string{"c: awful", "b: Hm.", "c: bad", "b: Hm.", "c: bad"},
			[]rules.Decision{offer, none, none, none, none},
		},
		{
			"escalation follows a spent offer, once", "",
			[]string{"c: awful", "b: Hm.", "c: awful", "c: awful"},
			[]rules.Decision{offer, none, escalate, none},
		},
		{
			"armed again once the score was below", "",
			[]string{"c: awful", "b: Hm.", "c: a", "c: b", "c: d", "c: awful"},
			[]rules.Decision{offer, none, none, none, none, offer},
		},
		{
			"thanks arm it again", "",
			[]string{"c: awful", "b: Hm.", "c: thanks", "c: awful"},
			[]rules.Decision{offer, none, none, offer},
		},
		{"a feeling reaches it", "", []string{"c: trapped"}, []rules.Decision{offer}},
		{"the more urgent one wins", "", []string{"c: terrible"}, []rules.Decision{escalate}},
		{
			"an escalation takes the offer along", "", []string{"c: terrible", "c: a"}, []rules.Decision{escalate, none},
		},
		{
			"a request spends the thresholds it passes", "", []string{"c: terrible human", "c: a"}, []rules.Decision{escalate, none},
		},
		{
			// The score may lie under rearm_below all the time: what was not left behind cannot be crossed again.
			"a limit below rearm_below fires once", "{offer: {score: 1}, rearm_below: 3}",
			[]string{"c: bad", "b: Hm.", "c: a", "b: Hm.", "c: b"},
			[]rules.Decision{offer, none, none, none, none},
		},
		{
			"and again after it was left", "{offer: {score: 2}, rearm_below: 3}",
			[]string{"c: bad", "b: Hm.", "c: a", "b: Hm.", "c: bad"},
			[]rules.Decision{offer, none, none, none, offer},
		},
		{"no limit, no decision", "{offer: {angry: 4}, escalate: {angry: 9}}", []string{"c: terrible"}, []rules.Decision{none}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if tt.scoring == "" {
				tt.scoring = ordinaryScoring
			}
			k := newTalk(compile(t, scored(tt.scoring)))
			var got []rules.Decision
			for _, line := range tt.turns {
				got = append(got, k.say(t, line).Decision)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("decisions (-want +got):\n%s", diff)
			}
		})
	}
}

func TestReasonIsTheHeaviestSignal(t *testing.T) {
	k := newTalk(compile(t, scored(ordinaryScoring)))
	if j := k.customer("bad, awful"); j.Reason != "awful" || j.Why != "b" || !j.Live {
		t.Errorf("reason %q, why %q, live %v", j.Reason, j.Why, j.Live)
	}
}

func TestReturnedByAnAgent(t *testing.T) {
	k := newTalk(compile(t, scored(ordinaryScoring)))
	k.customer("terrible")
	k.st.Returned()
	if k.st.Score() != 0 || k.st.Feelings() != [rules.Feelings]float64{} {
		t.Errorf("score %v, feelings %v after an agent gave the conversation back", k.st.Score(), k.st.Feelings())
	}
	for turn := range 3 {
		if j := k.customer("terrible"); j.Decision != rules.None {
			t.Errorf("turn %d of the cool-down leads to %v", turn+1, j.Decision)
		}
		if j := k.bot("oops"); j.Decision != rules.None || len(j.Say) > 0 {
			t.Errorf("a reply in turn %d of the cool-down leads to %v and says %q", turn+1, j.Decision, j.Say)
		}
	}
	if j := k.customer("terrible"); j.Decision != rules.Escalate {
		t.Errorf("the turn after the cool-down leads to %v", j.Decision)
	}
}

func TestRequestsAreHeardInTheCoolDown(t *testing.T) {
	k := newTalk(compile(t, scored(ordinaryScoring)))
	k.customer("terrible")
	k.st.Returned()
	if j := k.customer("human"); j.Decision != rules.Escalate || j.Reason != "wants-person" {
		t.Errorf("a request leads to %v by %q", j.Decision, j.Reason)
	}
}

func TestResumed(t *testing.T) {
	const hm = "c: hm"
	tests := []struct {
		name   string
		gaps   []time.Duration // before each line
		script []string
		left   float64 // of the score before the first gap, besides the decay of customer turns
	}{
		{"at once", []time.Duration{0}, []string{hm}, 1},
		{"just before", []time.Duration{29*time.Minute + 59*time.Second}, []string{hm}, 1},
		{"half an hour", []time.Duration{30 * time.Minute}, []string{hm}, 0.5},
		{"two days", []time.Duration{48 * time.Hour}, []string{hm}, 0.5},
		{"once a silence", []time.Duration{time.Hour, 0, time.Minute}, []string{"b: Welcome back.", hm, "b: Hm."}, 0.5},
		{"twice for two", []time.Duration{time.Hour, time.Hour}, []string{hm, "b: Hm."}, 0.25},
		{"what nobody says breaks no silence", []time.Duration{20 * time.Minute, 20 * time.Minute}, []string{"e: silence", hm}, 0.5},
		{"a clock that goes back", []time.Duration{-time.Hour, 10 * time.Minute}, []string{hm, "b: Hm."}, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			k := newTalk(compile(t, scored("{offer: {score: 100}, escalate: {score: 101}}")))
			k.at = time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
			want := k.customer("terrible").Score * tt.left
			for i, line := range tt.script {
				k.at = k.at.Add(tt.gaps[i])
				k.say(t, line)
				if strings.HasPrefix(line, "c: ") {
					want *= math.Exp2(-0.25)
				}
			}
			if got := k.st.Score(); math.Abs(got-want) > 1e-5 {
				t.Errorf("score %v, want %v", got, want)
			}
		})
	}
}

func TestResumeForgetsAnOpenAsk(t *testing.T) {
	k := newTalk(compile(t, scored(ordinaryScoring)))
	k.at = time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	k.customer("awful")
	k.bot("Hm.")
	if k.st.Asking() == "" {
		t.Fatal("the reply opened no ask")
	}
	k.at = k.at.Add(31 * time.Minute)
	if j := k.customer("yes"); j.Withhold || j.Decision != rules.None {
		t.Errorf("an answer half an hour late is withheld: %v, and leads to %v", j.Withhold, j.Decision)
	}
}

func TestTimePassesWhoeverHasTheFloor(t *testing.T) {
	for _, floor := range []string{"bot", "attune", "agent", "nobody"} {
		k := newTalk(compile(t, scored("{half_life: 1, offer: {score: 100}, escalate: {score: 101}}")))
		k.customer("terrible")
		k.facts.Floor = floor
		k.customer("hm")
		if j := k.customer("hm"); j.Score != 2 || j.Points != 0 {
			t.Errorf("floor %s: score %v after two turns at a half-life of one, want 2", floor, j.Score)
		}
	}
}

func TestDeclineSilencesOffers(t *testing.T) {
	k := newTalk(compile(t, scored("{offer: {score: 2}, escalate: {score: 50}, rearm_below: 1.5}")))
	k.customer("bad")
	k.bot("Hm.")
	if j := k.customer("no thanks"); j.AskOutcome != "declined" {
		t.Fatalf("outcome %q", j.AskOutcome)
	}
	for turn, text := range []string{"fine", "awful", "awful"} {
		if j := k.customer(text); j.Decision != rules.None {
			t.Errorf("turn %d after a decline leads to %v", turn+1, j.Decision)
		}
	}
	if j := k.customer("hm"); j.Decision != rules.Offer {
		t.Errorf("the fourth turn leads to %v: the limit was crossed in silence and stays armed", j.Decision)
	}
}

func TestWhoDoesNotWaitIsLeftInPeace(t *testing.T) {
	k := newTalk(compile(t, scored("{offer: {score: 2}, escalate: {score: 50}, rearm_below: 1.5}")))
	k.customer("human")
	k.facts.Floor = "attune"
	if j := k.customer("stay"); !j.Stay {
		t.Fatal("the customer still waits")
	}
	k.facts.Floor = "bot"
	for turn, text := range []string{"awful", "awful", "awful"} {
		if j := k.customer(text); j.Decision != rules.None {
			t.Errorf("turn %d after it leads to %v", turn+1, j.Decision)
		}
	}
	if j := k.customer("hm"); j.Decision != rules.Offer {
		t.Errorf("the fourth turn leads to %v", j.Decision)
	}
}

func TestASilencedEscalationLeavesTheLimitArmed(t *testing.T) {
	k := newTalk(compile(t, scored("{offer: {score: 5}, escalate: {score: 50}, rearm_below: 3}")+
		"escalations:\n  - {id: said-awful, what: a, why: b, when: \"count('awful') > 0\", do: offer}\n"))
	var got []string
	for _, line := range []string{"c: bad, trapped", "b: Hm.", "c: no", "c: fine", "c: awful", "c: hm", "c: bad"} {
		j := k.say(t, line)
		got = append(got, j.Decision.String()+" "+j.Reason)
	}
	// "awful" makes the escalation true and crosses the limit while offers are silenced: the escalation has had its
	// moment, the limit has not.
	want := []string{"offer trapped", "none ", "none ", "none ", "none ", "none ", "offer bad"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("decisions (-want +got):\n%s", diff)
	}
}
