package rules_test

import (
	"fmt"
	"strings"
	"testing"

	"attune/rules"
)

// TestCommitmentsAreDeclared: what authored text apologises for, promises or offers must be said in adds.
func TestCommitmentsAreDeclared(t *testing.T) {
	for _, tt := range []struct{ locale, say, adds string }{
		{"en", "I promise we will fix {what} and call you back.", "promise"},
		{"en", "We will refund {what}.", "promise"},
		{"en", "We'll send you another {what}.", "promise"},
		{"en", "I am going to credit {what}.", "promise"},
		{"en", "{what} will be refunded.", "promise"},
		{"en", "You will receive a full refund for {what}.", "promise"},
		{"en", "Someone will call you about {what}.", "promise"},
		{"en", "I guarantee {what}.", "promise"},
		{"en", "We refund {what}.", "promise"},
		{"en", "Shall I get you a colleague for {what}?", "offer"},
		{"en", "Would you like to talk to someone about {what}?", "offer"},
		{"en", "A colleague can look at {what}.", "offer"},
		{"en", "I can put you through for {what}.", "offer"},
		{"en", "Shall we call you about {what}?", "offer"},
		{"en", "I'm very sorry, this {what} is entirely down to us", "apology"},
		{"en", "Our apologies for {what}.", "apology"},
		{"en", "This {what} is our mistake.", "apology"},
		{"en", "I'll look for that {what}.", ""},
		{"en", "I'll check {what} and tell you what I find.", ""},
		{"en", "Let me see what {what} is about.", ""},
		{"en", "Please send us {what}.", ""},
		{"en", "You can call us about {what}.", ""},
		{"en", "The refund for {what} is on the list.", ""},
		{"de", "Ich verspreche Ihnen {what}.", "promise"},
		{"de", "Wir werden Ihnen {what} erstatten.", "promise"},
		{"de", "Wir rufen Sie wegen {what} zurück.", "promise"},
		{"de", "Soll ich Sie wegen {what} verbinden?", "offer"},
		{"de", "Es tut uns sehr leid, dass {what}.", "apology"},
		{"de", "Das {what} war unser Fehler.", "apology"},
		{"de", "Ich suche nach {what}.", ""},
		{"de", "Wir arbeiten an {what}.", ""},
		{"es", "Le prometo {what}.", "promise"},
		{"es", "Le devolveremos {what}.", "promise"},
		{"es", "¿Le paso con alguien por {what}?", "offer"},
		{"es", "Lo sentimos mucho, {what}.", "apology"},
		{"es", "Voy a buscar {what}.", ""},
		{"fr", "Je vous promets {what}.", "promise"},
		{"fr", "Nous rembourserons {what}.", "promise"},
		{"fr", "Souhaitez-vous parler à quelqu'un de {what} ?", "offer"},
		{"fr", "Nous sommes désolés pour {what}.", "apology"},
		{"fr", "Je cherche {what}.", ""},
		{"it", "Vi prometto {what}.", ""}, // a language without a list
	} {
		pack := packOf(tt.locale, "rewrites:\n"+rewriteOf("r", fmt.Sprintf(`move: soften, match: {text: "zz {what}"}, say: [%q]`, tt.say)))
		_, found := rules.Compile([]rules.File{{Name: "p.yaml", Data: []byte(pack)}})
		var hints []string
		for _, d := range found {
			if strings.Contains(d.Hint, "adds: [") && !strings.Contains(d.Hint, "[fact]") {
				hints = append(hints, d.Hint)
			}
		}
		want := ""
		if tt.adds != "" {
			want = "adds: [" + tt.adds + "]"
		}
		if got := strings.Join(hints, " "); got != want {
			t.Errorf("%s %q: demanded %q, want %q\n%v", tt.locale, tt.say, got, want, found)
		}
	}
}

// TestDeclaredCommitmentsCompile: what is declared, needed and approved is no finding.
func TestDeclaredCommitmentsCompile(t *testing.T) {
	compile(t, packOf("en", "rewrites:\n"+rewriteOf("r", `move: soften, match: {text: "zz {what}"}, say: ["I'm sorry. We will refund {what}. Shall I connect you?"],
    adds: [apology, promise, offer], needs: "agents.available > 0", approved: {by: cx@example.com, until: 2027-01-01}`)))
}
