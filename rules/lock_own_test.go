package rules_test

import (
	"strings"
	"testing"

	"attune/rules"
)

// What a rule says over again from its own match is nothing that it brings along, be it of one word or of several; what
// the match may lack, is.
func TestFactsOfTheMatchAreNotItsOwn(t *testing.T) {
	for _, tt := range []struct {
		match, say string
		own        []string
	}{
		{"wait up to {t:duration}", "It takes up to {t}.", nil},
		{"(allow | wait) at most {t}", "It takes at most {t}.", nil},
		{"you get at least {n} or nothing", "At least {n}, or nothing.", nil},
		{"wait [up to] {t}", "It takes up to {t}.", []string{`"up to"`}},
		{"wait at most {t}", "It takes at least {t}.", []string{`"at least"`}},
		{"wait until {t}", "Not until {t}, and only 5 times.", []string{`"Not"`, `"only"`, `"5"`, `"times"`}},
	} {
		_, found := rules.Compile([]rules.File{{Name: "p.yaml", Data: []byte("pack: p\n" + "rewrites:\n" +
			rewriteLike("a", tt.match, tt.say, "", "{in: It is so., unchanged: true}"))}})
		var own []string
		for _, d := range found {
			if _, word, ok := strings.Cut(d.Message, "which no rule may do unsaid: "); ok {
				own = append(own, word)
			} else if d.Severity == rules.Error {
				t.Errorf("%s: %s", tt.match, d)
			}
		}
		if strings.Join(own, " ") != strings.Join(tt.own, " ") {
			t.Errorf("%q for %q brings %s along, want %s", tt.say, tt.match, own, tt.own)
		}
	}
}
