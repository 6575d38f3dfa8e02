package proxytest

import (
	"io"
	"net"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// Cable leads from a Unix socket of its own to a server's. It can be cut: what is
// on its way then is lost, in either direction. And it can be long.
type Cable struct {
	listener net.Listener
	to       string
	dir      string
	lag      atomic.Int64 // of answers, a time.Duration

	mu     sync.Mutex
	down   bool
	conns  map[net.Conn]struct{}
	groups sync.WaitGroup
}

// NewCable returns a cable to a Unix socket; it ends with the test.
func NewCable(t testing.TB, to string) *Cable {
	t.Helper()
	dir, err := os.MkdirTemp("", "attune") // paths of sockets are short; those of t.TempDir are not
	if err != nil {
		t.Fatal(err)
	}
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "unix", filepath.Join(dir, "c"))
	if err != nil {
		t.Fatal(err)
	}
	c := &Cable{listener: l, to: to, dir: dir, conns: map[net.Conn]struct{}{}}
	c.groups.Go(c.accept)
	t.Cleanup(func() {
		_ = l.Close()
		c.Break()
		c.groups.Wait()
		_ = os.RemoveAll(dir)
	})
	return c
}

// URL leads to a Redis at the other end.
func (c *Cable) URL() string { return "unix://" + filepath.Join(c.dir, "c") }

// Cut ends every conn; new ones are led on.
func (c *Cable) Cut() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for conn := range c.conns {
		_ = conn.Close()
	}
}

// Break is Cut, and ends new conns too until Mend.
func (c *Cable) Break() {
	c.mu.Lock()
	c.down = true
	c.mu.Unlock()
	c.Cut()
}

// Lag makes every answer come later by d at least.
func (c *Cable) Lag(d time.Duration) { c.lag.Store(int64(d)) }

// Mend leads conns on again.
func (c *Cable) Mend() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.down = false
}

func (c *Cable) accept() {
	for {
		near, err := c.listener.Accept()
		if err != nil {
			return
		}
		far, err := net.Dial("unix", c.to) //nolint:noctx // at once, or not at all
		if err != nil {
			_ = near.Close()
			continue
		}
		if !c.lead(near, far) {
			_, _ = near.Close(), far.Close()
		}
	}
}

// lead copies both ways until either end is closed; false when the cable is broken.
func (c *Cable) lead(near, far net.Conn) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.down {
		return false
	}
	c.conns[near], c.conns[far] = struct{}{}, struct{}{}
	for _, way := range [][2]net.Conn{{near, far}, {far, near}} {
		c.groups.Go(func() {
			var from io.Reader = way[1]
			if from == far {
				from = lagging{far, &c.lag}
			}
			_, _ = io.Copy(way[0], from)
			_, _ = way[0].Close(), way[1].Close()
			c.mu.Lock()
			defer c.mu.Unlock()
			delete(c.conns, way[0])
			delete(c.conns, way[1])
		})
	}
	return true
}

// lagging is a conn that is heard late.
type lagging struct {
	io.Reader
	lag *atomic.Int64
}

// Read implements io.Reader.
func (l lagging) Read(p []byte) (int, error) {
	n, err := l.Reader.Read(p)
	if d := time.Duration(l.lag.Load()); d > 0 {
		<-time.After(d)
	}
	return n, err //nolint:wrapcheck // io.EOF must be itself
}
