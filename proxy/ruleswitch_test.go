package proxy_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/alicebob/miniredis/v2"

	"attune/proxy"
	"attune/proxy/proxytest"
)

// listed is the answer to GET /-/rules, by rule.
func (h *house) listed() map[string]map[string]any {
	h.t.Helper()
	status, body := h.ask(http.MethodGet, "/-/rules")
	var list struct{ Rules []map[string]any }
	if err := json.Unmarshal([]byte(body), &list); status != http.StatusOK || err != nil {
		h.t.Fatalf("GET /-/rules: %d %v %s", status, err, body)
	}
	byID := map[string]map[string]any{}
	for _, r := range list.Rules {
		id, _ := r["id"].(string)
		byID[id] = r
	}
	return byID
}

func TestKillSwitch(t *testing.T) {
	const denied, ours = "Your request has been denied.", "I could not get that approved."
	bot := proxytest.NewBackend(t, proxytest.BackendConfig{})
	h := open(t, bot, pack(t, people), config(func(c *proxy.Config) {
		c.Who = func(token string) string { return map[string]string{"secret-of-mia": "mia"}[token] }
	}))
	says := func(want string) {
		t.Helper()
		w := h.widget(proxytest.WidgetConfig{})
		c := bot.Accept()
		w.SendText(say("hello"))
		c.ExpectText(say("hello"))
		c.SendText(say(denied))
		w.ExpectText(say(want))
	}
	says(ours)
	digest := h.server.Rules().Digest()

	order := mustRequest(t, http.MethodPost, "http://localhost/-/rules/denied/off")
	order.Header.Set("Authorization", "Bearer secret-of-mia")
	rec := newRecorder()
	h.admin.ServeHTTP(rec, order)
	if got := rec.body.String(); rec.status != http.StatusOK || !strings.Contains(got, `"off":true`) || !strings.Contains(got, `"all_nodes":true`) {
		t.Errorf("off: %d %s", rec.status, got)
	}
	says(denied)
	h.eventually("attune_rules_off 1")
	if !strings.Contains(h.logged(), `"rule":"denied","off":true,"by":"mia"`) || strings.Contains(h.logged(), "secret-of-mia") {
		t.Error("the log does not say who switched which rule off, or says too much")
	}
	if r := h.listed()["denied"]; r["off"] != true || r["by"] != "mia" || r["kind"] != "rewrite" || r["mode"] != "on" || r["pack"] != "people" || r["fires"] != 1.0 {
		t.Errorf("listed as %v", r)
	}
	if status, body := h.ask(http.MethodPost, "/-/reload"); status != http.StatusOK {
		t.Errorf("reload: %d %s", status, body)
	}
	says(denied)
	h.eventually(`attune_rules_info{digest="` + h.server.Rules().Digest() + `",slot="active"} 1`)

	if status, body := h.ask(http.MethodPost, "/-/rules/denied/on"); status != http.StatusOK || !strings.Contains(body, digest) {
		t.Errorf("on: %d %s, want the digest %s again", status, body, digest)
	}
	says(ours)
	h.eventually("attune_rules_off 0")
	if status, _ := h.ask(http.MethodPost, "/-/rules/unheard-of/off"); status != http.StatusNotFound {
		t.Errorf("an unknown rule: %d", status)
	}
	if status, _ := h.ask(http.MethodGet, "/-/rules/denied/off"); status != http.StatusMethodNotAllowed {
		t.Errorf("GET: %d", status)
	}
}

func TestKillSwitchReachesAllNodes(t *testing.T) {
	redis := miniredis.RunT(t)
	bot := proxytest.NewBackend(t, proxytest.BackendConfig{})
	node := func() *house { return open(t, bot, pack(t, people), redisAt("redis://"+redis.Addr())) }
	a, b := node(), node()
	a.eventually("attune_rules_off 0")
	b.eventually("attune_rules_off 0")
	if status, body := a.ask(http.MethodPost, "/-/rules/denied/off"); status != http.StatusOK {
		t.Fatalf("off: %d %s", status, body)
	}
	b.eventually("attune_rules_off 1")
	if a, b := a.server.Rules().Digest(), b.server.Rules().Digest(); a != b {
		t.Errorf("the nodes run %s and %s", a, b)
	}
	node().eventually("attune_rules_off 1") // one that comes later
	if status, body := b.ask(http.MethodPost, "/-/rules/denied/on"); status != http.StatusOK {
		t.Fatalf("on: %d %s", status, body)
	}
	a.eventually("attune_rules_off 0")
}

func TestKillSwitchWithoutTheStore(t *testing.T) {
	redis := miniredis.RunT(t)
	bot := proxytest.NewBackend(t, proxytest.BackendConfig{})
	a := open(t, bot, pack(t, people), redisAt("redis://"+redis.Addr()))
	b := open(t, bot, pack(t, people), redisAt("redis://"+redis.Addr()))
	a.eventually("attune_rules_off 0")
	redis.SetError("gone")
	status, body := a.ask(http.MethodPost, "/-/rules/denied/off")
	if status != http.StatusOK || !strings.Contains(body, `"all_nodes":false`) {
		t.Errorf("off without a store: %d %s", status, body)
	}
	a.eventually("attune_rules_off 1")
	redis.SetError("")
	b.eventually("attune_rules_off 1") // the next look brings it along
}
