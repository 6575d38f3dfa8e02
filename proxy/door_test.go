package proxy_test

import (
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"attune/proxy"
	"attune/proxy/proxytest"
)

func TestPassesBothWaysByteForByte(t *testing.T) {
	bot := proxytest.NewBackend(t, proxytest.BackendConfig{})
	h := open(t, bot)
	w := h.widget(proxytest.WidgetConfig{})
	c := bot.Accept()
	for _, text := range []string{`{"text":"hello"}`, `{ "text" : "odd \u2019 spacing" , "n": 1.0 }`, "not json", "", `{"text":"\ud800"}`} {
		w.SendText(text)
		c.ExpectText(text)
		c.SendText(text)
		w.ExpectText(text)
	}
	w.SendBinary([]byte{0, 255, 1})
	c.ExpectBinary([]byte{0, 255, 1})
	c.SendBinary([]byte{9})
	w.ExpectBinary([]byte{9})
}

func TestCloseCodesAreRelayed(t *testing.T) {
	for _, code := range []uint16{1000, 1001, 1005, 1011, 3000, 4999} {
		bot := proxytest.NewBackend(t, proxytest.BackendConfig{})
		h := open(t, bot)
		w := h.widget(proxytest.WidgetConfig{})
		c := bot.Accept()
		w.SendClose(code, "")
		c.ExpectClose(code)
		w.ExpectClose(code)

		w = h.widget(proxytest.WidgetConfig{})
		c = bot.Accept()
		c.SendClose(code, "")
		w.ExpectClose(code)
	}
}

func TestReplyInFlightComesBeforeTheClose(t *testing.T) {
	bot := proxytest.NewBackend(t, proxytest.BackendConfig{Answer: func(text string) []string { return []string{text} }})
	h := open(t, bot)
	r := proxytest.DialRaw(t, h.widgets+"/").Upgrade()
	r.SendText("good")
	r.SendFrame(0x83, "a reserved opcode")
	r.ExpectText("good") // the reply to what was sent before the fault
	r.ExpectClose(1002)
}

