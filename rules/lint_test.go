package rules_test

import (
	"slices"
	"strings"
	"testing"

	"attune/rules"
)

// lintOf compiles and checks a pack and returns what is found, without excerpts.
func lintOf(t *testing.T, source string) []string {
	t.Helper()
	set, found := rules.Compile([]rules.File{{Name: "p.yaml", Data: []byte("pack: p\nversion: 1\nlocale: en\n" + source)}})
	if set == nil {
		t.Fatalf("does not compile: %v", found)
	}
	var out []string
	for _, d := range append(found, set.Check()...) {
		out = append(out, d.Severity.String()+": "+d.Message)
	}
	return out
}

func signalLike(id, phrase, more string, fires ...string) string {
	return "  - id: " + id + "\n    what: The customer says something.\n    why: It is worth a test.\n    from: customer\n    match: {phrases: [\"" + phrase + "\"]}\n    points: 1\n" +
		more + "    examples: {fires: [" + strings.Join(fires, ", ") + "], silent: [quite fine]}\n"
}

func rewriteLike(id, match, say, more string, examples ...string) string {
	return "  - id: " + id + "\n    what: Say something else instead.\n    why: It is worth a test.\n    move: soften\n    match: {text: \"" + match + "\"}\n    say: [\"" + say + "\"]\n" +
		more + "    examples: [" + strings.Join(examples, ", ") + ", {in: It is fine., unchanged: true}]\n"
}

// regexSignal is a signal of the customer's that an expression makes.
func regexSignal(expr string) string {
	return "  - id: masked\n    what: The customer masks a swear word.\n    why: A sign of anger, whatever stands in the middle.\n    from: customer\n" +
		"    match: {regex: '(?i)" + expr + "'}\n    points: 2\n    examples: {fires: ['f** this', 'oh f##'], silent: ['if so']}\n"
}

func TestLint(t *testing.T) {
	tests := []struct {
		name, pack string
		want       string // part of a warning; "" for no finding at all
	}{
		{
			"two signals for the same words", "signals:\n" + signalLike("a", "(awful)", "", "awful", "so awful") + signalLike("b", "(awful | dreadful)", "", "awful"),
			`every example of "b" is caught by "a" as well`,
		},
		{"an expression that waits for a letter", "signals:\n" + regexSignal(`\b(?:f.{2,3}k?|b[*]{3}h)`), "no text of more than a letter"},
		{"an expression that waits for three signs", "signals:\n" + regexSignal(`\b(?:f[*#@][*#@]|b[*]{3}h)`), ""},
		{
			"a signal within another one", "signals:\n" + signalLike("a", "(awful | dreadful)", "", "awful", "dreadful") + signalLike("b", "(dreadful)", "", "dreadful", "so dreadful"),
			`every example of "b" is caught by "a" as well`,
		},
		{
			"a heavier signal within a lighter one", "signals:\n" + signalLike("a", "(awful | dreadful)", "", "awful", "dreadful") +
				strings.Replace(signalLike("b", "(dreadful)", "", "dreadful"), "points: 1", "points: 2", 1), "",
		},
		{"signals of their own", "signals:\n" + signalLike("a", "(awful)", "", "awful") + signalLike("b", "(dreadful)", "", "dreadful"), ""},
		{
			"a number that is never so", "signals:\n" + signalLike("a", "(awful)", "", "awful") + signalLike("b", "(dreadful)", "    when: score > 8 && score < 2\n    mode: off\n", "dreadful"),
			`the condition of "b" never holds`,
		},
		{"a number below zero", "signals:\n" + signalLike("b", "(dreadful)", "    when: {bot.failures: \"< 0\"}\n    mode: off\n", "dreadful"), `the condition of "b" never holds`},
		{"a channel that does not exist", "signals:\n" + signalLike("b", "(dreadful)", "    when: channel == 'phone'\n    mode: off\n", "dreadful"), `the condition of "b" never holds`},
		{"two channels at once", "signals:\n" + signalLike("b", "(dreadful)", "    when: channel == 'text' and channel == 'voice'\n    mode: off\n", "dreadful"), `the condition of "b" never holds`},
		{"a confidence above one", "signals:\n" + signalLike("b", "(dreadful)", "    when: 1 < asr.confidence\n    mode: off\n", "dreadful"), `the condition of "b" never holds`},
		{"a condition that may hold", "signals:\n" + signalLike("b", "(dreadful)", "    when: score >= 0 && score < 2 && (channel == 'text' || channel == 'voice') && asr.confidence <= 1\n", "dreadful"), ""},
		{
			"a rewrite that never gets to speak", "rewrites:\n" +
				rewriteLike("a", "it {what} not work [today]", "It {what} not work here.", "    priority: 5\n", "{in: It does not work., out: It does not work here.}") +
				rewriteLike("b", "it does not work", "It does not work yet.", "", "{in: It does not work., out: It does not work yet.}"),
			`"b" gets to speak in none of its examples, since "a" does`,
		},
		{
			"a negation that is lost", "rewrites:\n" + rewriteLike("a", "it does not work", "It works.", "    mode: off\n", "{in: It does not work., unchanged: true}"),
			`what "a" says lacks a negation that every sentence it matches holds`,
		},
		{
			"words without end", "rewrites:\n" + rewriteLike("a", "it works", "It works "+strings.Repeat("very ", 40)+"well.", "", "{in: It works., unchanged: true}"),
			`is more than 160 characters longer`,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := lintOf(t, tt.pack)
			switch {
			case tt.want == "" && len(got) > 0:
				t.Errorf("found %q, want nothing", got)
			case tt.want != "" && !slices.ContainsFunc(got, func(f string) bool {
				return strings.HasPrefix(f, "warning: ") && strings.Contains(f, tt.want)
			}):
				t.Errorf("found %q, want a warning with %q", got, tt.want)
			}
		})
	}
}

