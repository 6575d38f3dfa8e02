package proxy

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"attune/proxy/transport"
)

// dialer opens sockets to backends. gorilla/websocket makes the handshake on a
// connection that ends at the blank line behind the response head, so that what
// a backend says right behind its handshake stays ours.
type dialer struct {
	ws      websocket.Dialer
	tcp     net.Dialer
	outages *outages
}

func newDialer(timeout time.Duration, tlsConfig *tls.Config, out *outages) *dialer {
	d := &dialer{tcp: net.Dialer{Timeout: timeout, KeepAlive: 30 * time.Second}, outages: out}
	d.ws = websocket.Dialer{
		HandshakeTimeout: timeout,
		TLSClientConfig:  tlsConfig,
		// For the handshake alone.
		ReadBufferSize: 1 << 10, WriteBufferPool: &sync.Pool{},
		NetDialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
			conn, err := d.tcp.DialContext(ctx, network, addr)
			if err != nil {
				return nil, err
			}
			return &headConn{Conn: conn}, nil
		},
		NetDialTLSContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
			t := tls.Dialer{NetDialer: &d.tcp, Config: tlsConfig}
			conn, err := t.DialContext(ctx, network, addr)
			if err != nil {
				return nil, err
			}
			return &headConn{Conn: conn}, nil
		},
	}
	return d
}

// RefusedError is a backend that answered the handshake with something other
// than an upgrade.
type RefusedError struct {
	// Status is the backend's HTTP status, 200 to 599.
	Status int
	// Header is the head of its answer.
	Header http.Header
}

func (e *RefusedError) Error() string { return fmt.Sprintf("backend refused with %d", e.Status) }

// dial makes the handshake with a backend and returns its socket, with what it
// said early, and the head of its answer. A refusal is a *RefusedError.
func (d *dialer) dial(ctx context.Context, url string, header http.Header, subprotocols []string) (transport.End, *http.Response, error) {
	ws := d.ws
	ws.Subprotocols = subprotocols
	host := hostOf(url)
	conn, resp, err := ws.DialContext(ctx, url, header)
	if err != nil {
		if errors.Is(err, websocket.ErrBadHandshake) && resp != nil && resp.StatusCode >= 200 {
			d.outages.refused(host, resp.StatusCode, time.Now())
			return transport.End{}, nil, &RefusedError{Status: resp.StatusCode, Header: resp.Header}
		}
		d.outages.failed(host, err, time.Now())
		return transport.End{}, nil, fmt.Errorf("dial backend: %w", err)
	}
	d.outages.answered(host, time.Now())
	head, ok := conn.NetConn().(*headConn)
	if !ok {
		_ = conn.Close()
		return transport.End{}, nil, fmt.Errorf("dial backend: unexpected connection %T", conn.NetConn())
	}
	return transport.End{Conn: head.Conn, Early: head.early}, resp, nil
}

// hostOf is the host, and the port where there is one, of a backend's address.
func hostOf(address string) string {
	_, rest, _ := strings.Cut(address, "://")
	host, _, _ := strings.Cut(rest, "/")
	return host
}

// headConn is a connection that reads no further than the blank line which
// ends a response head. As net/http does, it takes a line feed alone for the end
// of a line, too.
type headConn struct {
	net.Conn
	early  []byte // read from the socket, behind the head
	length int    // bytes of the line at hand, CR not counted
	done   bool
}

// Read implements net.Conn. Behind the head it has nothing more to say: the
// handshake is over, and frames are not its business.
func (c *headConn) Read(p []byte) (int, error) {
	if c.done {
		return 0, errors.New("read behind the response head")
	}
	n, err := c.Conn.Read(p)
	for i, b := range p[:n] {
		switch {
		case b == '\n' && c.length == 0:
			c.done = true
			c.early = bytes.Clone(p[i+1 : n])
			return i + 1, err
		case b == '\n':
			c.length = 0
		case b != '\r':
			c.length++
		}
	}
	return n, err
}
