package rules_test

import (
	"strings"
	"testing"

	"attune/rules"

	"github.com/google/go-cmp/cmp"
)

// treating is a pack with one rewrite of each kind.
func treating() string {
	return packOf("en", `scoring: {offer: {score: 50}, escalate: {score: 80}}
always: {}
phrases: {help: ["hurt myself"]}
signals:
`+signalOf("bad", "customer", `{phrases: ["(bad)"]}`, "points: 2,")+
		signalOf("awful", "customer", `{phrases: ["(awful)"]}`, "points: 50,")+
		signalOf("oops", "bot", `{phrases: ["(oops)"]}`, "points: 1, failure: true,")+`rewrites:
`+rewriteOf("cheer", `move: strip-cheer, when: "score >= 1"`)+
		rewriteOf("use", `move: plain-words, match: {phrases: ["(utilize)"]}, say: ["use"]`)+
		rewriteOf("please-note", `move: plain-words, match: {phrases: ["please note that"]}, say: [""]`)+
		rewriteOf("refusal", `move: soften, match: {text: "[sorry] I (can't | cannot) help with {what}"}, say: ["I can't help with {what} here."]`)+
		rewriteOf("refusal-bill", `move: soften, match: {text: "I can't help with the bill"}, say: ["I can't help with the bill from here."]`)+
		rewriteOf("form", `move: plain-words, match: {text: "use the form"}, say: ["The form is the way."]`)+
		rewriteOf("lost", `move: acknowledge, from: customer, match: {text: "my {thing} is lost"}, say: ["So your {thing} is lost."]`)+
		rewriteOf("any-time", `move: next-step, when: "score >= 2", say: ["Ask me at any moment."]`)+
		rewriteOf("also", `move: next-step, when: "score >= 2", say: ["There is more help below."]`)+`crisis:
  - {id: danger, what: a, why: b, match: {phrases: [help]}, line: msg.line, examples: {fires: [a], silent: [b]}}
verbatim:
  - {id: apr, why: b, match: {regex: 'Representative APR'}, examples: {fires: [a], silent: [b]}}
messages:
  msg.line: ["Call 112."]
  offer: ["Shall I get someone?"]
`)
}

func TestOrderOfTreatment(t *testing.T) {
	set := compile(t, treating())
	tests := []struct {
		name  string
		turns []string
		reply string
		sent  string
		rules []string
	}{
		{"untouched", nil, "Your bill is ready.", "Your bill is ready.", nil},
		{"words", nil, "Utilize a card.", "Use a card.", []string{"use"}},
		{"words that go", nil, "Please note that it is closed.", "It is closed.", []string{"please-note"}},
		{"a sentence", nil, "Sorry, I cannot help with the fee of 12.50.", "I can't help with the fee of 12.50 here.", []string{"refusal"}},
		{"the more specific rule", nil, "I can't help with the bill.", "I can't help with the bill from here.", []string{"refusal-bill"}},
		{
			"words first, and sentences read what came of them", nil, "Utilize the form.", "The form is the way.", []string{"use", "form"},
		},
		{
			"each sentence once", nil, "I can't help with the bill. I can't help with the fee. Utilize a card.",
			"I can't help with the bill from here. I can't help with the fee here. Use a card.",
			[]string{"use", "refusal-bill", "refusal"},
		},
		{
			"a rule once in a reply", nil, "I can't help with a. I can't help with b.", "I can't help with a here. I can't help with b.",
			[]string{"refusal"},
		},
		{
			"cheer, then words, then sentences, then one addition",
			[]string{"c: my parcel 1182 is lost. bad"},
			"Great! Utilize the form! 🎉", "So your parcel 1182 is lost. The form is the way.",
			[]string{"cheer", "use", "form", "lost"},
		},
		{
			"one addition of several", []string{"c: bad"}, "Your bill is ready.", "Your bill is ready. Ask me at any moment.", []string{"any-time"},
		},
		{
			"an offer takes the addition's place",
			[]string{"c: awful"},
			"Your bill is ready.", "Your bill is ready. Shall I get someone?",
			[]string{"awful"},
		},
		{
			"a verbatim sentence keeps the whole reply",
			[]string{"c: bad"},
			"Great! Representative APR 9.9 %. Utilize a card!",
			"Great! Representative APR 9.9 %. Utilize a card!", nil,
		},
		{
			"in a crisis nothing is touched", []string{"c: I will hurt myself"}, "Utilize a card!", "Utilize a card!", nil,
		},
		{
			"nor when the reply speaks of one", []string{"c: bad"}, "Do not hurt myself, it says. Utilize a card!", "Do not hurt myself, it says. Utilize a card!", nil,
		},
		{"a reply in another language", []string{"c: bad"}, "Das ist leider nicht möglich, bitte utilize es.", "Das ist leider nicht möglich, bitte utilize es.", nil},
		{"a reply in another script", []string{"c: bad"}, "Ваш заказ готов utilize!", "Ваш заказ готов utilize!", nil},
		{"nothing to say", []string{"c: bad"}, "  \n", "  \n", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			k := newTalk(set)
			for _, line := range tt.turns {
				k.say(t, line)
			}
			j := k.bot(tt.reply)
			if j.Sent != tt.sent {
				t.Errorf("sent %q\nwant %q", j.Sent, tt.sent)
			}
			if diff := cmp.Diff(strings.Join(tt.rules, " "), strings.Join(j.Rules, " ")); diff != "" {
				t.Errorf("rules (-want +got):\n%s", diff)
			}
		})
	}
}

