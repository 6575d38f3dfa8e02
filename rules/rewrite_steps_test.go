package rules_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"attune/rules"

	"github.com/google/go-cmp/cmp"
)

// rewriting is a pack of rewrites and of the signals "miss" (a failure of the bot) and "bad" (2 points).
func rewriting(rewrites string) string {
	return packOf("en", "scoring: {offer: {score: 50}, escalate: {score: 80}}\nsignals:\n"+
		signalOf("bad", "customer", `{phrases: ["(bad)"]}`, "points: 2,")+
		signalOf("miss", "bot", `{phrases: ["(oops)"]}`, "failure: true,")+
		"rewrites:\n"+rewrites+"messages: {offer: [\"Shall I get someone?\"]}\n")
}

const refusalSteps = `move: soften, match: {text: "I can't help with {what}"}, steps: [
    {say: ["I can't help with {what} myself. Shall I connect you?"], adds: [offer], needs: "agents.available > 0", asks: connect},
    {say: ["I can't help with {what} here. Say 'person' for someone."], adds: [offer], needs: "agents.available > 0"},
    {do: escalate}]`

func TestStepsFollowEachOther(t *testing.T) {
	k := newTalk(compile(t, rewriting(rewriteOf("refusal", refusalSteps))))
	type step struct{ Sent, Decision, Ask string }
	var got []step
	for range 4 {
		j := k.bot("I can't help with that.")
		got = append(got, step{j.Sent, j.Decision.String(), j.AskOutcome})
		k.customer("hm")
	}
	want := []step{
		{"I can't help with that myself. Shall I connect you?", "offer", "opened"},
		{"I can't help with that here. Say 'person' for someone.", "none", ""},
		{"I can't help with that.", "escalate", ""},
		{"I can't help with that.", "none", ""},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("steps (-want +got):\n%s", diff)
	}
}

func TestNeedsPassAStepOver(t *testing.T) {
	set := compile(t, rewriting(rewriteOf("refusal", `move: soften, match: {text: "I can't help with {what}"}, steps: [
    {say: ["Shall I connect you about {what}? I can't."], adds: [offer, fact], needs: "agents.available > 0", asks: connect},
    {say: ["I can't help with {what} here."], needs: "channel == 'text'"}]`)))
	k := newTalk(set)
	k.facts.AgentsAvailable = 0
	if j := k.bot("I can't help with that."); j.Sent != "I can't help with that here." {
		t.Errorf("sent %q with nobody there", j.Sent)
	}
	if j := k.bot("I can't help with that."); j.Sent != "I can't help with that." || len(j.Rejected) != 1 || j.Rejected[0].By != rules.BySpent {
		t.Errorf("sent %q, rejected %v with no step left", j.Sent, j.Rejected)
	}
	k = newTalk(set)
	k.facts.AgentsAvailable, k.facts.Channel = 0, "voice"
	if j := k.bot("I can't help with that."); j.Sent != "I can't help with that." {
		t.Errorf("sent %q when no step holds", j.Sent)
	}
}

func TestNoStepOffersAfterADecline(t *testing.T) {
	k := newTalk(compile(t, rewriting(rewriteOf("refusal", `move: soften, match: {text: "I can't help with {what}"},
    say: ["I can't help with {what} myself. Shall I connect you?"], adds: [offer], needs: "agents.available > 0", asks: connect`))))
	k.bot("I can't help with that.")
	if j := k.customer("no"); j.AskOutcome != "declined" {
		t.Fatalf("outcome %q", j.AskOutcome)
	}
	for turn := range 3 {
		k.customer("hm")
		if j := k.bot("I can't help with that."); j.Sent != "I can't help with that." {
			t.Errorf("turn %d after the decline: sent %q", turn+1, j.Sent)
		}
	}
	k.customer("hm")
	if j := k.bot("I can't help with that."); !strings.Contains(j.Sent, "Shall I connect you?") {
		t.Errorf("the fourth turn: sent %q", j.Sent)
	}
}

