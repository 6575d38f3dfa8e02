package proxy_test

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"attune/proxy"
	"attune/proxy/proxytest"
	"attune/proxy/session"
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

func TestAnIdleTabDoesNotEndTheConversation(t *testing.T) {
	bot := proxytest.NewBackend(t, proxytest.BackendConfig{})
	h := open(t, bot, limits(func(l *proxy.Limits) { l.Idle = 600 * time.Millisecond }))
	config := proxytest.WidgetConfig{Header: http.Header{"Authorization": {"Bearer somebody"}}}
	idle := h.widget(config)
	idle.SendText(say("one"))
	bot.Accept().ExpectText(say("one"))
	busy := h.widget(config)
	c := bot.Accept()
	for range 4 {
		busy.SendText(say("two"))
		c.ExpectText(say("two"))
		<-time.After(200 * time.Millisecond)
	}
	idle.ExpectClose(1000)
	h.eventually(`attune_bridges{profile="json"} 1`)
	key := session.Key{Profile: "json", Binding: "credential:" + digest("authorization Bearer somebody")}
	if sess, here := h.store.Live(key.ID()); !here || sess.Ended() {
		t.Error("the conversation of the other tab is over")
	}
	busy.ExpectClose(1000)
	h.eventually(`attune_session_score_count{outcome="bot"} 1`)
	h.eventually(`attune_bridges{profile="json"} 0`)
	<-time.After(1500 * time.Millisecond) // as long as it takes to count those who stay away
	h.eventually(`attune_session_score_count{outcome="bot"} 1`)
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
		if _, here := h.store.Live(id); here {
			t.Error("the conversation goes on")
		}
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
