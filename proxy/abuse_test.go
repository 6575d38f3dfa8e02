package proxy_test

import (
	"bytes"
	"runtime"
	"strings"
	"testing"
	"time"

	"attune/proxy"
	"attune/proxy/frame"
	"attune/proxy/proxytest"
)

// The traps that libraries and other proxies fall into, one test each.

func TestCompressionIsNotNegotiated(t *testing.T) {
	bot := proxytest.NewBackend(t, proxytest.BackendConfig{})
	h := open(t, bot)
	r := proxytest.DialRaw(t, h.widgets).Upgrade("Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits")
	if got := r.Response.Header.Get("Sec-Websocket-Extensions"); got != "" {
		t.Errorf("negotiated %q", got)
	}
	if got := bot.Accept().Request.Header.Get("Sec-Websocket-Extensions"); got != "" {
		t.Errorf("offered %q to the backend", got)
	}
	r.SendFrame(0xC1, "compressed") // RSV1
	r.ExpectClose(1002)
}

func TestFrameFaults(t *testing.T) {
	masked := func(b ...byte) []byte { return append(b, 0, 0, 0, 0) }
	tests := []struct {
		name string
		send []byte
		code uint16
	}{
		{"not masked", []byte{0x81, 1, 'x'}, 1002},
		{"length not minimal", append(masked(0x81, 0xFE, 0, 1), 'x'), 1002},
		{"length of 2^63", masked(0x82, 0xFF, 0x80, 0, 0, 0, 0, 0, 0, 0), 1009},
		{"4 GiB claimed", masked(0x82, 0xFF, 0, 0, 0, 1, 0, 0, 0, 0), 1009},
		{"one byte over the limit", masked(0x82, 0xFF, 0, 0, 0, 0, 0, 1, 0, 1), 1009},
		{"reserved opcode", masked(0x83, 0x80), 1002},
		{"fragmented ping", masked(0x09, 0x80), 1002},
		{"continuation of nothing", masked(0x80, 0x80), 1002},
		{"close of one byte", append(masked(0x88, 0x81), 3), 1002},
		{"close with 1005", append(masked(0x88, 0x82), 0x03, 0xED), 1002},
		{"not UTF-8", append(masked(0x81, 0x81), 0xFF), 1007},
		{"surrogate", append(masked(0x81, 0x83), 0xED, 0xA0, 0x80), 1007},
		{"overlong NUL", append(masked(0x81, 0x82), 0xC0, 0x80), 1007},
		{"not UTF-8 in an unfinished message", append(masked(0x01, 0x82), 'a', 0xFF), 1007},
		{"not UTF-8 in an unfinished frame", append(masked(0x81, 0x85), 'a', 0xFF), 1007},
	}
	bot := proxytest.NewBackend(t, proxytest.BackendConfig{})
	h := open(t, bot)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := proxytest.DialRaw(t, h.widgets).Upgrade()
			r.Send(tt.send)
			r.ExpectClose(tt.code)
			bot.Accept().ExpectClose(1001)
		})
	}
}

func TestBackendFaults(t *testing.T) {
	bot := proxytest.NewBackend(t, proxytest.BackendConfig{})
	h := open(t, bot)
	w := h.widget(proxytest.WidgetConfig{})
	c := bot.Accept()
	c.SendBytes([]byte{0x81, 1, 0xFF})
	w.ExpectClose(1013)
	c.ExpectClose(1007)
}

// TestWhoGoesOnTalkingIsClosedAllTheSame has a widget break the rules and go on, before a backend that answers no Close.
func TestWhoGoesOnTalkingIsClosedAllTheSame(t *testing.T) {
	bot := proxytest.NewBackend(t, proxytest.BackendConfig{StopReading: true})
	h := open(t, bot)
	r := proxytest.DialRaw(t, h.widgets).Upgrade()
	c := bot.Accept()
	r.Send([]byte{0x81, 0xFF, 0, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0}) // 65,537 bytes claimed
	for range 20 {
		r.Send(make([]byte, 100))
		time.Sleep(5 * time.Millisecond) // so that they come one by one
	}
	r.ExpectClose(1009)
	c.ResumeReading()
	c.ExpectClose(1001)
}

