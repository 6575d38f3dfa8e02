package proxytest

import (
	"bufio"
	"net"
	"net/http"
)

// greeter is a ResponseWriter whose hijacked conn sends the greeting in the same write as the first bytes, which are
// the answer to the upgrade.
type greeter struct {
	http.ResponseWriter
	greeting []byte
}

// Hijack implements http.Hijacker.
func (g greeter) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, rw, err := http.NewResponseController(g.ResponseWriter).Hijack()
	if err != nil || len(g.greeting) == 0 {
		return conn, rw, err
	}
	return &greetingConn{Conn: conn, greeting: g.greeting}, rw, nil
}

type greetingConn struct {
	net.Conn
	greeting []byte
}

// NetConn returns the conn inside.
func (c *greetingConn) NetConn() net.Conn { return c.Conn }

// Write implements net.Conn.
func (c *greetingConn) Write(p []byte) (int, error) {
	if c.greeting == nil {
		return c.Conn.Write(p)
	}
	both := append(append([]byte(nil), p...), c.greeting...)
	c.greeting = nil
	n, err := c.Conn.Write(both)
	return min(n, len(p)), err
}