func TestHandshakesRefused(t *testing.T) {
	bot := proxytest.NewBackend(t, proxytest.BackendConfig{})
	h := open(t, bot, config(func(c *proxy.Config) { c.Origins = []string{"https://shop.example.com"} }))
	const ok = "GET /chat HTTP/1.1\r\nHost: chat.example.com\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nOrigin: https://shop.example.com\r\n\r\n"
	change := func(from, to string) string {
		if !strings.Contains(ok, from) {
			t.Fatalf("the request has no %q", from)
		}
		return strings.Replace(ok, from, to, 1)
	}
	tests := []struct {
		name, request string
		status        int
	}{
		{"as it should be", ok, 101},
		{"two keys", change("\r\n\r\n", "\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"), 400},
		{"no key", change("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n", ""), 400},
		{"key of the wrong length", change("dGhlIHNhbXBsZSBub25jZQ==", "c2hvcnQ="), 400},
		{"key that is not base64", change("dGhlIHNhbXBsZSBub25jZQ==", "!!!!!!!!!!!!!!!!!!!!!!=="), 400},
		{"HTTP/1.0", change("HTTP/1.1", "HTTP/1.0"), 400},
		{"old version", change("Version: 13", "Version: 8"), 400},
		{"two versions", change("Version: 13", "Version: 13, 8"), 400},
		{"POST", change("GET", "POST"), 400},
		{"h2c", change("Upgrade: websocket", "Upgrade: h2c"), 400},
		{"no upgrade", change("Upgrade: websocket\r\n", ""), 400},
		{"a body", change("\r\n\r\n", "\r\nContent-Length: 3\r\n\r\nabc"), 400},
		{"two lengths of body", change("\r\n\r\n", "\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), 400},
		{"a folded header", change("\r\nOrigin", "\r\nX-Long: a\r\n b\r\nOrigin"), 400},
		{"dot segments", change("/chat", "/chat/../admin"), 400},
		{"dots encoded", change("/chat", "/chat/%2e%2e/admin"), 400},
		{"dots encoded twice", change("/chat", "/chat/%252e%252e/admin"), 400},
		{"backslash", change("/chat", "/chat\\..\\admin"), 400},
		{"empty segment", change("/chat", "//chat"), 400},
		{"parameter", change("/chat", "/chat;x=1"), 400},
		{"NUL", change("/chat", "/chat%00"), 400},
		{"encoded slash", change("/chat", "/chat%2fadmin"), 400},
		{"absolute form", change("/chat", "http://other.example.com/chat"), 400},
		{"fragment", change("/chat", "/chat#x"), 400},
		{"a foreign origin", change("https://shop", "https://evil"), 403},
		{"null origin", change("https://shop.example.com", "null"), 403},
		{"origin with a suffix", change("shop.example.com", "shop.example.com.evil.net"), 403},
		{"origin with a prefix", change("https://shop", "https://evilshop"), 403},
		{"origin with user", change("https://shop.example.com", "https://shop.example.com@evil.net"), 403},
		{"two origins", change("\r\n\r\n", "\r\nOrigin: https://shop.example.com\r\n\r\n"), 403},
		{"no origin", change("Origin: https://shop.example.com\r\n", ""), 403},
		{"long URI", change("/chat", "/"+strings.Repeat("a", 5000)), 414},
		{"large header", change("\r\n\r\n", "\r\nX: "+strings.Repeat("a", 32<<10)+"\r\n\r\n"), 431},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			before := len(bot.Requests())
			r := proxytest.DialRaw(t, h.widgets)
			_ = r.TrySend([]byte(tt.request))
			resp := r.ReadResponse()
			if got := resp.StatusCode; got != tt.status {
				t.Errorf("status %d, want %d", got, tt.status)
			}
			if got := len(bot.Requests()) - before; tt.status != 101 && got != 0 {
				t.Error("the backend saw it")
			}
			wrong := strings.HasSuffix(tt.name, "version") || strings.HasSuffix(tt.name, "versions")
			if got := resp.Header.Get("Sec-Websocket-Version"); (got == "13") != wrong {
				t.Errorf("says that it speaks version %q", got)
			}
		})
	}
}

func TestSubprotocolsInSeveralLines(t *testing.T) {
	bot := proxytest.NewBackend(t, proxytest.BackendConfig{Subprotocols: []string{"v3"}})
	h := open(t, bot)
	r := proxytest.DialRaw(t, h.widgets).Upgrade("Sec-WebSocket-Protocol: v1, v2", "Sec-WebSocket-Protocol: v3")
	if got := bot.Accept().Request.Header.Get("Sec-Websocket-Protocol"); got != "v1, v2, v3" {
		t.Errorf("offered %q to the backend", got)
	}
	if got := r.Response.Header.Get("Sec-Websocket-Protocol"); got != "v3" {
		t.Errorf("the widget was told %q", got)
	}
}

