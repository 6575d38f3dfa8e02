package proxy_test

import (
	"net/http"
	"net/netip"
	"strings"
	"testing"

	"attune/proxy"
	"attune/proxy/proxytest"
)

// TestWhereTheWidgetCalledBehindAProxy has TLS end, and the host's name change, in a
// proxy in front: only one that is trusted may say so, and then origins, routes and
// cookies go by what it says.
func TestWhereTheWidgetCalledBehindAProxy(t *testing.T) {
	const page = "https://chat.example.com"
	plain, fun := proxytest.NewBackend(t, proxytest.BackendConfig{}), proxytest.NewBackend(t, proxytest.BackendConfig{})
	other, err := proxy.ParseBackend(fun.URL)
	if err != nil {
		t.Fatal(err)
	}
	trusting := func(c *proxy.Config) {
		c.Origins = nil // Origin must equal the host that was called
		c.Trusted = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
		first := c.Routes[0]
		first.Host, first.Backend = "fun.example.com", other
		c.Routes = append([]proxy.Route{first}, c.Routes...)
	}
	calls := func(host, proto, origin string) proxytest.WidgetConfig {
		return proxytest.WidgetConfig{Origin: origin, Header: http.Header{"X-Forwarded-Host": {host}, "X-Forwarded-Proto": {proto}}}
	}

	h := open(t, plain, config(trusting))
	w := h.widget(calls("chat.example.com", "https", page))
	plain.Accept()
	if got := w.Response.Header.Get("Set-Cookie"); !strings.HasPrefix(got, "__Host-attune=") || !strings.HasSuffix(got, "; Path=/; HttpOnly; Secure; SameSite=None; Partitioned") {
		t.Errorf("cookie over TLS that ends in a proxy: %q", got)
	}
	again := calls("chat.example.com", "https", page)
	cookie, _, _ := strings.Cut(w.Response.Header.Get("Set-Cookie"), ";")
	again.Header.Set("Cookie", cookie)
	w = h.widget(again)
	if got := plain.Accept().Request.Header.Get("Cookie"); got != "" || w.Response.Header.Get("Set-Cookie") != "" {
		t.Errorf("with its cookie the widget got another, %q, and the bot got %q", w.Response.Header.Get("Set-Cookie"), got)
	}
	h.widget(calls("fun.example.com", "https", "https://fun.example.com"))
	fun.Accept()
	w = h.widget(calls("chat.example.com", "http", "http://chat.example.com"))
	if got := w.Response.Header.Get("Set-Cookie"); !strings.HasPrefix(got, "attune=") || !strings.HasSuffix(got, "; Path=/; HttpOnly; SameSite=Lax") {
		t.Errorf("cookie over plain HTTP through a proxy: %q", got)
	}
	plain.Accept()

	h = open(t, plain, config(trusting), config(func(c *proxy.Config) { c.Trusted = nil }))
	if resp := proxytest.DialRefused(t, h.widgets, calls("chat.example.com", "https", page)); resp.StatusCode != http.StatusForbidden {
		t.Errorf("whoever is not trusted says where they called: %d, want 403", resp.StatusCode)
	}
}
