package handoff

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"
)

// lane is the mail of one handoff for one desk in hand: one at a time and in order.
type lane struct{ mail []*Mail }

// way is what a lane is for. A desk that cannot be told keeps nobody else from
// hearing of a handoff that went on to them.
type way struct{ token, desk string }

// DefaultPauses are those between attempts; the last one repeats. They are short
// beside those of other webhooks: a customer waits.
var DefaultPauses = []time.Duration{
	time.Second, 2 * time.Second, 4 * time.Second, 8 * time.Second, 15 * time.Second, 30 * time.Second, time.Minute,
}

// givenUp is the reason of mail that was tried for long enough.
const givenUp = "given up"

// pause is how long to wait after so many attempts, a quarter more or less, so
// that what failed together does not come back together.
func (o *Outbox) pause(tries int) time.Duration {
	d := o.cfg.Pauses[min(max(tries, 1), len(o.cfg.Pauses))-1]
	return d*3/4 + rand.N(d/2) //nolint:gosec // nobody gains from guessing it
}

// enqueue puts mail into its lane, unless it is there already.
func (o *Outbox) enqueue(ctx context.Context, m Mail) {
	o.mu.Lock()
	defer o.mu.Unlock()
	to := way{m.Token, m.Desk}
	l := o.hand[to]
	if l == nil {
		l = &lane{}
		o.hand[to] = l
		o.lanes.Go(func() { o.drive(ctx, to, l) })
	}
	for _, have := range l.mail {
		if have.entry == m.entry {
			return
		}
	}
	l.mail = append(l.mail, &m)
	o.inHand++
}

// drive delivers the mail of a lane until there is none or ctx ends.
func (o *Outbox) drive(ctx context.Context, to way, l *lane) {
	for {
		o.mu.Lock()
		if len(l.mail) == 0 {
			delete(o.hand, to)
			o.mu.Unlock()
			return
		}
		m := l.mail[0]
		o.mu.Unlock()
		if !o.carry(ctx, m) {
			return // it stays in hand, to be handed back
		}
		o.mu.Lock()
		l.drop(m)
		o.inHand--
		o.mu.Unlock()
	}
}

func (l *lane) drop(m *Mail) {
	for i, have := range l.mail {
		if have == m {
			l.mail = append(l.mail[:i], l.mail[i+1:]...)
			return
		}
	}
}

// carry tries until a mail is delivered, given up, or another node's; false
// when ctx ended before that.
func (o *Outbox) carry(ctx context.Context, m *Mail) bool {
	for {
		if !o.seat(ctx, m.Desk) {
			return false
		}
		err := o.cfg.Deliver(ctx, *m)
		o.rise(m.Desk)
		if ctx.Err() != nil {
			return false
		}
		o.mu.Lock()
		m.Tries++
		o.mu.Unlock()
		var refused *RefusedError
		switch {
		case err == nil:
			return o.settle(ctx, m, "")
		case errors.As(err, &refused):
			return o.settle(ctx, m, refused.Reason)
		}
		d := o.pause(m.Tries)
		var later *LaterError
		if errors.As(err, &later) {
			d = max(d, later.After)
		}
		if time.Since(m.At)+d > o.cfg.GiveUp(m.Desk) {
			return o.settle(ctx, m, givenUp)
		}
		if ours, err := o.touch(ctx, m.shard, m); err == nil && !ours[m.entry] {
			return true // erased; or taken for dead, and another node has it
		}
		if !sleep(ctx, d) {
			return false
		}
	}
}
