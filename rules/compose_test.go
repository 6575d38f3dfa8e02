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

// faultsOf compiles packs that must not give a set, and returns what is wrong with them.
func faultsOf(t *testing.T, files ...rules.File) string {
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
	found := faultsOf(t, pack(`
pack: a
phrases: {yes: ["yes", "go  on"], no: ["no"]}
asks:
  connect: {accept: [yes], decline: [no, "(never)", "Go on"], then: escalate}
`))
	wants(t, found, `a.yaml:4:3: error: "Go on" both accepts and declines ask "connect"`)
}

func TestListsOfOneNameInOneLocale(t *testing.T) {
	list := "\npack: %s\nlocale: %s\nphrases: {yes: [%q]}\n"
	found := faultsOf(t, pack(fmt.Sprintf(list, "a", "en", "yes")), pack(fmt.Sprintf(list, "b", "en", "yep")))
	wants(t, found, `b.yaml:3:11: error: list "yes" stands twice`, `phrases: {yes: ["yep"]}`, `hint: the first one is at a.yaml:3: phrases: {yes: ["yes"]}`)
	compiled(t, pack(fmt.Sprintf(list, "a", "en", "yes")), pack(fmt.Sprintf(list, "b", "de", "ja")), pack(fmt.Sprintf(list, "c", "en-GB", "aye")))
}

// greets is a pack with one rewrite, one list and one test of them.
func greets(name, locale, more string) rules.File {
	return pack(fmt.Sprintf(`
pack: %s
locale: %s
%s`, name, locale, more))
}

const base = `
phrases: {hello: ["hello there"]}
rewrites:
  - id: greeting
    what: Greet with a question that leads on.
    why: A bare greeting leaves the customer to begin.
    match: {phrases: [hello]}
    say: ["hello, how may we help"]
    examples: [{in: "hello there", out: "hello, how may we help"}, {in: "goodbye", unchanged: true}]
  - id: bye
    what: Say goodbye in fewer words.
    why: A long goodbye holds people up.
    match: {phrases: ["good bye"]}
    say: ["goodbye"]
    examples: [{in: "good bye", out: "goodbye"}, {in: "hello", unchanged: true}]
`

// digestOf reads the digest that a finding says is to be pinned.
func digestOf(t *testing.T, found string) string {
	t.Helper()
	at := strings.LastIndex(found, "digest: ")
	if at < 0 {
		t.Fatalf("no digest in the findings:\n%s", found)
	}
	return found[at+len("digest: "):][:8]
}

// replaces is a pack that overrides greeting; the digest is learnt from the findings when it is "".
func replaces(t *testing.T, locale, digest, fields string, others ...rules.File) rules.File {
	t.Helper()
	form := "rewrites:\n  - {id: greeting, overrides: {pack: core, digest: %s, why: Our shop says it shorter.}, %s}\n"
	if digest == "" {
		digest = digestOf(t, faultsOf(t, append(others, greets("shop", locale, fmt.Sprintf(form, "00000000", fields)))...))
	}
	return greets("shop", locale, fmt.Sprintf(form, digest, fields))
}

func said(set *rules.Set, facts rules.Facts, reply string) string {
	var st rules.State
	var j rules.Judgement
	set.Judge(&st, &rules.Turn{Role: rules.Bot, Text: reply}, &facts, &j)
	return j.Sent
}

func TestOverrideReplacesWhatItSays(t *testing.T) {
	core := greets("core", "en", base)
	shop := replaces(t, "en", "", `say: ["hi"], examples: [{in: "hello there", out: "hi"}, {in: "bye", unchanged: true}]`, core)
	for _, files := range [][]rules.File{{core, shop}, {shop, core}} {
		set := compiled(t, files...)
		if got := said(set, rules.Facts{}, "hello there"); got != "hi" {
			t.Errorf("said %q, want what the override says", got)
		}
		if found := set.Check(); found.HasErrors() {
			t.Errorf("check:\n%s", found)
		}
		for _, r := range set.Rules() {
			if r.ID == "greeting" && (r.Pack != "shop" || r.Overrides != "core" || r.Reason != "Our shop says it shorter." || r.What == "") {
				t.Errorf("listed as %+v", r)
			}
		}
		if n := len(set.Rules()); n != 2 {
			t.Errorf("%d rules, want the one that is left and the one that replaces", n)
		}
	}
}

