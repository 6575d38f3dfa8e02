package rules_test

import (
	"strings"
	"testing"

	"attune/rules"
)

// disguises write a text so that it looks the same, or nearly, and has other bytes.
var disguises = map[string]func(string) string{
	"zero width between all letters": func(s string) string { return strings.Join(strings.Split(s, ""), "\u200b") },
	"soft hyphens and joiners":       strings.NewReplacer("a", "a\u00ad", "e", "e\u2060", "o", "\u200do").Replace,
	"direction marks":                func(s string) string { return "\u202e" + strings.ReplaceAll(s, " ", "\u200f \u200e") + "\u202c" },
	"tags and variation selectors":   strings.NewReplacer("n", "n\ufe0f", "t", "t\U000e0041").Replace,
	"Cyrillic look-alikes":           strings.NewReplacer("o", "о", "e", "е", "c", "с", "p", "р").Replace,
	"full width": func(s string) string {
		return strings.Map(func(r rune) rune {
			if r > ' ' && r < 0x7f {
				return r + 0xff01 - '!'
			}
			return r
		}, s)
	},
	"circled letters": func(s string) string {
		return strings.Map(func(r rune) rune {
			if r >= 'a' && r <= 'z' {
				return r + 'ⓐ' - 'a'
			}
			return r
		}, s)
	},
}

func TestDisguisedTextsScoreTheSame(t *testing.T) {
	set := shipped(t)
	score := func(text string) (float64, rules.Decision, string) {
		var st rules.State
		var j rules.Judgement
		set.Judge(&st, &rules.Turn{Role: rules.Customer, Text: text}, &rules.Facts{Session: "s", AgentsAvailable: 1}, &j)
		return j.Score, j.Decision, strings.Join(j.Rules, " ")
	}
	for _, text := range []string{
		"this is ridiculous, nothing works",
		"i want to talk to a human",
		"you did not answer my question",
		"great, thank you",
		"where is my parcel?",
		"i want to end my life",
	} {
		points, decision, fired := score(text)
		for name, disguise := range disguises {
			p, d, f := score(disguise(text))
			if p != points || d != decision || f != fired {
				t.Errorf("%q with %s: %v, %v, %s; want %v, %v, %s", text, name, p, d, f, points, decision, fired)
			}
		}
	}
}

// Slips of the pen reach the shipped packs, in what customers write only.
func TestShippedPacksForgiveSlips(t *testing.T) {
	set := shipped(t)
	for text, want := range map[string]rules.Decision{
		"I want to talk to a representative":     rules.Escalate,
		"I want to talk to a represantative":     rules.Escalate,
		"I want to speak to your mangaer":        rules.Escalate,
		"I want to speak to your representation": rules.None,
	} {
		var st rules.State
		var j rules.Judgement
		set.Judge(&st, &rules.Turn{Role: rules.Customer, Text: text}, &rules.Facts{Session: "s", AgentsAvailable: 1}, &j)
		if j.Decision != want {
			t.Errorf("%q: %v, want %v", text, j.Decision, want)
		}
	}
}
