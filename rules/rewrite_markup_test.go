package rules_test

import (
	"testing"

	"attune/rules"
)

// spoken is a pack whose rewrites touch all places of a reply.
func spoken() string {
	return packOf("en", "scoring: {offer: {score: 50}, escalate: {score: 80}}\nsignals:\n"+
		signalOf("bad", "customer", `{phrases: ["(bad)"]}`, "points: 2,")+"rewrites:\n"+
		rewriteOf("use", `move: plain-words, match: {phrases: ["(utilize)"]}, say: ["use"]`)+
		rewriteOf("please-note", `move: plain-words, match: {phrases: ["please note that", "please be aware"]}, say: [""]`)+
		rewriteOf("refusal", `move: soften, match: {text: "I can't help with {what}"}, say: ["I can't help with {what} here."]`)+
		rewriteOf("options", `move: plain-words, match: {text: "your options are as follows"}, say: ["You can do this."]`)+
		rewriteOf("upsell", `move: strip-cheer, place: sentence, match: {text: "have you heard about our {offer}"}, drops: [offer], say: [""]`)+
		rewriteOf("lost", `move: acknowledge, from: customer, match: {phrases: ["(lost)"]}, say: ["So it's lost."]`)+
		rewriteOf("any-time", `move: next-step, when: "score >= 2", say: ["Ask me at any moment."]`))
}

func TestSyntaxSurvives(t *testing.T) {
	set := compile(t, spoken())
	const plain, markdown, html, ssml = rules.Plain, rules.Markdown, rules.HTML, rules.SSML
	tests := []struct {
		name   string
		syntax rules.Syntax
		before string
		in     string
		out    string
	}{
		{"words in emphasis", markdown, "", "Please **utilize** it.", "Please **use** it."},
		{"a sentence in emphasis", markdown, "", "**I can't help with that.**", "**I can't help with that here.**"},
		{"emphasis over two sentences", markdown, "", "**I can't help with that. Call us.**", "**I can't help with that here. Call us.**"},
		{"emphasis that ends in the next sentence", markdown, "", "I can't **help with that. Call** us.", "I can't **help with that. Call** us."},
		{"emphasis inside", markdown, "", "I can't help with **your** bill.", "I can't help with **your** bill here."},
		{"a link as what is captured", markdown, "", "I can't help with [that](https://x.example).", "I can't help with [that](https://x.example) here."},
		{"an emphasised sentence that goes", markdown, "", "It is here. **Have you heard about our plan?**", "It is here."},
		{"a heading stays a heading", markdown, "", "# Returns\nUtilize the form.", "# Returns\nUse the form."},
		{"items of a list", markdown, "", "- Utilize a card\n- I can't help with cash\n", "- Use a card\n- I can't help with cash here.\n"},
		{"a link", markdown, "", "Utilize [the form](https://x.example/a?b=1&c=2).", "Use [the form](https://x.example/a?b=1&c=2)."},
		{"code", markdown, "", "Utilize it with `x --utilize`.", "Use it with `x --utilize`."},
		{"a paragraph of its own behind several lines", markdown, "bad", "Here:\n- one\n- two", "Here:\n- one\n- two\n\nAsk me at any moment."},
		{"and before them", markdown, "lost", "Here:\n- one\n- two", "So it's lost.\n\nHere:\n- one\n- two"},
		{"behind a single item", markdown, "bad", "- Card only", "- Card only\n\nAsk me at any moment."},
		{"before a single heading", markdown, "lost", "# Returns", "So it's lost.\n\n# Returns"},
		{"before a table", markdown, "lost", "| a | b |", "So it's lost.\n\n| a | b |"},
		{"a fence", markdown, "bad", "```\nutilize\n```", "```\nutilize\n```\n\nAsk me at any moment."},
		{"a colon before a list", plain, "", "Your options are as follows:\n- one\n- two", "You can do this:\n- one\n- two"},
		{"and none behind a full stop", plain, "", "Your options are as follows.", "You can do this."},
		{"no space is left behind a dropped sentence", plain, "", "The code is in the mail. Have you heard about our plan?", "The code is in the mail."},
		{"nor before one", plain, "", "Have you heard about our plan? The code is in the mail.", "The code is in the mail."},
		{"nor between", plain, "", "It is here. Have you heard about our plan? It is blue.", "It is here. It is blue."},
		{"a dropped line goes whole", markdown, "", "- It is here.\n- Have you heard about our plan?\n- It is blue.", "- It is here.\n- It is blue."},
		{"the last line of a list", markdown, "", "- It is here.\n- Have you heard about our plan?", "- It is here."},
		{"a reply is never emptied", plain, "", "Have you heard about our plan?", "Have you heard about our plan?"},
		{"a reply without an end mark", plain, "bad", "It is ready", "It is ready. Ask me at any moment."},
		{"one that ends with an amount", plain, "bad", "It costs 5 €", "It costs 5 €. Ask me at any moment."},
		{"one that ends with a bracket", plain, "bad", "It is ready (the blue one)", "It is ready (the blue one). Ask me at any moment."},
		{"one that ends with a mark in a bracket", plain, "bad", "It is ready (at last!)", "It is ready (at last!) Ask me at any moment."},
		{"one that ends with a picture", plain, "bad", "It is ready 🙂", "It is ready 🙂 Ask me at any moment."},
		{"one that ends with an address", plain, "bad", "See https://x.example/a", "See https://x.example/a\nAsk me at any moment."},
		{"one that ends with a bare address", plain, "bad", "See x.example/a", "See x.example/a\nAsk me at any moment."},
		{"one that ends with a host", plain, "bad", "See shop.example", "See shop.example\nAsk me at any moment."},
		{"white space behind it", plain, "bad", "It is ready.\n", "It is ready. Ask me at any moment.\n"},
		{"words in tags", html, "", "<p>Please <b>utilize</b> it.</p>", "<p>Please <b>use</b> it.</p>"},
		{"a sentence between tags", html, "", "<p>I can't help with that.</p><p>Bye.</p>", "<p>I can't help with that here.</p><p>Bye.</p>"},
		{"a sentence with a tag inside", html, "", "<p>I can't help with <b>that</b>.</p>", "<p>I can't help with <b>that</b>.</p>"},
		{"references", html, "", "<p>I can&#39;t help with Tom &amp; Co.</p>", "<p>I can't help with Tom &amp; Co here.</p>"},
		{"an attribute is not touched", html, "", `<a href="/utilize">Utilize it</a>`, `<a href="/utilize">Use it</a>`},
		{"inside the last element", html, "bad", "<p>It is ready.</p>", "<p>It is ready. Ask me at any moment.</p>"},
		{"not before a block of code", html, "bad", "<p>Use this:</p><pre>x y</pre>", "<p>Use this:</p><pre>x y</pre>"},
		{"behind code in a line", html, "bad", "<p>Use <code>x y</code></p>", "<p>Use <code>x y</code> Ask me at any moment.</p>"},
		{"inside it, without an end mark", html, "bad", "<p>It is ready</p>", "<p>It is ready. Ask me at any moment.</p>"},
		{"inside the first", html, "lost", "<div><p>Let me look.</p></div>", "<div><p>So it's lost. Let me look.</p></div>"},
		{"SSML keeps its tags", ssml, "bad", `<speak>Utilize <say-as interpret-as="digits">12</say-as>.</speak>`, `<speak>Use <say-as interpret-as="digits">12</say-as>. Ask me at any moment.</speak>`},
		{"only tags", html, "bad", "<br/>", "<br/>"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			k := newTalk(set)
			if tt.before != "" {
				k.customer(tt.before)
			}
			k.facts.Syntax = tt.syntax
			if j := k.bot(tt.in); j.Sent != tt.out {
				t.Errorf("sent %q\nwant %q\nrejected %v", j.Sent, tt.out, j.Rejected)
			}
		})
	}
}

