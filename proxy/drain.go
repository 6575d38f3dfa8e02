package proxy

import (
	"context"
	"math/rand/v2"
	"time"
)

// drainGrace is how long a draining node still accepts widgets, so that load
// balancers notice first.
const drainGrace = 5 * time.Second

// drain is the order to close: at the first turn end after from, and by then in
// any case.
type drain struct{ from, by time.Time }

// Drain empties the house: not ready from now on, still accepting for a moment,
// then refusing; every widget is closed with 1012 at the end of a turn, spread
// over the time allowed (Limits.Drain), and calls only at its end. It returns
// when no bridge is left or ctx ends.
func (s *Server) Drain(ctx context.Context) {
	s.leaving.Store(true)
	s.log.Info("draining")
	wait(ctx, nil, min(drainGrace, s.cfg.Limits.Drain))
	s.refusing.Store(true)

	now := time.Now()
	by := now.Add(s.cfg.Limits.Drain)
	s.mu.Lock()
	s.draining = &drain{from: now, by: by}
	if len(s.bridges) == 0 {
		s.closeIdle()
	}
	for b := range s.bridges {
		order := drain{from: now.Add(rand.N(max(s.cfg.Limits.Drain/2, 1))), by: by}
		s.later(func() { b.link.Tell(order) })
	}
	s.mu.Unlock()
	select {
	case <-s.idle:
	case <-ctx.Done():
	case <-time.After(s.cfg.Limits.Drain + closeWait):
	}
	s.log.Info("drained")
}

// wait waits, unless ctx ends or stop is closed before. stop may be nil.
func wait(ctx context.Context, stop <-chan struct{}, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-stop:
	case <-ctx.Done():
	}
}
