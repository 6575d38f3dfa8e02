package rules_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"attune/rules"
)

// pack is a pack file of a test; its name in findings is the pack's.
func pack(text string) rules.File {
	text = strings.TrimPrefix(text, "\n")
	name, _, _ := strings.Cut(strings.TrimPrefix(text, "pack: "), "\n")
	return rules.File{Name: name + ".yaml", Data: []byte(text)}
}

// compiled builds a set and fails the test on any error.
func compiled(t testing.TB, files ...rules.File) *rules.Set {
	t.Helper()
	set, found := rules.Compile(files)
	if set == nil {
		t.Fatalf("compile:\n%s", found)
	}
	return set
}

// heard judges one customer turn of a new conversation.
func heard(set *rules.Set, facts rules.Facts, text string) rules.Judgement {
	var st rules.State
	var j rules.Judgement
	set.Judge(&st, &rules.Turn{Role: rules.Customer, Text: text}, &facts, &j)
	return j
}

func person(locale, phrase string) rules.File {
	return pack(fmt.Sprintf(`
pack: core-%[1]s
locale: %[1]s
always: {asks-for-person: escalate}
signals:
  - id: asks-for-person
    what: The customer asks for a person.
    why: A refused exit is what people remember.
    from: customer
    match: {phrases: [%[2]q]}
    points: 1
    examples: {fires: [%[2]q]}
`, locale, phrase))
}

func TestPersonIsHeardInEveryLanguage(t *testing.T) {
	asks := map[string]string{"en": "a human please", "de": "einen menschen bitte", "fr": "un humain merci"}
	set := compiled(t, person("en", asks["en"]), person("de", asks["de"]), person("fr", asks["fr"]))
	for _, session := range []string{"en", "de", "fr", "it", "en-GB", ""} {
		for language, ask := range asks {
			j := heard(set, rules.Facts{Locale: session, AgentsAvailable: 1}, ask)
			if j.Decision != rules.Escalate || j.Reason != "asks-for-person" {
				t.Errorf("session %q: %q (%s) leads to %v because of %q", session, ask, language, j.Decision, j.Reason)
			}
		}
	}
}

func TestSignalHeardTwiceCountsOnce(t *testing.T) {
	set := compiled(t, person("en", "operator please"), person("de", "operator please"))
	j := heard(set, rules.Facts{Locale: "fr"}, "operator please")
	if j.Points != 1 || !slices.Equal(j.Signals, []string{"asks-for-person"}) {
		t.Errorf("%g points, signals %v, want one point for one signal", j.Points, j.Signals)
	}
}

func shouts(name, locale, id string, points int) rules.File {
	return pack(fmt.Sprintf(`
pack: %s
locale: %s
always: {%s: offer}
signals:
  - id: %[3]s
    what: The customer writes in capitals.
    why: Capitals are a raised voice in any language.
    from: customer
    match: {detect: customer.shouting}
    points: %d
    examples: {fires: ["WHERE IS MY ORDER NOW"]}
`, name, locale, id, points))
}

func TestStructureRunsInEveryLocaleOnce(t *testing.T) {
	set := compiled(t, shouts("core-en", "en", "shouts", 1), shouts("core-de", "de", "schreit", 3), shouts("core-fr", "fr", "shouts", 2))
	for session, want := range map[string]float64{"en": 1, "de": 3, "fr": 2, "it": 1} {
		j := heard(set, rules.Facts{Locale: session, AgentsAvailable: 1}, "WHERE IS MY ORDER NOW")
		if j.Points != want {
			t.Errorf("session %s: %g points, want %g; signals %v", session, j.Points, want, j.Signals)
		}
		if j.Decision != rules.Offer {
			t.Errorf("session %s: decided %v, want offer as its pack says", session, j.Decision)
		}
	}
}

func TestLanguageIsServedByItsRegion(t *testing.T) {
	set := compiled(t, shouts("core-en", "en", "shouts", 1), shouts("pt-pt", "pt-PT", "shouts", 3), shouts("pt-br", "pt-BR", "shouts", 2))
	for session, want := range map[string]float64{"pt": 2, "pt-BR": 2, "pt-PT": 3, "pt-AO": 1, "pt_br": 2} {
		if j := heard(set, rules.Facts{Locale: session}, "WHERE IS MY ORDER NOW"); j.Points != want {
			t.Errorf("session %s: %g points, want %g", session, j.Points, want)
		}
	}
}

// findings compiles packs that must not give a set, and returns what is wrong with them.
func findings(t *testing.T, files ...rules.File) string {
	t.Helper()
	set, found := rules.Compile(files)
	if set != nil {
		t.Fatalf("a broken set compiled; findings:\n%s", found)
	}
	return found.String()
}

// wants fails the test when any of the parts is missing in the findings.
func wants(t *testing.T, found string, parts ...string) {
	t.Helper()
	for _, p := range parts {
		if !strings.Contains(found, p) {
			t.Errorf("findings lack %q:\n%s", p, found)
		}
	}
}

func TestRearmLiesBelowThresholds(t *testing.T) {
	for scoring, want := range map[string]string{
		"{rearm_below: 6, offer: {score: 5}, escalate: {score: 8}}": "a.yaml:2:24: warning: rearm_below (6) lies above offer (5)",
		"{rearm_below: 9, escalate: {score: 8}}":                    "a.yaml:2:24: warning: rearm_below (9) lies above offer (5)",
		"{rearm_below: 5, offer: {score: 5, dominated: 2}}":         "",
		"{offer: {score: 2}}":                                       "", // the default of 3 follows
	} {
		set, found := rules.Compile([]rules.File{pack("\npack: a\nscoring: " + scoring + "\n")})
		if set == nil || want == "" && len(found) > 0 || !strings.Contains(found.String(), want) {
			t.Errorf("%s: want %q, found:\n%s", scoring, want, found)
		}
	}
}

func TestAskThatCannotBeAccepted(t *testing.T) {
	found := findings(t, pack(`
pack: a
phrases: {yes: ["yes", "go  on"], no: ["no"]}
asks:
  connect: {accept: [yes], decline: [no, "(never)", "Go on"], then: escalate}
`))
	wants(t, found, `a.yaml:4:3: error: "Go on" both accepts and declines ask "connect"`)
}

func TestListsOfOneNameInOneLocale(t *testing.T) {
	list := "\npack: %s\nlocale: %s\nphrases: {yes: [%q]}\n"
	found := findings(t, pack(fmt.Sprintf(list, "a", "en", "yes")), pack(fmt.Sprintf(list, "b", "en", "yep")))
	wants(t, found, `b.yaml:3:11: error: list "yes" stands twice`, `phrases: {yes: ["yep"]}`, `hint: the first one is at a.yaml:3: phrases: {yes: ["yes"]}`)
	compiled(t, pack(fmt.Sprintf(list, "a", "en", "yes")), pack(fmt.Sprintf(list, "b", "de", "ja")), pack(fmt.Sprintf(list, "c", "en-GB", "aye")))
}