func TestOverrideOfARegionStaysThere(t *testing.T) {
	core := greets("core", "en", base)
	set := compiled(t, core, replaces(t, "en-GB", "", `say: ["good day"]`, core))
	for locale, want := range map[string]string{"en": "hello, how may we help", "en-US": "hello, how may we help", "en-GB": "good day"} {
		if got := said(set, rules.Facts{Locale: locale}, "hello there"); got != want {
			t.Errorf("%s: said %q, want %q", locale, got, want)
		}
	}
}

func TestOverrideThatOnlySwitchesOff(t *testing.T) {
	core := greets("core", "en", base)
	set := compiled(t, core, replaces(t, "en", "", "mode: off", core))
	if got := said(set, rules.Facts{}, "hello there"); got != "hello there" {
		t.Errorf("said %q although the rule is switched off", got)
	}
	if found := set.Check(); found.HasErrors() {
		t.Errorf("check:\n%s", found)
	}
}

func TestOverridesThatCannotHold(t *testing.T) {
	core := greets("core", "en", base)
	over := func(name, locale, id, target string) rules.File {
		return greets(name, locale, "rewrites:\n  - {id: "+id+", overrides: {"+target+"}, mode: off}\n")
	}
	right := digestOf(t, faultsOf(t, core, over("shop", "en", "greeting", "pack: core, why: w")))
	tests := []struct {
		name  string
		files []rules.File
		want  []string
	}{
		{
			"a digest that is no longer right",
			[]rules.File{core, over("shop", "en", "greeting", "pack: core, digest: 12345678, why: w")},
			[]string{
				`shop.yaml:4:52: error: rule "greeting" of pack "core" has changed since it was overridden`,
				"hint: read it again at core.yaml:6; if the override is still right, write digest: " + right,
			},
		},
		{
			"no digest",
			[]rules.File{core, over("shop", "en", "greeting", "pack: core, why: w")},
			[]string{`overrides lacks "digest"`, "digest: " + right},
		},
		{"no why", []rules.File{core, over("shop", "en", "greeting", "pack: core, digest: "+right)}, []string{`overrides lacks "why"`}},
		{
			"an unknown pack",
			[]rules.File{core, over("shop", "en", "greeting", "pack: coer, why: w")},
			[]string{`shop.yaml:4:38: error: no pack is named "coer"`, `did you mean "core"?`},
		},
		{
			"an unknown rule",
			[]rules.File{core, over("shop", "en", "greetings", "pack: core, why: w")},
			[]string{`shop.yaml:4:10: error: pack "core" has no rewrite "greetings" to override`, `did you mean "greeting"?`},
		},
		{
			"a rule overridden twice",
			[]rules.File{core, over("shop", "en", "greeting", "pack: core, digest: "+right+", why: w"), over("till", "en", "greeting", "pack: core, digest: "+right+", why: w")},
			[]string{`till.yaml:4:31: error: rule "greeting" of pack "core" is overridden twice`, "it is at shop.yaml:4: - {id: greeting, overrides: {pack: core"},
		},
		{
			"a pack that is not in force there",
			[]rules.File{core, over("shop", "de", "greeting", "pack: core, digest: "+right+", why: w")},
			[]string{`pack "core" is not in force in locale de, so nothing of it can be overridden`, "imports: [core]"},
		},
		{"a rule of its own", []rules.File{over("core", "en", "greeting", "pack: core, why: w")}, []string{"a pack cannot override a rule of its own"}},
		{
			"two that override each other",
			[]rules.File{over("a", "en", "x", "pack: b, why: w"), over("b", "en", "x", "pack: a, why: w")},
			[]string{`"x" overrides itself in a circle`},
		},
		{
			"the same id without a word",
			[]rules.File{core, greets("shop", "en", strings.Replace(base, "hello:", "hi:", 1))},
			[]string{`shop.yaml:6:9: error: rule "greeting" stands twice`, "overrides: {pack: core, digest: " + right + ", why: TEXT}", "core.yaml:6: - id: greeting"},
		},
		{
			"the same id in a region without a word",
			[]rules.File{core, greets("shop", "en-GB", base)},
			[]string{`shop.yaml:6:9: error: rule "greeting" hides that of pack "core" without saying so`, "overrides: {pack: core, digest: " + right},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { wants(t, faultsOf(t, tt.files...), tt.want...) })
	}
}

func TestDigestPinsWhatARuleSays(t *testing.T) {
	core := greets("core", "en", base)
	shop := replaces(t, "en", "", "mode: off", core)
	same := strings.NewReplacer(`["hello, how may we help"]`, `["hello, how may we help"]   # with a comment`, "what: Greet with a question that leads on.", `what: 'Greet with a question that leads on.'`).Replace(base)
	compiled(t, greets("core", "en", "owner: someone\n"+same), shop)
	other := strings.Replace(base, "how may we help\"]", "what may we do\"]", 1)
	wants(t, faultsOf(t, greets("core", "en", other), shop), "has changed since it was overridden")
}

