package rules_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"attune/rules"
)

// TestExpressionsAreNotMissed holds the texts by which expressions are found against the expressions themselves: what
// matches is always reported.
func TestExpressionsAreNotMissed(t *testing.T) {
	texts := []string{
		"no", "No, not that", "know", "I know no", "é no", "x-no_ no1", "İno way", "oh no no", "NO!", "nope", "n", "2no", "no\nno",
		"sorry", "I'm sorry", "im sorry", "?", "?!", "!!x", "straße no", "STRASSE", "äno", "noä", "with x but y", "without but", "hmmm no",
		"colour color", "a.no.b", "Σίσυφος no", "the cat", "thecat cat", "cat5 cat", "virtual agent", "ab abab ababab", "f-oo fooo",
	}
	for _, expr := range []string{
		`(?i)^\W*(?:(?:um|uh|hm+|sorry)\W+)?(?:no|nope|nah)\W+(?:[\w']+\W+){1}\w`, `(?i)\bno\b`, `no`, `\Bno`, `no\B`, `(?i)^no`, `no$`,
		`(?i)(?:^|\W)no(?:\W|$)`, `[^\pL]no[^\pL]?`, `(?i)i'?m sorry`, `[!?]{2,}`, `[!?]{1}x?`, `(?i)\bwith\b.*\bbut\b`, `(?i)colou?r`,
		`(?m)^no$`, `(?i)σίσυφος`, `(?i)İno`, `(?:ab)+`, `(?:ab){2,3}`, `(?i)(no|cat)\b`, `\b(?:the )?cat`, `x?no`, `\b-?no`, `(?:\b)no(\b)`,
		`(?i)hm+ no`, `f(?:-|o)+`, `(?:a|b|c|d)(?:e|\.)(?:n|m)o`, `(?:no\W*)+`, `(?:no)*\.b`, `\d?no`, `[a-z]no`, `-(?:\bno|(?:abab)+)`, `(?i)stra(?:ß|ss)e`,
	} {
		rule := signalOf("s", "customer", fmt.Sprintf(`{regex: '%s'}`, strings.ReplaceAll(expr, "'", "''")), "points: 1,")
		set, found := rules.Compile([]rules.File{{Name: "p.yaml", Data: []byte(packOf("en", "signals:\n"+rule))}})
		if set == nil {
			t.Fatalf("%s:\n%s", expr, found)
		}
		re := regexp.MustCompile(expr)
		for _, text := range texts {
			var st rules.State
			var j rules.Judgement
			set.Judge(&st, &rules.Turn{Role: rules.Customer, Text: text}, &rules.Facts{Session: "s"}, &j)
			if got, want := len(j.Signals) > 0, re.MatchString(text); got != want {
				t.Errorf("%s on %q: %v, want %v", expr, text, got, want)
			}
		}
	}
}
