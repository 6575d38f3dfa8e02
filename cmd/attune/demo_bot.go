package main

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// demoBot is the sample bot behind `attune demo`: a WebSocket server that
// takes {"text":…,"session":…} and answers in the same shape.
type demoBot struct {
	script *script
	pause  time.Duration // before each answer, as if it were thinking
	log    *slog.Logger
	conns  sync.WaitGroup // running conversations
}

// fromWidget is a message of the page. Hello asks for the greeting.
type fromWidget struct {
	Hello   bool   `json:"hello"`
	Session string `json:"session"`
	Text    string `json:"text"`
}

// fromBot is a message of the bot. Said repeats the text in a place that no
// profile knows, so that the page can show what was reworded.
type fromBot struct {
	Session  string `json:"session,omitempty"`
	Text     string `json:"text"`
	Said     string `json:"said"`
	Expected string `json:"expected,omitempty"`
}

// ServeHTTP holds one conversation. It ends with the socket or with the
// server that the request came through.
func (b *demoBot) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	b.conns.Add(1)
	defer b.conns.Done()
	// Only Attune connects here; it passes on the Origin that it has checked.
	upgrader := websocket.Upgrader{CheckOrigin: func(*http.Request) bool { return true }}
	ws, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return // the upgrader has answered
	}
	defer ws.Close()
	stop := context.AfterFunc(r.Context(), func() { ws.Close() })
	defer stop()
	ws.SetReadLimit(64 << 10)

	a := &answerer{script: b.script, given: map[int]int{}}
	for {
		kind, data, err := ws.ReadMessage()
		if err != nil {
			return
		}
		var in fromWidget
		if kind != websocket.TextMessage || json.Unmarshal(data, &in) != nil {
			b.log.Debug("demo bot got a message that it cannot read")
			continue
		}
		out := fromBot{Session: in.Session}
		switch {
		case in.Hello:
			out.Text = b.script.Greeting
		case in.Text != "":
			out.Text, out.Expected = a.answer(in.Text)
		default:
			continue
		}
		out.Said = out.Text
		if !rest(r.Context(), b.pause) || ws.WriteJSON(out) != nil {
			return
		}
	}
}

// rest waits, and tells whether it was left in peace.
func rest(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}
