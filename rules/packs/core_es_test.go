package packs_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"attune/rules"
)

// spanishLine is one turn of a conversation: what is said, what goes out and what follows. Empty out: as it came.
type spanishLine struct {
	role     rules.Role
	text     string
	expected string
	out      string
	decision rules.Decision
	reason   string
}

func TestSpanishConversations(t *testing.T) {
	set := compile(t)
	for _, tt := range []struct {
		session string
		lines   []spanishLine
	}{
		{"lost-parcel", []spanishLine{
			{role: rules.Customer, text: "Hola, ¿dónde está mi paquete?"},
			{
				role: rules.Bot, text: "Lo siento, no he entendido su mensaje. Por favor, reformule su pregunta.",
				out: "Eso no me llega con claridad. Basta con algo muy corto: un pedido, una factura, la cuenta.",
			},
			{role: rules.Customer, text: "Busco el pedido 1182, de 1.250,50 €."},
			{
				role: rules.Bot, text: "¡Genial! 🎉 Le informamos que su pedido 1182 de 1.250,50 € figura como extraviado.",
				out: "Su pedido 1182 de 1.250,50 € figura como extraviado.",
			},
			{role: rules.Customer, text: "¿Extraviado? Era el regalo de mi hija para el sábado. ¿Y ahora qué?"},
			{
				role: rules.Bot, text: "Le rogamos disculpe las molestias. Su reclamación está siendo tramitada y le responderemos a la mayor brevedad posible.",
				out: "Sé que esto quita tiempo. Su reclamación está siendo tramitada y le responderemos en cuanto sea posible.",
			},
			{role: rules.Customer, text: "No, eso es demasiado tarde. ¿Me pueden mandar otro?"},
			{
				role: rules.Bot, text: "Lo siento, no puedo ayudarle con un reenvío.", decision: rules.Offer, reason: "complaint-first-failure",
				out: "Desde aquí no puedo ayudar con un reenvío, pero una persona del equipo sí. ¿Le paso con ella?",
			},
			{
				role: rules.Customer, text: "si por favor", decision: rules.Escalate, reason: "refusal",
				out: "Aviso a una persona del equipo. Tardará un momento; con la palabra “seguir” continúa conmigo.",
			},
		}},
		{"double-charge", []spanishLine{
			{role: rules.Customer, text: "Me han cobrado dos veces marzo, 49,90 € cada vez"},
			{
				role: rules.Bot, text: "Debe introducir su número de factura.", expected: "form",
				out: "Así que le aparece el mismo cargo repetido. Para poder seguir, debe indicarme su número de factura, por favor.",
			},
			{role: rules.Customer, text: "FAC-20417"},
			{
				role: rules.Bot, text: "Ha introducido un número de factura no válido. Inténtelo de nuevo.", expected: "form",
				out: "El sistema no acepta el número de factura. Inténtelo de nuevo.",
			},
			{role: rules.Customer, text: "FAC-20417"},
			{
				role: rules.Bot, text: "Como ya le indiqué, debe introducir su número de factura.", expected: "form",
				out: "Lo que aún debe llegarme es su número de factura.",
			},
			{role: rules.Customer, text: "Ese es el número que pone en la factura. Me cobraron 49,90 € dos veces."},
			{
				role: rules.Bot, text: "¡Muchas gracias! 😊 Por cierto, ¿conoce nuestro Plan Familia?",
				out: "Muchas gracias. Resolver esto va por delante; lo de Plan Familia puede esperar.",
			},
			{role: rules.Customer, text: "No quiero ningún plan, quiero mi dinero"},
			{
				role: rules.Bot, text: "Lamentablemente, su solicitud ha sido denegada según nuestra política.",
				decision: rules.Offer, reason: "complaint-first-failure",
				out: "Su solicitud ha sido denegada por este motivo: nuestras normas. Alguien del equipo puede repasarlo con usted. ¿Le paso?",
			},
			{
				role: rules.Customer, text: "Pues entonces quiero la hoja de reclamaciones", decision: rules.Route, reason: "legal-trigger",
				out: "Esto es para una persona del equipo. Se lo paso ahora; tardará un momento.",
			},
		}},
		{"locked-account", []spanishLine{
			{role: rules.Customer, text: "me bloquearon la cuenta, dice demasiados intentos"},
			{
				role: rules.Bot, text: "¡Perfecto! 😊 ¡Escriba el código que enviamos a su teléfono!",
				out: "Se ha quedado fuera de su cuenta, así que eso es lo más urgente. Escriba el código que enviamos a su teléfono.",
			},
			{role: rules.Customer, text: "ya no tengo ese telefono"},
			{
				role: rules.Bot, text: "Disculpe, no entendí. Escriba el código que enviamos a su teléfono.",
				decision: rules.Offer, reason: "complaint-first-failure",
				out: "Eso no me queda claro. Escriba el código que enviamos a su teléfono. Puedo avisar a alguien del equipo. ¿Lo hago?",
			},
			{role: rules.Customer, text: "ya le dije que no tengo ese telefono", decision: rules.Offer, reason: "effort"},
			{
				role: rules.Bot, text: "Disculpe, no entendí. Escriba el código que enviamos a su teléfono.",
				out: "Eso no lo tengo claro. Escriba el código que enviamos a su teléfono. Puedo avisar a una persona del equipo. ¿La aviso?",
			},
			{
				role: rules.Customer, text: "comuniqueme con un asesor", decision: rules.Escalate, reason: "asks-for-person",
				out: "Aviso a una persona del equipo. Tardará un momento; con la palabra “seguir” continúa conmigo.",
			},
		}},
	} {
		t.Run(tt.session, func(t *testing.T) {
			var st rules.State
			var j rules.Judgement
			facts := &rules.Facts{Session: tt.session, Locale: "es", AgentsAvailable: 1}
			for _, l := range tt.lines {
				set.Judge(&st, &rules.Turn{Role: l.role, Text: l.text, Expected: l.expected}, facts, &j)
				got, want := j.Sent, l.out
				if l.role == rules.Customer {
					got = strings.Join(j.Say, " ")
				} else if want == "" {
					want = l.text
				}
				if got != want {
					t.Errorf("%q\nbecame %q\nwant   %q", l.text, got, want)
				}
				if j.Decision != l.decision || j.Reason != l.reason {
					t.Errorf("%q leads to %v by %q, want %v by %q", l.text, j.Decision, j.Reason, l.decision, l.reason)
				}
			}
		})
	}
}

