package proxytest

import (
	"errors"
	"io"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"attune/proxy/frame"
)

// usualBuffer is a receive buffer in bytes with room for many segments of the loopback.
const usualBuffer = 1 << 20

// Timeout is how long every Expect method waits before it ends the test. On a loopback the wait is only ever used up by
// a test that fails.
const Timeout = time.Minute

// Conn is one end of a WebSocket: a widget that dialled or one conn of a Backend. It reads all the time, answers pings
// and closes unless told otherwise, and keeps what arrived until it is expected.
type Conn struct {
	// Request is the upgrade request as it arrived, at a Backend; nil at a widget.
	Request *http.Request
	// Response is the answer to the upgrade, at a widget; nil at a Backend.
	Response *http.Response

	t       testing.TB
	name    string
	ws      *websocket.Conn
	inbox   *inbox
	answer  func(text string) []string
	writing sync.Mutex

	reading sync.Mutex // held while reading is stopped
	stopped bool
	done    chan struct{} // closed when the reader has ended
}

// newConn wraps a socket; run must be called in a goroutine of the owner's.
func newConn(t testing.TB, name string, ws *websocket.Conn, answer func(string) []string, noPong bool) *Conn {
	c := &Conn{t: t, name: name, ws: ws, inbox: newInbox(), answer: answer, done: make(chan struct{})}
	ws.SetPingHandler(func(data string) error {
		c.inbox.put(Message{Op: frame.Ping, Data: data})
		if !noPong {
			// A peer that has gone meanwhile is seen by the reader.
			_ = ws.WriteControl(websocket.PongMessage, []byte(data), time.Now().Add(Timeout))
		}
		return nil
	})
	ws.SetPongHandler(func(data string) error {
		c.inbox.put(Message{Op: frame.Pong, Data: data})
		return nil
	})
	return c
}

// run reads until the stream ends.
func (c *Conn) run() {
	defer close(c.done)
	for {
		c.reading.Lock()
		c.reading.Unlock() //nolint:staticcheck // passing through is all it takes: the lock is a gate
		kind, data, err := c.ws.ReadMessage()
		if err != nil {
			c.inbox.put(Message{Op: End, Data: c.ending(err)})
			return
		}
		m := Message{Op: frame.Opcode(kind), Data: string(data)}
		c.inbox.put(m)
		if c.answer == nil || m.Op != frame.Text {
			continue
		}
		for _, reply := range c.answer(m.Data) {
			if c.write(frame.Text, reply, Timeout) != nil {
				break // the reader sees the end
			}
		}
	}
}

// ending notes a Close and waits for the end of the stream, which is the server's part to bring about. It returns what
// went wrong, "" for a stream that just ended.
func (c *Conn) ending(err error) string {
	conn := c.ws.NetConn()
	wrong := ""
	switch fault, ok := errors.AsType[*websocket.CloseError](err); {
	case ok && fault.Code == websocket.CloseAbnormalClosure, errors.Is(err, io.EOF), errors.Is(err, net.ErrClosed), isReset(err):
		return ""
	case ok:
		c.inbox.put(Message{Op: frame.Close, Code: uint16(fault.Code), Data: fault.Text})
		if c.Request == nil {
			_, _ = io.Copy(io.Discard, conn)
			_ = conn.Close()
			return ""
		}
	default:
		wrong = err.Error() // the peer broke the protocol; gorilla has told it so
	}
	// Closing with unread bytes would be a reset, and take our Close along.
	if t := tcp(conn); t != nil {
		_ = t.CloseWrite()
	}
	_ = conn.SetReadDeadline(time.Now().Add(lingering))
	_, _ = io.Copy(io.Discard, conn)
	_ = conn.Close()
	return wrong
}

// lingering is how long a Backend reads on behind the closing handshake, and anybody behind a broken frame.
const lingering = 10 * time.Second

// close ends the socket and waits for the reader.
func (c *Conn) close() {
	_ = c.ws.Close()
	c.ResumeReading()
	<-c.done
}

func (c *Conn) write(op frame.Opcode, data string, wait time.Duration) error {
	c.inbox.said(Message{Op: op, Data: data}.String())
	c.writing.Lock()
	defer c.writing.Unlock()
	if err := c.ws.SetWriteDeadline(time.Now().Add(wait)); err != nil {
		return err
	}
	return c.ws.WriteMessage(int(op), []byte(data))
}

func (c *Conn) fatalf(format string, args ...any) {
	c.t.Helper()
	c.t.Fatalf(c.name+": "+format+"\n%s", append(args, c.inbox)...)
}

// SendText sends a text message.
func (c *Conn) SendText(text string) {
	c.t.Helper()
	if err := c.write(frame.Text, text, Timeout); err != nil {
		c.fatalf("send text: %v", err)
	}
}

// SendBinary sends a binary message.
func (c *Conn) SendBinary(data []byte) {
	c.t.Helper()
	if err := c.write(frame.Binary, string(data), Timeout); err != nil {
		c.fatalf("send binary: %v", err)
	}
}

// TrySend sends a text message and returns an error when the peer does not take it within the time; after that the conn
// can only be dropped. It is for tests of back-pressure.
func (c *Conn) TrySend(text string, wait time.Duration) error {
	return c.write(frame.Text, text, wait)
}