func TestImportBringsAnotherPackIn(t *testing.T) {
	core := greets("core", "de", base)
	set := compiled(t, core, greets("swiss", "gsw", `imports: [core]
signals:
  - {id: greeted, what: The customer greets., why: A greeting is heard., from: customer, match: {phrases: [hello]}, examples: {fires: ["hello there"]}}
`))
	facts := rules.Facts{Locale: "gsw"}
	if got := said(set, facts, "hello there"); got != "hello, how may we help" {
		t.Errorf("said %q, want what the imported rule says", got)
	}
	if j := heard(set, facts, "hello there"); !slices.Contains(j.Signals, "greeted") {
		t.Error("the imported list was not used")
	}
}

func TestImportsThatCannotHold(t *testing.T) {
	wants(t, faultsOf(t, greets("core-en", "en", ""), greets("shop", "en", "imports: [core-em, shop]\n")),
		`shop.yaml:3:11: error: no pack is named "core-em"`, `did you mean "core-en"?`, `shop.yaml:3:20: error: importing "shop" closes a circle`)
	wants(t, faultsOf(t, greets("a", "en", "imports: [b]\n"), greets("b", "en", "imports: [c]\n"), greets("c", "en", "imports: [a]\n")),
		`c.yaml:3:11: error: importing "a" closes a circle`)
}

func TestOverriddenPersonStillDecides(t *testing.T) {
	core := person("en", "a human please")
	form := "signals:\n  - {id: asks-for-person, overrides: {pack: core-en, digest: %s, why: Ours says it so.}, match: {phrases: [\"our people please\"]}, examples: {fires: [\"our people please\"]}}\n"
	digest := digestOf(t, faultsOf(t, core, greets("shop", "en", fmt.Sprintf(form, "00000000"))))
	set := compiled(t, core, greets("shop", "en", fmt.Sprintf(form, digest)), person("de", "einen menschen bitte"))
	for _, locale := range []string{"en", "de", "it"} {
		if j := heard(set, rules.Facts{Locale: locale}, "our people please"); j.Decision != rules.Escalate {
			t.Errorf("%s: decided %v, want escalate: always is by id", locale, j.Decision)
		}
	}
}

func TestRegisterChoosesAmongPacksOfALocale(t *testing.T) {
	speaking := func(name, locale, register, says string) rules.File {
		more := ""
		if register != "" {
			more = "register: " + register
		}
		return greets(name, locale, more+strings.Replace(base, "hello, how may we help", says, 2))
	}
	chi, ti := speaking("chi", "cy", "formal", "bore da"), speaking("ti", "cy", "informal", "shwmae ti")
	plain := greets("words", "cy", "phrases: {hwyl: [\"bye bye\"]}\nsignals:\n"+
		"  - {id: leaves, what: The customer says goodbye., why: A goodbye ends it., from: customer, match: {phrases: [hwyl]}, examples: {fires: [\"bye bye\"]}}\n")
	tests := []struct {
		name                    string
		files                   []rules.File
		unset, formal, informal string
	}{
		{"both", []rules.File{chi, ti, plain}, "bore da", "bore da", "shwmae ti"},
		{"the first serves who asks for none", []rules.File{plain, ti, chi}, "shwmae ti", "bore da", "shwmae ti"},
		{"one serves all", []rules.File{ti, plain}, "shwmae ti", "shwmae ti", "shwmae ti"},
		{"a region has both from its language", []rules.File{chi, ti, plain, greets("region", "cy-GB", "")}, "bore da", "bore da", "shwmae ti"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			set := compiled(t, tt.files...)
			for register, want := range map[string]string{"": tt.unset, "formal": tt.formal, "informal": tt.informal} {
				for _, locale := range []string{"cy", "cy-GB"} {
					facts := rules.Facts{Locale: locale, Register: register}
					if got := said(set, facts, "hello there"); got != want {
						t.Errorf("%s, register %q: said %q, want %q", locale, register, got, want)
					}
					if j := heard(set, facts, "bye bye"); !slices.Contains(j.Signals, "leaves") {
						t.Errorf("%s, register %q: the pack without a register is not heard", locale, register)
					}
				}
			}
			if found := set.Check(); found.HasErrors() {
				t.Errorf("check:\n%s", found)
			}
		})
	}
	wants(t, faultsOf(t, chi, speaking("amt", "cy", "formal", "helo bawb")), `rule "greeting" stands twice`)
}
