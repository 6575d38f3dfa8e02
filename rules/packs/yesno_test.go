package packs_test

import (
	"testing"

	"attune/rules"
)

// TestAnAnswerToTheBotIsNoAnswerToUs puts an offer beside a question of the bot's. What answers the bot goes to the bot: the
// yes or no of a customer is Attune's only where the bot asked for something else.
func TestAnAnswerToTheBotIsNoAnswerToUs(t *testing.T) {
	set := compile(t)
	tests := []struct {
		locale, miss, question string
		answers                []string
		bots                   bool // the answer is the bot's
	}{
		{"en", "Sorry, I did not get that.", "Did the incident involve injuries?", []string{"no", "yes"}, true},
		{"en", "Sorry, I did not get that.", "Is the car at home?", []string{"no", "yes"}, true},
		{"en", "Sorry, I did not get that.", "To start, can you see a red light on the box?", []string{"no", "yes"}, true},
		{"en", "Sorry, I did not get that.", "Please answer yes or no.", []string{"no", "yes"}, true},
		{"en", "Sorry, I did not get that.", "Which box is it?", []string{"no", "yes"}, false},
		{"en", "Sorry, I did not get that.", "Your number?", []string{"no", "yes"}, false},
		{"en", "Sorry, I did not get that.", "Can you give me the number of the box?", []string{"no", "yes"}, false},
		{"de", "Das habe ich nicht verstanden.", "Leuchtet die rote Lampe?", []string{"nein", "ja"}, true},
		{"de", "Das habe ich nicht verstanden.", "Bitte antworten Sie mit Ja oder Nein.", []string{"nein", "ja"}, true},
		{"de", "Das habe ich nicht verstanden.", "Welche Lampe leuchtet?", []string{"nein", "ja"}, false},
		{"es", "No he entendido su mensaje.", "¿Está encendida la luz roja?", []string{"no", "sí"}, true},
		{"es", "No he entendido su mensaje.", "Responda sí o no.", []string{"no", "sí"}, true},
		{"es", "No he entendido su mensaje.", "¿Cuál es su número?", []string{"no", "sí"}, false},
		{"fr", "Je n'ai pas compris.", "La lampe est-elle rouge ?", []string{"non", "oui"}, true},
		{"fr", "Je n'ai pas compris.", "Répondez par oui ou non.", []string{"non", "oui"}, true},
		{"fr", "Je n'ai pas compris.", "Quel est votre numéro ?", []string{"non", "oui"}, false},
	}
	for _, test := range tests {
		for _, answer := range test.answers {
			var st rules.State
			var j rules.Judgement
			facts := &rules.Facts{Session: "asked", Locale: test.locale, AgentsAvailable: 1}
			for _, turn := range []rules.Turn{
				{Role: rules.Customer, Text: "1182"},
				{Role: rules.Bot, Text: test.miss},
				{Role: rules.Customer, Text: "4711"},
				{Role: rules.Bot, Text: test.miss + " " + test.question},
			} {
				set.Judge(&st, &turn, facts, &j)
			}
			sent := j.Sent
			if j.Decision != rules.Offer {
				t.Errorf("%s: no offer beside %q: %q", test.locale, test.question, sent)
			}
			set.Judge(&st, &rules.Turn{Role: rules.Customer, Text: answer}, facts, &j)
			if j.Withhold == test.bots {
				t.Errorf("%s: %q behind %q: withheld from the bot: %v", test.locale, answer, sent, j.Withhold)
			}
		}
	}
}
