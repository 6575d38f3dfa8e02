package proxy_test

import (
	"errors"
	"testing"
	"time"

	"attune/proxy"
	"attune/proxy/console"
	"attune/proxy/proxytest"
	"attune/proxy/wire"
)

// TestSignsOfWriting: the customer sees that the agent writes and the agent sees
// that the customer does, in a protocol that has signs for it.
func TestSignsOfWriting(t *testing.T) {
	signs, err := wire.Parse("signs.yaml", []byte(`
profile: signs
framing: raw
channel: text
frames:
  - {dir: up, kind: typing, when: ["$.type == typing"]}
  - {dir: up, kind: message, when: ["$.text exists"], text: ["$.text"]}
  - {dir: down, kind: message, when: ["$.text exists"], text: ["$.text"]}
inject:
  bot: '{"text":{{text}}}'
  agent: '{"text":{{text}},"by":{{agent}}}'
  typing: '{"type":"typing"}'
`))
	if err != nil {
		t.Fatal(err)
	}
	bot := proxytest.NewBackend(t, proxytest.BackendConfig{})
	h := open(t, bot, pack(t, peopleAndDanger), config(func(c *proxy.Config) { c.Routes[0].Profile = signs[0] }))
	w := h.widget(proxytest.WidgetConfig{})
	id := handOver(t, h, w)
	board := h.server.Switchboard()
	typist, _ := board.(console.Typist)
	if err := typist.Typing(t.Context(), id, "mia"); !errors.Is(err, console.ErrNotYours) {
		t.Errorf("before a claim: %v", err)
	}
	if err := board.Claim(t.Context(), id, "mia"); err != nil {
		t.Fatal(err)
	}
	w.ExpectText(say("mia is here."))
	if err := typist.Typing(t.Context(), id, "mia"); err != nil {
		t.Fatal(err)
	}
	w.ExpectText(`{"type":"typing"}`)

	changes := board.Watch(t.Context())
	w.SendText(`{"type":"typing"}`)
	patience := time.After(proxytest.Timeout)
	for {
		select {
		case e := <-changes:
			if e == (console.Event{Kind: console.KindTyping, Session: id}) {
				return
			}
		case <-patience:
			t.Fatal("the agent does not see that the customer writes")
		}
	}
}
