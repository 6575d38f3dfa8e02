package proxytest

import (
	"crypto/tls"
	"net/http"
	"testing"

	"github.com/gorilla/websocket"
)

// WidgetConfig says how a widget knocks. The zero value sends no Origin, as programs do that are no browsers.
type WidgetConfig struct {
	// Origin is sent as it is; "" sends none.
	Origin string
	// Header is added to the request: cookies, Authorization.
	Header http.Header
	// Subprotocols it offers.
	Subprotocols []string
	// NoPong leaves pings unanswered.
	NoPong bool
	// ReadBuffer is BackendConfig's.
	ReadBuffer int
	// TLS is for wss:// addresses; nil trusts what the system trusts.
	TLS *tls.Config
}

func (c WidgetConfig) header() http.Header {
	h := c.Header.Clone()
	if h == nil {
		h = http.Header{}
	}
	if c.Origin != "" {
		h.Set("Origin", c.Origin)
	}
	return h
}

// DialWidget opens a WebSocket (ws:// or wss://) and ends the test when it is refused. t.Cleanup closes it.
func DialWidget(t testing.TB, url string, c WidgetConfig) *Conn {
	t.Helper()
	ws, res, err := c.dial(t, url)
	if err != nil {
		if res != nil {
			t.Fatalf("widget: dial %s: %v: %s", url, err, res.Status)
		}
		t.Fatalf("widget: dial %s: %v", url, err)
	}
	readBuffer(ws.NetConn(), c.ReadBuffer)
	conn := newConn(t, "widget", ws, nil, c.NoPong)
	conn.Response = res
	go conn.run()
	t.Cleanup(conn.close)
	return conn
}

// DialRefused wants the upgrade to be refused and returns the answer. Its body is at most 1 KiB and already read.
func DialRefused(t testing.TB, url string, c WidgetConfig) *http.Response {
	t.Helper()
	ws, res, err := c.dial(t, url)
	if err == nil {
		_ = ws.Close()
		t.Fatalf("widget: dial %s: upgraded, want a refusal", url)
	}
	if res == nil {
		t.Fatalf("widget: dial %s: %v, want an HTTP refusal", url, err)
	}
	return res
}

func (c WidgetConfig) dial(t testing.TB, url string) (*websocket.Conn, *http.Response, error) {
	d := websocket.Dialer{
		Subprotocols: c.Subprotocols, TLSClientConfig: c.TLS, HandshakeTimeout: Timeout,
	}
	return d.DialContext(t.Context(), url, c.header())
}
