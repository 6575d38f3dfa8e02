package proxy_test

import (
	"strings"
	"testing"
	"time"

	"attune/proxy"
)

// pieces is a socket.io service whose bot speaks in pieces.
const pieces = `
profile: pieces
framing: socketio
session: "$[1].session_id"
frames:
  - {dir: up, kind: message, role: customer, when: ["$[0] == user_uttered"], text: ["$[1].message"]}
  - {dir: down, kind: delta, when: ["$[0] == token"], text: ["$[1].text"], stream: {mode: append, end_when: ["$[1].last == true"]}}
inject: {bot: '["token",{"text":{{text}},"last":true}]'}
`

// TestPiecesByPolling: what is held of a reply leaves in time, though no further request comes.
func TestPiecesByPolling(t *testing.T) {
	s := newRasa(t, 4)
	h := open(t, s.bot, pack(t, proxy.TonePack), ownProfile(t, pieces))
	b := s.arrive(h, nil)
	b.says(uttered("what about the fee"))
	const piece = `42["token",{"text":"Sorry, I can't help","last":false}]`
	s.says <- piece
	if b.get() != piece { // it may become a refusal: the poll brings nothing, and the next one waits
		b.sees(piece)
	}
}

// TestSilenceByPolling: a customer who polls hears of a bot that keeps them waiting.
func TestSilenceByPolling(t *testing.T) {
	s := newRasa(t, 4)
	h := open(t, s.bot, profile(t, "rasa-socketio"), pack(t, people), config(func(c *proxy.Config) {
		c.Silence.Text = [3]time.Duration{300 * time.Millisecond}
	}))
	b := s.arrive(h, nil)
	b.says(uttered("hello"))
	if got := b.get(); !strings.HasPrefix(got, `42["bot_uttered",`) {
		t.Errorf("the poll brings %q", got)
	}
	h.eventually(`attune_silence_total{said="slow"} 1`)
}
