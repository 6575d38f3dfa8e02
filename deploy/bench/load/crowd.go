package load

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"attune/deploy/bench/talk"
)

// Config says who talks to whom.
type Config struct {
	Address string // host:port of the proxy
	Widgets int    // connections, 1 or more
	// Run begins the name of every conversation, so that those of two runs are
	// different ones. It must need no escapes in JSON.
	Run    string
	Script talk.Script // the backend's
	// Timeout bounds a dial, a handshake and the wait for a reply; zero means
	// 10 s.
	Timeout time.Duration
	// Dials is how many handshakes may be under way at once; zero means 64.
	Dials int
}

// Crowd is many open connections.
type Crowd struct {
	cfg     Config
	sockets []*socket

	// Handshakes says how the opening went.
	Handshakes Handshakes

	stop           atomic.Bool
	opened, closed atomic.Int64 // the window, in Unix nanoseconds; 0 = not yet

	mu     sync.Mutex
	faults []error // the first few
	failed int
}

// Handshakes is how fast connections were opened.
type Handshakes struct {
	PerSecond float64 `json:"per_second"`
	P50       float64 `json:"p50_ms"`
	P99       float64 `json:"p99_ms"`
}

// Dial opens all connections. On an error all of them are closed again.
func Dial(ctx context.Context, cfg Config) (*Crowd, error) {
	if cfg.Timeout == 0 {
		cfg.Timeout = 10 * time.Second
	}
	if cfg.Dials == 0 {
		cfg.Dials = 64
	}
	c := &Crowd{cfg: cfg, sockets: make([]*socket, cfg.Widgets)}
	took := make([]uint32, cfg.Widgets)
	var next atomic.Int64
	var wg sync.WaitGroup
	start := time.Now()
	for range min(cfg.Dials, cfg.Widgets) {
		wg.Go(func() {
			for n := next.Add(1) - 1; n < int64(cfg.Widgets) && c.fine(); n = next.Add(1) - 1 {
				began := time.Now()
				s, err := dial(ctx, &c.cfg, int(n))
				if err != nil {
					c.fault(fmt.Errorf("open widget %d: %w", n, err))
					return
				}
				took[n] = tenths(time.Since(began))
				c.sockets[n] = s
			}
		})
	}
	wg.Wait()
	spent := time.Since(start)
	if err := c.err(); err != nil {
		c.Close()
		return nil, err
	}
	q := quantiles(took, 0.5, 0.99)
	c.Handshakes = Handshakes{PerSecond: float64(cfg.Widgets) / spent.Seconds(), P50: q[0], P99: q[1]}
	return c, nil
}

// Close cuts all connections.
func (c *Crowd) Close() {
	for _, s := range c.sockets {
		if s != nil {
			_ = s.Close()
		}
	}
}

// Exchange has every widget send n messages, each when its last was answered;
// at most 64 widgets talk at once.
func (c *Crowd) Exchange(ctx context.Context, n int) error {
	defer context.AfterFunc(ctx, c.Close)()
	places := make(chan struct{}, 64)
	var wg sync.WaitGroup
	for _, s := range c.sockets {
		places <- struct{}{}
		wg.Go(func() {
			defer func() { <-places }()
			if err := s.SetDeadline(time.Now().Add(c.cfg.Timeout * time.Duration(n))); err != nil {
				c.fault(err)
				return
			}
			for range n {
				if !c.exchange(s) {
					return
				}
			}
		})
	}
	wg.Wait()
	return errors.Join(ctx.Err(), c.err())
}

// exchange sends a message and takes its reply; it reports false after a
// fault, which it has noted.
func (c *Crowd) exchange(s *socket) bool { return c.tell(s) && c.hear(s) }

// tell sends a message; it reports false after a fault, which it has noted.
func (c *Crowd) tell(s *socket) bool {
	err := s.send()
	if err != nil {
		c.fault(fmt.Errorf("widget %d: send message %d: %w", s.widget, s.sent-1, err))
	}
	return err == nil
}

// hear takes a reply; it reports false after a fault, which it has noted.
func (c *Crowd) hear(s *socket) bool {
	err := s.receive()
	var fault *talk.Fault
	switch {
	case err == nil:
	case errors.As(err, &fault):
		c.fault(err)
	case errors.Is(err, os.ErrDeadlineExceeded):
		c.fault(fmt.Errorf("widget %d: no reply to message %d", s.widget, s.got))
	default:
		c.fault(fmt.Errorf("widget %d: wait for the reply to message %d: %w", s.widget, s.got, err))
	}
	return err == nil
}

// fault takes note of what went wrong; the first five are told.
func (c *Crowd) fault(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.failed++; c.failed <= 5 {
		c.faults = append(c.faults, err)
	}
}

func (c *Crowd) fine() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.failed == 0
}

// err is what went wrong so far.
func (c *Crowd) err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.failed == 0 {
		return nil
	}
	return fmt.Errorf("%d widgets failed: %w", c.failed, errors.Join(c.faults...))
}
