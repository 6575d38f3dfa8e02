package proxy_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"attune/proxy"
	"attune/proxy/proxytest"
	"attune/rules"
)

func mode(t *testing.T, name string) option {
	m, err := rules.ParseMode(name)
	if err != nil {
		t.Fatal(err)
	}
	return config(func(c *proxy.Config) { c.Mode = m })
}

func TestDrain(t *testing.T) {
	bot := proxytest.NewBackend(t, proxytest.BackendConfig{})
	h := open(t, bot, limits(func(l *proxy.Limits) { l.Drain = 500 * time.Millisecond }))
	w := h.widget(proxytest.WidgetConfig{})
	drained := make(chan struct{})
	go func() {
		defer close(drained)
		h.server.Drain(context.Background())
	}()
	w.ExpectClose(1012)
	bot.Accept().ExpectClose(1001)
	<-drained
	resp := proxytest.DialRefused(t, h.widgets, proxytest.WidgetConfig{})
	if resp.StatusCode != http.StatusServiceUnavailable || resp.Header.Get("Retry-After") == "" {
		t.Errorf("while draining: %d, Retry-After %q", resp.StatusCode, resp.Header.Get("Retry-After"))
	}
	if status, _ := h.ask(http.MethodGet, "/-/ready"); status != http.StatusServiceUnavailable {
		t.Errorf("ready: %d", status)
	}
	if status, _ := h.ask(http.MethodGet, "/-/healthy"); status != http.StatusOK {
		t.Errorf("healthy: %d", status)
	}
}

// TestStopDoesNotWaitForTheDeaf: peers that answer nothing do not hold the end up.
func TestStopDoesNotWaitForTheDeaf(t *testing.T) {
	bot := proxytest.NewBackend(t, proxytest.BackendConfig{StopReading: true})
	h := open(t, bot)
	r := proxytest.DialRaw(t, h.widgets).Upgrade()
	c := bot.Accept()
	h.eventually(`attune_bridges{profile="json"} 1`)
	h.stop()
	select {
	case <-h.stopped:
	case <-time.After(proxytest.Timeout):
		t.Error("still running")
	}
	r.ExpectClose(1012)
	c.ResumeReading()
	c.ExpectClose(1001)
	if resp := proxytest.DialRefused(t, h.widgets, proxytest.WidgetConfig{}); resp.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("a widget that comes after the end: %d", resp.StatusCode)
	}
}

func (h *house) ask(method, path string) (int, string) {
	w := newRecorder()
	h.admin.ServeHTTP(w, mustRequest(h.t, method, "http://localhost"+path))
	return w.status, w.body.String()
}

