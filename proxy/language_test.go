package proxy_test

import (
	"testing"
	"time"

	"attune/proxy"
	"attune/proxy/proxytest"
	"attune/proxy/session"
	"attune/rules"
)

const gens = `
pack: gens
version: 1
locale: fr
messages:
  handoff.requested: ["Je fais venir quelqu'un."]
  handoff.accepted: ["{agent} est là."]
  handoff.returned: ["Le robot reprend."]
`

// TestAgentsComeInTheCustomersLanguage: what is announced while a person has
// the floor is said in the language of the conversation, not of the default pack.
func TestAgentsComeInTheCustomersLanguage(t *testing.T) {
	bot := proxytest.NewBackend(t, proxytest.BackendConfig{})
	h := open(t, bot, func(c *proxy.Config, _ *session.Config) {
		c.Rules = func() (*rules.Set, rules.Diagnostics, error) {
			set, found := rules.Compile([]rules.File{{Name: "en.yaml", Data: []byte(people)}, {Name: "fr.yaml", Data: []byte(gens)}})
			return set, found, nil
		}
	})
	w := h.widget(proxytest.WidgetConfig{})
	bot.Accept()
	w.SendText(`{"text":"I want to talk to a human","locale":"fr"}`)
	w.ExpectText(say("Je fais venir quelqu'un."))
	board := h.server.Switchboard()
	id := ""
	for deadline := time.Now().Add(10 * time.Second); id == "" && time.Now().Before(deadline); <-time.After(20 * time.Millisecond) {
		list, err := board.Waiting(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if len(list) == 1 {
			id = list[0].Session
		}
	}
	if err := board.Claim(t.Context(), id, "mia"); err != nil {
		t.Fatal(err)
	}
	w.ExpectText(say("mia est là."))
	if err := board.Return(t.Context(), id, "mia"); err != nil {
		t.Fatal(err)
	}
	w.ExpectText(say("Le robot reprend."))
}
