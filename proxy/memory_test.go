package proxy_test

import (
	"net/http"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"strings"
	"testing"
	"time"

	"attune/proxy"
	"attune/proxy/proxytest"
)

// TestNobodyNewIsLetInWhenMemoryIsShort holds so much memory that the limit is reached,
// and gives it back: who is there stays and is served, who comes waits outside meanwhile.
func TestNobodyNewIsLetInWhenMemoryIsShort(t *testing.T) {
	const room = 64 << 20
	bot := proxytest.NewBackend(t, proxytest.BackendConfig{})
	debug.FreeOSMemory()
	h := open(t, bot, profile(t, "rasa-socketio"), limits(func(l *proxy.Limits) { l.Memory = inUse() + room }))
	w := h.widget(proxytest.WidgetConfig{})
	c := bot.Accept()

	ballast := make([]byte, 2*room)
	h.until(http.StatusServiceUnavailable, "/chat")
	h.until(http.StatusServiceUnavailable, "/socket.io/?EIO=4&transport=polling")
	if resp := h.knock("/chat"); resp.Header.Get("Retry-After") == "" {
		t.Errorf("%d without Retry-After", resp.StatusCode)
	}
	if !strings.Contains(h.logged(), "memory is short") || strings.Contains(h.scrape(), `attune_upgrades_total{result="memory"} 0`) {
		t.Error("neither log nor metrics say that memory is short")
	}
	w.SendText("40")
	c.ExpectText("40")
	runtime.KeepAlive(ballast)
	ballast = nil
	debug.FreeOSMemory()
	h.until(http.StatusSwitchingProtocols, "/chat")
}

// inUse is the memory that this process has from the system.
func inUse() int64 {
	samples := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	metrics.Read(samples)
	return int64(samples[0].Value.Uint64() - samples[1].Value.Uint64()) //nolint:gosec // far below 2^63
}

// until knocks until the answer has a status: what is known of the memory may be a
// moment old.
func (h *house) until(status int, path string) {
	h.t.Helper()
	deadline := time.Now().Add(proxytest.Timeout)
	for h.knock(path).StatusCode != status {
		if time.Now().After(deadline) {
			h.t.Fatalf("%s was never answered with %d", path, status)
		}
	}
}

// knock asks for a WebSocket, or for packets where the path is one of polls.
func (h *house) knock(path string) *http.Response {
	h.t.Helper()
	r := mustRequest(h.t, http.MethodGet, strings.Replace(h.widgets, "ws://", "http://", 1)+path)
	if !strings.Contains(path, "polling") {
		for name, v := range map[string]string{
			"Connection": "Upgrade", "Upgrade": "websocket", "Sec-Websocket-Version": "13", "Sec-Websocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
		} {
			r.Header.Set(name, v)
		}
	}
	resp, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		h.t.Fatal(err)
	}
	resp.Body.Close()
	return resp
}
