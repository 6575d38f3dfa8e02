package proxy_test

import (
	"testing"

	"attune/proxy"
	"attune/proxy/proxytest"
	"attune/proxy/wire"
)

// felt is a pack that asks everybody at /chat.
const felt = `
pack: felt
messages:
  msg.felt: ["Did you feel understood?"]
touchpoints:
  - id: chat
    when: "path == '/chat'"
    story: They knew my case.
    feel: [understood]
    proxies: {restated-facts: "<= 10%", promises-kept: ">= 95%"}
    ask: {text: msg.felt}
    target: 80%
`

func TestATouchpointIsAskedAboutAndMeasured(t *testing.T) {
	profiles, err := wire.Parse("farewell.yaml", []byte(farewell))
	if err != nil {
		t.Fatal(err)
	}
	bot := proxytest.NewBackend(t, proxytest.BackendConfig{})
	h := open(t, bot, pack(t, felt), config(func(c *proxy.Config) { c.Routes[0].Profile = profiles[0] }))
	h.eventually(`attune_touchpoint_target_ratio{touchpoint="chat"} 0.8`)
	h.eventually(`attune_touchpoint_proxy_target_ratio{bound="most",proxy="restated-facts",touchpoint="chat"} 0.1`)
	w := h.widget(proxytest.WidgetConfig{})
	c := bot.Accept()
	turn := func(utterance, reply string) {
		t.Helper()
		w.SendText(say(utterance))
		c.ExpectText(say(utterance))
		c.SendText(say(reply))
		w.ExpectText(say(reply))
	}
	turn("order 1182", "Which order?")
	turn("1182", "It is on its way.")
	turn("great, thanks", "You are welcome.")
	w.ExpectText(say("Did you feel understood?"))
	h.eventually(`attune_touchpoint_answers_total{outcome="asked",touchpoint="chat"} 1`)
	w.SendText(say("yes"))
	w.ExpectText(say("Thank you."))
	h.eventually(`attune_touchpoint_answers_total{outcome="yes",touchpoint="chat"} 1`)
	w.SendText(`{"bye":true}`)
	c.ExpectText(`{"bye":true}`) // and not the answer
	h.eventually(`attune_touchpoint_sessions_total{touchpoint="chat"} 1`)
	h.eventually(`attune_touchpoint_feelings_total{feeling="understood",outcome="yes",touchpoint="chat"} 1`)
	h.eventually(`attune_touchpoint_proxies_total{outcome="yes",proxy="restated-facts",touchpoint="chat"} 1`)
}
