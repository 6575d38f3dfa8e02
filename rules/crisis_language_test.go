package rules_test

import (
	"strings"
	"testing"

	"attune/rules"
)

// A session's locale is often only the default: whoever cries for help in another language is answered in it.
func TestCrisisIsAnsweredInTheLanguageItIsHeardIn(t *testing.T) {
	pack := func(locale, phrase, line, person string) rules.File {
		return rules.File{Name: locale + ".yaml", Data: []byte("pack: crisis-" + locale + "\nversion: 1\nlocale: " + locale + `
phrases:
  harm: ["` + phrase + `"]
crisis:
  - id: harm
    what: Somebody may be in danger.
    why: A life outranks every flow.
    match: {phrases: [harm]}
    country: XX
    line: msg.line
    verified: 2026-11-01
    desk: urgent
    closed: msg.closed
    examples: {fires: ["` + phrase + `"], silent: ["ok"]}
messages:
  msg.line: ["` + line + `"]
  msg.closed: ["` + person + `"]
`)}
	}
	set, found := rules.Compile([]rules.File{
		pack("en", "end my life", "Call 988.", "Stay with me."), pack("es", "quitarme la vida", "Llame al 024.", "Quédese conmigo."),
	})
	if set == nil {
		t.Fatal(found)
	}
	for _, tt := range []struct{ locale, text, want string }{
		{"en", "I will end my life", "Call 988. Stay with me."},
		{"en", "voy a quitarme la vida", "Llame al 024. Quédese conmigo."},
		{"es-MX", "voy a quitarme la vida", "Llame al 024. Quédese conmigo."},
		{"es", "I will end my life", "Call 988. Stay with me."},
		{"it", "voy a quitarme la vida", "Llame al 024. Quédese conmigo."},
	} {
		var st rules.State
		var j rules.Judgement
		set.Judge(&st, &rules.Turn{Role: rules.Customer, Text: tt.text}, &rules.Facts{Locale: tt.locale}, &j)
		if got := strings.Join(j.Say, " "); got != tt.want {
			t.Errorf("in a session in %s, %q is answered by %q, want %q", tt.locale, tt.text, got, tt.want)
		}
	}
}
