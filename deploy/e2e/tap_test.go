package e2e

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"slices"
	"sync"
	"testing"

	"attune/proxy/frame"
)

// tap is a listening device on a wire: it passes bytes on as they are and takes
// down the messages of every WebSocket that goes through, in order.
type tap struct {
	addr string // host:port to connect to instead of the target

	mu   sync.Mutex
	said [2][]string // by who speaks: widget, backend
}

const (
	byWidget = iota
	byBackend
)

// tapOn starts a tap in front of a target, host:port, until the test ends.
func tapOn(t *testing.T, target string) *tap {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &tap{addr: l.Addr().String()}
	var conns sync.WaitGroup
	conns.Go(func() {
		for {
			near, err := l.Accept()
			if err != nil {
				return
			}
			far, err := net.Dial("tcp", target)
			if err != nil {
				_ = near.Close()
				continue
			}
			t.Cleanup(func() { _, _ = near.Close(), far.Close() })
			conns.Go(func() { p.pass(far, near, byWidget) })
			conns.Go(func() { p.pass(near, far, byBackend) })
		}
	})
	t.Cleanup(func() { _ = l.Close() })
	return p
}

// pass copies one direction of a connection.
func (p *tap) pass(to, from net.Conn, by int) {
	d := frame.NewDecoder(by == byWidget, frame.Limits{Message: 1 << 20})
	var head []byte
	upgraded := false
	buf := make([]byte, 32<<10)
	for {
		n, err := from.Read(buf)
		if n > 0 {
			heard := bytes.Clone(buf[:n])
			if !upgraded {
				head = append(head, heard...)
				heard, upgraded = behindUpgrade(head, by)
			}
			// Taken down before it is passed on, so that whoever has seen the
			// effect of a message finds it here.
			p.take(d, heard, by)
			if _, err := to.Write(buf[:n]); err != nil {
				break
			}
		}
		if err != nil {
			break
		}
	}
	if half, ok := to.(*net.TCPConn); ok {
		_ = half.CloseWrite()
	}
	_, _ = io.Copy(io.Discard, from)
}

// behindUpgrade returns what follows the head of an upgrade, and whether it was
// one and is whole. A connection that carries anything else is not listened to.
func behindUpgrade(head []byte, by int) ([]byte, bool) {
	start, mark := []byte("GET "), []byte("Sec-Websocket-Key")
	if by == byBackend {
		start, mark = []byte("HTTP/1.1 101"), []byte("Sec-Websocket-Accept")
	}
	end := bytes.Index(head, []byte("\r\n\r\n"))
	if end < 0 || !bytes.HasPrefix(head, start) || !bytes.Contains(bytes.ToLower(head[:end]), bytes.ToLower(mark)) {
		return nil, false
	}
	return head[end+4:], true
}

func (p *tap) take(d *frame.Decoder, heard []byte, by int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	d.Feed(heard)
	for {
		m, ok, err := d.Next()
		if err != nil || !ok {
			return
		}
		if !m.Op.Control() { // each side keeps its own conn alive
			p.said[by] = append(p.said[by], fmt.Sprint(m.Op, " ", string(m.Payload)))
		}
	}
}

// heard is what a side has said so far.
func (p *tap) heard(by int) []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.said[by])
}