func TestFragmentFloodIsCut(t *testing.T) {
	bot := proxytest.NewBackend(t, proxytest.BackendConfig{})
	h := open(t, bot)
	r := proxytest.DialRaw(t, h.widgets).Upgrade()
	r.Send(proxytest.RawFrame(0x01, ""))
	flood := bytes.Repeat(proxytest.RawFrame(0x00, ""), 1000)
	for range 1000 {
		if r.TrySend(flood) != nil {
			break
		}
	}
	r.ExpectClose(1009)
}

func TestHugeMessageCostsNoMemory(t *testing.T) {
	bot := proxytest.NewBackend(t, proxytest.BackendConfig{})
	h := open(t, bot)
	r := proxytest.DialRaw(t, h.widgets).Upgrade()
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	r.Send([]byte{0x82, 0xFE, 0xFF, 0xFF, 0, 0, 0, 0}) // 65,535 bytes claimed
	_ = r.TrySend(make([]byte, 100))
	runtime.GC()
	runtime.ReadMemStats(&after)
	if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > 1<<20 {
		t.Errorf("100 bytes of a large message grew the heap by %d", grown)
	}
}

// TestRequestLineIsForgotten: widgets say much in their addresses, and a conversation lasts.
func TestRequestLineIsForgotten(t *testing.T) {
	const widgets, query = 64, 3 << 10
	h := open(t, proxytest.NewBackend(t, proxytest.BackendConfig{}))
	grown := func(bytes int) int64 {
		var before, after runtime.MemStats
		address := h.widgets + "?page=" + strings.Repeat("p", bytes)
		runtime.GC()
		runtime.ReadMemStats(&before)
		for range widgets {
			proxytest.DialRaw(t, address).Upgrade()
		}
		runtime.GC()
		runtime.ReadMemStats(&after)
		return int64(after.HeapAlloc) - int64(before.HeapAlloc)
	}
	more := int64(0)
	for range 5 { // other goroutines use memory, too
		small := grown(16)
		if more = (grown(query) - small) / widgets; more < query*7/4 { // the client keeps the address
			return
		}
	}
	t.Errorf("a conversation whose address has %d bytes more takes %d bytes more", query, more)
}

func TestRateIsLimitedPingsIncluded(t *testing.T) {
	tests := []struct {
		name string
		one  []byte
	}{
		{"messages", proxytest.RawFrame(0x81, "x")},
		{"pings", proxytest.RawFrame(0x89, "x")},
	}
	bot := proxytest.NewBackend(t, proxytest.BackendConfig{})
	h := open(t, bot, limits(func(l *proxy.Limits) { l.Rate = 1 })) // so that the burst is over, however slowly it comes
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := proxytest.DialRaw(t, h.widgets).Upgrade()
			r.Send(bytes.Repeat(tt.one, 450))

			_ = r.TrySend(bytes.Repeat(tt.one, 450))
			r.ExpectClose(1008)
		})
	}
}

func TestSlowHandshakeIsCut(t *testing.T) {
	bot := proxytest.NewBackend(t, proxytest.BackendConfig{})
	h := open(t, bot, limits(func(l *proxy.Limits) { l.Handshake = 300 * time.Millisecond }))
	r := proxytest.DialRaw(t, h.widgets)
	r.Send([]byte("GET /chat HTTP/1.1\r\nX-Padding: "))
	for deadline := time.Now().Add(proxytest.Timeout); r.TrySend([]byte("a")) == nil; <-time.After(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("never cut")
		}
	}
	if len(bot.Requests()) != 0 {
		t.Error("the backend was dialled")
	}
}