func TestBackendSeesAFreshRequest(t *testing.T) {
	bot := proxytest.NewBackend(t, proxytest.BackendConfig{Subprotocols: []string{"v2"}, Header: http.Header{"Set-Cookie": {"bot=1; Path=/"}}})
	h := open(t, bot)
	w := proxytest.DialWidget(t, h.widgets+"/chat/x?token=secret&a=b", proxytest.WidgetConfig{
		Subprotocols: []string{"v1", "v2"},
		Header: http.Header{
			"Cookie": {"botkit_guid=7; attune=abcdefghijklmnopqrstuvwxyz"}, "Authorization": {"Bearer x"},
			"X-Forwarded-For": {"6.6.6.6"}, "X-User-Id": {"root"}, "X-Real-Ip": {"6.6.6.6"}, "User-Agent": {"widget"},
		},
	})
	r := bot.Accept().Request
	for name, want := range map[string]string{
		"Cookie": "botkit_guid=7", "Authorization": "Bearer x", "X-Forwarded-For": "127.0.0.1", "X-User-Id": "", "X-Real-Ip": "",
		"User-Agent": "widget", "Sec-Websocket-Protocol": "v1, v2",
	} {
		if got := strings.Join(r.Header.Values(name), ", "); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if r.RequestURI != "/chat/x?token=secret&a=b" {
		t.Errorf("target %q", r.RequestURI)
	}
	if w.Subprotocol() != "v2" {
		t.Errorf("subprotocol %q, want v2", w.Subprotocol())
	}
	if got := w.Response.Header.Values("Set-Cookie"); len(got) != 1 || got[0] != "bot=1; Path=/" {
		t.Errorf("cookies %q, want the bot's alone: the widget has Attune's already", got)
	}
	if strings.Contains(h.logged(), "secret") || strings.Contains(h.logged(), "Bearer") {
		t.Error("a credential was logged")
	}
}

func TestGreetingBehindTheHandshakeArrives(t *testing.T) {
	bot := proxytest.NewBackend(t, proxytest.BackendConfig{Greet: []string{"0{}", "40"}})
	h := open(t, bot)
	h.widget(proxytest.WidgetConfig{}).ExpectText("0{}", "40")
}

func TestBackendRefuses(t *testing.T) {
	bot := proxytest.NewBackend(t, proxytest.BackendConfig{Refuse: http.StatusUnauthorized})
	h := open(t, bot)
	if resp := proxytest.DialRefused(t, h.widgets, proxytest.WidgetConfig{}); resp.StatusCode != http.StatusUnauthorized {
		t.Errorf("status %d, want the backend's 401", resp.StatusCode)
	}
	h.eventually(`attune_upgrades_total{result="refused"} 1`)
}

func TestBackendUnreachable(t *testing.T) {
	bot := proxytest.NewBackend(t, proxytest.BackendConfig{})
	bot.Stop()
	h := open(t, bot)
	w := h.widget(proxytest.WidgetConfig{Subprotocols: []string{"first", "second"}})
	if w.Subprotocol() != "first" {
		t.Errorf("subprotocol %q, want the first offered", w.Subprotocol())
	}
	w.ExpectClose(1013)
	h.eventually(`attune_upgrades_total{result="unreachable"} 1`)
}

func TestBackendUnreachableForAHastyWidget(t *testing.T) {
	bot := proxytest.NewBackend(t, proxytest.BackendConfig{})
	bot.Stop()
	h := open(t, bot)
	r := proxytest.DialRaw(t, h.widgets)
	r.Send(append(r.Handshake(), proxytest.RawFrame(0x81, "too early")...))
	if status := r.ReadResponse().StatusCode; status != 101 {
		t.Fatalf("status %d", status)
	}
	r.ExpectClose(1013)
}

func TestBackendLost(t *testing.T) {
	bot := proxytest.NewBackend(t, proxytest.BackendConfig{})
	h := open(t, bot)
	w := h.widget(proxytest.WidgetConfig{})
	bot.Accept().Drop()
	w.ExpectClose(1013)
	h.eventually(`attune_closes_total{code="1013",side="backend"} 1`)
	h.eventually(`attune_bridges{profile="json"} 0`)
}

func TestWidgetLost(t *testing.T) {
	bot := proxytest.NewBackend(t, proxytest.BackendConfig{})
	h := open(t, bot)
	w := h.widget(proxytest.WidgetConfig{})
	c := bot.Accept()
	w.Drop()
	c.ExpectClose(1001)
}

func TestCaps(t *testing.T) {
	bot := proxytest.NewBackend(t, proxytest.BackendConfig{})
	h := open(t, bot, limits(func(l *proxy.Limits) { l.PerAddress, l.Sessions = 2, 3 }))
	first := h.widget(proxytest.WidgetConfig{})
	h.widget(proxytest.WidgetConfig{})
	resp := proxytest.DialRefused(t, h.widgets, proxytest.WidgetConfig{})
	if resp.StatusCode != http.StatusTooManyRequests || resp.Header.Get("Retry-After") == "" {
		t.Errorf("third from one address: %d, Retry-After %q", resp.StatusCode, resp.Header.Get("Retry-After"))
	}
	h.eventually(`attune_bridges{profile="json"} 2`) // the second may be on its way there
	first.SendClose(1000, "")
	first.ExpectClose(1000)
	h.eventually(`attune_bridges{profile="json"} 1`)
	h.widget(proxytest.WidgetConfig{})
}

func TestFull(t *testing.T) {
	bot := proxytest.NewBackend(t, proxytest.BackendConfig{})
	h := open(t, bot, limits(func(l *proxy.Limits) { l.Sessions = 1 }))
	h.widget(proxytest.WidgetConfig{})
	resp := proxytest.DialRefused(t, h.widgets, proxytest.WidgetConfig{})
	if resp.StatusCode != http.StatusServiceUnavailable || resp.Header.Get("Retry-After") == "" {
		t.Errorf("beyond the limit: %d, Retry-After %q", resp.StatusCode, resp.Header.Get("Retry-After"))
	}
}

func TestHandshakesTakeSeats(t *testing.T) {
	bot := proxytest.NewBackend(t, proxytest.BackendConfig{Hang: true})
	h := open(t, bot, limits(func(l *proxy.Limits) { l.Sessions = 2 }))
	first, second := proxytest.DialRaw(t, h.widgets), proxytest.DialRaw(t, h.widgets)
	first.Send(first.Handshake())
	second.Send(second.Handshake())
	for deadline := time.Now().Add(proxytest.Timeout); len(bot.Requests()) < 2 && time.Now().Before(deadline); {
		<-time.After(5 * time.Millisecond)
	}
	if resp := proxytest.DialRefused(t, h.widgets, proxytest.WidgetConfig{}); resp.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("beyond the limit, while the others wait for the backend: %d, want 503", resp.StatusCode)
	}
}

