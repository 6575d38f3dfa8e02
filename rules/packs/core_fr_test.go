package packs_test

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"attune/rules"
	"attune/rules/packs"

	"github.com/google/go-cmp/cmp"
)

// heard is one turn of a French conversation and what is expected of it.
type heard struct {
	customer, bot string
	expected      string
	sent          string // of a reply; "" when it goes out as it came
	decision      string // "" for none
	reason        string
}

func TestFrenchConversations(t *testing.T) {
	set := compile(t)
	tests := []struct {
		name  string
		turns []heard
	}{
		{"a lost parcel", []heard{
			{customer: "Bonjour, où en est mon colis\u00a0?"},
			{
				bot:  "Désolé, je n’ai pas compris votre question. Veuillez reformuler.",
				sent: "Je n'ai pas bien saisi. Que souhaitez-vous obtenir\u00a0? Quelques mots suffisent.",
			},
			{customer: "je n'ai toujours pas recu mon colis 1182", decision: "offer", reason: "complaint-first-failure"},
			{
				bot:  "Super\u00a0! 🎉 Votre colis 1182 est déclaré perdu depuis le 12 mars.",
				sent: "Votre colis 1182 est déclaré perdu depuis le 12 mars. Je peux faire venir un conseiller. Le souhaitez-vous\u00a0?",
			},
			{customer: "Perdu ? C'était un cadeau pour samedi... que se passe-t-il maintenant ?"},
			{
				bot:  "Nous vous prions de nous excuser pour la gêne occasionnée. Nous vous informons qu’une enquête prend 5 jours ouvrés.",
				sent: "Je sais que cela vous prend du temps. Une enquête prend 5 jours ouvrés.",
			},
			{customer: "Non, c'est beaucoup trop tard. Vous pouvez en renvoyer un autre ?", decision: "offer", reason: "no-then-more"},
			{
				bot: "Malheureusement, je ne peux pas renvoyer l’article «\u00a0Coffret Été\u00a0» à 1\u202f250,50\u00a0€.", decision: "offer", reason: "refusal-cannot",
				sent: "Ici, je ne peux pas renvoyer l’article «\u00a0Coffret Été\u00a0» à 1\u202f250,50\u00a0€. Un conseiller peut regarder cela avec vous. " +
					"Souhaitez-vous lui parler\u00a0?",
			},
			{customer: "Oui, je veux bien.", decision: "escalate", reason: "refusal-cannot"},
		}},
		{"a double charge", []heard{
			{customer: "j ai ete preleve 2 fois en mars, 1 250,50 € a chaque fois"},
			{
				bot: "Vous devez saisir votre numéro de facture.", expected: "form",
				sent: "Vous voyez donc le même montant deux fois. Pour continuer, voici ce que vous devez encore saisir\u00a0: votre numéro de facture.",
			},
			{customer: "FAC-20417"},
			{
				bot: "Vous avez saisi un numéro de facture invalide. Merci de réessayer.", expected: "form",
				sent: "Votre numéro de facture ressort comme invalide. Merci de réessayer.",
			},
			{customer: "FAC-20417"},
			{
				bot: "Comme je vous l’ai déjà indiqué, vous devez saisir votre numéro de facture.", expected: "form",
				sent: "Pour avancer, vous devez saisir ceci\u00a0: votre numéro de facture.",
			},
			{customer: "C'est bien le numéro de la facture. Vous avez pris 1 250,50 € deux fois."},
			{bot: "Merci\u00a0! 😊 Au fait, connaissez-vous notre offre Premium\u00a0?", sent: "Merci. Réglons d'abord ceci\u00a0; notre offre Premium peut attendre."},
			{customer: "Je n'en veux pas, de votre Premium. Je veux mes 1 250,50 €.", decision: "offer", reason: "rejects-answer"},
			{
				bot: "Suite à votre demande, nous avons le regret de vous informer que le remboursement de 1\u00a0250,50\u00a0€ est refusé.",
				sent: "Nous sommes désolés\u00a0: le remboursement de 1\u00a0250,50\u00a0€ est refusé. " +
					"Je peux faire venir un conseiller. Le souhaitez-vous\u00a0?",
			},
			{customer: "Alors je conteste ce prélèvement et je saisis le médiateur.", decision: "route", reason: "legal-trigger"},
		}},
		{"a locked account", []heard{
			{customer: "Mon compte est bloqué, il dit trop de tentatives"},
			{
				bot:  "Parfait\u00a0! 😊 Saisissez le code envoyé au 06\u00a012\u00a034\u00a056\u00a078\u00a0!",
				sent: "Votre compte vous est fermé\u00a0: commençons par là. Saisissez le code envoyé au 06\u00a012\u00a034\u00a056\u00a078.",
			},
			{customer: "Je n'ai plus ce téléphone."},
			{
				bot:      "Je suis désolé, je n'ai pas compris. Saisissez le code envoyé au 06\u00a012\u00a034\u00a056\u00a078\u00a0!",
				decision: "offer", reason: "complaint-first-failure",
				sent: "Votre message ne m'est pas parvenu clairement. Saisissez le code envoyé au 06\u00a012\u00a034\u00a056\u00a078. " +
					"Préférez-vous parler à un conseiller\u00a0? Répondez simplement oui.",
			},
			{customer: "J'ai dit que je n'ai plus ce téléphone.", decision: "offer", reason: "correction"},
			{
				bot: "Ce code se trouve dans le courriel du 3 mars, objet «\u00a0Votre accès\u00a0».",
				sent: "Ce code se trouve dans le courriel du 3 mars, objet «\u00a0Votre accès\u00a0». Je peux faire venir un conseiller. " +
					"Le souhaitez-vous\u00a0?",
			},
			{customer: "je veux parler a un vrai conseiller", decision: "escalate", reason: "asks-for-person"},
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var st rules.State
			for i, h := range tt.turns {
				turn := rules.Turn{Role: rules.Customer, Text: h.customer}
				want := h.customer
				if h.bot != "" {
					turn = rules.Turn{Role: rules.Bot, Text: h.bot, Expected: h.expected}
					if want = h.sent; want == "" {
						want = h.bot
					}
				}
				var j rules.Judgement
				set.Judge(&st, &turn, &rules.Facts{Session: tt.name, Locale: "fr", AgentsAvailable: 1}, &j)
				if h.bot != "" {
					if diff := cmp.Diff(want, j.Sent); diff != "" {
						t.Errorf("turn %d, sent (-want +got):\n%s", i, diff)
					}
				}
				decision := h.decision
				if decision == "" {
					decision = "none"
				}
				if j.Decision.String() != decision || j.Reason != h.reason {
					t.Errorf("turn %d, %q: %v for %q, want %s for %q", i, turn.Text, j.Decision, j.Reason, decision, h.reason)
				}
			}
		})
	}
}

