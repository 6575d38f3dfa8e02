package lab_test

import (
	"testing"

	"attune/rules/lab"
)

func TestKeywords(t *testing.T) {
	for text, want := range map[string]bool{
		"":                                   false,
		"where is my parcel":                 false,
		"this is USELESS!":                   true,
		"useless":                            true,
		"'useless'":                          true,
		"uselessly":                          false,
		"I am fed up":                        true,
		"I am fed up.":                       true,
		"I am fed upstairs":                  false,
		"I am fed":                           false,
		"it doesn’t work":                    true,
		"hello, I want to talk to a person!": true,
		"I had a talk to give":               false,
		"a live agent, please":               true,
		"an estate agent":                    false,
		"übel 1234 ...":                      false,
	} {
		if got := lab.HasKeyword(text); got != want {
			t.Errorf("%q has a keyword: %v, want %v", text, got, want)
		}
	}
}
