package proxy_test

import (
	"strings"
	"testing"

	"attune/proxy"
	"attune/proxy/proxytest"
	"attune/proxy/wire"
	"attune/rules"
)

// shopIn is a German pack that speaks in one register.
func shopIn(register, requested, accepted, reply string) rules.File {
	return rules.File{Name: register + ".yaml", Data: []byte(`
pack: shop-` + register + `
locale: de
register: ` + register + `
always: {asks-for-person-` + register + `: escalate}
signals:
  - {id: asks-for-person-` + register + `, what: a, why: b, from: customer, match: {text: "einen menschen bitte"}, examples: {fires: [a], silent: [b]}}
rewrites:
  - {id: soft-` + register + `, what: a, why: b, move: plain-words, match: {text: "Geben Sie den Code ein"}, say: ["` + reply + `"], examples: [{in: "Ja.", unchanged: true}]}
messages:
  handoff.requested: ["` + requested + `"]
  handoff.accepted: ["` + accepted + `"]
`)}
}

func TestARouteChoosesTheRegister(t *testing.T) {
	tests := []struct{ register, reply, requested, accepted string }{
		{"", "Bitte tippen Sie den Code ein.", "Ich hole Ihnen jemanden.", "Guten Tag, mia."}, // the first pack's
		{"formal", "Bitte tippen Sie den Code ein.", "Ich hole Ihnen jemanden.", "Guten Tag, mia."},
		{"informal", "Tipp den Code ein.", "Ich hol dir wen.", "Hi, mia."},
	}
	for _, tt := range tests {
		t.Run("register "+tt.register, func(t *testing.T) {
			bot := proxytest.NewBackend(t, proxytest.BackendConfig{})
			h := open(t, bot, config(func(c *proxy.Config) {
				c.Routes[0].Register = tt.register
				c.Rules = func() (*rules.Set, rules.Diagnostics, error) {
					set, found := rules.Compile([]rules.File{
						shopIn("formal", "Ich hole Ihnen jemanden.", "Guten Tag, {agent}.", "Bitte tippen Sie den Code ein."),
						shopIn("informal", "Ich hol dir wen.", "Hi, {agent}.", "Tipp den Code ein."),
					})
					return set, found, nil
				}
			}))
			w := h.widget(proxytest.WidgetConfig{})
			c := bot.Accept()
			const hello = `{"text":"hallo","lang":"de"}`
			w.SendText(hello)
			c.ExpectText(hello)
			c.SendText(say("Geben Sie den Code ein."))
			w.ExpectText(say(tt.reply))
			w.SendText(`{"text":"Einen Menschen bitte","lang":"de"}`)
			w.ExpectText(say(tt.requested))
			if err := h.server.Switchboard().Claim(t.Context(), h.waiting(), "mia"); err != nil {
				t.Fatal(err)
			}
			w.ExpectText(say(tt.accepted))
		})
	}
}

func TestRegisterOfARoute(t *testing.T) {
	plain, err := wire.Lookup("json")
	if err != nil {
		t.Fatal(err)
	}
	const route = "routes:\n  - {backend: 'ws://bot', register: "
	routes, err := proxy.ParseRoutes("r.yaml", []byte(route+"formal}"), plain)
	if err != nil || routes[0].Register != "formal" {
		t.Errorf("%+v, %v", routes, err)
	}
	_, err = proxy.ParseRoutes("r.yaml", []byte(route+"polite}"), plain)
	if err == nil || !strings.Contains(err.Error(), `r.yaml: route 1: register "polite": want formal or informal`) {
		t.Errorf("error %v", err)
	}
}
