package proxy_test

import (
	"slices"
	"testing"

	"attune/proxy"
	"attune/proxy/proxytest"
	"attune/proxy/wire"
)

// farewell is a protocol in which the customer can end the conversation.
const farewell = `
profile: farewell
framing: raw
frames:
  - {dir: up, kind: end, when: ["$.bye exists"]}
  - {dir: up, kind: message, role: customer, when: ["$.text is string"], text: ["$.text"]}
  - {dir: down, kind: message, role: bot, when: ["$.text is string"], text: ["$.text"]}
inject:
  bot: '{"text":{{text}}}'
  agent: '{"text":{{text}},"agent":{{agent}}}'
`

func TestWordsBehindTheEndBeginAnotherConversation(t *testing.T) {
	profiles, err := wire.Parse("farewell.yaml", []byte(farewell))
	if err != nil {
		t.Fatal(err)
	}
	bot := proxytest.NewBackend(t, proxytest.BackendConfig{})
	h := open(t, bot, pack(t, people), config(func(c *proxy.Config) { c.Routes[0].Profile = profiles[0] }))
	w := h.widget(proxytest.WidgetConfig{})
	c := bot.Accept()
	handOver(t, h, w) // nobody will be needed once the customer has said good-bye
	w.SendText(`{"bye":true}`)
	c.ExpectText(`{"bye":true}`)
	h.eventually(`attune_session_score_count{outcome="waiting"} 1`)
	h.eventually(`attune_sessions{profile="farewell"} 0`)
	if list, err := h.server.Switchboard().Waiting(t.Context()); err != nil || len(list) != 0 {
		t.Errorf("still waiting: %v, %v", list, err)
	}
	w.SendText(say("hello again"))
	c.ExpectText(say("hello again"))
	h.eventually(`attune_sessions{profile="farewell"} 1`)
	h.eventually(`attune_sessions_opened_total{outcome="fresh"} 2`)
	handOver(t, h, w)
	w.SendClose(1000, "")
	w.ExpectClose(1000)
	h.eventually(`attune_session_score_count{outcome="waiting"} 1`)
}

// TestTheEndOnAnotherNode has two tabs of one customer on two nodes, and ends the
// conversation in one.
func TestTheEndOnAnotherNode(t *testing.T) {
	a, b := pair(t, pack(t, people), ownProfile(t, farewell))
	first, firstBot := a.talk(known, "hello")
	flushed(t, a)
	second, secondBot := b.talk(known, "me again")
	id := b.owner(b)
	first.SendText(`{"bye":true}`)
	firstBot.ExpectText(`{"bye":true}`)
	for _, h := range []*house{a, b} {
		h.eventually(`attune_sessions{profile="farewell"} 0`)
		waitFor(t, "the conversation goes on", func() bool {
			_, here := h.store.Live(id)
			return !here
		})
	}
	second.SendText(say("another matter"))
	secondBot.ExpectText(say("another matter"))
	flushed(t, b)
	if got := b.story(id); !slices.Equal(got, []string{"customer: another matter"}) {
		t.Errorf("the story is %q", got)
	}
	a.eventually(`attune_session_score_count{outcome="bot"} 1`)
	b.eventually(`attune_session_score_count{outcome="bot"} 0`)
}
