package proxy_test

import (
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

// TestACertificateNobodyTrustsIsLogged says what is wrong with it.
func TestACertificateNobodyTrustsIsLogged(t *testing.T) {
	bot := proxytest.NewBackend(t, proxytest.BackendConfig{TLS: true})
	h := open(t, bot, config(func(c *proxy.Config) { c.BackendTLS = nil }))
	proxytest.DialWidget(t, h.widgets+"/chat", proxytest.WidgetConfig{}).ExpectClose(1013)
	if log := h.logged(); !strings.Contains(log, "certificate") {
		t.Errorf("the log does not say so:\n%s", log)
	}
}
