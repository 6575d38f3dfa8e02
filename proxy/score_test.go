package proxy_test

import (
	"testing"

	"attune/proxy"
	"attune/proxy/proxytest"
	"attune/proxy/wire"
)

// TestOnlyAPersonWhoWasThereClearsTheScore ends conversations after a handoff
// that an agent gave back and after one that the customer did not wait for.
func TestOnlyAPersonWhoWasThereClearsTheScore(t *testing.T) {
	profiles, err := wire.Parse("farewell.yaml", []byte(farewell))
	if err != nil {
		t.Fatal(err)
	}
	const angry = `
pack: angry
always: {asks-for-person: escalate}
signals:
  - {id: asks-for-person, what: a, why: b, from: customer, match: {text: "a human"}, examples: {fires: [a], silent: [b]}}
  - {id: awful, what: a, why: b, from: customer, match: {phrases: ["(awful)"]}, points: 4, examples: {fires: [a], silent: [b]}}
scoring: {half_life: 2, offer: {score: 50}, escalate: {score: 80}}
`
	for _, tt := range []struct {
		name, outcome, sum string
		end                func(h *house, w *proxytest.Conn)
	}{
		{"given back", "bot", "0", func(h *house, w *proxytest.Conn) {
			id := h.waiting()
			board := h.server.Switchboard()
			if err := board.Claim(t.Context(), id, "mia"); err != nil {
				t.Fatal(err)
			}
			w.ExpectText(say("mia is here now and has read what you wrote."))
			if err := board.Return(t.Context(), id, "mia"); err != nil {
				t.Fatal(err)
			}
			w.ExpectText(say("You are back with the assistant."))
		}},
		{"not waited for", "bot", "2", func(h *house, w *proxytest.Conn) { // two turns at a half-life of two
			h.waiting()
			w.SendText(say("stay"))
			w.ExpectText(say("All right, let's go on. Say 'person' whenever you want a colleague."))
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			bot := proxytest.NewBackend(t, proxytest.BackendConfig{})
			h := open(t, bot, pack(t, angry), config(func(c *proxy.Config) { c.Routes[0].Profile = profiles[0] }))
			w := h.widget(proxytest.WidgetConfig{})
			c := bot.Accept()
			w.SendText(say("awful"))
			c.ExpectText(say("awful"))
			w.SendText(say("a human"))
			w.ExpectText(say("I'm bringing in a colleague. It takes about 4 minutes; say 'stay' to go on with me."))
			tt.end(h, w)
			h.eventually(`attune_floor_changes_total{to="bot"} 1`)
			w.SendText(`{"bye":true}`)
			c.ExpectText(`{"bye":true}`)
			h.eventually(`attune_session_score_sum{outcome="` + tt.outcome + `"} ` + tt.sum)
			h.eventually(`attune_session_score_count{outcome="` + tt.outcome + `"} 1`)
		})
	}
}
