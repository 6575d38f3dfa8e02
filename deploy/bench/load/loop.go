package load

import (
	"context"
	"errors"
	"sync"
	"time"
)

// Window is the time that is measured, after some that is not.
type Window struct {
	Warm, Length time.Duration
	// Edge, if set, is called as the window opens and as it closes.
	Edge func()
}

// Result is what was seen in a window, and over the whole run.
type Result struct {
	Messages  int     `json:"messages"` // whose replies came in the window
	PerSecond float64 `json:"per_second"`
	// Due is how many messages were due in the window, in the open loop: more
	// than Messages when the proxy cannot keep up.
	Due int `json:"due,omitempty"`
	// P50, P99 and P999 are the time from a message to its reply. In the open
	// loop it runs from when the message was due.
	P50  float64 `json:"p50_ms"`
	P99  float64 `json:"p99_ms"`
	P999 float64 `json:"p999_ms"`

	Sent     int `json:"sent"` // in the whole run; every one was answered
	Reworded int `json:"reworded"`
	Extra    int `json:"extra,omitempty"` // messages that a proxy put in by itself
	// Shed counts messages that were due and not sent, as too many were
	// unanswered on that connection already: the proxy cannot keep up.
	Shed int `json:"shed,omitempty"`
}

// Closed has every widget send its next message when the last was answered.
func (c *Crowd) Closed(ctx context.Context, w Window) (Result, error) {
	defer context.AfterFunc(ctx, c.Close)()
	if err := c.deadline(w.Warm + w.Length + c.cfg.Timeout); err != nil {
		return Result{}, err
	}
	var wg sync.WaitGroup
	for _, s := range c.sockets {
		wg.Go(func() {
			for now := time.Now(); !c.stop.Load(); {
				if !c.exchange(s) {
					return
				}
				then := now
				if now = time.Now(); c.inside(then) && c.closed.Load() == 0 {
					s.latency = append(s.latency, tenths(now.Sub(then)))
					s.answered++
				}
			}
		})
	}
	spent := c.window(ctx, w)
	c.stop.Store(true)
	wg.Wait()
	return c.result(spent), errors.Join(ctx.Err(), c.err())
}

// depth is the largest number of unanswered messages of a connection in the
// open loop.
const depth = 64

// maxPacers share the connections among themselves; each connection belongs to
// one of them.
const maxPacers = 2

// Open has messages leave at a steady rate, spread over all widgets, whether
// or not earlier ones were answered. A message that leaves late is late from
// when it was due, so that a stall is charged to all messages that were due in
// it (no coordinated omission).
func (c *Crowd) Open(ctx context.Context, perSecond float64, w Window) (Result, error) {
	defer context.AfterFunc(ctx, c.Close)()
	if err := c.deadline(w.Warm + w.Length + c.cfg.Timeout); err != nil {
		return Result{}, err
	}
	pacers := make([]pacer, min(maxPacers, len(c.sockets)))
	var readers, senders sync.WaitGroup
	for i, s := range c.sockets {
		l := line{s, make(chan time.Time, depth)}
		readers.Go(func() { c.listen(l) })
		p := &pacers[i%len(pacers)]
		p.lines = append(p.lines, l)
	}
	start, gap := time.Now(), time.Duration(float64(len(pacers))*float64(time.Second)/perSecond)
	for i := range pacers {
		// The pacers take turns.
		senders.Go(func() { pacers[i].pace(c, start.Add(gap*time.Duration(i)/time.Duration(len(pacers))), gap) })
	}
	spent := c.window(ctx, w)
	c.stop.Store(true)
	senders.Wait()
	for _, p := range pacers {
		for _, l := range p.lines {
			close(l.due)
		}
	}
	readers.Wait() // for every reply
	r := c.result(spent)
	for _, s := range c.sockets {
		r.Due += len(s.latency)
	}
	for _, p := range pacers {
		r.Shed += p.shed
	}
	return r, errors.Join(ctx.Err(), c.err())
}

// line is a connection in the open loop: when the messages were due that have
// no reply yet.
type line struct {
	*socket
	due chan time.Time
}

// pacer keeps the rate on its connections.
type pacer struct {
	lines []line
	shed  int
}

// pace sends a message every gap, on each connection in turn.
func (p *pacer) pace(c *Crowd, start time.Time, gap time.Duration) {
	for i := 0; ; i++ {
		at := start.Add(time.Duration(i) * gap)
		if wait := time.Until(at); wait > 0 {
			time.Sleep(wait) //nolint:forbidigo // the rate is kept by the clock
		}
		if c.stop.Load() {
			return
		}
		l := p.lines[i%len(p.lines)]
		select {
		case l.due <- at:
		default:
			p.shed++
			continue
		}
		if !c.tell(l.socket) {
			return
		}
	}
}

// listen takes a reply for each message that was due, until there are no more.
func (c *Crowd) listen(l line) {
	for at := range l.due {
		if !c.hear(l.socket) {
			return
		}
		now := time.Now()
		if c.inside(at) {
			l.latency = append(l.latency, tenths(now.Sub(at)))
		}
		if c.inside(now) {
			l.answered++
		}
	}
}

// deadline bounds everything that is done with the connections from now on.
func (c *Crowd) deadline(d time.Duration) error {
	for _, s := range c.sockets {
		if err := s.SetDeadline(time.Now().Add(d)); err != nil {
			return err
		}
	}
	return nil
}

// window opens the window for its length and returns how long it was open.
func (c *Crowd) window(ctx context.Context, w Window) time.Duration {
	pause(ctx, w.Warm)
	if w.Edge != nil {
		w.Edge()
	}
	start := time.Now()
	c.opened.Store(start.UnixNano())
	pause(ctx, w.Length)
	end := time.Now()
	c.closed.Store(end.UnixNano())
	if w.Edge != nil {
		w.Edge()
	}
	return end.Sub(start)
}

// inside reports whether a time lies in the window, which may be open still.
func (c *Crowd) inside(at time.Time) bool {
	opened, closed, t := c.opened.Load(), c.closed.Load(), at.UnixNano()
	return opened != 0 && t >= opened && (closed == 0 || t < closed)
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
}

// result sums up what the widgets saw.
func (c *Crowd) result(spent time.Duration) Result {
	var r Result
	var all []uint32
	for _, s := range c.sockets {
		all = append(all, s.latency...)
		r.Messages += s.answered
		r.Sent += s.sent
		r.Reworded += s.reworded
		r.Extra += s.extra
	}
	r.PerSecond = float64(r.Messages) / spent.Seconds()
	q := quantiles(all, 0.5, 0.99, 0.999)
	r.P50, r.P99, r.P999 = q[0], q[1], q[2]
	return r
}
