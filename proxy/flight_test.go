package proxy_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"attune/proxy"
	"attune/proxy/proxytest"
)

// flown goes on talking until a trace is kept.
func (h *house) flown(talk func()) string {
	h.t.Helper()
	for deadline := time.Now().Add(proxytest.Timeout); ; {
		talk()
		status, body := h.ask(http.MethodGet, "/debug/flight")
		switch {
		case status == http.StatusOK:
			return body
		case time.Now().After(deadline):
			h.t.Fatalf("no trace was kept: %d %s", status, body)
		}
	}
}

func TestTraceIsKeptWithoutWords(t *testing.T) {
	bot := proxytest.NewBackend(t, proxytest.BackendConfig{})
	h := open(t, bot, config(func(c *proxy.Config) { c.TraceOver = time.Nanosecond }))
	w := h.widget(proxytest.WidgetConfig{})
	c := bot.Accept()
	talk := func() {
		w.SendText(say("my secret is marzipan"))
		c.ExpectText(say("my secret is marzipan"))
		c.SendText(say("marzipan it is"))
		w.ExpectText(say("marzipan it is"))
		<-time.After(10 * time.Millisecond) // below the rate limit
	}
	trace := h.flown(talk)
	if !strings.HasPrefix(trace, "go 1.") || !strings.Contains(trace, "attune/proxy/transport.") {
		t.Errorf("%d bytes are no trace of Attune: %.40q", len(trace), trace)
	}
	if strings.Contains(trace, "marzipan") {
		t.Error("the trace holds what was said")
	}
	if again := h.flown(talk); again != trace {
		t.Error("a second trace was kept within a minute")
	}
	if kept := strings.Count(h.logged(), "the trace is at"); kept != 1 {
		t.Errorf("the log tells of %d traces, want 1", kept)
	}
}

func TestTraceIsNotKeptBelowTheBound(t *testing.T) {
	bot := proxytest.NewBackend(t, proxytest.BackendConfig{})
	h := open(t, bot, config(func(c *proxy.Config) { c.TraceOver = time.Hour }))
	w := h.widget(proxytest.WidgetConfig{})
	w.SendText(say("hello"))
	bot.Accept().ExpectText(say("hello"))
	if status, body := h.ask(http.MethodGet, "/debug/flight"); status != http.StatusNotFound || !strings.Contains(body, "1h0m0s") {
		t.Errorf("no message was slow: %d %s", status, body)
	}
}

func TestProfilesAreGuarded(t *testing.T) {
	bot := proxytest.NewBackend(t, proxytest.BackendConfig{})
	h := open(t, bot, config(func(c *proxy.Config) {
		c.MetricsToken = func(token string) bool { return token == "for-prometheus" }
	}))
	for path, granted := range map[string]int{
		"/debug/flight": http.StatusNotFound, "/debug/pprof/": http.StatusOK, "/debug/pprof/heap": http.StatusOK,
		"/debug/pprof/allocs": http.StatusOK, "/debug/pprof/goroutine": http.StatusOK, "/debug/pprof/cmdline": http.StatusOK,
		"/debug/pprof/symbol": http.StatusOK, "/debug/pprof/profile?seconds=1": http.StatusOK, "/debug/pprof/trace?seconds=0.1": http.StatusOK,
	} {
		if status, _ := h.ask(http.MethodGet, path); status != http.StatusUnauthorized {
			t.Errorf("%s without a token: %d, want 401", path, status)
		}
		r := mustRequest(t, http.MethodGet, "http://localhost"+path)
		r.Header.Set("Authorization", "Bearer for-prometheus")
		w := newRecorder()
		h.admin.ServeHTTP(w, r)
		if w.status != granted {
			t.Errorf("%s with the token: %d, want %d", path, w.status, granted)
		}
	}
}
