package proxy_test

import (
	"testing"

	"attune/proxy"
	"attune/proxy/proxytest"
	"attune/rules"
)

const gente = `
pack: gente
version: 1
locale: es
messages:
  handoff.requested: ["Aviso a alguien."]
  handoff.accepted: ["Ya está aquí {agent}."]
  handoff.returned: ["Sigue el bot."]
  handoff.stayed: ["Sigamos."]
`

// What the switchboard announces is said in the language of the conversation.
func TestAnnouncementsAreInTheCustomersLanguage(t *testing.T) {
	bot := proxytest.NewBackend(t, proxytest.BackendConfig{})
	h := open(t, bot, config(func(c *proxy.Config) {
		c.Rules = func() (*rules.Set, rules.Diagnostics, error) {
			set, found := rules.Compile([]rules.File{{Name: "en.yaml", Data: []byte(people)}, {Name: "es.yaml", Data: []byte(gente)}})
			return set, found, nil
		}
	}))
	w := h.widget(proxytest.WidgetConfig{})
	c := bot.Accept()
	w.SendText(`{"text":"hola","lang":"es"}`)
	c.ExpectText(`{"text":"hola","lang":"es"}`)
	w.SendText(`{"text":"I want to talk to a human","lang":"es"}`)
	w.ExpectText(say("Aviso a alguien."))
	board := h.server.Switchboard()
	id := h.waiting()
	if err := board.Claim(t.Context(), id, "mia"); err != nil {
		t.Fatal(err)
	}
	w.ExpectText(say("Ya está aquí mia."))
	if err := board.Return(t.Context(), id, "mia"); err != nil {
		t.Fatal(err)
	}
	w.ExpectText(say("Sigue el bot."))
}
