package packs_test

import (
	"strings"
	"testing"

	"attune/rules"
)

// Whoever waits for a bot is spoken to in their own language, and on the telephone in words for the ear.
func TestSilenceIsSpokenOfInEveryLanguage(t *testing.T) {
	set := compile(t)
	said := func(id, locale, channel string) string {
		return set.Message(id, &rules.Facts{Locale: locale, Channel: channel, Session: "s1"}, nil, nil)
	}
	for _, what := range []string{"slow", "still", "gone", "gone.still", "back", "again", "over"} {
		id := "silence." + what
		seen := map[string]string{}
		for _, locale := range []string{"en", "de", "fr", "es"} {
			text, voice := said(id, locale, "text"), said(id, locale, "voice")
			if text == "" || voice == "" || text == voice {
				t.Errorf("%s, %s: text %q, voice %q", id, locale, text, voice)
			}
			if len(voice) > 100 {
				t.Errorf("%s, %s: %q is long for the telephone", id, locale, voice)
			}
			for _, word := range []string{"write", "send", "schr", "senden", "écri", "envo", "escri", "envíe"} {
				if strings.Contains(strings.ToLower(voice), word) {
					t.Errorf("%s, %s: %q speaks of writing on the telephone", id, locale, voice)
				}
			}
			if other, ok := seen[text]; ok {
				t.Errorf("%s: %s and %s say the same", id, other, locale)
			}
			seen[text] = locale
		}
	}
}
