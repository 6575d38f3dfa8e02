package frame_test

import (
	"bufio"
	"bytes"
	"crypto/sha1"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"pgregory.net/rapid"

	"attune/proxy/frame"
)

// tape is a conn without a network: what is written is kept, what is read was put there before.
type tape struct {
	in, out bytes.Buffer
}

func (c *tape) Read(p []byte) (int, error)       { return c.in.Read(p) }
func (c *tape) Write(p []byte) (int, error)      { return c.out.Write(p) }
func (c *tape) Close() error                     { return nil }
func (c *tape) LocalAddr() net.Addr              { return &net.TCPAddr{} }
func (c *tape) RemoteAddr() net.Addr             { return &net.TCPAddr{} }
func (c *tape) SetDeadline(time.Time) error      { return nil }
func (c *tape) SetReadDeadline(time.Time) error  { return nil }
func (c *tape) SetWriteDeadline(time.Time) error { return nil }

// answering is a tape that answers an upgrade request by itself.
type answering struct {
	tape
	done bool
}

func (c *answering) Write(p []byte) (int, error) {
	if c.done {
		return c.out.Write(p)
	}
	c.done = true
	r, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(p)))
	if err != nil {
		return 0, err
	}
	sum := sha1.Sum([]byte(r.Header.Get("Sec-WebSocket-Key") + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	fmt.Fprintf(&c.in, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n",
		base64.StdEncoding.EncodeToString(sum[:]))
	return len(p), nil
}

// hijacked lets gorilla's Upgrader take over a tape.
type hijacked struct {
	*httptest.ResponseRecorder
	conn net.Conn
}

func (h hijacked) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	return h.conn, bufio.NewReadWriter(bufio.NewReader(h.conn), bufio.NewWriter(h.conn)), nil
}

// peer returns gorilla's end of a conn, what it will read and what it wrote. As a client gorilla masks.
func peer(t rapid.TB, client bool) (c *websocket.Conn, in, out *bytes.Buffer) {
	t.Helper()
	if client {
		conn := &answering{}
		d := websocket.Dialer{NetDial: func(string, string) (net.Conn, error) { return conn, nil }}
		c, _, err := d.Dial("ws://backend/", nil)
		if err != nil {
			t.Fatalf("dial: %v", err)
		}
		return c, &conn.in, &conn.out
	}
	conn := &tape{}
	r := httptest.NewRequest(http.MethodGet, "/", http.NoBody)
	for k, v := range map[string]string{
		"Connection": "Upgrade", "Upgrade": "websocket",
		"Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
	} {
		r.Header.Set(k, v)
	}
	c, err := (&websocket.Upgrader{}).Upgrade(hijacked{httptest.NewRecorder(), conn}, r, nil)
	if err != nil {
		t.Fatalf("upgrade: %v", err)
	}
	conn.out.Reset() // the 101
	return c, &conn.in, &conn.out
}

// spoken is one message of a drawn conversation.
type spoken struct {
	kind    int // gorilla's message types are the opcodes
	payload []byte
}

func drawConversation(t *rapid.T) []spoken {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) spoken {
		kind := rapid.SampledFrom([]int{websocket.TextMessage, websocket.BinaryMessage, websocket.PingMessage, websocket.PongMessage}).Draw(t, "kind")
		s := spoken{kind: kind}
		switch kind {
		case websocket.TextMessage:
			s.payload = []byte(strings.Repeat(rapid.String().Draw(t, "text"), rapid.SampledFrom([]int{1, 30, 3000}).Draw(t, "times")))
		case websocket.BinaryMessage:
			s.payload = rapid.SliceOfN(rapid.Byte(), 0, 300).Draw(t, "bytes")
		default:
			s.payload = rapid.SliceOfN(rapid.Byte(), 0, frame.MaxControl).Draw(t, "beat")
		}
		return s
	}), 1, 6).Draw(t, "conversation")
}

// What gorilla writes we read as it was meant, fragmented messages with pings in between too.
func TestReadsWhatGorillaWrites(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		client := rapid.Bool().Draw(t, "client")
		c, _, out := peer(t, client)
		var want []string
		for _, s := range drawConversation(t) {
			line := fmt.Sprintf("%v %q", frame.Opcode(s.kind), s.payload)
			switch {
			case frame.Opcode(s.kind).Control():
				must(t, c.WriteControl(s.kind, s.payload, time.Time{}))
			case rapid.Bool().Draw(t, "fragmented"):
				// gorilla sends a fragment whenever its write buffer is full; a ping may overtake.
				w, err := c.NextWriter(s.kind)
				must(t, err)
				for _, part := range drawSplits(t, s.payload) {
					_, err := w.Write(part)
					must(t, err)
				}
				must(t, c.WriteControl(websocket.PingMessage, []byte("overtaking"), time.Time{}))
				want = append(want, `ping "overtaking"`)
				must(t, w.Close())
			default:
				must(t, c.WriteMessage(s.kind, s.payload))
			}
			want = append(want, line)
		}
		must(t, c.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(1001, "bye"), time.Time{}))
		want = append(want, `close "\x03\xe9bye"`, "closed")
		got := script(frame.NewDecoder(client, frame.Limits{}), drawSplits(t, out.Bytes()))
		if !slices.Equal(got, want) {
			t.Errorf("\n got %.300q\nwant %.300q", got, want)
		}
	})
}

// What we write gorilla reads as it was meant.
func TestGorillaReadsWhatWeWrite(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		client := rapid.Bool().Draw(t, "client")
		c, in, _ := peer(t, client)
		var want, got []string
		beat := func(op frame.Opcode) func(string) error {
			return func(p string) error {
				got = append(got, fmt.Sprintf("%v %q", op, p))
				return nil
			}
		}
		c.SetPingHandler(beat(frame.Ping))
		c.SetPongHandler(beat(frame.Pong))
		var wire []byte
		for _, s := range drawConversation(t) {
			op := frame.Opcode(s.kind)
			want = append(want, fmt.Sprintf("%v %q", op, s.payload))
			if client { // gorilla the client reads what a server sends
				wire = frame.Append(wire, op, s.payload)
			} else {
				wire = frame.AppendMasked(wire, op, drawKey(t), s.payload)
			}
		}
		bye := frame.AppendClosePayload(nil, 1001, "bye")
		if client {
			wire = frame.Append(wire, frame.Close, bye)
		} else {
			wire = frame.AppendMasked(wire, frame.Close, drawKey(t), bye)
		}
		in.Write(wire)
		for {
			kind, r, err := c.NextReader()
			if err != nil {
				if !websocket.IsCloseError(err, 1001) {
					t.Fatalf("gorilla: %v", err)
				}
				break
			}
			payload, err := io.ReadAll(r)
			must(t, err)
			got = append(got, fmt.Sprintf("%v %q", frame.Opcode(kind), payload))
		}
		if !slices.Equal(got, want) {
			t.Errorf("\n got %.300q\nwant %.300q", got, want)
		}
	})
}

func must(t rapid.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("gorilla: %v", err)
	}
}