// What French customers read has a no-break space before high marks and inside guillemets, and none of the sentences of
// letters that nobody wants to get.
func TestFrenchIsSetAsFrenchIsWritten(t *testing.T) {
	unsayable := []string{
		"!", "malheureusement", "gêne occasionnée", "désagrément", "veuillez", "cher client", "ravi", "n'hésitez pas", "je comprends votre",
		"nous vous informons", "nous vous prions", "agréer", "suite à", "en cours de traitement", "sachez que", " ?", " :", " ;", "« ", " »", "...",
	}
	files, err := packs.Files()
	if err != nil {
		t.Fatal(err)
	}
	checked := 0
	for _, f := range files {
		if !strings.HasSuffix(f.Name, "-fr.yaml") {
			continue
		}
		for _, said := range authored(t, f) {
			checked++
			for _, bad := range unsayable {
				if strings.Contains(strings.ToLower(said), bad) {
					t.Errorf("%s says %q, which has %q", f.Name, said, bad)
				}
			}
			for i, r := range said {
				before, _ := utf8.DecodeLastRuneInString(said[:i])
				after, _ := utf8.DecodeRuneInString(said[i+utf8.RuneLen(r):])
				if strings.ContainsRune("?:;»", r) && before != '\u00a0' || r == '«' && after != '\u00a0' {
					t.Errorf("%s says %q without a no-break space beside %q", f.Name, said, r)
				}
			}
		}
	}
	if checked < 80 {
		t.Errorf("only %d French texts were found, so this test looks in the wrong place", checked)
	}
}

// A reply that goes out changed keeps what is in it to the byte, whatever kind of space it has.
func TestFrenchFiguresAndSpacesStay(t *testing.T) {
	set := compile(t)
	for _, figure := range []string{
		"1\u00a0250,50\u00a0€", "1\u202f250,50\u00a0€", "1 250,50 €", "12,5\u00a0%", "le 1er mars à 9\u00a0h\u00a030", "FR76\u00a03000\u00a06000",
		"au 09\u00a069\u00a032\u00a012\u00a012", "«\u00a0Été n°\u00a07\u00a0»", "n°\u00a01182-B",
	} {
		var st rules.State
		var j rules.Judgement
		text := fmt.Sprintf("Nous vous informons que voici l’élément demandé\u00a0: %s\u00a0; il n’est plus modifiable.", figure)
		want := fmt.Sprintf("Voici l’élément demandé\u00a0: %s\u00a0; il n’est plus modifiable.", figure)
		set.Judge(&st, &rules.Turn{Role: rules.Bot, Text: text}, &rules.Facts{Session: "s", Locale: "fr", AgentsAvailable: 1}, &j)
		if j.Sent != want {
			t.Errorf("sent %q\nwant %q", j.Sent, want)
		}
	}
}
