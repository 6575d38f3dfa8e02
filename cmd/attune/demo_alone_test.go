package main

import (
	"strings"
	"syscall"
	"testing"

	"github.com/gorilla/websocket"
)

// TestDemoBotAlone runs only the sample bot, as the compose file does.
func TestDemoBotAlone(t *testing.T) {
	p := start(t, nil, "demo", "--bot", "127.0.0.1:0")
	ws, _, err := websocket.DefaultDialer.DialContext(t.Context(), strings.TrimPrefix(p.line(), "bot: "), nil) //nolint:bodyclose // a socket
	if err != nil {
		t.Fatal(err)
	}
	defer ws.Close()
	if err := ws.WriteJSON(fromWidget{Hello: true, Session: "s"}); err != nil {
		t.Fatal(err)
	}
	var got fromBot
	if err := ws.ReadJSON(&got); err != nil || got.Text == "" || got.Session != "s" {
		t.Errorf("the greeting is %+v, %v", got, err)
	}
	p.signal(syscall.SIGTERM)
	if code := p.exit(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	if p := start(t, nil, "demo", "--bot", "3000"); p.exit() != 2 || !strings.Contains(p.said(), "--bot") {
		t.Errorf("a bad address: %s", p.said())
	}
}