func TestDribbledMessageIsCut(t *testing.T) {
	bot := proxytest.NewBackend(t, proxytest.BackendConfig{})
	h := open(t, bot, limits(func(l *proxy.Limits) { l.MessageTimeout = 300 * time.Millisecond }))
	for name, pieces := range map[string][]byte{
		"bytes of a frame":     proxytest.RawFrame(0x81, strings.Repeat("x", 100))[:100], // not all of them
		"header of a frame":    {0x82},
		"message not finished": proxytest.RawFrame(0x01, "x"),
	} {
		t.Run(name, func(t *testing.T) {
			r := proxytest.DialRaw(t, h.widgets).Upgrade()
			for i := range pieces {
				if r.TrySend(pieces[i:i+1]) != nil {
					break
				}
				<-time.After(20 * time.Millisecond)
			}
			r.ExpectClose(1008)
		})
	}
}

func TestSilentPeerIsCut(t *testing.T) {
	bot := proxytest.NewBackend(t, proxytest.BackendConfig{})
	h := open(t, bot, limits(func(l *proxy.Limits) { l.Idle = 300 * time.Millisecond }))
	w := h.widget(proxytest.WidgetConfig{})
	w.ExpectClose(1000)
	h.eventually(`attune_closes_total{code="1000",side="attune"} 1`)
}

func TestPipelinedWithTheHandshake(t *testing.T) {
	bot := proxytest.NewBackend(t, proxytest.BackendConfig{})
	h := open(t, bot)
	r := proxytest.DialRaw(t, h.widgets)
	r.Send(append(r.Handshake(), proxytest.RawFrame(0x81, "too early")...))
	if status := r.ReadResponse().StatusCode; status != 101 {
		t.Fatalf("status %d", status)
	}
	bot.Accept().ExpectText("too early")
}

func TestNoCredentialOrWordInTheLog(t *testing.T) {
	bot := proxytest.NewBackend(t, proxytest.BackendConfig{Answer: func(text string) []string { return []string{text} }})
	h := open(t, bot)
	w := proxytest.DialWidget(t, h.widgets+"/chat?token=hush-hush-hush-hush", proxytest.WidgetConfig{
		Header: map[string][]string{"Authorization": {"Bearer hush-hush"}, "Cookie": {"c=hush-hush"}},
	})
	w.SendText(`{"text":"my card is 4111 1111 1111 1111, hush-hush"}`)
	w.NextText()
	bad := proxytest.DialRaw(t, h.widgets)
	_ = bad.TrySend([]byte("GET /hush-hush/../x HTTP/1.1\r\nHost: a\r\n\r\n"))
	bad.ReadResponse()
	w.SendClose(1000, "")
	w.ExpectClose(1000)
	if log := h.logged(); strings.Contains(log, "hush") || strings.Contains(log, "4111 1111") {
		t.Errorf("logged: %s", log)
	}
	if strings.Contains(h.scrape(), "hush") {
		t.Error("in the metrics")
	}
}

func TestOneWriterASocket(t *testing.T) {
	bot := proxytest.NewBackend(t, proxytest.BackendConfig{})
	h := open(t, bot, limits(func(l *proxy.Limits) { l.Rate = 0 }))
	r := proxytest.DialRaw(t, h.widgets).Upgrade()
	c := bot.Accept()
	done := make(chan struct{})
	go func() {
		defer close(done)
		for range 300 { // pongs towards the widget, while the bot floods it
			_ = r.TrySend(proxytest.RawFrame(0x89, "p"))
		}
	}()
	go func() {
		for range 300 {
			c.SendText(strings.Repeat("y", 5000))
		}
	}()
	pongs, texts := 0, 0
	for pongs < 300 || texts < 300 {
		switch m := r.Next(); m.Op {
		case frame.Pong:
			pongs++
		case frame.Text:
			if len(m.Data) != 5000 {
				t.Fatalf("a message of %d bytes", len(m.Data))
			}
			texts++
		case frame.Ping:
		default:
			t.Fatalf("got %v after %d pongs and %d texts", m.Op, pongs, texts)
		}
	}
	<-done
}
