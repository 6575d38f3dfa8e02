package transport

import (
	"context"
	"sync"
	"time"
)

// Config bounds what a transport holds for one peer.
type Config struct {
	// Stall is how long a peer may take nothing at all before it is cut off;
	// zero means 10 s.
	Stall time.Duration
	// Queue is the largest number of bytes that may wait for one peer; zero
	// means 1 MiB. Reading from the other side pauses long before.
	Queue int
	// Linger is how long a side is still read after its end was asked for, so
	// that our last frame is not lost in a reset; zero means 2 s.
	Linger time.Duration
	// Panicked, if set, hears of a bridge that panicked, with what it said.
	Panicked func(reason any)
}

// readSize is the buffer of a reading goroutine: larger than nearly every chat
// frame, small enough to be held while waiting.
const readSize = 4 << 10

// pauseAt is how much may wait for a peer before the other side is no longer
// read.
const pauseAt = 64 << 10

// Goroutines runs each bridge with one reading goroutine a socket.
type Goroutines struct {
	cfg   Config
	wheel *wheel
	wg    sync.WaitGroup
}

// NewGoroutines returns a transport. Its [Goroutines.Run] must be running for
// deadlines to pass.
func NewGoroutines(cfg Config) *Goroutines {
	if cfg.Stall == 0 {
		cfg.Stall = 10 * time.Second
	}
	if cfg.Queue == 0 {
		cfg.Queue = 1 << 20
	}
	if cfg.Linger == 0 {
		cfg.Linger = 2 * time.Second
	}
	return &Goroutines{cfg: cfg, wheel: newWheel()}
}

// Run turns the timer wheel until ctx has ended and no bridge is left. The
// caller ends the bridges before (see Link.Tell) and starts no other; those
// whose peers do not answer need their deadlines until the last moment.
func (g *Goroutines) Run(ctx context.Context) error {
	turning, stop := context.WithCancel(context.WithoutCancel(ctx))
	var wheel sync.WaitGroup
	wheel.Go(func() { g.wheel.run(turning) })
	<-ctx.Done()
	g.wg.Wait()
	stop()
	wheel.Wait()
	return nil
}

// Start runs b over the two sockets, which it owns from now on, until both are
// closed; then it calls done, once, from a goroutine of its own. Before the
// first event it calls started with the running bridge. That event is a Tick,
// so that the bridge can speak first and ask for a deadline.
func (g *Goroutines) Start(b Bridge, widget, backend End, started func(Link), done func()) {
	l := &link{t: g, bridge: b, done: done}
	l.open.Store(2)
	for s, end := range [2]End{widget, backend} {
		l.sides[s].conn = end.Conn
		l.sides[s].room.L = &l.sides[s].mu
	}
	g.wg.Add(2)
	started(l)
	l.tick()
	go l.read(Widget, widget.Conn, widget.Early)
	go l.read(Backend, backend.Conn, backend.Early)
}
