package proxy

import (
	"bufio"
	"context"
	"net"
	"net/http"
	"sync/atomic"
)

// Listen wraps the widgets' listener (above TLS, where there is TLS) so that a
// request can be refused of which another server on the way may have read
// something else: one whose head has folded lines (RFC 9112, section 5.2), which
// net/http joins silently, and one that gives the length of its body in two ways
// (section 6.1), of which net/http forgets one.
func Listen(l net.Listener) net.Listener { return foldListener{l} }

type foldListener struct{ net.Listener }

func (l foldListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &foldConn{Conn: c}, nil
}

// foldConn watches the request head that passes and notes a header line that
// begins with white space, and two kinds of length. Every refusal closes its
// connection, so there is one head a connection that matters.
type foldConn struct {
	net.Conn
	folded  atomic.Bool
	framing atomic.Bool // the body has two kinds of length
	over    bool        // the head has ended
	lines   int         // lines read so far
	length  int         // bytes of this line, CR not counted
	name    [len("transfer-encoding")]byte
	sized   bool // there was a Content-Length
	coded   bool // there was a Transfer-Encoding
}

// Read implements net.Conn.
func (c *foldConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if !c.over {
		c.watch(p[:n])
	}
	return n, err
}

func (c *foldConn) watch(p []byte) {
	for _, b := range p {
		switch b {
		case '\n':
			if c.length == 0 && c.lines > 0 {
				c.over = true
				return
			}
			c.lines++
			c.length = 0
		case '\r':
		default:
			if c.length == 0 && c.lines > 0 && (b == ' ' || b == '\t') {
				c.folded.Store(true)
			}
			if b == ':' && c.length <= len(c.name) {
				c.named()
			}
			if c.length < len(c.name) {
				c.name[c.length] = b | 0x20 // letters in lower case
			}
			c.length++
		}
	}
}

// named hears that this line has had a colon: what stands before the first one is
// the name of a header.
func (c *foldConn) named() {
	switch string(c.name[:c.length]) {
	case "content-length":
		c.sized = true
	case "transfer-encoding":
		c.coded = true
	}
	if c.sized && c.coded {
		c.framing.Store(true)
	}
}

type connKey struct{}

// ConnContext makes the connection known to the front door; it is meant for
// http.Server.ConnContext.
func ConnContext(ctx context.Context, c net.Conn) context.Context {
	return context.WithValue(ctx, connKey{}, c)
}

func folded(r *http.Request) bool {
	f, ok := r.Context().Value(connKey{}).(*foldConn)
	return ok && f.folded.Load()
}

// twoLengths reports whether a request says in two ways how long its body is.
func twoLengths(r *http.Request) bool {
	f, ok := r.Context().Value(connKey{}).(*foldConn)
	return ok && f.framing.Load()
}

// bare returns the socket under the wrapper: behind the handshake there are
// only frames.
func bare(c net.Conn) net.Conn {
	if f, ok := c.(*foldConn); ok {
		return f.Conn
	}
	return c
}

// earlyWriter keeps what a widget sent right behind its handshake: gorilla's
// Upgrader refuses it, while RFC 6455 lets a client that is sure of itself
// begin.
type earlyWriter struct {
	http.ResponseWriter
	early []byte
}

// Hijack implements http.Hijacker.
func (w *earlyWriter) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, rw, err := http.NewResponseController(w.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, err
	}
	if n := rw.Reader.Buffered(); n > 0 {
		w.early = make([]byte, n)
		_, _ = rw.Reader.Read(w.early) // one Read empties the buffer
	}
	return conn, rw, nil
}
