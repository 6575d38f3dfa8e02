package proxytest

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"attune/proxy/frame"
)

// rawKey is the mask of every frame a Raw client sends.
var rawKey = [4]byte{0xA1, 0xB2, 0xC3, 0xD4}

// Raw is a client that stops at nothing: any bytes before, in and after the handshake, any frame. It reads only when
// asked to, and answers nothing by itself.
type Raw struct {
	// Response is the answer to Upgrade.
	Response *http.Response

	t    testing.TB
	conn net.Conn
	host string
	path string
	r    *bufio.Reader
	dec  *frame.Decoder
	buf  []byte
}

// DialRaw opens a TCP connection to the host of a ws:// or http:// address. t.Cleanup closes it.
func DialRaw(t testing.TB, address string) *Raw {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatalf("raw: %v", err)
	}
	var d net.Dialer
	conn, err := d.DialContext(t.Context(), "tcp", u.Host)
	if err != nil {
		t.Fatalf("raw: %v", err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return &Raw{
		t: t, conn: conn, host: u.Host, path: u.RequestURI(), r: bufio.NewReader(conn),
		dec: frame.NewDecoder(false, frame.Limits{}), buf: make([]byte, 32<<10),
	}
}

// NetConn returns the socket.
func (r *Raw) NetConn() net.Conn { return r.conn }

// Send writes bytes as they are.
func (r *Raw) Send(b []byte) {
	r.t.Helper()
	_ = r.conn.SetWriteDeadline(time.Now().Add(Timeout))
	if _, err := r.conn.Write(b); err != nil {
		r.t.Fatalf("raw: send: %v", err)
	}
}

// TrySend is Send for a peer that may have hung up already.
func (r *Raw) TrySend(b []byte) error {
	_ = r.conn.SetWriteDeadline(time.Now().Add(Timeout))
	_, err := r.conn.Write(b)
	return err
}

// Handshake returns a correct upgrade request for the address that was dialled, with more header lines ("Name:
// value"), for tests that send it in pieces, spoil it or send something right behind it.
func (r *Raw) Handshake(lines ...string) []byte {
	head := append([]string{
		"GET " + r.path + " HTTP/1.1", "Host: " + r.host, "Connection: Upgrade", "Upgrade: websocket",
		"Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
	}, lines...)
	return []byte(strings.Join(head, "\r\n") + "\r\n\r\n")
}

// Upgrade sends the handshake with more header lines and wants 101. It returns the client, for one line of code.
func (r *Raw) Upgrade(lines ...string) *Raw {
	r.t.Helper()
	r.Send(r.Handshake(lines...))
	if r.ReadResponse(); r.Response.StatusCode != http.StatusSwitchingProtocols {
		r.t.Fatalf("raw: upgrade: %s", r.Response.Status)
	}
	return r
}

// ReadResponse reads an HTTP response; the body stays unread. It is kept in Response, too.
func (r *Raw) ReadResponse() *http.Response {
	r.t.Helper()
	_ = r.conn.SetReadDeadline(time.Now().Add(Timeout))
	res, err := http.ReadResponse(r.r, nil) //nolint:bodyclose // the body is what is left of the conn
	if err != nil {
		r.t.Fatalf("raw: read response: %v", err)
	}
	r.Response = res
	return res
}

// SendFrame sends one masked frame. The first byte is what it is: FIN and reserved bits, opcode; the length is right and
// in its shortest form.
func (r *Raw) SendFrame(first byte, payload string) {
	r.t.Helper()
	r.Send(RawFrame(first, payload))
}

// RawFrame builds what SendFrame sends.
func RawFrame(first byte, payload string) []byte {
	b := frame.AppendHeaderMasked(nil, frame.Binary, true, rawKey, len(payload))
	b[0] = first
	b = append(b, payload...)
	frame.Mask(rawKey, b[len(b)-len(payload):])
	return b
}

// SendText sends a text message.
func (r *Raw) SendText(text string) {
	r.t.Helper()
	r.SendFrame(0x80|byte(frame.Text), text)
}

// SendClose sends a Close.
func (r *Raw) SendClose(code uint16, reason string) {
	r.t.Helper()
	r.SendFrame(0x80|byte(frame.Close), string(frame.AppendClosePayload(nil, code, reason)))
}

// Next returns the next message or control frame, or End. A peer that breaks a rule of the protocol ends the test. A
// connection that is reset is an End, too: the kernel resets when a peer closes with unread bytes. At the End the Raw
// closes its own side.
func (r *Raw) Next() Message {
	r.t.Helper()
	m, err := r.next(Timeout)
	if err != nil {
		r.t.Fatalf("raw: %v", err)
	}
	return m
}

func (r *Raw) next(wait time.Duration) (Message, error) {
	_ = r.conn.SetReadDeadline(time.Now().Add(wait))
	for {
		m, ok, err := r.dec.Next()
		if err != nil {
			return Message{}, err
		}
		if ok {
			return r.message(m), nil
		}
		n, err := r.r.Read(r.buf)
		r.dec.Feed(r.buf[:n])
		switch {
		case n > 0 || err == nil:
		case errors.Is(err, os.ErrDeadlineExceeded):
			return Message{}, err
		case errors.Is(err, io.EOF), errors.Is(err, net.ErrClosed), isReset(err):
			_ = r.conn.Close()
			return Message{Op: End}, nil
		default:
			return Message{}, err
		}
	}
}

func (r *Raw) message(m frame.Message) Message {
	out := Message{Op: m.Op, Data: string(m.Payload)}
	if m.Op == frame.Close {
		// The decoder has seen to it that there is nothing wrong with it.
		out.Code, out.Data, _ = frame.ParseClose(m.Payload)
	}
	return out
}

// ExpectText wants this text to arrive next, control frames included.
func (r *Raw) ExpectText(want string) {
	r.t.Helper()
	if m := r.Next(); m.Op != frame.Text || m.Data != want {
		r.t.Fatalf("raw: got %v, want %v", m, Message{Op: frame.Text, Data: want})
	}
}

// ExpectPong wants this pong to arrive next.
func (r *Raw) ExpectPong(want string) {
	r.t.Helper()
	if m := r.Next(); m.Op != frame.Pong || m.Data != want {
		r.t.Fatalf("raw: got %v, want %v", m, Message{Op: frame.Pong, Data: want})
	}
}

// ExpectClose wants a Close with this code to arrive next, messages and beats that were on their way aside, and then the
// end of the stream. It returns the reason.
func (r *Raw) ExpectClose(code uint16) string {
	r.t.Helper()
	for {
		m := r.Next()
		switch {
		case m.Op == frame.Close && m.Code == code:
			r.ExpectEnd()
			return m.Data
		case m.Op == frame.Close || m.Op == End:
			r.t.Fatalf("raw: got %v, want close %d", m, code)
		}
	}
}

// ExpectEnd wants the stream to end next.
func (r *Raw) ExpectEnd() {
	r.t.Helper()
	if m := r.Next(); m.Op != End {
		r.t.Fatalf("raw: got %v, want the end of the stream", m)
	}
}

// ExpectSilence wants nothing to arrive for so long.
func (r *Raw) ExpectSilence(d time.Duration) {
	r.t.Helper()
	m, err := r.next(d)
	if !errors.Is(err, os.ErrDeadlineExceeded) {
		r.t.Fatalf("raw: got %v (%v), want silence", m, err)
	}
}
