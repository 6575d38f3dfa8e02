package proxytest_test

import (
	"testing"
	"time"

	"attune/proxy/frame"
	"attune/proxy/proxytest"
)

func TestRaw(t *testing.T) {
	b := proxytest.NewBackend(t, proxytest.BackendConfig{Subprotocols: []string{"v1"}})
	r := proxytest.DialRaw(t, b.URL+"/chat?x=1").Upgrade("Sec-WebSocket-Protocol: v1", "X-Test: yes")
	bot := b.Accept()
	if bot.Request.RequestURI != "/chat?x=1" || bot.Request.Header.Get("X-Test") != "yes" || r.Response.Header.Get("Sec-Websocket-Protocol") != "v1" {
		t.Errorf("%s %v %v", bot.Request.RequestURI, bot.Request.Header, r.Response.Header)
	}

	r.SendText("whole")
	r.SendFrame(byte(frame.Text), "in ")
	r.SendFrame(0x80|byte(frame.Ping), "between")
	r.SendFrame(0x80, "parts")
	bot.ExpectText("whole", "in parts")
	r.ExpectPong("between")
	bot.SendText("answer")
	bot.SendPing("p")
	r.ExpectText("answer")
	if m := r.Next(); m.Op != frame.Ping || m.Data != "p" {
		t.Errorf("got %v", m)
	}
	r.ExpectSilence(time.Millisecond) // not even a pong of its own comes from a Raw
	r.SendText("still fine after the silence")
	bot.ExpectText("still fine after the silence")

	r.SendClose(1000, "bye")
	r.ExpectClose(1000)
	bot.ExpectClose(1000)
}

func TestRawSendsAnything(t *testing.T) {
	b := proxytest.NewBackend(t, proxytest.BackendConfig{})
	r := proxytest.DialRaw(t, b.URL).Upgrade()
	r.SendFrame(0x80|0x40|byte(frame.Text), "a reserved bit")
	r.ExpectClose(1002)

	r = proxytest.DialRaw(t, b.URL)
	r.Send([]byte("GARBAGE\r\n\r\n"))
	if res := r.ReadResponse(); res.StatusCode != 400 {
		t.Errorf("%s", res.Status)
	}
}

func TestRawExpectationsFail(t *testing.T) {
	tests := []struct {
		name, words string
		expect      func(r *proxytest.Raw)
	}{
		{"another text", `raw: got text "said", want text "meant"`, func(r *proxytest.Raw) { r.ExpectText("meant") }},
		{"no pong", `want pong ""`, func(r *proxytest.Raw) { r.ExpectPong("") }},
		{"another close", `got close 1001 "", want close 1000`, func(r *proxytest.Raw) { r.ExpectClose(1000) }},
		{"no end", `want the end`, func(r *proxytest.Raw) { r.ExpectEnd() }},
		{"no silence", `want silence`, func(r *proxytest.Raw) { r.ExpectSilence(proxytest.Timeout) }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := proxytest.NewBackend(t, proxytest.BackendConfig{})
			failing(t, tt.words, func(tb testing.TB) {
				r := proxytest.DialRaw(tb, b.URL).Upgrade()
				bot := b.Accept()
				bot.SendText("said")
				bot.SendClose(1001, "")
				tt.expect(r)
			})
		})
	}
}

func TestRawUpgradeRefused(t *testing.T) {
	b := proxytest.NewBackend(t, proxytest.BackendConfig{Refuse: 503})
	failing(t, "raw: upgrade: 503", func(tb testing.TB) { proxytest.DialRaw(tb, b.URL).Upgrade() })
}