func TestAdmin(t *testing.T) {
	bot := proxytest.NewBackend(t, proxytest.BackendConfig{})
	good := true
	h := open(t, bot, config(func(c *proxy.Config) {
		c.MetricsToken = func(token string) bool { return token == "for-prometheus" }
		c.Rules = func() (*rules.Set, rules.Diagnostics, error) {
			source := people
			if !good {
				source = strings.Replace(people, "feels:", "feelz:", 1)
			}
			set, found := rules.Compile([]rules.File{{Name: "test.yaml", Data: []byte(source)}})
			return set, found, nil
		}
	}))
	h.eventually(`attune_sessions{profile="json"} 0`)
	h.eventually(`attune_handoff_queue_depth{desk="console"} 0`)
	h.eventually(`attune_decisions_total{decision="escalate",rule="asks-for-person"} 0`) // before there is one
	h.eventually(`attune_rules_info{digest="` + h.server.Rules().Digest() + `",slot="active"} 1`)
	if status, body := h.ask(http.MethodPost, "/-/reload"); status != http.StatusOK {
		t.Errorf("reload of good rules: %d %s", status, body)
	}
	digest := h.server.Rules().Digest()
	good = false
	status, body := h.ask(http.MethodPost, "/-/reload")
	if status != http.StatusUnprocessableEntity || !strings.Contains(body, "test.yaml:") || !strings.Contains(body, "feelz") {
		t.Errorf("reload of bad rules: %d %s", status, body)
	}
	if h.server.Rules().Digest() != digest {
		t.Error("the good rules are gone")
	}
	h.eventually(`attune_rules_reloads_total{result="error"} 1`)
	h.eventually("attune_degraded 1")
	if _, body := h.ask(http.MethodGet, "/-/ready"); !strings.Contains(body, "ready, degraded: the rules") {
		t.Errorf("ready with older rules than there should be: %q", body)
	}
	good = true
	if status, body := h.ask(http.MethodPost, "/-/reload"); status != http.StatusOK {
		t.Errorf("reload of rules that are good again: %d %s", status, body)
	}
	h.eventually("attune_degraded 0")
	if _, body := h.ask(http.MethodGet, "/-/ready"); body != "ready\n" {
		t.Errorf("ready with the rules that should be: %q", body)
	}
	if status, _ := h.ask(http.MethodGet, "/metrics"); status != http.StatusUnauthorized {
		t.Errorf("metrics without a token: %d", status)
	}
	if status, _ := h.ask(http.MethodGet, "/-/reload"); status != http.StatusMethodNotAllowed {
		t.Errorf("GET /-/reload: %d", status)
	}
	w := newRecorder()
	foreign := mustRequest(t, http.MethodGet, "http://evil.example.com/-/healthy")
	h.admin.ServeHTTP(w, foreign)
	if w.status != http.StatusForbidden || !strings.Contains(w.body.String(), "without dots") {
		t.Errorf("a foreign host: %d %s", w.status, w.body.String())
	}
	if status, _ := h.ask(http.MethodPost, "/-/drain"); status != http.StatusAccepted || h.drained != 1 {
		t.Errorf("drain: %d, asked %d times", status, h.drained)
	}
}

func TestResumeIsBound(t *testing.T) {
	bot := proxytest.NewBackend(t, proxytest.BackendConfig{})
	h := open(t, bot, profile(t, "rasa-socketio"), pack(t, people))
	as := func(credential string) proxytest.WidgetConfig {
		return proxytest.WidgetConfig{Header: http.Header{"Authorization": {"Bearer " + credential}}}
	}
	const hello = `42["user_uttered",{"message":"hello","session_id":"s1"}]`
	w := h.widget(as("alice"))
	c := bot.Accept()
	c.SendText("40")
	w.ExpectText("40")
	w.SendText(hello)
	c.ExpectText(hello)
	h.eventually(`attune_sessions_opened_total{outcome="fresh"} 1`)
	w.SendClose(1001, "")
	h.eventually(`attune_bridges{profile="rasa-socketio"} 0`)

	mallory := h.widget(as("mallory"))
	c = bot.Accept()
	mallory.SendText(hello)
	c.ExpectText(hello)
	h.eventually(`attune_sessions_opened_total{outcome="fresh"} 2`)

	alice := h.widget(as("alice"))
	c = bot.Accept()
	alice.SendText(hello)
	c.ExpectText(hello)
	h.eventually(`attune_sessions_opened_total{outcome="resumed"} 1`)
}

func TestAGoneStoreDelaysNobody(t *testing.T) {
	bot := proxytest.NewBackend(t, proxytest.BackendConfig{Answer: func(text string) []string { return []string{text} }})
	// Nobody listens there, and whoever waits all the same waits for minutes.
	h := open(t, bot, redisAt("redis://127.0.0.1:1"), pack(t, people), leeway(10_000))
	w := h.widget(proxytest.WidgetConfig{Header: http.Header{"Authorization": {"Bearer somebody"}}})
	w.SendText(say("hello"))
	w.ExpectText(say("hello"))
	h.eventually(`attune_degraded 1`)
	w.SendText(say("Your request has been denied."))
	w.ExpectText(say("I could not get that approved."))
}
