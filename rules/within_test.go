package rules

import (
	"testing"
	"time"
)

// A promise of a rule is due when its text says so.
func TestWithin(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"We call you back within 2 hours.":                 2 * time.Hour,
		"You will hear from us in half an hour":            30 * time.Minute,
		"within an hour and a half":                        time.Hour,
		"It takes about 6 minutes, 7 at most":              6 * time.Minute,
		"in 30min":                                         30 * time.Minute,
		"within three business days":                       72 * time.Hour,
		"Wir melden uns in einer halben Stunde":            30 * time.Minute,
		"Wir rufen Sie innerhalb von zwei Stunden zurück":  2 * time.Hour,
		"Le llamamos en media hora":                        30 * time.Minute,
		"Nous vous rappelons dans une heure":               time.Hour,
		"We will look into order 4711 and call you":        0,
		"It takes a moment":                                0,
		"Our guarantee lasts two years":                    0,
		"within 900 days":                                  0,
		"a":                                                0,
		"":                                                 0,
		"We open at 8":                                     0,
		"99999999999999999999 minutes, or rather 1 minute": time.Minute,
	} {
		if got := within(text); got != want {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
}
