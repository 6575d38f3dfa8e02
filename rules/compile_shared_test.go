package rules_test

import (
	"strings"
	"testing"

	"attune/rules"
)

// What several rules look for is looked for once, but a fault in it is told of wherever it stands.
func TestFaultsOfSharedPatternsAreToldOfEachTime(t *testing.T) {
	for match, want := range map[string]string{
		`{phrases: ["[x] {y}"]}`: "no word that every match must hold",
		`{text: ["[x] {y}"]}`:    "no word that every match must hold",
		`{regex: "("}`:           "regular expression",
		`{regex: "[a-z]"}`:       "no text of more than a letter",
		`{detect: nothing}`:      "nothing",
	} {
		_, found := rules.Compile([]rules.File{{Name: "p.yaml", Data: []byte(packOf("en",
			"signals:\n"+signalOf("a", "customer", match, "points: 1,")+signalOf("b", "customer", match, "points: 1,")))}})
		times := 0
		for _, d := range found {
			if strings.Contains(d.Message, want) {
				times++
			}
		}
		if times != 2 {
			t.Errorf("%s: told of %d times, want 2:\n%s", match, times, found)
		}
	}
}
