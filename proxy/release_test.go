package proxy_test

import (
	"errors"
	"testing"

	"attune/proxy/console"
	"attune/proxy/proxytest"
)

// TestAnAgentLetsSomebodyElseCome: the customer hears of it and keeps the place.
func TestAnAgentLetsSomebodyElseCome(t *testing.T) {
	bot := proxytest.NewBackend(t, proxytest.BackendConfig{})
	h := open(t, bot, pack(t, people+"  handoff.left: [\"Somebody else comes.\"]\n"))
	w := h.widget(proxytest.WidgetConfig{})
	id := handOver(t, h, w)
	board := h.server.Switchboard()
	if err := board.Claim(t.Context(), id, "mia"); err != nil {
		t.Fatal(err)
	}
	w.ExpectText(say("mia is here."))
	if err := board.Release(t.Context(), id, "ben"); !errors.Is(err, console.ErrNotYours) {
		t.Errorf("release by another: %v", err)
	}
	if err := board.Release(t.Context(), id, "mia"); err != nil {
		t.Fatal(err)
	}
	w.ExpectText(say("Somebody else comes."))
	if err := board.Claim(t.Context(), id, "ben"); err != nil {
		t.Fatal(err)
	}
	w.ExpectText(say("ben is here."))
}