func TestNoStepOffersInTheCoolDown(t *testing.T) {
	for _, steps := range []string{
		`say: ["I can't help with {what} myself. Shall I connect you?"], adds: [offer], needs: "agents.available > 0", asks: connect`,
		`steps: [{do: escalate}]`,
	} {
		k := newTalk(compile(t, rewriting(rewriteOf("refusal", `move: soften, match: {text: "I can't help with {what}"}, `+steps))))
		k.customer("hm")
		k.st.Returned()
		for turn := range 4 {
			k.customer("hm")
			j := k.bot("I can't help with that.")
			if fired := j.Decision != rules.None; fired != (turn == 3) {
				t.Errorf("%s\nturn %d after an agent gave back: %v, sent %q", steps, turn+1, j.Decision, j.Sent)
			}
		}
	}
}

func TestCapturesAreTakenAsWritten(t *testing.T) {
	set := compile(t, rewriting(
		rewriteOf("refusal", `move: soften, match: {text: "I can't help with {what}"}, say: ["I can't help with {what} here."]`)+
			rewriteOf("denied", `move: soften, match: {text: "your {what} was denied {why}"}, say: ["Your {what} was declined."], drops: [why]`)))
	tests := []struct{ reply, sent string }{
		{"I can't help with that fee of $12.50.", "I can't help with that fee of $12.50 here."},
		{"I can't help with order AB-1182 (the blue one)!", "I can't help with order AB-1182 (the blue one) here."},
		{"I can’t help with “the plan”.", "I can't help with “the plan” here."},
		{"I can't help with STRASSE 5 €.", "I can't help with STRASSE 5 € here."},
		{"I can't help with e\u0301clairs.", "I can't help with e\u0301clairs here."},
		{"Your request was denied quite often.", "Your request was declined."},
		{"Your request was denied on Monday.", "Your request was denied on Monday."}, // a dropped capture may hold no fact
		{"Your request was denied for 12.50.", "Your request was denied for 12.50."},
	}
	for _, tt := range tests {
		if j := newTalk(set).bot(tt.reply); j.Sent != tt.sent {
			t.Errorf("%q\nsent %q\nwant %q", tt.reply, j.Sent, tt.sent)
		}
	}
}

func TestWordsFromTheCustomerAreMadeSafe(t *testing.T) {
	set := compile(t, rewriting(rewriteOf("lost", `move: acknowledge, from: customer, match: {phrases: ["my {thing} is lost"]}, say: ["So your {thing} is lost."]`)))
	tests := []struct {
		name, said string
		syntax     rules.Syntax
		reply      string
		sent       string
	}{
		{"plain", "my order 1182 is lost", rules.Plain, "Let me look.", "So your order 1182 is lost. Let me look."},
		{"HTML", "my <b>order & co is lost", rules.HTML, "<p>Let me look.</p>", "<p>So your &lt;b&gt;order &amp; co is lost. Let me look.</p>"},
		{"Markdown", "my [order](x) *blue* is lost", rules.Markdown, "Let me look.", `So your \[order\](x) \*blue\* is lost. Let me look.`},
		{"the other way round", "my שלום is lost", rules.Plain, "Let me look.", "So your \u2068שלום\u2069 is lost. Let me look."},
		{"too long", "my " + strings.Repeat("x", 80) + " is lost", rules.Plain, "Let me look.", "Let me look."},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			k := newTalk(set)
			k.customer(tt.said)
			k.facts.Syntax = tt.syntax
			if j := k.bot(tt.reply); j.Sent != tt.sent {
				t.Errorf("sent %q\nwant %q", j.Sent, tt.sent)
			}
		})
	}
}

func TestVariantsRotate(t *testing.T) {
	set := compile(t, rewriting(rewriteOf("fallback", `move: own, match: {text: "I did not get that"}, say: ["I didn't get it.", "That didn't reach me.", "I didn't catch it."]`)))
	first := map[string]bool{}
	for session := range 30 {
		k := newTalk(set)
		k.facts.Session = fmt.Sprint(session)
		seen := map[string]bool{}
		for turn := range 6 {
			sent := k.bot("I did not get that.").Sent
			if turn == 0 {
				first[sent] = true
			}
			if turn < 3 && seen[sent] {
				t.Errorf("session %d says %q twice in three turns", session, sent)
			}
			seen[sent] = true
		}
		if len(seen) != 3 {
			t.Errorf("session %d says %d of 3 variants", session, len(seen))
		}
	}
	if len(first) != 3 {
		t.Errorf("30 conversations begin with %d of 3 variants", len(first))
	}
}