// SendPing sends a ping with at most 125 bytes.
func (c *Conn) SendPing(data string) {
	c.t.Helper()
	c.inbox.said(Message{Op: frame.Ping, Data: data}.String())
	if err := c.ws.WriteControl(websocket.PingMessage, []byte(data), time.Now().Add(Timeout)); err != nil {
		c.fatalf("send ping: %v", err)
	}
}

// SendClose starts the closing handshake; code 1005 sends no code at all.
func (c *Conn) SendClose(code uint16, reason string) {
	c.t.Helper()
	c.inbox.said(Message{Op: frame.Close, Code: code, Data: reason}.String())
	payload := websocket.FormatCloseMessage(int(code), reason)
	if err := c.ws.WriteControl(websocket.CloseMessage, payload, time.Now().Add(Timeout)); err != nil {
		c.fatalf("send close: %v", err)
	}
}

// SendBytes writes bytes to the socket behind the library's back: half a frame, a broken one, anything.
func (c *Conn) SendBytes(b []byte) {
	c.t.Helper()
	c.inbox.said(Message{Op: frame.Binary, Data: string(b)}.String() + " as it is")
	c.writing.Lock()
	defer c.writing.Unlock()
	if _, err := c.ws.NetConn().Write(b); err != nil {
		c.fatalf("send bytes: %v", err)
	}
}

// Drop ends the TCP connection at once, with a reset and without a Close, as a machine does that loses its network or
// its life.
func (c *Conn) Drop() {
	c.inbox.said("dropped")
	if t := tcp(c.ws.NetConn()); t != nil {
		_ = t.SetLinger(0)
	}
	c.close()
}

// StopReading lets the peer's messages pile up in the network. One message more may be taken.
func (c *Conn) StopReading() {
	if !c.stopped {
		c.stopped = true
		c.reading.Lock()
	}
}

// ResumeReading undoes StopReading, a small ReadBuffer with it: the network would trickle through that.
func (c *Conn) ResumeReading() {
	if c.stopped {
		c.stopped = false
		readBuffer(c.ws.NetConn(), usualBuffer)
		c.reading.Unlock()
	}
}

// Subprotocol returns the subprotocol that was agreed on, "" for none.
func (c *Conn) Subprotocol() string { return c.ws.Subprotocol() }

// NetConn returns the socket under the conn.
func (c *Conn) NetConn() net.Conn { return c.ws.NetConn() }

// Next returns what arrives next: a text, a binary, a Close or the End.
func (c *Conn) Next() Message {
	c.t.Helper()
	m, ok := c.inbox.next(Timeout)
	if !ok {
		c.fatalf("nothing arrived within %v", Timeout)
	}
	return m
}

// NextText returns the text message that arrives next.
func (c *Conn) NextText() string {
	c.t.Helper()
	m := c.Next()
	if m.Op != frame.Text {
		c.fatalf("got %v, want a text", m)
	}
	return m.Data
}

// TextWithin returns the text message that arrives next, within so long; false when
// none does, or something else.
func (c *Conn) TextWithin(d time.Duration) (string, bool) {
	m, ok := c.inbox.next(d)
	return m.Data, ok && m.Op == frame.Text
}

// ExpectText wants exactly these text messages to arrive next.
func (c *Conn) ExpectText(want ...string) {
	c.t.Helper()
	for _, w := range want {
		if m := c.Next(); m.Op != frame.Text || m.Data != w {
			c.fatalf("got %v, want %v", m, Message{Op: frame.Text, Data: w})
		}
	}
}

// ExpectBinary wants exactly this binary message to arrive next.
func (c *Conn) ExpectBinary(want []byte) {
	c.t.Helper()
	w := Message{Op: frame.Binary, Data: string(want)}
	if m := c.Next(); m != w {
		c.fatalf("got %v, want %v", m, w)
	}
}

// ExpectPing wants a ping, before or after anything else, and returns its payload.
func (c *Conn) ExpectPing() string {
	c.t.Helper()
	m, ok := c.inbox.beat(frame.Ping, Timeout)
	if !ok {
		c.fatalf("no ping within %v", Timeout)
	}
	return m.Data
}

// ExpectPong wants a pong with this payload, before or after anything else.
func (c *Conn) ExpectPong(want string) {
	c.t.Helper()
	if m, ok := c.inbox.beat(frame.Pong, Timeout); !ok || m.Data != want {
		c.fatalf("got %v (%v), want pong %q", m, ok, want)
	}
}

// ExpectClose wants a Close with this code to arrive next (1005: without one), and then the end of the stream. It
// returns the reason.
func (c *Conn) ExpectClose(code uint16) string {
	c.t.Helper()
	m := c.Next()
	if m.Op != frame.Close || m.Code != code {
		c.fatalf("got %v, want close %d", m, code)
	}
	c.ExpectEnd()
	return m.Data
}

// ExpectEnd wants the stream to end next, without a Close.
func (c *Conn) ExpectEnd() {
	c.t.Helper()
	if m := c.Next(); m.Op != End {
		c.fatalf("got %v, want the end of the stream", m)
	}
}

// ExpectSilence wants nothing to arrive for so long, pings and pongs aside.
func (c *Conn) ExpectSilence(d time.Duration) {
	c.t.Helper()
	if m, ok := c.inbox.next(d); ok {
		c.fatalf("got %v, want silence", m)
	}
}