func TestSpanishFactsStay(t *testing.T) {
	set := compile(t)
	for _, tt := range []struct{ in, out string }{
		{
			"¡Estimado cliente! Le informamos de que su reembolso de 1.250,50 € llega el martes 3 de marzo a las 10:30.",
			"Hola. Su reembolso de 1.250,50 € llega el martes 3 de marzo a las 10:30.",
		},
		{
			"Le comunicamos que la señora Núñez no puede recogerlo hasta mañana, salvo que llame al 900 123 456.",
			"La señora Núñez no puede recogerlo hasta mañana, salvo que llame al 900 123 456.",
		},
		{"¡El envío a Logroño cuesta 12,50 €, sin IVA!", "El envío a Logroño cuesta 12,50 €, sin IVA."},
		{"Consulte https://tienda.example/ayuda con el fin de cambiarlo.", "Consulte https://tienda.example/ayuda para cambiarlo."},
		{"TAE 9,9 %. ¡Le informamos que está sujeto a condiciones!", "TAE 9,9 %. ¡Le informamos que está sujeto a condiciones!"},
		{"Please be advised that your parcel is late!", "Please be advised that your parcel is late!"},
	} {
		var st rules.State
		var j rules.Judgement
		facts := &rules.Facts{Session: "s", Locale: "es-MX", AgentsAvailable: 1}
		set.Judge(&st, &rules.Turn{Role: rules.Customer, Text: "qué pésimo servicio"}, facts, &j)
		set.Judge(&st, &rules.Turn{Role: rules.Bot, Text: tt.in}, facts, &j)
		if j.Sent != tt.out {
			t.Errorf("%q\nbecame %q\nwant   %q\nrejected %v", tt.in, j.Sent, tt.out, j.Rejected)
		}
	}
}

