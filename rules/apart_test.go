package rules_test

import (
	"slices"
	"strings"
	"testing"

	"attune/rules"
)

// apartPack listens to, and rewords, what the bot says.
func apartPack() string {
	return packOf("en", `
signals:
`+signalOf("fallback", "bot", "{detect: bot.fallback}", "points: 2, failure: true,")+
		signalOf("no-luck", "bot", `{phrases: ["no luck"]}`, "points: 1,")+
		signalOf("stack", "bot", `{regex: "panic:"}`, "points: 1,")+`
verbatim:
  - {id: terms, why: b, match: {phrases: ["terms apply"]}, examples: {fires: [a], silent: [b]}}
crisis:
  - {id: danger, what: a, why: b, match: {phrases: ["(drowning)"]}, line: msg.line, examples: {fires: [a], silent: [b]}}
messages: {msg.line: ["Call 112."]}
rewrites:
`+rewriteOf("plain", `move: plain words, match: {phrases: ["(utilise)"]}, say: ["use"]`)+
		rewriteOf("soft", `move: soften, match: {text: "no luck with {what}"}, say: ["I had no luck with {what}."]`)+
		rewriteOf("calm", `move: strip cheer`))
}

func TestWhatABotShowsIsNotWhatItSays(t *testing.T) {
	set := compile(t, apartPack())
	tests := []struct {
		name    string
		syntax  rules.Syntax
		reply   string
		signals string
	}{
		{"said", rules.Markdown, "Sorry, I did not get that.", "fallback"},
		{"a fence", rules.Markdown, "The log says:\n```\nSorry, I did not get that.\nno luck with it\npanic: x\n```\nAll is well.", ""},
		{"a fence in plain text", rules.Plain, "The log says:\n~~~ text\nno luck with it\n~~~", ""},
		{"a fence that stays open", rules.Markdown, "```\nno luck with it", ""},
		{"behind a fence", rules.Markdown, "```\nall is well\n```\nno luck with it", "no-luck"},
		{"a fence in a fence", rules.Markdown, "````\n```\nno luck with it\n```\npanic: y\n````", ""},
		{"a quote", rules.Markdown, "You wrote:\n> no luck with it\n> panic: x\n\nThanks.", ""},
		{"a quote first", rules.Markdown, "> Sorry, I did not get that.", ""},
		{"beside a quote", rules.Markdown, "> all is well\n\nno luck with it", "no-luck"},
		{"a sign in a line is no quote", rules.Markdown, "It is 3 > 2.\nno luck with it", "no-luck"},
		{"inline code is said", rules.Markdown, "There was no luck with `it`.", "no-luck"},
		{"an indented paragraph is said", rules.Markdown, "- a step\n\n    no luck with it", "no-luck"},
		{"a blockquote", rules.HTML, "<p>You wrote</p><blockquote class=\"q\"><p>no luck with it</p></blockquote><p>Thanks.</p>", ""},
		{"a nested blockquote", rules.HTML, "<blockquote>a<blockquote>b</blockquote>no luck with it</blockquote>", ""},
		{"behind a blockquote", rules.HTML, "<blockquote>all is well</blockquote>no luck with it", "no-luck"},
		{"another tag", rules.HTML, "<blockquoted>no luck with it", "no-luck"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			k := newTalk(set)
			k.facts.Syntax, k.facts.Mode = tt.syntax, rules.Observe
			if got := strings.Join(k.bot(tt.reply).Signals, " "); got != tt.signals {
				t.Errorf("signals %q, want %q", got, tt.signals)
			}
		})
	}
}

func TestWhatABotShowsStaysAsItIs(t *testing.T) {
	set := compile(t, apartPack())
	for _, reply := range []string{
		"You wrote:\n> no luck with it\n> I utilise it. Great!\n\nSee there.",
		"Look:\n```\nno luck with it\nutilise it!\n```",
		"> utilise it!!\n\nSee there.",
	} {
		k := newTalk(set)
		k.facts.Syntax = rules.Markdown
		if j := k.bot(reply); j.Sent != reply {
			t.Errorf("%q became %q by %v", reply, j.Sent, j.Rules)
		}
	}
	k := newTalk(set)
	k.facts.Syntax = rules.Markdown
	const want = "> no luck with it\n\nI had no luck with it.\nYou can use it."
	if j := k.bot("> no luck with it\n\nNo luck with it.\nYou can utilise it."); j.Sent != want {
		t.Errorf("sent %q, want %q", j.Sent, want)
	}
}

func TestTermsAndDangerAreReadInQuotesToo(t *testing.T) {
	set := compile(t, apartPack())
	k := newTalk(set)
	k.facts.Syntax = rules.Markdown
	if j := k.bot("> terms apply\n\nYou can utilise it."); !slices.Contains(j.Rejected, rules.Rejection{Rule: "plain", By: rules.ByVerbatim}) {
		t.Errorf("a quoted text that must stay was overlooked: %q, %v", j.Sent, j.Rejected)
	}
	if j := k.bot("> I am drowning\n\nYou can utilise it."); j.Sent != "> I am drowning\n\nYou can utilise it." {
		t.Errorf("beside danger the reply became %q", j.Sent)
	}
}
