package rules_test

import "testing"

// Spanish as it is typed: without accents, and in the past tense of either side of the Atlantic.
func TestSpanishCues(t *testing.T) {
	detected{
		detector: "customer.check-again",
		fires:    []string{"c: reviselo otra vez", "c: compruebelo de nuevo", "c: verifíquelo nuevamente"},
		silent:   []string{"c: lo revisé ayer"},
	}.run(t)
	detected{
		detector: "customer.correction",
		fires:    []string{"c: no me entendió", "c: no me has entendido", "c: no me entiendes", "c: eso no es lo que te pregunté"},
		silent:   []string{"c: ya entendí", "c: no entiendo la factura"},
	}.run(t)
	detected{
		detector: "bot.fallback",
		fires:    []string{"b: La opción introducida no es válida.", "b: Opción inválida."},
		silent:   []string{"b: La opción es válida."},
	}.run(t)
	detected{
		detector: "customer.failure",
		fires:    []string{"c: no hay forma de entrar en mi cuenta"},
		silent:   []string{"c: no hay prisa"},
	}.run(t)
	detected{
		detector: "customer.polite-but-failing, failures: 1",
		fires:    []string{"c: hola / b: No entendí. / c: bueno, buen dia"},
		silent:   []string{"c: hola / b: Claro. / c: bueno, buen dia"},
	}.run(t)
}