func TestSpanishIsHeardInOtherLanguages(t *testing.T) {
	set := compile(t)
	for _, tt := range []struct {
		locale, text string
		decision     rules.Decision
	}{
		{"en", "quiero hablar con una persona", rules.Escalate},
		{"es", "I want to talk to a human", rules.Escalate},
		{"en", "ya no quiero vivir", rules.Crisis},
		{"es-AR", "I want to end my life", rules.Crisis},
		{"it", "páseme con un asesor", rules.Escalate},
	} {
		var st rules.State
		var j rules.Judgement
		set.Judge(&st, &rules.Turn{Text: tt.text}, &rules.Facts{Locale: tt.locale, AgentsAvailable: 1}, &j)
		if j.Decision != tt.decision {
			t.Errorf("%s, %q leads to %v, want %v", tt.locale, tt.text, j.Decision, tt.decision)
		}
	}
}

// spanishRules is the part of a pack that TestSpanishWithoutAccents reads.
type spanishRules struct {
	Signals []spanishRule `yaml:"signals"`
	Crisis  []spanishRule `yaml:"crisis"`
}

type spanishRule struct {
	ID       string `yaml:"id"`
	From     string `yaml:"from"`
	Examples struct {
		Fires []any `yaml:"fires"`
	} `yaml:"examples"`
}

// People leave accents out. What is heard with them is heard without.
func TestSpanishWithoutAccents(t *testing.T) {
	set := compile(t)
	bare := strings.NewReplacer("á", "a", "é", "e", "í", "i", "ó", "o", "ú", "u", "ü", "u", "Á", "A", "É", "E", "Í", "I", "Ó", "O", "Ú", "U", "¿", "", "¡", "")
	played := 0
	for _, name := range []string{"core-es.yaml", "crisis-es.yaml"} {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var d spanishRules
		if err := yaml.Unmarshal(data, &d); err != nil {
			t.Fatal(err)
		}
		for _, s := range append(d.Signals, d.Crisis...) {
			if s.From != "customer" && s.From != "" {
				continue
			}
			for _, example := range s.Examples.Fires {
				var st rules.State
				var j rules.Judgement
				facts := &rules.Facts{Locale: "es", AgentsAvailable: 1}
				for _, turn := range spanishTurns(example) {
					if turn.Role == rules.Customer {
						turn.Text = bare.Replace(turn.Text)
					}
					set.Judge(&st, &turn, facts, &j)
				}
				played++
				if !slices.Contains(j.Signals, s.ID) {
					t.Errorf("%s does not hear %v without accents", s.ID, example)
				}
			}
		}
	}
	if played < 100 {
		t.Errorf("only %d examples were played, so this test looks in the wrong place", played)
	}
}

// spanishTurns reads an example: a message, or a conversation.
func spanishTurns(example any) []rules.Turn {
	list, ok := example.([]any)
	if !ok {
		text, _ := example.(string)
		return []rules.Turn{{Role: rules.Customer, Text: text}}
	}
	var out []rules.Turn
	for _, x := range list {
		m, _ := x.(map[string]any)
		for _, role := range []rules.Role{rules.Customer, rules.Bot, rules.Event} {
			if text, ok := m[role.String()].(string); ok {
				turn := rules.Turn{Role: role, Text: text}
				if role == rules.Event {
					turn = rules.Turn{Role: role, Event: text}
				}
				turn.Expected, _ = m["expected"].(string)
				out = append(out, turn)
			}
		}
	}
	return out
}
