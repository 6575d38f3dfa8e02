package packs_test

import (
	"fmt"
	"testing"

	"attune/rules"
	"attune/rules/packs"
)

// TestSurveysInEveryLanguage asks in each language of the shipped packs what a touchpoint of an operator's pack asks.
func TestSurveysInEveryLanguage(t *testing.T) {
	files, err := packs.Files()
	if err != nil {
		t.Fatal(err)
	}
	languages := map[string]struct{ parts, bye, yes, no, thanks, told string }{
		"en": {"great, thanks", "Goodbye.", "Yes, very much", "not really", "Thank you.", "Thank you for telling me. Say 'person' whenever you want a colleague."},
		"de": {"super, danke", "Auf Wiedersehen.", "Ja, sehr!", "Nein, nicht wirklich", "Danke schön.", "Danke, dass Sie es sagen. Mit „Mensch“ holen Sie jederzeit jemanden aus unserem Team dazu."},
		"es": {"perfecto, gracias", "Hasta luego.", "Sí, mucho", "la verdad es que no", "Muchas gracias.", "Gracias por decírmelo. Escriba «persona» cuando quiera hablar con alguien de nuestro equipo."},
		"fr": {"super, merci", "Au revoir.", "Oui, tout à fait", "non, pas vraiment", "Merci beaucoup.", "Merci de me le dire. Écrivez « conseiller » dès que vous souhaitez parler à quelqu'un de notre équipe."},
	}
	for locale := range languages {
		own := fmt.Sprintf("pack: shop-%s\nlocale: %s\nmessages:\n  msg.felt: [\"OK?\"]\ntouchpoints:\n  - {id: shop, when: \"path == '/shop'\", story: x, ask: {text: msg.felt}}\n", locale, locale)
		files = append(files, rules.File{Name: locale + ".yaml", Data: []byte(own)})
	}
	set, found := rules.Compile(files)
	if set == nil {
		t.Fatal(found)
	}
	for locale, l := range languages {
		for _, answer := range []struct{ text, outcome, says string }{{l.yes, "accepted", l.thanks}, {l.no, "declined", l.told}} {
			var st rules.State
			var j rules.Judgement
			facts := &rules.Facts{Locale: locale, Path: "/shop", AgentsAvailable: 1}
			judge := func(role rules.Role, text string) { set.Judge(&st, &rules.Turn{Role: role, Text: text}, facts, &j) }
			judge(rules.Customer, l.parts)
			judge(rules.Bot, l.bye)
			if j.Survey != "shop" || len(j.Say) != 1 {
				t.Errorf("%s: %q is followed by the survey %q and %q", locale, l.bye, j.Survey, j.Say)
			}
			judge(rules.Customer, answer.text)
			if j.Ask != "survey" || j.AskOutcome != answer.outcome || !j.Withhold || len(j.Say) != 1 || j.Say[0] != answer.says {
				t.Errorf("%s: %q is %s %s, withheld %v, answered by %q", locale, answer.text, j.Ask, j.AskOutcome, j.Withhold, j.Say)
			}
		}
	}
}
