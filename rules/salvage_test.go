package rules_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"attune/rules"
)

// damages are slips of the hand that make a line no YAML.
var damages = map[string]func(line string) string{
	"a colon in a text":     func(l string) string { return wordBehindKey.ReplaceAllString(l, `$1 Note: $2`) },
	"a quote left open":     func(l string) string { return wordBehindKey.ReplaceAllString(l, `$1 "$2`) },
	"a bracket left open":   func(l string) string { return lastBracket.ReplaceAllString(l, "") },
	"a tab before the line": func(l string) string { return leadingSpaces.ReplaceAllString(l, "\t$1") },
	"a section moved in":    func(l string) string { return sectionKey.ReplaceAllString(l, " $1") },
	"a colon left out":      func(l string) string { return bareKey.ReplaceAllString(l, "$1") },
}

var (
	wordBehindKey = regexp.MustCompile(`^(    (?:what|why):) ([A-Za-z])`)
	lastBracket   = regexp.MustCompile(`[\]}]$`)
	leadingSpaces = regexp.MustCompile(`^    (\w+:)`)
	sectionKey    = regexp.MustCompile(`^((?:rewrites|crisis|touchpoints|escalations):)$`)
	bareKey       = regexp.MustCompile(`^(    (?:examples|steps|match)):$`)
)

// TestOneFaultOfYAMLHidesNoOther damages every line of a long pack in every way, and misspells a key elsewhere. Both are
// told, the damage at its place, and nothing that is right is called wrong.
func TestOneFaultOfYAMLHidesNoOther(t *testing.T) {
	data, err := os.ReadFile("testdata/design-sample.yaml")
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(data), "\n")
	for name, damage := range damages {
		tried := 0
		for i := range lines {
			broken := strings.Split(string(data), "\n")
			if broken[i] = damage(lines[i]); broken[i] == lines[i] {
				continue
			}
			tried++
			text := strings.Replace(strings.Join(broken, "\n"), "\nasks:", "\nakss:", 1)
			set, found := rules.Compile([]rules.File{{Name: "p.yaml", Data: []byte(text)}})
			if set != nil {
				t.Errorf("%s in line %d: compiled", name, i+1)
				continue
			}
			here, key := false, false
			for _, d := range found {
				switch {
				case strings.HasPrefix(d.Message, "not valid YAML"):
					here = here || d.Line >= i && d.Line <= i+2
				case strings.Contains(d.Message, `"akss"`):
					key = true
				case strings.Contains(d.Message, `no ask is named "connect"`): // for that reason
				default:
					t.Errorf("%s in line %d, %q: nothing is wrong with\n%s", name, i+1, broken[i], d)
				}
			}
			if !here || !key {
				t.Errorf("%s in line %d, %q: told of it %v, of the misspelt key %v:\n%s", name, i+1, broken[i], here, key, found)
			}
		}
		if tried == 0 {
			t.Errorf("%s: no such line", name)
		}
	}
}
