package packs_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"attune/rules"
)

// answers are the utterances of a file of testdata/answers, by what they are to an offer: accepted, declined, neither.
func answers(t *testing.T, file string) map[string][]string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", "answers", file))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][]string{}
	for part := range strings.SplitSeq(strings.TrimSpace(string(data)), "\n\n") {
		kind, lines, _ := strings.Cut(part, "\n")
		out[kind] = strings.Split(lines, "\n")
	}
	return out
}

// offered begins a conversation in which a person was just offered, and returns what comes of the customer's answer.
func offered(t *testing.T, set *rules.Set, locale, answer string) (*rules.State, rules.Judgement) {
	t.Helper()
	misses := map[string]string{
		"en": "Sorry, I did not get that.", "de": "Das habe ich leider nicht verstanden.",
		"fr": "Désolé, je n'ai pas compris.", "es": "Lo siento, no le he entendido.",
	}
	var st rules.State
	facts := &rules.Facts{Locale: locale, AgentsAvailable: 1}
	for _, text := range []string{"1182", "A-1182"} {
		var j rules.Judgement
		set.Judge(&st, &rules.Turn{Role: rules.Customer, Text: text}, facts, &j)
		set.Judge(&st, &rules.Turn{Role: rules.Bot, Text: misses[locale]}, facts, &j)
	}
	if st.Asking() != "connect" {
		t.Fatalf("%s: no person was offered", locale)
	}
	var j rules.Judgement
	set.Judge(&st, &rules.Turn{Role: rules.Customer, Text: answer}, facts, &j)
	return &st, j
}

// kindOf is what an answer was taken for.
func kindOf(j *rules.Judgement) string {
	switch {
	case j.AskOutcome == "accepted" && j.Withhold && j.Decision == rules.Escalate:
		return "accepted"
	case j.AskOutcome == "declined" && j.Withhold && j.Decision == rules.None:
		return "declined"
	case j.AskOutcome == "expired" && j.Ask == "connect":
		return "neither"
	}
	return j.AskOutcome + " and " + j.Decision.String()
}

// TestAnswersInTheCustomersOwnWords answers an offer in every shipped locale as people do, and in ways that only begin
// or look like an answer: those go on to the bot.
func TestAnswersInTheCustomersOwnWords(t *testing.T) {
	set := compile(t)
	for _, locale := range []string{"en", "de", "fr", "es"} {
		t.Run(locale, func(t *testing.T) {
			list := answers(t, locale+".txt")
			if n := len(list["accepted"]) + len(list["declined"]); n < 60 || len(list["neither"]) < 60 {
				t.Errorf("%d answers and %d near misses are too few", n, len(list["neither"]))
			}
			right, total := 0, 0
			for kind, utterances := range list {
				for _, u := range utterances {
					total++
					_, j := offered(t, set, locale, u)
					got := kindOf(&j)
					if kind == "neither" && j.Decision == rules.Escalate && got != "accepted" {
						got = "neither" // they ask for a person on their own account
					}
					if got != kind {
						t.Errorf("%s: %q is %s", kind, u, got)
						continue
					}
					right++
				}
			}
			t.Logf("%d of %d", right, total)
		})
	}
}

// TestAnswersInAnotherLanguage answers an offer in each shipped language, in sessions of all the others and of one
// without a pack.
func TestAnswersInAnotherLanguage(t *testing.T) {
	set := compile(t)
	said := map[string][2]string{
		"en": {"yes please do that", "no thanks"}, "de": {"ja gerne, verbinden Sie mich", "nein danke"},
		"fr": {"oui, je veux bien", "non merci, ça ira"}, "es": {"sí, por favor", "mejor no"},
	}
	for _, session := range []string{"en", "de", "fr", "es"} {
		for language, answer := range said {
			for i, want := range []string{"accepted", "declined"} {
				_, j := offered(t, set, session, answer[i])
				if got := kindOf(&j); got != want {
					t.Errorf("session %s: %q (%s) is %s", session, answer[i], language, got)
				}
			}
		}
	}
}

// TestADeclineSilencesOffers declines an offer and goes on failing: nothing is offered for three customer turns, and
// what is said of the decline is said once.
func TestADeclineSilencesOffers(t *testing.T) {
	set := compile(t)
	for locale, miss := range map[string][2]string{
		"en": {"no, not now thanks", "Sorry, I did not get that."}, "de": {"lieber nicht, danke", "Das habe ich leider nicht verstanden."},
		"fr": {"non merci, ça ira", "Désolé, je n'ai pas compris."}, "es": {"mejor no", "Lo siento, no le he entendido."},
	} {
		st, j := offered(t, set, locale, miss[0])
		if kindOf(&j) != "declined" || len(j.Say) != 1 {
			t.Fatalf("%s: %q is %s, and %q is said", locale, miss[0], kindOf(&j), j.Say)
		}
		facts := &rules.Facts{Locale: locale, AgentsAvailable: 1}
		if set.Judge(st, &rules.Turn{Role: rules.Customer, Text: miss[0]}, facts, &j); j.Withhold || len(j.Say) > 0 {
			t.Errorf("%s: a second no is answered by %q, withheld %v", locale, j.Say, j.Withhold)
		}
		for range 2 {
			set.Judge(st, &rules.Turn{Role: rules.Customer, Text: "1182"}, facts, &j)
			set.Judge(st, &rules.Turn{Role: rules.Bot, Text: miss[1]}, facts, &j)
			if j.Decision == rules.Offer || st.Asking() != "" {
				t.Errorf("%s: offered again after a decline", locale)
			}
		}
	}
}

// TestStayingInTheCustomersOwnWords waits for a person and would rather go on with the bot.
func TestStayingInTheCustomersOwnWords(t *testing.T) {
	set := compile(t)
	stay := map[string][]string{
		"en": {"stay", "I'll stay with you", "let's go on here", "never mind, thanks", "I don't need anyone any more", "Thanks. I can't wait that long"},
		"de": {"bleiben", "ich bleibe lieber hier", "hat sich erledigt, danke", "ich will nicht mehr warten", "doch nicht nötig"},
		"fr": {"rester", "je préfère continuer avec vous", "finalement plus besoin, merci", "je ne veux plus attendre", "laissez tomber"},
		"es": {"seguir", "mejor sigo con usted", "ya no hace falta, gracias", "no quiero esperar más", "déjelo"},
	}
	wait := map[string][]string{
		"en": {"ok", "how long?", "no", "I can wait", "stay on the line", "please hurry, I don't want to be charged again"},
		"de": {"gut", "wie lange noch?", "ich warte", "bleibt mein Konto gesperrt?"},
		"fr": {"d'accord", "combien de temps ?", "j'attends", "je reste sans réponse"},
		"es": {"vale", "¿cuánto tarda?", "espero", "sigo sin respuesta"},
	}
	for locale := range stay {
		for i, list := range [][]string{stay[locale], wait[locale]} {
			for _, u := range list {
				var st rules.State
				var j rules.Judgement
				facts := &rules.Facts{Locale: locale, Floor: "attune"}
				set.Judge(&st, &rules.Turn{Role: rules.Customer, Text: u}, facts, &j)
				if j.Stay != (i == 0) {
					t.Errorf("%s: %q stays: %v", locale, u, j.Stay)
				}
			}
		}
	}
}
