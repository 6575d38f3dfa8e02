package proxytest

import (
	"errors"
	"net"
	"syscall"
)

// tcp returns the TCP connection under a conn, nil when there is none.
func tcp(conn net.Conn) *net.TCPConn {
	for {
		switch c := conn.(type) {
		case *net.TCPConn:
			return c
		case interface{ NetConn() net.Conn }: // TLS, a greeting
			conn = c.NetConn()
		default:
			return nil
		}
	}
}

// readBuffer asks the kernel for a receive buffer of n bytes; 0 leaves it alone.
func readBuffer(conn net.Conn, n int) {
	if c := tcp(conn); c != nil && n > 0 {
		_ = c.SetReadBuffer(n) // a kernel that refuses only makes the test slower
	}
}

// isReset reports whether an error is a connection cut off by the other side.
func isReset(err error) bool {
	return errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE)
}