func TestLocaleNotCovered(t *testing.T) {
	set := compile(t, treating())
	for locale, covered := range map[string]bool{"": true, "en": true, "en-GB": true, "EN_us": true, "fr": false, "de-AT": false, "x-klingon": false} {
		k := newTalk(set)
		k.facts.Locale = locale
		if j := k.bot("Utilize a card."); (j.Sent == "Use a card.") != covered {
			t.Errorf("locale %q: sent %q", locale, j.Sent)
		}
	}
}

func TestVerbatimRejectsByName(t *testing.T) {
	k := newTalk(compile(t, treating()))
	j := k.bot("Representative APR 9.9 %. Utilize a card.")
	if diff := cmp.Diff([]rules.Rejection{{Rule: "use", By: rules.ByVerbatim}}, j.Rejected); diff != "" {
		t.Errorf("rejected (-want +got):\n%s", diff)
	}
}

func TestFixedReplies(t *testing.T) {
	k := newTalk(compile(t, treating()))
	k.customer("awful")
	k.facts.Fixed = true
	j := k.bot("Utilize a card.")
	if diff := cmp.Diff([]string{"Shall I get someone?"}, j.Say); diff != "" || j.Sent != "Utilize a card." || j.AskOutcome != "opened" {
		t.Errorf("sent %q, ask %q, says (-want +got):\n%s", j.Sent, j.AskOutcome, diff)
	}
}

// TestOneOfferAReply has every way of offering a person meet in one reply: the decision by score, a sentence that asks,
// one that names the way out, and an addition.
func TestOneOfferAReply(t *testing.T) {
	offers := func(steps string) string {
		return packOf("en", `scoring: {offer: {score: 5}, escalate: {score: 80}}
signals:
`+signalOf("awful", "customer", `{phrases: ["(awful)"]}`, "points: 5,")+"rewrites:\n"+steps+"messages: {offer: [\"Shall I get someone?\"]}\n")
	}
	asks := rewriteOf("asks", `move: soften, match: {text: "I can't do a"}, say: ["I can't do a. Shall I connect you?"], adds: [offer], needs: "agents.available > 0", asks: connect`)
	also := rewriteOf("asks-too", `move: soften, match: {text: "I can't do b"}, say: ["I can't do b. May I fetch a colleague?"], adds: [offer], needs: "agents.available > 0", asks: connect`)
	names := rewriteOf("names", `move: way-out, match: {text: "I can't do d"}, say: ["I can't do d. Say 'person' and someone comes."], adds: [offer], needs: "agents.available > 0"`)
	after := rewriteOf("after", `move: way-out, when: "customer_turn >= 0", say: ["There is a person for you at any moment."], adds: [offer], needs: "agents.available > 0"`)
	tests := []struct {
		name, steps, before, reply, sent string
	}{
		{"two that ask", asks + also, "hm", "I can't do a. I can't do b.", "I can't do a. Shall I connect you? I can't do b."},
		{"one that asks, one that names the way", asks + names, "hm", "I can't do a. I can't do d.", "I can't do a. Shall I connect you? I can't do d."},
		{"the same the other way round", asks + names, "hm", "I can't do d. I can't do a.", "I can't do d. Say 'person' and someone comes. I can't do a."},
		{"and no addition behind it", asks + after, "hm", "I can't do a.", "I can't do a. Shall I connect you?"},
		{"nor behind a way that was named", names + after, "hm", "I can't do d.", "I can't do d. Say 'person' and someone comes."},
		{"the decided offer rides on one that asks", asks, "awful", "I can't do a.", "I can't do a. Shall I connect you?"},
		{"it comes before a way that is only named", names, "awful", "I can't do d.", "I can't do d. Shall I get someone?"},
		{"it comes before an addition", after, "awful", "Hm.", "Hm. Shall I get someone?"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			k := newTalk(compile(t, offers(tt.steps)))
			k.customer(tt.before)
			if j := k.bot(tt.reply); j.Sent != tt.sent {
				t.Errorf("sent %q\nwant %q", j.Sent, tt.sent)
			}
		})
	}
}

func TestAStepThatEscalatesLeavesNoOffer(t *testing.T) {
	k := newTalk(compile(t, packOf("en", `scoring: {offer: {score: 5}, escalate: {score: 80}}
signals:
`+signalOf("awful", "customer", `{phrases: ["(awful)"]}`, "points: 5,")+
		"rewrites:\n"+rewriteOf("refusal", `move: soften, match: {text: "I can't do that"}, steps: [{do: escalate}]`)+
		"messages: {offer: [\"Shall I get someone?\"]}\n")))
	k.customer("awful")
	j := k.bot("I can't do that.")
	if j.Decision != rules.Escalate || j.Reason != "refusal" || j.Sent != "I can't do that." || len(j.Say) != 1 || strings.Contains(j.Say[0], "Shall") {
		t.Errorf("decision %v by %q, sent %q, says %q", j.Decision, j.Reason, j.Sent, j.Say)
	}
	if k.st.Asking() != "" {
		t.Errorf("still asking %q", k.st.Asking())
	}
}