func TestAcknowledgementsAreRare(t *testing.T) {
	k := newTalk(compile(t, rewriting(rewriteOf("lost", `move: acknowledge, from: customer, match: {phrases: ["(parcel)"]}, say: ["So your parcel is missing.", "Your parcel is still out there."]`))))
	var got []bool
	for range 7 {
		k.customer("my parcel")
		got = append(got, k.bot("Let me look.").Sent != "Let me look.")
	}
	if diff := cmp.Diff([]bool{true, false, false, true, false, false, true}, got); diff != "" {
		t.Errorf("acknowledged (-want +got):\n%s", diff)
	}
}

func TestOneApologyAFailure(t *testing.T) {
	k := newTalk(compile(t, rewriting(rewriteOf("late", `move: soften, match: {text: "it is late"}, say: ["I'm sorry that it is late."], adds: [apology]`))))
	var got []bool
	for _, reply := range []string{"It is late.", "It is late.", "oops", "It is late.", "It is late.", "oops. It is late."} {
		got = append(got, strings.Contains(k.bot(reply).Sent, "sorry"))
	}
	if diff := cmp.Diff([]bool{true, false, false, true, false, true}, got); diff != "" {
		t.Errorf("apologised (-want +got):\n%s", diff)
	}
}

func TestApprovalRunsOut(t *testing.T) {
	k := newTalk(compile(t, rewriting(rewriteOf("late", `move: own, match: {text: "it is late"}, say: ["It is late and I will look into it."], adds: [promise], needs: "agents.available > 0", approved: {by: cx, until: 2026-03-31}`))))
	for day, said := range map[string]bool{"2026-03-31": true, "2026-04-01": false} {
		k.at, _ = time.Parse(time.DateOnly, day)
		if j := k.bot("It is late."); (j.Sent != "It is late.") != said {
			t.Errorf("on %s: sent %q", day, j.Sent)
		}
	}
}

func TestRuleModes(t *testing.T) {
	for mode, want := range map[string]string{"on": "Use it.", "shadow": "Utilize it.", "off": "Utilize it."} {
		k := newTalk(compile(t, rewriting(rewriteOf("use", `mode: "`+mode+`", move: plain-words, match: {phrases: ["(utilize)"]}, say: ["use"]`))))
		j := k.bot("Utilize it.")
		if j.Sent != want || (len(j.Rejected) == 1) != (mode == "shadow") {
			t.Errorf("%s: sent %q, rejected %v", mode, j.Sent, j.Rejected)
		}
	}
}

func TestGrowthIsBounded(t *testing.T) {
	long := strings.Repeat("more and more ", 12) // 168 characters
	set := compile(t, rewriting(rewriteOf("long", `move: soften, match: {phrases: ["(closed)"]}, place: after, say: ["`+long+`"]`)))
	tests := []struct {
		name, reply string
		added       bool
	}{
		{"a short reply", "It is closed.", false},
		{"a long one may grow by half", "It is closed." + strings.Repeat(" It stays shut all along.", 16), true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			j := newTalk(set).bot(tt.reply)
			if (j.Sent != tt.reply) != tt.added {
				t.Errorf("sent %q", j.Sent)
			}
			if !tt.added && (len(j.Rejected) != 1 || j.Rejected[0].By != rules.ByGrowth) {
				t.Errorf("rejected %v", j.Rejected)
			}
		})
	}
}

func TestAnOfferThatDoesNotFitIsSaidApart(t *testing.T) {
	offer := "Shall I get someone? " + strings.Repeat("There are many of us. ", 7)
	set := compile(t, scored(ordinaryScoring)+"messages: {offer: [\""+offer+"\"]}\n")
	k := newTalk(set)
	k.customer("awful")
	j := k.bot("Hm.")
	if j.Sent != "Hm." || len(j.Say) != 1 || j.Say[0] != strings.TrimSpace(offer) && j.Say[0] != offer || j.AskOutcome != "opened" {
		t.Errorf("sent %q, says %q, ask %q", j.Sent, j.Say, j.AskOutcome)
	}
	if diff := cmp.Diff([]rules.Rejection{{Rule: "awful", By: rules.ByGrowth}}, j.Rejected); diff != "" {
		t.Errorf("rejected (-want +got):\n%s", diff)
	}
}
