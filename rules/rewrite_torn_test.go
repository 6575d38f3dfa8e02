package rules_test

import (
	"strings"
	"testing"

	"attune/rules"
)

// tearing is a pack whose rewrites would tear what stands around or inside the words they are about.
func tearing() string {
	return packOf("en", "rewrites:\n"+
		rewriteOf("in-order-to", `move: plain-words, match: {phrases: ["in order to"]}, say: ["to"]`)+
		rewriteOf("sadly", `move: plain-words, match: {phrases: ["(unfortunately)"]}, say: [""]`)+
		rewriteOf("note", `move: plain-words, match: {phrases: ["please note that"]}, say: [""]`)+
		rewriteOf("refusal", `move: soften, match: {text: "I cannot help [you] with {what}"}, say: ["I can't help with {what} here"]`)+
		rewriteOf("options", `move: plain-words, match: {text: "your options are as follows"}, say: ["You can do this"]`)+
		rewriteOf("day", `move: strip-cheer, match: {text: "have a nice day"}, place: sentence, say: [""]`)+
		rewriteOf("calm", `move: strip-cheer, when: "customer_turn >= 0"`))
}

func TestNothingIsTorn(t *testing.T) {
	set := compile(t, tearing())
	const plain, markdown, html = rules.Plain, rules.Markdown, rules.HTML
	long := "```\n" + strings.Repeat("please note that it runs in order to run\n", 20) + "```"
	tests := []struct {
		name    string
		syntax  rules.Syntax
		in, out string
	}{
		{"a tag ends inside the words", html, "<p><b>in order</b> to help</p>", "<p><b>in order</b> to help</p>"},
		{"a tag begins inside them", html, "<p>in <b>order to help</b> in order to go</p>", "<p>in <b>order to help</b> to go</p>"},
		{"emphasis ends inside the words", markdown, "Do it **in order** to help.", "Do it **in order** to help."},
		{"emphasis begins inside them", markdown, "Do it in _order to help_ in order to go.", "Do it in _order to help_ to go."},
		{"emphasis of another strength", markdown, "Do **it in *order** to* help.", "Do **it in *order** to* help."},
		{"emphasis is whole inside them", markdown, "Do it in **order** to help.", "Do it to help."},
		{"a link ends inside them", markdown, "Do it [in order](x) to help.", "Do it [in order](x) to help."},
		{"a low line in a name", markdown, "Set snake_case in order to go.", "Set snake_case to go."},
		{"a capture with the end of emphasis", markdown, "I **cannot help you with that fee**.", "I can't help with that fee here."},
		{"marks of direction at the ends of a capture", plain, "I cannot help you with \u202e123 ab\u202c.", "I cannot help you with \u202e123 ab\u202c."},
		{"marks of direction inside one", plain, "I cannot help you with the \u2067123 ab\u2069 fee.", "I can't help with the \u2067123 ab\u2069 fee here."},
		{"a sentence goes from an item of a list", markdown, "- It is paid. Have a nice day.\n- It is here.", "- It is paid.\n- It is here."},
		{"and from the last one", markdown, "1. It is paid. Have a nice day.", "1. It is paid."},
		{"and from a heading", markdown, "# It is paid. Have a nice day.\nIt is here.", "# It is paid.\nIt is here."},
		{"an item goes as a whole", markdown, "It is paid.\n- Have a nice day.\n- It is here.", "It is paid.\n- It is here."},
		{"a sentence goes behind a cell", markdown, "| a | It is paid. Have a nice day.", "| a | It is paid."},
		{"in low lines", markdown, "I __cannot help you with that fee__.", "I can't help with that fee here."},
		{"cheer inside emphasis", markdown, "**Great! It is here.**", "**Great! It is here.**"},
		{"rows of a table", markdown, "| I cannot help you with that | in order to |", "| I cannot help you with that | to |"},
		{"a sentence inside a cell", markdown, "| I cannot help you with that. | b |", "| I can't help with that here. | b |"},
		{"words over two cells", markdown, "| in order | to |", "| in order | to |"},
		{"code in HTML", html, "<p>Unfortunately, <code>in order to</code> it is.</p>", "<p><code>in order to</code> it is.</p>"},
		{"code alone in HTML", html, "<code>please note that in order to!</code>", "<code>please note that in order to!</code>"},
		{"pre", html, "<pre>in order to go!</pre><p>In order to go!</p>", "<pre>in order to go!</pre><p>To go.</p>"},
		{"a script", html, "<script>if (a < b) in order to!</script><p>In order to go.</p>", "<script>if (a < b) in order to!</script><p>To go.</p>"},
		{"a style", html, "<STYLE>in order to!</STYLE ><p>In order to go.</p>", "<STYLE>in order to!</STYLE ><p>To go.</p>"},
		{"a text area", html, "<textarea rows=2>in order to!</textarea>", "<textarea rows=2>in order to!</textarea>"},
		{"code that nothing closes", html, "<p>In order to go <code>in order to", "<p>To go <code>in order to"},
		{"a tag with the beginning of its name", html, "<codex>In order to go.</codex>", "<codex>To go.</codex>"},
		{"code between backticks", markdown, "Type `in order to` in order to go!", "Type `in order to` to go."},
		{"a sentence with code as what is captured", markdown, "I cannot help you with `in order to`.", "I can't help with `in order to` here."},
		{"indented code", markdown, "In order to go:\n\n    in order to!\n    please note that\n\nIn order to stay.", "To go:\n\n    in order to!\n    please note that\n\nTo stay."},
		{"a sentence in indented code", markdown, "So:\n\n    I cannot help you with that.", "So:\n\n    I cannot help you with that."},
		{"a long fence", markdown, "In order to go:\n" + long + "\nGo in order to stay.", "To go:\n" + long + "\nGo to stay."},
		{"a fence of tildes", markdown, "~~~\nin order to\n~~~\nIn order to go.", "~~~\nin order to\n~~~\nTo go."},
		{"a fence that nothing closes", markdown, "In order to go:\n```\nin order to", "To go:\n```\nin order to"},
		{"the end mark of a question", plain, "I cannot help you with that?", "I can't help with that here?"},
		{"the full stop", plain, "I cannot help you with that. Bye.", "I can't help with that here. Bye."},
		{"the mark inside emphasis", markdown, "**I cannot help you with that.** Bye.", "**I can't help with that here.** Bye."},
		{"the colon before a list", plain, "Your options are as follows:\n- one", "You can do this:\n- one"},
		{"no mark", plain, "I cannot help you with that", "I can't help with that here"},
		{"between commas", plain, "We do, unfortunately, know it.", "We do know it."},
		{"behind a comma", plain, "We know it, unfortunately.", "We know it."},
		{"behind a comma, at the end", plain, "We know it, unfortunately", "We know it"},
		{"behind a comma, before a line", plain, "We know it, unfortunately\nIt is blue.", "We know it\nIt is blue."},
		{"before a comma", plain, "We know it unfortunately, and more.", "We know it, and more."},
		{"between a comma and a semicolon", plain, "We know it, unfortunately; it is blue.", "We know it; it is blue."},
		{"between dashes", plain, "We do – unfortunately – know it.", "We do know it."},
		{"behind a hyphen", plain, "We know it - unfortunately.", "We know it."},
		{"in brackets", plain, "We know it (unfortunately).", "We know it."},
		{"in brackets, in the middle", plain, "We do (unfortunately) know it.", "We do know it."},
		{"in brackets, with more", plain, "We know it (unfortunately, it is blue).", "We know it (it is blue)."},
		{"in emphasis", markdown, "We do, **unfortunately**, know it.", "We do know it."},
		{"in brackets that end inside", plain, "We (please note that we) know it.", "We (we) know it."},
		{"in emphasis that goes on", markdown, "We do **unfortunately know** it.", "We do **know** it."},
		{"in emphasis that ends", markdown, "We do **know unfortunately** it.", "We do **know** it."},
		{"brackets end inside the words", plain, "Go (in order) to help.", "Go (in order) to help."},
		{"a capture with the end of brackets", plain, "(I cannot help you with that fee of 5) now.", "(I cannot help you with that fee of 5) now."},
		{"in brackets with their comma", plain, "(Unfortunately,) we know it.", "We know it."},
		{"in emphasis with its comma", markdown, "**Unfortunately,** we know it.", "We know it."},
		{"in emphasis, first", markdown, "**Unfortunately**, we know it.", "We know it."},
		{"in an element", html, "<p>We do <b>unfortunately</b> know it.</p>", "<p>We do <b>unfortunately</b> know it.</p>"},
		{"in emphasis with more", markdown, "**Unfortunately, we know it.**", "**We know it.**"},
		{"first, before a dash", plain, "Unfortunately – we know it.", "We know it."},
		{"a sentence of its own", plain, "Unfortunately. We know it.", "We know it."},
		{"a sentence of its own, last", plain, "We know it. Unfortunately.", "We know it. Unfortunately."},
		{"a line of its own", plain, "Unfortunately\nWe know it.", "Unfortunately\nWe know it."},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			k := newTalk(set)
			k.facts.Syntax = tt.syntax
			j := k.bot(tt.in)
			if j.Sent != tt.out {
				t.Errorf("sent %q\nwant %q\nrejected %v", j.Sent, tt.out, j.Rejected)
			}
			k = newTalk(set)
			k.facts.Syntax = tt.syntax
			if again := k.bot(tt.out); again.Sent != tt.out {
				t.Errorf("judged again it became %q", again.Sent)
			}
		})
	}
}

// TestNoSentenceIsReplacedWithoutNegations: where the words of a language are not known, only words are replaced.
func TestNoSentenceIsReplacedWithoutNegations(t *testing.T) {
	for locale, want := range map[string]string{"en-gb": "Say it here.", "it": "Tell it.", "nl": "Tell it.", "pt": "Tell it."} {
		set := compile(t, packOf(locale, "rewrites:\n"+
			rewriteOf("tell", `move: soften, match: {text: "tell it"}, say: ["Say it here."]`)))
		k := newTalk(set)
		k.facts.Locale = locale
		if j := k.bot("Tell it."); j.Sent != want {
			t.Errorf("%s: sent %q, want %q", locale, j.Sent, want)
		} else if locale != "en-gb" && (len(j.Rejected) != 1 || j.Rejected[0].By != rules.ByFacts) {
			t.Errorf("%s: rejected %v", locale, j.Rejected)
		}
	}
}