func TestCheerIsTakenOut(t *testing.T) {
	set := compile(t, packOf("en", "rewrites:\n"+rewriteOf("calm", `move: strip-cheer, when: "customer_turn >= 0"`)))
	tests := []struct {
		name, in, out string
		syntax        rules.Syntax
	}{
		{"marks", "It is ready! Come in!!", "It is ready. Come in.", 0},
		{"a question stays one", "Ready?! Really!?", "Ready? Really?", 0},
		{"an opener", "Great! It is ready.", "It is ready.", 0},
		{"several openers", "Great! Wonderful! It is ready.", "It is ready.", 0},
		{"an opener alone stays", "Great!", "Great.", 0},
		{"nothing but cheer", "Great! Perfect!", "Great. Perfect.", 0},
		{"cheer at the end", "It is ready. Great! Perfect!", "It is ready.", 0},
		{"cheer and emoji at the end", "It is ready. Awesome! 🎉", "It is ready.", 0},
		{"emoji around cheer at the end", "It is ready. 🎉 Great!  😊 🎉", "It is ready.", 0},
		{"a mark and an emoji at the end", "It is ready! 🎉", "It is ready.", 0},
		{"emoji and nothing else stay", "🎉 😊", "🎉 😊", 0},
		{"and in between", "It is here. Awesome! It is blue.", "It is here. It is blue.", 0},
		{"in an element of its own", "<p><b>Great!</b> It is ready.</p>", "<p><b>Great.</b> It is ready.</p>", rules.HTML},
		{"before a list", "Great!\n- one\n- two", "- one\n- two", 0},
		{"emoji", "It is 🎉 ready 🙏🏽.", "It is ready.", 0},
		{"a smile at either end", "😊 It is ready. Have a look 😊! Bye 😊", "It is ready. Have a look. Bye", 0},
		{"several in a row", "It is ready 😊 ❤️ 🎉!", "It is ready.", 0},
		{"a thumb that is to be sent", "Reply 👍 to go on or 👎 to stop!", "Reply 👍 to go on or 👎 to stop.", 0},
		{"a thumb at the end", "Answer with 👍!", "Answer with 👍.", 0},
		{"marks that mean something", "✅ = paid, ❌ = open!", "✅ = paid, ❌ = open.", 0},
		{"a smile that is asked about", "Was it 🙂 or 🙁!?", "Was it 🙂 or 🙁?", 0},
		{"smiles that are named", "How was it? 😀 good 😐 so so 🙁 bad!", "How was it? 😀 good 😐 so so 🙁 bad.", 0},
		{"a password", "It is P@ss!word! Keep it! Or Abc123!", "It is P@ss!word! Keep it. Or Abc123!", 0},
		{"a name with a mark", "We and Yahoo! are here, and Code WELCOME! is yours!", "We and Yahoo! are here, and Code WELCOME! is yours.", 0},
		{"a sum", "Well, 5! = 120!", "Well, 5! = 120.", 0},
		{"a price", "That is 12.50! Or $5!", "That is 12.50. Or $5.", 0},
		{"stars", "Your rating: ⭐⭐⭐!", "Your rating: ⭐⭐⭐.", 0},
		{"a smile behind a colon", "Your rating: 😀", "Your rating: 😀", 0},
		{"weather", "Today: ☀️ 21 °C!", "Today: ☀️ 21 °C.", 0},
		{"an emoji at the start", "🎉 It is ready.", "It is ready.", 0},
		{"families and flags", "From 🇩🇪 to 🇫🇷 with 👨‍👩‍👧!", "From 🇩🇪 to 🇫🇷 with 👨‍👩‍👧.", 0},
		{"marks in code", "Type `a!b!` now!", "Type `a!b!` now.", rules.Markdown},
		{"marks in addresses", "See https://x.example/!a now!", "See https://x.example/!a now.", 0},
		{"marks in tags", "<p title=\"a!\">Ready!</p>", "<p title=\"a!\">Ready.</p>", rules.HTML},
		{"a mark that stands alone", "! Ready", "! Ready", 0},
		{"in quotes", "It says \"Stop!\" on it.", "It says \"Stop!\" on it.", 0}, // quoted text is a fact
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			k := newTalk(set)
			k.facts.Syntax = tt.syntax
			j := k.bot(tt.in)
			if j.Sent != tt.out {
				t.Errorf("sent %q\nwant %q\nrejected %v", j.Sent, tt.out, j.Rejected)
			}
			if again := k.bot(tt.out); again.Sent != tt.out {
				t.Errorf("judged again it became %q", again.Sent)
			}
		})
	}
}

