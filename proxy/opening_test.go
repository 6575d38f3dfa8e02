package proxy_test

import (
	"net/http"
	"testing"
	"time"

	"attune/proxy"
	"attune/proxy/proxytest"
)

func seeking(d time.Duration) option {
	return config(func(c *proxy.Config) { c.Silence.Seek = d })
}

// TestBackendComesAtLast: a widget whose backend is not there is let in all the
// same, and the backend hears everything in order when it comes.
func TestBackendComesAtLast(t *testing.T) {
	for name, secure := range map[string]bool{"ws": false, "wss": true} {
		t.Run(name, func(t *testing.T) {
			bot := proxytest.NewBackend(t, proxytest.BackendConfig{TLS: secure, Subprotocols: []string{"first"}})
			h := open(t, bot, ownProfile(t, greeted), config(func(c *proxy.Config) {
				if transport, ok := bot.Client().Transport.(*http.Transport); ok && secure {
					c.BackendTLS = transport.TLSClientConfig
				}
			}))
			bot.Stop()
			w := h.widget(proxytest.WidgetConfig{Subprotocols: []string{"first", "second"}})
			if w.Subprotocol() != "first" {
				t.Errorf("subprotocol %q, want the first offered", w.Subprotocol())
			}
			for _, said := range []string{hello, say("one"), say("two")} {
				w.SendText(said)
			}
			h.eventually(`attune_upgrades_total{result="unreachable"} 1`)
			h.eventually(`attune_bridges_missing_backend{profile="greeted"} 1`)
			bot.Start()
			c := bot.Accept()
			c.ExpectText(hello, say("one"), say("two"))
			c.SendText(welcome)
			c.SendText(say("hi"))
			w.ExpectText(welcome, say("hi"))
			h.eventually(`attune_bridges_missing_backend{profile="greeted"} 0`)
			w.SendClose(1000, "")
			c.ExpectClose(1000)
		})
	}
}

// TestBackendNeverComes: then the widget is told to come again, and at once
// where nothing is sought.
func TestBackendNeverComes(t *testing.T) {
	for name, seek := range map[string]time.Duration{"sought": 300 * time.Millisecond, "not sought": -1} {
		t.Run(name, func(t *testing.T) {
			bot := proxytest.NewBackend(t, proxytest.BackendConfig{})
			h := open(t, bot, ownProfile(t, greeted), seeking(seek))
			bot.Stop()
			w := h.widget(proxytest.WidgetConfig{})
			w.ExpectClose(1013)
			h.eventually(`attune_upgrades_total{result="unreachable"} 1`)
			if seek > 0 {
				h.eventually(`attune_bridges_missing_backend{profile="greeted"} 0`)
				h.eventually(`attune_bridges{profile="greeted"} 0`)
			}
		})
	}
}

// TestBackendRefusesAtLast: a backend that comes and wants no part of it.
func TestBackendRefusesAtLast(t *testing.T) {
	bot := proxytest.NewBackend(t, proxytest.BackendConfig{Refuse: 403})
	h := open(t, bot, ownProfile(t, greeted))
	bot.Stop()
	w := h.widget(proxytest.WidgetConfig{})
	h.eventually(`attune_bridges_missing_backend{profile="greeted"} 1`)
	bot.Start()
	w.ExpectClose(1013)
}

// TestCareOverSockets: the customer of a bot that hangs hears of it.
func TestCareOverSockets(t *testing.T) {
	bot := proxytest.NewBackend(t, proxytest.BackendConfig{})
	h := open(t, bot, config(func(c *proxy.Config) { c.Silence.Text[0] = 100 * time.Millisecond }), pack(t, people+`  silence.slow: ["One moment."]`))
	w := h.widget(proxytest.WidgetConfig{})
	c := bot.Accept()
	w.SendText(say("hello"))
	c.ExpectText(say("hello"))
	w.ExpectText(say("One moment."))
	c.SendText(say("hi"))
	w.ExpectText(say("hi"))
	h.eventually(`attune_silence_total{said="slow"} 1`)
}
