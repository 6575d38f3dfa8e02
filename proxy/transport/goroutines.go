package transport

import (
	"context"
	"sync"
	"time"
)

// readSize is the buffer of a reading goroutine: larger than most chat frames,
// small enough to be held while waiting.
const readSize = 1 << 10

// goroutines runs each bridge with one reading goroutine a socket.
type goroutines struct {
	cfg   Config
	wheel *wheel
	wg    sync.WaitGroup
}

func newGoroutines(cfg Config) *goroutines {
	return &goroutines{cfg: cfg, wheel: newWheel()}
}

func (g *goroutines) run(ctx context.Context) {
	turning, stop := context.WithCancel(context.WithoutCancel(ctx))
	var wheel sync.WaitGroup
	wheel.Go(func() { g.wheel.run(turning) })
	<-ctx.Done()
	g.wg.Wait()
	stop()
	wheel.Wait()
}

func (g *goroutines) start(b Bridge, ends [2]End, started func(Link), done func()) {
	l := &link{t: g, bridge: b, done: done}
	l.filed.of = l
	for s, end := range ends {
		l.sides[s].conn = end.Conn
		l.sides[s].room.L = &l.sides[s].mu
		if l.lost[s] = end.Conn == nil; l.lost[s] {
			l.sides[s].ended = true
			continue
		}
		l.open.Add(1)
		g.wg.Add(1)
	}
	started(l)
	l.tick(time.Now())
	for s, end := range ends {
		if end.Conn != nil {
			go l.read(Side(s), end.Conn, end.Early)
		}
	}
}
