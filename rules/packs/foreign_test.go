package packs_test

import (
	"testing"

	"attune/rules"
)

// TestPersonsAreHeardInForeignSessions asks for a person in each language that packs are shipped in, in sessions of all
// of them and of one without a pack.
func TestPersonsAreHeardInForeignSessions(t *testing.T) {
	set := compile(t)
	asks := map[string]string{
		"en": "I want to talk to a human", "de": "Ich möchte mit einem Menschen sprechen",
		"es": "Quiero hablar con una persona", "fr": "Je veux parler à un humain",
	}
	for _, session := range []string{"en", "de", "es", "fr", "it", "de-AT"} {
		for language, ask := range asks {
			var st rules.State
			var j rules.Judgement
			set.Judge(&st, &rules.Turn{Role: rules.Customer, Text: ask}, &rules.Facts{Locale: session, AgentsAvailable: 1}, &j)
			if j.Decision != rules.Escalate || !j.Live || len(j.Say) == 0 {
				t.Errorf("session %s: %q (%s) leads to %v; signals %v", session, ask, language, j.Decision, j.Signals)
			}
		}
	}
}
