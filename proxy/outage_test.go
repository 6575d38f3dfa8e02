package proxy_test

import (
	"fmt"
	"strings"
	"testing"

	"attune/proxy"
	"attune/proxy/proxytest"
)

// TestWhyABackendCannotBeReachedIsLogged: once, with the cause and without what widgets
// sent, and again when it is back.
func TestWhyABackendCannotBeReachedIsLogged(t *testing.T) {
	bot := proxytest.NewBackend(t, proxytest.BackendConfig{})
	bot.Stop()
	h := open(t, bot)
	for range 3 {
		proxytest.DialWidget(t, h.widgets+"/chat?token=sesame-7431", proxytest.WidgetConfig{}).ExpectClose(1013)
	}
	log := h.logged()
	if n := strings.Count(log, `"backend cannot be reached"`); n != 1 || !strings.Contains(log, "connection refused") || !strings.Contains(log, `"backend":"`+bot.Addr()+`"`) {
		t.Errorf("told %d times, in\n%s", n, log)
	}
	bot.Start()
	h.widget(proxytest.WidgetConfig{})
	bot.Accept()
	if log = h.logged(); !strings.Contains(log, `"backend can be reached again"`) || strings.Contains(log, "sesame") {
		t.Errorf("when it is back the log is\n%s", log)
	}
}

// TestWhatStandsInForABackendIsLogged: a balancer without a bot behind it answers, so the bot is not said to be back; that
// a bot refuses single widgets is not worth a line.
func TestWhatStandsInForABackendIsLogged(t *testing.T) {
	for status, want := range map[int]int{502: 1, 200: 1, 403: 0} {
		bot := proxytest.NewBackend(t, proxytest.BackendConfig{Refuse: status})
		bot.Stop()
		h := open(t, bot)
		proxytest.DialWidget(t, h.widgets+"/chat", proxytest.WidgetConfig{}).ExpectClose(1013)
		bot.Start()
		for range 3 {
			if resp := proxytest.DialRefused(t, h.widgets+"/chat", proxytest.WidgetConfig{}); resp.StatusCode != status {
				t.Fatalf("the widget is answered with %d, want %d", resp.StatusCode, status)
			}
		}
		log := h.logged()
		if n := strings.Count(log, `"backend refuses to upgrade"`); n != want || n > 0 && !strings.Contains(log, fmt.Sprintf(`"status":%d`, status)) {
			t.Errorf("%d is told %d times, want %d, in\n%s", status, n, want, log)
		}
		if back := strings.Contains(log, `"backend can be reached again"`); back != (want == 0) {
			t.Errorf("after %d the bot is said to be back: %v", status, back)
		}
	}
}

// TestACertificateNobodyTrustsIsLogged says what is wrong with it.
func TestACertificateNobodyTrustsIsLogged(t *testing.T) {
	bot := proxytest.NewBackend(t, proxytest.BackendConfig{TLS: true})
	h := open(t, bot, config(func(c *proxy.Config) { c.BackendTLS = nil }))
	proxytest.DialWidget(t, h.widgets+"/chat", proxytest.WidgetConfig{}).ExpectClose(1013)
	if log := h.logged(); !strings.Contains(log, "certificate") {
		t.Errorf("the log does not say so:\n%s", log)
	}
}
