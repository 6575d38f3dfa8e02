package rules_test

import "testing"

// French puts a space before ! ? : ; and inside « »: mostly U+00A0, narrow (U+202F) with care, plain in a hurry.
func TestFrenchPunctuationSurvives(t *testing.T) {
	set := compile(t, packOf("fr", "rewrites:\n"+rewriteOf("calm", `move: strip-cheer, when: "customer_turn >= 0"`)+
		rewriteOf("refusal", `move: soften, match: {text: "je ne peux pas {what}"}, say: ["Ici, je ne peux pas {what}."]`)+
		rewriteOf("options", `move: plain-words, match: {text: "veuillez choisir"}, say: ["Dites ce qu'il en est."]`)))
	tests := []struct{ name, in, out string }{
		{"an opener with its space", "Super\u00a0! Votre colis 1182 part.", "Votre colis 1182 part."},
		{"openers with other spaces", "Parfait ! Très bien\u202f! 😊 Votre colis part.", "Votre colis part."},
		{"the space goes with the mark", "C'est fait\u00a0! À lundi\u202f!", "C'est fait. À lundi."},
		{"a plain space", "C'est fait !", "C'est fait."},
		{"a run with spaces", "C'est fait ! ! !", "C'est fait."},
		{"after a price", "Vous gagnez 1\u202f250,50\u00a0€\u00a0!", "Vous gagnez 1\u202f250,50\u00a0€."},
		{"a question keeps its space", "C'est fait\u00a0?! Déjà\u00a0!? Oui\u00a0?", "C'est fait\u00a0? Déjà\u00a0? Oui\u00a0?"},
		{"guillemets are somebody's words", "Dites «\u00a0Allô\u00a0!\u00a0»\u00a0!", "Dites «\u00a0Allô\u00a0!\u00a0»."},
		{"a guillemet that nothing closes", "Dites «\u00a0Allô\u00a0!", "Dites «\u00a0Allô."},
		{"a mark that stands alone", "a  ! b", "a  ! b"},
		{"code", "Tapez `a !` ici !", "Tapez `a !` ici."},
		{"a name in guillemets is captured whole", "Je ne peux pas annuler l'offre «\u00a0Confort Plus\u00a0».", "Ici, je ne peux pas annuler l'offre «\u00a0Confort Plus\u00a0»."},
		{"and at the beginning of what is captured", "Je ne peux pas «\u00a0annuler\u00a0» lundi.", "Ici, je ne peux pas «\u00a0annuler\u00a0» lundi."},
		{"a colon before a list", "Veuillez choisir\u00a0:\n- un\n- deux", "Dites ce qu'il en est\u00a0:\n- un\n- deux"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			k := newTalk(set)
			k.facts.Locale = "fr"
			j := k.bot(tt.in)
			if j.Sent != tt.out {
				t.Errorf("sent %q\nwant %q\nrejected %v", j.Sent, tt.out, j.Rejected)
			}
			if again := k.bot(tt.out); again.Sent != tt.out {
				t.Errorf("judged again it became %q", again.Sent)
			}
		})
	}
}
