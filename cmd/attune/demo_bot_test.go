package main

import (
	"context"
	"log/slog"
	"strings"
	"testing"

	"github.com/gorilla/websocket"
)

// talker is a widget without a page.
type talker struct {
	t  *testing.T
	ws *websocket.Conn
}

func dial(t *testing.T, url string) talker {
	t.Helper()
	ws, resp, err := websocket.DefaultDialer.DialContext(t.Context(), url, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	t.Cleanup(func() { ws.Close() })
	return talker{t, ws}
}

func (w talker) send(message string) {
	w.t.Helper()
	if err := w.ws.WriteMessage(websocket.TextMessage, []byte(message)); err != nil {
		w.t.Fatal(err)
	}
}

func (w talker) hear() fromBot {
	w.t.Helper()
	var m fromBot
	if err := w.ws.ReadJSON(&m); err != nil {
		w.t.Fatal(err)
	}
	return m
}

func TestDemoBotConversation(t *testing.T) {
	play, err := parseScript(demoScript)
	if err != nil {
		t.Fatal(err)
	}
	bot, err := startDemoBot(t.Context(), play, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(bot.stop)
	bot.bot.pause = 0
	w := dial(t, "ws://"+bot.listener.net.Addr().String())

	w.send(`{"hello":true,"session":"s1"}`)
	if got := w.hear(); got.Text != play.Greeting || got.Session != "s1" {
		t.Errorf("greeting %+v", got)
	}
	w.send(`not JSON`)        // is passed over
	w.send(`{"typing":true}`) // so is what says nothing
	w.send(`{"text":"INV-20417"}`)
	if got := w.hear(); !strings.Contains(got.Text, "invalid invoice number") || got.Said != got.Text || got.Expected != "form" {
		t.Errorf("answer %+v", got)
	}
	// Another conversation starts from the beginning.
	other := dial(t, "ws://"+bot.listener.net.Addr().String())
	other.send(`{"text":"INV-20417"}`)
	if got := other.hear(); !strings.Contains(got.Text, "invalid invoice number") {
		t.Errorf("another customer's first answer: %+v", got)
	}
}

func TestDemoBotStops(t *testing.T) {
	play, err := parseScript(demoScript)
	if err != nil {
		t.Fatal(err)
	}
	bot, err := startDemoBot(context.Background(), play, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	w := dial(t, "ws://"+bot.listener.net.Addr().String())
	w.send(`{"text":"hello, bot"}`) // it is thinking when the end comes
	bot.stop()
	if _, _, err := w.ws.ReadMessage(); err == nil {
		t.Error("the bot still answers after stop")
	}
}
