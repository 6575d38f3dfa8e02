package proxy

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"attune/proxy/handoff"
	"attune/proxy/session"
	"attune/proxy/wire"
)

// errLost says that the socket of a second backend was cut.
var errLost = errors.New("proxy: the second backend was lost")

const (
	// annexWrite is how long it may take nothing, annexIdle how long a reply in
	// pieces may pause before it counts as whole.
	annexWrite = 10 * time.Second
	annexIdle  = time.Second
	// annexPing is the time between pings, and how long an answer may take.
	annexPing = 25 * time.Second
)

// annexLine is a socket to a second backend. It belongs to one goroutine, but for
// the one that reads, which only hands messages over.
type annexLine struct {
	a    *annexes
	x    *annex
	conn *websocket.Conn
	wire *wire.Translator

	readers sync.WaitGroup
	pieces  strings.Builder // of a reply that is not whole
}

func (l *annexLine) close() {
	_ = l.conn.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(websocket.CloseNormalClosure, ""), time.Now().Add(time.Second))
	_ = l.conn.Close()
	l.readers.Wait()
}

// tell says something to the second backend as a customer would.
func (l *annexLine) tell(text string) error {
	msg, err := l.wire.Inject(nil, wire.InjectToBackend, wire.Values{Text: text})
	if err != nil {
		return fmt.Errorf("say: %w", err)
	}
	return l.write(msg)
}

func (l *annexLine) write(msg []byte) error {
	_ = l.conn.SetWriteDeadline(time.Now().Add(annexWrite))
	if err := l.conn.WriteMessage(websocket.TextMessage, msg); err != nil {
		return errLost
	}
	return nil
}

// run carries words both ways until the socket ends, the second backend gives the
// conversation back, or ctx ends.
func (l *annexLine) run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	in, gone := make(chan []byte), make(chan error, 1)
	l.conn.SetReadLimit(max(l.a.d.s.cfg.Limits.Message, 0))
	alive := func(string) error { return l.conn.SetReadDeadline(time.Now().Add(2 * annexPing)) }
	_ = alive("")
	l.conn.SetPongHandler(alive)
	l.readers.Go(func() {
		for {
			kind, msg, err := l.conn.ReadMessage()
			if err != nil {
				gone <- err
				return
			}
			_ = alive("")
			if kind != websocket.TextMessage {
				continue
			}
			select {
			case in <- msg:
			case <-ctx.Done():
				return
			}
		}
	})
	ping := time.NewTicker(annexPing)
	defer ping.Stop()
	idle := time.NewTimer(time.Hour)
	defer idle.Stop()
	for {
		var err error
		select {
		case <-ctx.Done():
			return ctx.Err()
		case text := <-l.x.say:
			l.x.unanswered = append(l.x.unanswered, text)
			if over := len(l.x.unanswered) - maxUnsaid; over > 0 {
				l.x.unanswered = l.x.unanswered[over:]
			}
			err = l.tell(text)
		case msg := <-in:
			err = l.hear(ctx, msg)
			idle.Reset(annexIdle)
		case <-idle.C:
			l.flush(ctx)
		case <-ping.C:
			_ = l.conn.WriteControl(websocket.PingMessage, nil, time.Now().Add(annexWrite))
		case err := <-gone:
			l.flush(ctx)
			var closed *websocket.CloseError
			if errors.As(err, &closed) && closed.Code != websocket.CloseAbnormalClosure && !comesBack(uint16(closed.Code)) { //nolint:gosec // a close code has 16 bits
				return errDone
			}
			return errLost
		}
		if err != nil {
			return err
		}
	}
}

// hear passes on what the second backend says; errDone when it ends the
// conversation or asks for a person itself.
func (l *annexLine) hear(ctx context.Context, msg []byte) error {
	items := l.wire.Read(wire.Down, msg)
	ends := len(l.wire.Ends()) > 0
	ack, wants := l.wire.AckBackend(nil)
	done := false
	for _, item := range items {
		done = done || item.Kind == wire.End || item.Kind == wire.Handoff || item.Handoff
		ends = ends || item.Kind == wire.TurnEnd
		if item.Role != wire.Bot && item.Role != wire.Agent || len(item.Texts) == 0 {
			continue
		}
		switch item.Kind {
		case wire.Delta:
			if item.Stream.Mode == wire.Replace {
				l.pieces.Reset()
			}
			l.pieces.WriteString(item.Texts[0].Value)
		case wire.Final: // it repeats the pieces
			l.pieces.Reset()
			l.pass(ctx, wordsOf(item))
		default:
			l.flush(ctx)
			l.pass(ctx, wordsOf(item))
		}
	}
	if ends || done {
		l.flush(ctx)
	}
	if wants {
		if err := l.write(ack); err != nil {
			return err
		}
	}
	if done {
		return errDone
	}
	return nil
}

// wordsOf is what an item says, each text on a line of its own.
func wordsOf(item wire.Item) string {
	var all []string
	for _, p := range partsOf(nil, item) {
		if p.words != "" {
			all = append(all, p.words)
		}
	}
	return strings.Join(all, "\n")
}

// flush passes on a reply that came in pieces.
func (l *annexLine) flush(ctx context.Context) {
	text := l.pieces.String()
	l.pieces.Reset()
	l.pass(ctx, text)
}

// pass hands words to the widget as an agent's.
func (l *annexLine) pass(ctx context.Context, text string) {
	if text == "" {
		return
	}
	l.x.unanswered = nil
	if err := l.a.d.say(ctx, session.Event{Session: l.x.h.Session, Agent: l.x.desk.id, Text: text}); err != nil && ctx.Err() == nil {
		l.a.d.s.log.Warn("the words of a second backend did not reach the customer", "desk", l.x.desk.id, "error", err)
	}
}

// story is the card as a message to whoever takes the conversation over.
func story(h handoff.Handoff) string {
	c := &h.Card
	var b strings.Builder
	fmt.Fprintf(&b, "Handoff from the bot: %s. %s", c.Reason, c.Why)
	line := func(name, text string) {
		if text != "" {
			fmt.Fprintf(&b, "\n%s: %s", name, text)
		}
	}
	line("Goal", c.Goal)
	line("The customer said", strings.Join(c.Words, " / "))
	line("Known", strings.Join(c.Facts, ", "))
	line("Tried", strings.Join(c.Tried, " / "))
	for _, p := range c.Promises {
		line("Promised until "+p.Due.UTC().Format("15:04 MST"), p.Text)
	}
	line("Language", c.Language)
	line("Place", c.Touchpoint)
	return b.String()
}