func TestBackendThatHangs(t *testing.T) {
	bot := proxytest.NewBackend(t, proxytest.BackendConfig{Hang: true})
	h := open(t, bot, limits(func(l *proxy.Limits) { l.Handshake = 300 * time.Millisecond }))
	h.widget(proxytest.WidgetConfig{}).ExpectClose(1013)
}

func TestForwardedForIsBelievedFromTrustedProxiesOnly(t *testing.T) {
	bot := proxytest.NewBackend(t, proxytest.BackendConfig{})
	h := open(t, bot, config(func(c *proxy.Config) {
		c.Trusted = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("10.0.0.0/8")}
	}),
		limits(func(l *proxy.Limits) { l.PerAddress = 1 }))
	header := func(v string) proxytest.WidgetConfig {
		return proxytest.WidgetConfig{Header: http.Header{"X-Forwarded-For": {v}}}
	}
	h.widget(header("6.6.6.6, 203.0.113.7, 10.1.1.1"))
	if got := bot.Accept().Request.Header.Get("X-Forwarded-For"); got != "6.6.6.6, 203.0.113.7, 10.1.1.1" {
		t.Errorf("forwarded %q", got)
	}
	h.widget(header("203.0.113.8, 10.1.1.1"))
	resp := proxytest.DialRefused(t, h.widgets, header("1.2.3.4, 203.0.113.7"))
	if resp.StatusCode != http.StatusTooManyRequests {
		t.Errorf("a second socket of the rightmost untrusted address: %d, want 429", resp.StatusCode)
	}
}

func TestDeadPeerIsFound(t *testing.T) {
	bot := proxytest.NewBackend(t, proxytest.BackendConfig{})
	h := open(t, bot, limits(func(l *proxy.Limits) { l.Ping = 100 * time.Millisecond }))
	w := h.widget(proxytest.WidgetConfig{})
	w.ExpectPing()
	bot.Accept().ExpectPing()
}

func TestPingsAreAnswered(t *testing.T) {
	bot := proxytest.NewBackend(t, proxytest.BackendConfig{})
	h := open(t, bot)
	w := h.widget(proxytest.WidgetConfig{})
	c := bot.Accept()
	w.SendPing("from the widget")
	w.ExpectPong("from the widget")
	c.SendPing("from the backend")
	c.ExpectPong("from the backend")
}
