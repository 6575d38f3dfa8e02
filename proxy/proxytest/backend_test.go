package proxytest_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"attune/proxy/frame"
	"attune/proxy/proxytest"
)

func TestBackendAnswers(t *testing.T) {
	widget, bot := pair(t, proxytest.BackendConfig{
		Greet:  []string{`{"text":"welcome"}`},
		Answer: proxytest.JSON(proxytest.Clumsy),
	}, proxytest.WidgetConfig{})
	widget.ExpectText(`{"text":"welcome"}`)
	widget.SendText(`{"text":"Hello!"}`)
	widget.ExpectText(`{"text":"Hi there! 🎉 I'm your friendly assistant!"}`, `{"text":"How can I make your day even better?"}`)
	widget.SendText(`not JSON`)
	widget.SendText(`{"text":"a HUMAN, please"}`)
	widget.ExpectText(`{"text":"I'm afraid that is not possible. Please rephrase your question."}`)
	bot.ExpectText(`{"text":"Hello!"}`, `not JSON`, `{"text":"a HUMAN, please"}`)
}

// The greeting is in the same segment as the 101: one read of the socket has both.
func TestBackendGreetsAtOnce(t *testing.T) {
	b := proxytest.NewBackend(t, proxytest.BackendConfig{Greet: []string{"0", "40"}})
	r := proxytest.DialRaw(t, b.URL)
	r.Send(r.Handshake())
	buf := make([]byte, 4096)
	n, err := r.NetConn().Read(buf)
	if err != nil {
		t.Fatal(err)
	}
	want := frame.Append(frame.Append(nil, frame.Text, []byte("0")), frame.Text, []byte("40"))
	if got := string(buf[:n]); len(got) < 12 || got[:12] != "HTTP/1.1 101" || got[len(got)-len(want):] != string(want) {
		t.Errorf("first read: %q", got)
	}
}

func TestBackendRefuses(t *testing.T) {
	b := proxytest.NewBackend(t, proxytest.BackendConfig{Refuse: 403, Body: "no", Header: http.Header{"X-Why": {"closed"}}})
	res := proxytest.DialRefused(t, b.URL, proxytest.WidgetConfig{})
	body, _ := io.ReadAll(res.Body)
	if res.StatusCode != 403 || string(body) != "no" || res.Header.Get("X-Why") != "closed" {
		t.Errorf("%s %q %q", res.Status, body, res.Header.Get("X-Why"))
	}
	b.ExpectNobody(time.Millisecond)

	b.Set(func(c *proxytest.BackendConfig) { c.Refuse = 0 })
	proxytest.DialWidget(t, b.URL, proxytest.WidgetConfig{})
	b.Accept()
	if got := len(b.Requests()); got != 2 {
		t.Errorf("%d requests recorded, want both", got)
	}

	failing(t, "want a refusal", func(tb testing.TB) { proxytest.DialRefused(tb, b.URL, proxytest.WidgetConfig{}) })
	b.Set(func(c *proxytest.BackendConfig) { c.Refuse = 503 })
	failing(t, "503", func(tb testing.TB) { proxytest.DialWidget(tb, b.URL, proxytest.WidgetConfig{}) })
}

func TestBackendHangsAndDrops(t *testing.T) {
	b := proxytest.NewBackend(t, proxytest.BackendConfig{Hang: true})
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, _, err := websocket.DefaultDialer.DialContext(ctx, b.URL, nil); !errors.Is(err, context.DeadlineExceeded) && !isTimeout(err) {
		t.Errorf("hanging: %v", err)
	}
	b.Set(func(c *proxytest.BackendConfig) { c.Hang, c.Drop = false, true })
	if _, res, err := websocket.DefaultDialer.DialContext(t.Context(), b.URL, nil); err == nil || res != nil {
		t.Errorf("dropping: %v, %v", res, err)
	}
	b.ExpectNobody(0)
}

func isTimeout(err error) bool {
	n, ok := errors.AsType[net.Error](err)
	return ok && n.Timeout()
}

func TestBackendGoesAndComesBack(t *testing.T) {
	b := proxytest.NewBackend(t, proxytest.BackendConfig{})
	url := b.URL
	widget := proxytest.DialWidget(t, url, proxytest.WidgetConfig{})
	b.Accept()
	b.Stop()
	widget.ExpectEnd()
	if _, _, err := websocket.DefaultDialer.DialContext(t.Context(), url, nil); err == nil {
		t.Error("somebody answers")
	}
	b.Stop() // twice is once
	b.Start()
	if b.URL != url {
		t.Errorf("came back as %s, was %s", b.URL, url)
	}
	widget = proxytest.DialWidget(t, url, proxytest.WidgetConfig{})
	widget.SendText("still there?")
	b.Accept().ExpectText("still there?")
}

func TestBackendServesHTTPAndTLS(t *testing.T) {
	b := proxytest.NewBackend(t, proxytest.BackendConfig{TLS: true, HTTP: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, "companion "+r.URL.Path)
	})})
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://"+b.Addr()+"/history", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	client := b.Client()
	res, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if body, _ := io.ReadAll(res.Body); string(body) != "companion /history" {
		t.Errorf("%q", body)
	}
	client.CloseIdleConnections()

	tlsConfig := client.Transport.(*http.Transport).TLSClientConfig
	tlsConfig = tlsConfig.Clone()
	tlsConfig.NextProtos = nil
	widget := proxytest.DialWidget(t, b.URL, proxytest.WidgetConfig{TLS: tlsConfig})
	widget.SendText("over TLS")
	conn := b.Accept()
	conn.ExpectText("over TLS")
	conn.Drop()
	widget.ExpectEnd()
}
