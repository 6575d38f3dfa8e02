package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"syscall"
	"time"
)

// maxHead bounds a request's head, together with the 4 KiB that net/http
// adds to it: 16 KiB.
const maxHead = 12 << 10

// listener is one of the addresses that the process answers on.
type listener struct {
	name   string // in logs
	net    net.Listener
	server *http.Server
	done   chan struct{} // closed when it has stopped; nil until started
}

// listen opens an address. variable is what the address was given in.
func listen(ctx context.Context, variable, address string) (net.Listener, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	switch {
	case err == nil:
		return l, nil
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, fail("stop what listens there, or give "+variable+" another port", "%s is in use", address)
	case errors.Is(err, syscall.EACCES):
		return nil, fail("give "+variable+" a port above 1023", "%s may not be listened on", address)
	}
	return nil, fail("check "+variable, "listen: %v", err)
}

// newServer makes a server with limits on everything that a stranger can
// make it wait for. handshake 0 means no limit.
func newServer(h http.Handler, handshake time.Duration, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler:           h,
		ReadHeaderTimeout: handshake,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    maxHead,
		// What net/http has to say is about strangers' mistakes.
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug),
		// Sockets need HTTP/1.1: no h2 by TLS.
		TLSNextProto: map[string]func(*http.Server, *tls.Conn, http.Handler){},
	}
}

// start answers until stop is called. It tells failed of an end that nobody
// asked for.
func (l *listener) start(failed func(error)) {
	l.done = make(chan struct{})
	go func() {
		defer close(l.done)
		if err := l.server.Serve(l.net); !errors.Is(err, http.ErrServerClosed) {
			failed(fmt.Errorf("serve %s: %w", l.name, err))
		}
	}()
}

// stop lets requests finish for a moment, then cuts them. Sockets that were
// taken over are not its business.
func (l *listener) stop() error {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	if err := l.server.Shutdown(ctx); err != nil {
		_ = l.server.Close()
	}
	if l.done == nil { // never started, so the server does not know of it
		return l.net.Close()
	}
	<-l.done
	return nil
}

// withTLS lets the listener speak TLS.
func withTLS(l net.Listener, pair *keyPair) net.Listener {
	return tls.NewListener(l, &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: pair.get, NextProtos: []string{"http/1.1"}})
}

// port is the port that a listener got.
func port(l net.Listener) string {
	_, p, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		return ""
	}
	return p
}

// reach is the address under which a browser on this machine reaches a
// listener.
func reach(l net.Listener) string {
	host, p, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		return l.Addr().String()
	}
	if ip := net.ParseIP(host); ip == nil || ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return net.JoinHostPort(host, p)
}

// exposed tells whether others than this machine can reach an address.
func exposed(address string) bool {
	host, _, err := net.SplitHostPort(address)
	if err != nil || host == "localhost" {
		return false
	}
	ip := net.ParseIP(host)
	return ip == nil || !ip.IsLoopback()
}
