package rules_test

import (
	"testing"

	"attune/rules"
)

// TestNoAdditionIsMadeTwice: another proxy, or this one when the reply comes round again, finds the addition however the
// reply ends.
func TestNoAdditionIsMadeTwice(t *testing.T) {
	set := compile(t, spoken())
	for _, ending := range []string{
		"", ".", "!", "?", ")", "!)", ".)", "/", " /", "|", " |", "_", " _", "`", "!`", ".`", "`x`", "`x!`", "]", "!]", "}", "*", "**", "!**", "~~", "~", "\\", "-", " -", "–", ",",
		"...", "…", ":", ";", "%", "€", "°", "#", "+", "=", "&", "@", "^", "$", "\"", "!\"", "”", "»", " »", "🙂", " 👍🏽", " ❤️", " 🇩🇪", "️", "\u00a0!", "。", "，", "›",
	} {
		for _, syntax := range []rules.Syntax{rules.Plain, rules.Markdown, rules.HTML} {
			k := newTalk(set)
			k.customer("bad")
			k.facts.Syntax = syntax
			before := k.st.Clone()
			sent := k.bot("It is there" + ending).Sent
			if sent == "It is there"+ending {
				continue // on any doubt it stays
			}
			behind := &talk{set: set, facts: k.facts, st: *before}
			if again := behind.bot(sent).Sent; again != sent {
				t.Errorf("%v, ending %q: sent %q, then %q", syntax, ending, sent, again)
			}
		}
	}
}
