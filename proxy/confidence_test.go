package proxy_test

import (
	"testing"

	"attune/proxy/proxytest"
)

// TestUnsureHearing: rules may ask how sure the recogniser is.
func TestUnsureHearing(t *testing.T) {
	const unsure = `
pack: unsure
signals:
  - {id: shouted, what: a, why: b, from: customer, match: {phrases: ["(stop)"]}, unless: {asr.confidence: "< 0.5"}, examples: {fires: [a], silent: [b]}}
`
	bot := proxytest.NewBackend(t, proxytest.BackendConfig{})
	h := open(t, bot, profile(t, "audiocodes-botapi"), pack(t, unsure))
	w := h.widget(proxytest.WidgetConfig{})
	c := bot.Accept()
	for _, confidence := range []string{"0.2", "0.9"} {
		said := `{"conversationId":"c1","type":"activities","activities":[{"type":"message","text":"stop","parameters":{"confidence":` + confidence + `}}]}`
		w.SendText(said)
		c.ExpectText(said)
	}
	h.eventually(`attune_signals_total{rule="shouted"} 1`)
}
