package rules_test

import "testing"

func TestInvertedMarksStayInPairs(t *testing.T) {
	set := compile(t, packOf("es", "rewrites:\n"+rewriteOf("calm", `move: strip-cheer, when: "customer_turn >= 0"`)))
	tests := []struct{ name, in, out string }{
		{"an opener goes whole", "¡Genial! Su pedido 1182 sale hoy.", "Su pedido 1182 sale hoy."},
		{"several openers", "¡Perfecto! ¡Muy bien! ¿Cuál es su número?", "¿Cuál es su número?"},
		{"with an emoji between", "¡Excelente! 😊 Escriba el código!", "Escriba el código."},
		{"an opener alone", "¡Genial!", "Genial."},
		{"a sentence", "¡Ya está listo!", "Ya está listo."},
		{"in the middle of one", "Hola, ¡ya está listo!", "Hola, ya está listo."},
		{"a run of both", "¡¡¡Ya está listo!!! ¡Hasta mañana!", "Ya está listo. Hasta mañana."},
		{"a question stays one", "¿Está listo? ¡Sí!", "¿Está listo? Sí."},
		{"a question that is shouted", "¡¿Está listo?! ¿¡Seguro!?", "¿Está listo? ¿Seguro?"},
		{"a question that ends as a shout", "¿Está listo!", "¿Está listo?"},
		{"an emoji inside", "¡Listo 🎉, ya está!", "Listo, ya está."},
		{"only the closing mark", "Ya está listo!", "Ya está listo."},
		{"only the inverted mark", "¡Ya está listo.", "¡Ya está listo."},
		{"an inverted mark of the line before", "¡Hola\nYa está!", "¡Hola\nYa está."},
		{"in code", "Escriba `¡a!` ahora!", "Escriba `¡a!` ahora."},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			k := newTalk(set)
			k.facts.Locale = "es"
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