func TestVoiceIsSpoken(t *testing.T) {
	set := compile(t, rewriting(rewriteOf("refusal", `move: soften, match: {text: "I can't help with {what}"},
    say: ["I can't help with {what}: see https://x.example", "I can't help with {what} 🙂", "I can't help with {what}:\n- a\n- b", "I can't help with {what} here."], adds: [fact]`)+
		rewriteOf("pictures", `move: soften, match: {text: "it is closed"}, say: ["It is closed 🙂"]`)+
		rewriteOf("long", `move: soften, match: {text: "it is open"}, say: ["It is open, and you are welcome to come in with whatever it is."]`)))
	for range 4 {
		k := newTalk(set)
		k.facts.Channel = "voice"
		for range 4 {
			if j := k.bot("I can't help with that."); j.Sent != "I can't help with that here." {
				t.Errorf("spoken: %q", j.Sent)
			}
		}
		if j := k.bot("It is closed."); j.Sent != "It is closed." {
			t.Errorf("spoken: %q", j.Sent)
		}
		if j := k.bot("It is open."); j.Sent != "It is open." || j.Rejected[0].By != rules.ByGrowth {
			t.Errorf("spoken: %q, rejected %v: speech grows by two and a half seconds at most", j.Sent, j.Rejected)
		}
	}
}

func TestVoiceSpeaksMessagesItCan(t *testing.T) {
	set := compile(t, scored(ordinaryScoring)+"messages: {offer: [\"Yes? 🙂\", \"See https://x.example\", \"Shall I get someone?\"]}\n")
	for _, session := range []string{"a", "b", "c", "d"} {
		k := newTalk(set)
		k.facts.Session, k.facts.Channel = session, "voice"
		k.customer("awful")
		if j := k.bot("Hm."); j.Sent != "Hm. Shall I get someone?" {
			t.Errorf("spoken: %q, said %q", j.Sent, j.Say)
		}
	}
}
