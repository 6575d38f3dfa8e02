package transport

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// Kind says how bridges are run.
type Kind uint8

// The kinds there are.
const (
	// Auto runs a bridge on an event loop where both its sockets are plain TCP
	// and the system is Linux, by goroutines otherwise.
	Auto Kind = iota
	// Goroutines never uses event loops.
	Goroutines
)

// UnmarshalText reads "auto" or "goroutines".
func (k *Kind) UnmarshalText(text []byte) error {
	switch string(text) {
	case "auto":
		*k = Auto
	case "goroutines":
		*k = Goroutines
	default:
		return fmt.Errorf("%q is neither auto nor goroutines", text)
	}
	return nil
}

// String returns what UnmarshalText reads.
func (k Kind) String() string {
	if k == Goroutines {
		return "goroutines"
	}
	return "auto"
}

// Config bounds what a transport holds for one peer.
type Config struct {
	Kind Kind
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

// pauseAt is how much may wait for a peer before nothing more is read that
// could add to it.
const pauseAt = 64 << 10

// Transport runs bridges. Its methods may be called from any goroutine.
type Transport struct {
	goroutines *goroutines
	loops      *loops // nil where there are none
}

// New returns a transport. Its [Transport.Run] must be running for anything to
// happen in time.
func New(cfg Config) *Transport {
	if cfg.Stall == 0 {
		cfg.Stall = 10 * time.Second
	}
	if cfg.Queue == 0 {
		cfg.Queue = 1 << 20
	}
	if cfg.Linger == 0 {
		cfg.Linger = 2 * time.Second
	}
	t := &Transport{goroutines: newGoroutines(cfg)}
	if cfg.Kind == Auto {
		t.loops = newLoops(cfg)
	}
	return t
}

// Run runs bridges until ctx has ended and none is left. The caller ends the
// bridges before (see Link.Tell) and starts no other; those whose peers do not
// answer need their deadlines until the last moment. The error is nil.
func (t *Transport) Run(ctx context.Context) error {
	var wg sync.WaitGroup
	wg.Go(func() { t.goroutines.run(ctx) })
	if t.loops != nil {
		wg.Go(func() { t.loops.run(ctx) })
	}
	wg.Wait()
	return nil
}

// Start runs b over the two sockets, which it owns from now on, until both are
// closed; then it calls done, once, from a goroutine of its own. Before the
// first event it calls started with the running bridge. That event is a Tick,
// so that the bridge can speak first and ask for a deadline.
//
// A backend without a conn is one that is lost already, of which [Bridge.Lost]
// is not called; what comes by [Link.Replace] may be of any kind, so such a
// bridge is run by goroutines.
func (t *Transport) Start(b Bridge, widget, backend End, started func(Link), done func()) {
	ends := [2]End{Widget: widget, Backend: backend}
	if t.loops == nil || backend.Conn == nil || !t.loops.start(b, ends, started, done) {
		t.goroutines.start(b, ends, started, done)
	}
}
