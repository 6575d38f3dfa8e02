package proxy

import (
	"slices"
	"strings"

	"attune/proxy/session"
	"attune/rules"
)

// Bounds of what a card tells of the conversation.
const (
	storyFacts = 8
	storyTried = 4
	storyText  = 300 // bytes of each
)

// wanted is what the customer wants, in their own words: the first thing they
// said in more than two words that was not what called for a person; else the
// first thing they said.
func wanted(turns []session.Turn, reason string) string {
	first := ""
	for _, t := range turns {
		if t.Role != "customer" || t.Text == "" || slices.Contains(t.Signals, reason) {
			continue
		}
		if len(strings.Fields(t.Text)) > 2 {
			return short(t.Text)
		}
		if first == "" {
			first = short(t.Text)
		}
	}
	return first
}

// given is what the customer gave and must not be asked for again, the latest
// last.
func given(turns []session.Turn, locale string) []string {
	var out []string
	for _, t := range turns {
		if t.Role != "customer" {
			continue
		}
		for _, f := range rules.Given(locale, t.Text) {
			if !slices.Contains(out, f) {
				out = append(out, f)
			}
		}
	}
	return out[max(0, len(out)-storyFacts):]
}

// tried is what the bot said that some rule noticed: its failures and refusals,
// the latest last.
func tried(turns []session.Turn) []string {
	var out []string
	for _, t := range turns {
		if t.Role == "bot" && !t.Late && len(t.Signals) > 0 {
			out = append(out, short(t.Text))
		}
	}
	return out[max(0, len(out)-storyTried):]
}

// short cuts a text at a character's boundary.
func short(s string) string {
	if len(s) <= storyText {
		return s
	}
	return strings.ToValidUTF8(s[:storyText], "") + "…"
}
