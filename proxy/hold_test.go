package proxy_test

import (
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"attune/proxy/proxytest"
)

// deafRedis is the URL of a store that takes connections and never answers.
func deafRedis(t *testing.T) option {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		var conns []net.Conn
		for {
			c, err := l.Accept()
			if err != nil {
				break
			}
			conns = append(conns, c)
		}
		for _, c := range conns {
			_ = c.Close()
		}
	}()
	t.Cleanup(func() {
		_ = l.Close()
		<-done
	})
	return redisAt("redis://" + l.Addr().String())
}

// known is a widget that Attune has seen before, so that its first message waits
// for the store.
var known = http.Header{"Authorization": {"Bearer somebody"}}

// TestLastWordsOfAWidget: what was said before a Close, a fault or a reset goes
// to the backend although the store has not answered yet.
func TestLastWordsOfAWidget(t *testing.T) {
	tests := []struct {
		name string
		end  func(w *proxytest.Conn)
	}{
		{"close", func(w *proxytest.Conn) { w.SendClose(1000, "") }},
		{"fault", func(w *proxytest.Conn) { w.SendBytes([]byte{0x83, 0x80, 0, 0, 0, 0}) }},
		{"end of the stream", func(w *proxytest.Conn) { _ = w.NetConn().(*net.TCPConn).CloseWrite() }},
	}
	bot := proxytest.NewBackend(t, proxytest.BackendConfig{})
	h := open(t, bot, deafRedis(t), leeway(1))
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := h.widget(proxytest.WidgetConfig{Header: known})
			c := bot.Accept()
			w.SendText(say("cancel my order"))
			tt.end(w)
			c.ExpectText(say("cancel my order"))
		})
	}
}

// TestWhatWaitsIsBounded: a widget that floods while its session is looked up is
// neither kept in memory nor cut off.
func TestWhatWaitsIsBounded(t *testing.T) {
	bot := proxytest.NewBackend(t, proxytest.BackendConfig{})
	h := open(t, bot, deafRedis(t), leeway(1))
	w := h.widget(proxytest.WidgetConfig{Header: known})
	c := bot.Accept()
	long := strings.Repeat("x", 60<<10)
	for i := range 60 {
		w.SendText(say(fmt.Sprint(i, long)))
	}
	for i := range 60 {
		c.ExpectText(say(fmt.Sprint(i, long)))
	}
}

// TestNoPictureTalksOverAPerson: what Attune cannot read is speech, too.
func TestNoPictureTalksOverAPerson(t *testing.T) {
	bot := proxytest.NewBackend(t, proxytest.BackendConfig{})
	h := open(t, bot, pack(t, people))
	w := h.widget(proxytest.WidgetConfig{})
	c := bot.Accept()
	c.SendBinary([]byte("before"))
	w.ExpectBinary([]byte("before"))
	handOver(t, h, w)
	c.SendBinary([]byte("a picture"))
	w.ExpectSilence(100 * time.Millisecond)
	h.eventually(`attune_late_frames_dropped_total{profile="json"} 1`)
	w.SendBinary([]byte("up"))
	c.ExpectBinary([]byte("up"))
}
