package load_test

import (
	"bytes"
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"go.uber.org/goleak"

	"attune/deploy/bench/load"
	"attune/deploy/bench/peers"
	"attune/deploy/bench/talk"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var script = talk.Script{Stiff: 1}

// backend runs an echo until the test ends.
func backend(t *testing.T) string {
	t.Helper()
	return run(t, func(ctx context.Context, l net.Listener) error { return peers.Echo(ctx, l, script) })
}

func run(t *testing.T, serve func(context.Context, net.Listener) error) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() {
		if err := serve(ctx, l); err != nil {
			t.Errorf("serve: %v", err)
		}
	})
	t.Cleanup(func() { stop(); wg.Wait() })
	return l.Addr().String()
}

func dial(t *testing.T, address string, widgets int) *load.Crowd {
	t.Helper()
	c, err := load.Dial(t.Context(), load.Config{Address: address, Widgets: widgets, Run: "test", Script: script, Timeout: 5 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	if c.Handshakes.PerSecond <= 0 || c.Handshakes.P99 < c.Handshakes.P50 || c.Handshakes.P50 <= 0 {
		t.Errorf("handshakes %+v", c.Handshakes)
	}
	return c
}

func TestLoops(t *testing.T) {
	echo := backend(t)
	proxied := run(t, func(ctx context.Context, l net.Listener) error { return peers.Gorilla(ctx, l, echo) })
	edges := 0
	w := load.Window{Warm: 50 * time.Millisecond, Length: 300 * time.Millisecond, Edge: func() { edges++ }}
	for name, address := range map[string]string{"direct": echo, "gorilla": proxied} {
		t.Run(name, func(t *testing.T) {
			closed, err := dial(t, address, 20).Closed(t.Context(), w)
			if err != nil || closed.Messages < 20 || closed.Sent < closed.Messages || closed.P50 <= 0 || closed.P99 < closed.P50 {
				t.Errorf("closed loop: %+v, %v", closed, err)
			}
			open, err := dial(t, address, 20).Open(t.Context(), 500, w)
			if err != nil || open.Messages < 100 || open.Messages > 200 || open.P50 <= 0 || open.Reworded+open.Extra > 0 {
				t.Errorf("open loop: %+v, %v", open, err)
			}
			if err := dial(t, address, 70).Exchange(t.Context(), 3); err != nil {
				t.Errorf("exchange: %v", err)
			}
		})
	}
	if edges != 8 {
		t.Errorf("%d edges, want 8", edges)
	}
}

// A stall is charged to every message that was due in it.
func TestStallIsCharged(t *testing.T) {
	var stalled atomic.Bool
	address := spoilt(t, backend(t), func(n int, p []byte) [][]byte {
		if n == 20 && stalled.CompareAndSwap(false, true) {
			<-time.After(500 * time.Millisecond)
		}
		return [][]byte{p}
	})
	r, err := dial(t, address, 1).Open(t.Context(), 100, load.Window{Length: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	if r.Due < 90 || r.Messages > r.Due+5 {
		t.Errorf("100 messages were due: %+v", r)
	}
	// Of some 100 messages 50 were due while nothing moved: were only the one
	// under way charged, the 75th of 100 would be fast.
	if r.Messages < 50 || r.P99 < 300 {
		t.Errorf("a stall of 500 ms does not show: %+v", r)
	}
}

// Messages that are still waiting for a reply when the window closes are due in
// it and not answered in it, so that a proxy that falls behind is seen to.
func TestOverloadShows(t *testing.T) {
	address := spoilt(t, backend(t), func(_ int, p []byte) [][]byte {
		<-time.After(20 * time.Millisecond)
		return [][]byte{p}
	})
	r, err := dial(t, address, 1).Open(t.Context(), 100, load.Window{Length: time.Second})
	if err != nil || r.Messages > 50 || r.Due < 60 {
		t.Errorf("at most 50 of some 100 can be answered: %+v, %v", r, err)
	}
}

// spoilt is a proxy that may do anything with the n-th reply of a connection.
func spoilt(t *testing.T, echo string, spoil func(n int, p []byte) [][]byte) string {
	t.Helper()
	upgrader := websocket.Upgrader{CheckOrigin: func(*http.Request) bool { return true }}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		bot, _, err := websocket.DefaultDialer.Dial("ws://"+echo+r.URL.Path, nil)
		if err != nil {
			t.Errorf("dial the backend: %v", err)
			return
		}
		defer bot.Close()
		widget, err := upgrader.Upgrade(w, r, nil)
		if err != nil {
			return
		}
		defer widget.Close()
		var wg sync.WaitGroup
		defer wg.Wait()
		wg.Go(func() {
			defer bot.Close()
			for op, p, err := widget.ReadMessage(); err == nil; op, p, err = widget.ReadMessage() {
				if bot.WriteMessage(op, p) != nil {
					return
				}
			}
		})
		defer widget.Close()
		for n := 0; ; n++ {
			_, p, err := bot.ReadMessage()
			if err != nil {
				return
			}
			for _, q := range spoil(n, p) {
				if widget.WriteMessage(websocket.TextMessage, q) != nil {
					return
				}
			}
		}
	}))
	t.Cleanup(server.Close)
	return strings.TrimPrefix(server.URL, "http://")
}

func TestFaultyProxyIsFound(t *testing.T) {
	echo := backend(t)
	var kept []byte
	for _, tt := range []struct {
		name  string
		spoil func(n int, p []byte) [][]byte
		fault string
	}{
		{"lost", func(n int, p []byte) [][]byte {
			if n == 3 {
				return nil
			}
			return [][]byte{p}
		}, "out of order"},
		{"all lost from then on", func(n int, p []byte) [][]byte {
			if n >= 3 {
				return nil
			}
			return [][]byte{p}
		}, "no reply to message 3"},
		{"twice", func(n int, p []byte) [][]byte {
			if n == 3 {
				return [][]byte{p, p}
			}
			return [][]byte{p}
		}, "out of order"},
		{"swapped", func(n int, p []byte) [][]byte {
			switch n {
			case 3:
				kept = bytes.Clone(p)
				return nil
			case 4:
				return [][]byte{p, kept}
			}
			return [][]byte{p}
		}, "out of order"},
		{"cut short", func(n int, p []byte) [][]byte { return [][]byte{p[:len(p)-n]} }, "cut off"},
		{"a byte changed", func(n int, p []byte) [][]byte {
			return [][]byte{bytes.Replace(p, []byte("confidence"), []byte("Confidence"), n/3)}
		}, "what surrounds the text was changed"},
		{"number lost", func(n int, p []byte) [][]byte {
			return [][]byte{bytes.ReplaceAll(p, []byte(" 41"), []byte(" 14"))}
		}, "its number is gone"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, err := load.Dial(t.Context(), load.Config{
				Address: spoilt(t, echo, tt.spoil), Widgets: 1, Run: "test", Script: script, Timeout: 300 * time.Millisecond,
			})
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			// The open loop, so that further messages follow the fifth.
			_, err = c.Open(t.Context(), 200, load.Window{Length: 200 * time.Millisecond})
			if err == nil || !strings.Contains(err.Error(), tt.fault) {
				t.Errorf("error %v, want one with %q", err, tt.fault)
			}
		})
	}
}

// What a proxy adds by itself, and what it rewords, is counted and no fault.
func TestRewordedAndAddedIsCounted(t *testing.T) {
	address := spoilt(t, backend(t), func(n int, p []byte) [][]byte {
		if n%2 == 0 {
			return [][]byte{[]byte(`{"text":"One moment."}`), bytes.Replace(p, []byte(`"text":"`), []byte(`"text":"Well. `), 1)}
		}
		return [][]byte{p}
	})
	c := dial(t, address, 2)
	if err := c.Exchange(t.Context(), 10); err != nil {
		t.Fatal(err)
	}
	r, err := c.Open(t.Context(), 100, load.Window{Length: 100 * time.Millisecond})
	if err != nil || r.Reworded < 10 || r.Extra != r.Reworded || r.Reworded >= r.Sent {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestRefusedHandshake(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	defer server.Close()
	_, err := load.Dial(t.Context(), load.Config{Address: strings.TrimPrefix(server.URL, "http://"), Widgets: 3, Run: "test"})
	if err == nil || !strings.Contains(err.Error(), "404") {
		t.Errorf("error %v, want the status", err)
	}
}