func TestMeaning(t *testing.T) {
	for source, want := range map[string]string{
		"scoring: {half_life: 4, flag: 2, offer: {score: 5}, escalate: {score: 8}, rearm_below: 3, bands: {calm: 0}}\n":     "p (en): 2 points every turn: offer on the 3rd, escalation on the 6th; half is left after 4 customer turns, ",
		"scoring: {half_life: 1, flag: 1, offer: {score: 1}, escalate: {score: 8}, rearm_below: 1, bands: {calm: 0}}\n":     "p (en): 1 point every turn: offer on the 1st, escalation never; half is left after 1 customer turn, ",
		"scoring: {half_life: 4, flag: 2, offer: {dominated: 3}, escalate: {score: 4}, rearm_below: 3, bands: {calm: 0}}\n": "p (en): 2 points every turn: no offer by score, escalation on the 3rd; ",
		"messages: {handoff.stayed: [\"Good.\"]}\n": "",
	} {
		set, found := rules.Compile([]rules.File{{Name: "p.yaml", Data: []byte("pack: p\nversion: 1\nlocale: en\n" + source)}})
		if set == nil {
			t.Fatal(found)
		}
		got := strings.Join(set.Meaning(), "\n")
		if want == "" && got != "" || !strings.HasPrefix(got, want) {
			t.Errorf("%s means %q, want %q…", source, got, want)
		}
	}
}

// TestLintBlamesNoOtherRule: a rewrite that its own fact lock holds back never speaks,
// and no other rule is to be searched for.
func TestLintBlamesNoOtherRule(t *testing.T) {
	got := lintOf(t, "rewrites:\n"+rewriteLike("a", "it does not work", "It works.", "", "{in: It does not work., out: It works.}"))
	if !slices.Contains(got, `warning: "a" gets to speak in none of its examples`) {
		t.Errorf("found %q", got)
	}
}
