package session

import (
	"context"
	"crypto/rand"
	"fmt"
	"net"
	"sync"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"
)

// embedded is the store of a node without a Redis: miniredis on a loopback
// socket that only this process has the password of. It listens from the first
// use on, so that Open starts nothing.
type embedded struct {
	password string
	max      int

	mu     sync.Mutex
	server *miniredis.Miniredis
	closed bool
	ticked time.Time
	// stored is when each session was last written, to drop the oldest ones.
	stored map[string]time.Time
}

func newEmbedded(limit int) *embedded {
	return &embedded{password: rand.Text(), max: limit, stored: map[string]time.Time{}}
}

// options returns the client options that reach it; timeout is that of options.
func (e *embedded) options(timeout time.Duration) *redis.UniversalOptions {
	o, _, _ := options("redis://embedded", timeout)
	o.Password = e.password
	o.Dialer = func(ctx context.Context, _, _ string) (net.Conn, error) {
		addr, err := e.start()
		if err != nil {
			return nil, err
		}
		return (&net.Dialer{Timeout: timeout}).DialContext(ctx, "tcp", addr)
	}
	return o
}

// start makes the server listen, once.
func (e *embedded) start() (string, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return "", net.ErrClosed
	}
	if e.server == nil {
		m := miniredis.NewMiniRedis()
		m.RequireAuth(e.password)
		if err := m.StartAddr("127.0.0.1:0"); err != nil {
			return "", fmt.Errorf("embedded store: %w", err)
		}
		e.server, e.ticked = m, time.Now()
	}
	return e.server.Addr(), nil
}

// tick lets the time that passed since the last tick pass for the keys too:
// they do not expire by themselves.
func (e *embedded) tick(now time.Time) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.server != nil && !e.closed && now.After(e.ticked) {
		e.server.FastForward(now.Sub(e.ticked))
		e.ticked = now
	}
}

// wrote notes that a session was stored and returns the sessions that must go
// for it, the longest unwritten ones that nobody holds.
func (e *embedded) wrote(id string, now time.Time, held func(id string) bool) []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.stored[id] = now
	var gone []string
	for len(e.stored) > e.max {
		oldest, at := "", now
		for id, t := range e.stored {
			if t.Before(at) && !held(id) {
				oldest, at = id, t
			}
		}
		if oldest == "" {
			break
		}
		delete(e.stored, oldest)
		gone = append(gone, oldest)
	}
	return gone
}

// forget drops the notes about sessions that have expired.
func (e *embedded) forget(before time.Time) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for id, t := range e.stored {
		if t.Before(before) {
			delete(e.stored, id)
		}
	}
}

func (e *embedded) close() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.closed = true
	if e.server != nil {
		e.server.Close()
	}
}
