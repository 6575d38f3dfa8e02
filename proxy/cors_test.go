package proxy_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"attune/proxy"
	"attune/proxy/proxytest"
)

const (
	shop    = "https://shop.example"
	message = "/v3/directline/conversations/c1/activities"
)

// page is a browser's page that calls from an origin.
func page(origin string, more ...string) http.Header {
	h := http.Header{"Origin": {origin}}
	for i := 0; i+1 < len(more); i += 2 {
		h.Set(more[i], more[i+1])
	}
	return h
}

func from(origins ...string) option {
	return config(func(c *proxy.Config) { c.Origins = origins })
}

func TestPreflight(t *testing.T) {
	l := newLine(t, "")
	h := open(t, l.bot, ownProfile(t, lineProfile), from(shop))
	ask := page(shop, "Access-Control-Request-Method", "POST", "Access-Control-Request-Headers", "authorization,content-type,x-ms-bot-agent")
	resp, _ := h.post(http.MethodOptions, message, ask, "")
	want := map[string]string{
		"Access-Control-Allow-Origin": shop, "Access-Control-Allow-Credentials": "true", "Access-Control-Allow-Methods": "GET, POST",
		"Access-Control-Allow-Headers": "authorization,content-type,x-ms-bot-agent", "Access-Control-Max-Age": "600",
		"Vary": "Origin, Access-Control-Request-Method, Access-Control-Request-Headers",
	}
	if resp.StatusCode != http.StatusNoContent {
		t.Errorf("status %d, want 204", resp.StatusCode)
	}
	for name, value := range want {
		if got := strings.Join(resp.Header.Values(name), ", "); got != value {
			t.Errorf("%s: %q, want %q", name, got, value)
		}
	}
	for _, tt := range []struct {
		name, path string
		header     http.Header
		status     int
	}{
		{"another page", message, page("https://shop.example.evil", "Access-Control-Request-Method", "POST"), http.StatusForbidden},
		{"no page", message, page("null", "Access-Control-Request-Method", "POST"), http.StatusForbidden},
		{"no route", "/v3/directline/tokens", page(shop, "Access-Control-Request-Method", "POST"), http.StatusBadRequest},
		{"no preflight", message, page(shop), http.StatusBadRequest},
	} {
		resp, _ := h.post(http.MethodOptions, tt.path, tt.header, "")
		if resp.StatusCode != tt.status || resp.Header.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%s: %d, allowed %q", tt.name, resp.StatusCode, resp.Header.Get("Access-Control-Allow-Origin"))
		}
	}
	if n := len(l.bot.Requests()); n != 0 {
		t.Errorf("the backend got %d requests", n)
	}
	h.eventually(`attune_http_requests_total{result="preflight"} 1`)
	h.eventually(`attune_http_requests_total{result="origin"} 2`)
}

func TestWhoMayReadAnAnswer(t *testing.T) {
	own := ""
	bot := proxytest.NewBackend(t, proxytest.BackendConfig{HTTP: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if own != "" {
			w.Header().Set("Access-Control-Allow-Origin", own)
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"activities":[]}`)
	})})
	h := open(t, bot, ownProfile(t, lineProfile), from(shop))
	for _, tt := range []struct {
		name, own string
		header    http.Header
		status    int
		allowed   string
	}{
		{"a page", "", page(shop), 200, shop},
		{"the backend says itself", "*", page(shop), 200, "*"},
		{"another page", "", page("http://shop.example"), 403, ""},
		{"nobody knows", "", nil, 403, ""},
		{"a page on our host, that is not in the list", "", http.Header{"Sec-Fetch-Site": {"same-origin"}}, 403, ""},
		{"a page that says nothing", "", http.Header{"Sec-Fetch-Site": {"cross-site"}}, 403, ""},
	} {
		own = tt.own
		resp, _ := h.post(http.MethodGet, message, tt.header, "")
		if got := resp.Header.Values("Access-Control-Allow-Origin"); resp.StatusCode != tt.status || strings.Join(got, ",") != tt.allowed {
			t.Errorf("%s: %d, allowed %q", tt.name, resp.StatusCode, got)
		}
	}
	if n := len(bot.Requests()); n != 2 {
		t.Errorf("the backend got %d requests, want 2", n)
	}
	same := open(t, bot, ownProfile(t, lineProfile), from())
	if resp, _ := same.post(http.MethodGet, message, http.Header{"Sec-Fetch-Site": {"same-origin"}}, ""); resp.StatusCode != 200 {
		t.Errorf("a page of the same host got %d", resp.StatusCode)
	}
	if resp, _ := same.post(http.MethodGet, message, nil, ""); resp.StatusCode != 403 {
		t.Errorf("who says nothing got %d", resp.StatusCode)
	}
}

// TestAPageCanReadThatTheBackendIsGone: browsers show a page no answer without
// these headers, not even its status.
func TestAPageCanReadThatTheBackendIsGone(t *testing.T) {
	l := newLine(t, "")
	h := open(t, l.bot, ownProfile(t, lineProfile), from(shop))
	l.bot.Stop()
	resp, body := h.post(http.MethodPost, message, page(shop), activity(1, "hello"))
	if resp.StatusCode != http.StatusBadGateway || resp.Header.Get("Access-Control-Allow-Origin") != shop || body != "refused\n" {
		t.Errorf("answered %d %v %q", resp.StatusCode, resp.Header, body)
	}
	h.eventually(`attune_http_requests_total{result="unreachable"} 1`)
}
