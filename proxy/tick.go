package proxy

import (
	"math/rand/v2"
	"time"

	"attune/proxy/frame"
	"attune/proxy/transport"
)

// deadWait is how long after a ping a peer may stay silent. With the default
// ping of 25 s a dead peer is gone within 60 s.
const deadWait = 15 * time.Second

// Tick implements [transport.Bridge].
func (b *bridge) Tick(now time.Time, out *transport.Output) {
	if b.over {
		return
	}
	if b.sess == nil && b.opener != nil { // what is said by HTTP looks for its socket
		b.identify(true, now)
	}
	if b.holding != 0 && !now.Before(b.holding.time()) {
		b.release(now, out)
	}
	b.tickStreams(now, out)
	if b.closing.begun {
		if !now.Before(b.closing.until.time()) {
			b.finish(now, out)
		}
		b.setNext(now, out)
		return
	}
	l := b.s.cfg.Limits
	b.tickRejoin(now, out)
	b.tickCare(now, out)
	b.tickRecall(now)
	for side := range transport.Backend + 1 {
		switch {
		case b.gone[side]:
		case b.closing.begun: // for what the other side did
		case l.MessageTimeout > 0 && b.unfinished[side] != 0 && b.unfinished[side].ago(now) >= l.MessageTimeout:
			b.expel(side, endUnfinished, now, out)
		case l.Ping > 0 && b.pinged[side] != 0 && b.pinged[side].ago(now) >= deadWait:
			b.expel(side, endSlow, now, out)
		case l.Ping > 0 && b.pinged[side] == 0 && b.heard[side].ago(now) >= l.Ping:
			b.pinged[side] = instantOf(now)
			b.emit(side, frame.Ping, nil, out)
		}
	}
	switch {
	case b.closing.begun:
	case l.Idle > 0 && b.spoke.ago(now) >= l.Idle:
		b.end(endIdle, now, out)
		if sess := b.sess; sess != nil {
			b.s.later(func() { b.s.endIdle(sess, b) })
		}
	case b.drainBy != 0 && !now.Before(b.drainBy.time()), b.atTurnEnd(now):
		b.end(endDrain, now, out)
	}
	b.setNext(now, out)
}

// atTurnEnd reports whether a draining bridge may close now without cutting an
// answer or a message short. A call is never cut before its limit.
func (b *bridge) atTurnEnd(now time.Time) bool {
	return b.drainAt != 0 && !now.Before(b.drainAt.time()) && b.asked == 0 && !b.talking() && b.unfinished == [2]instant{} &&
		b.route.Profile.Channel() != "voice"
}

// turnEndPoll is how often a draining bridge looks for the end of its turn.
const turnEndPoll = 200 * time.Millisecond

// setNext asks for the next deadline.
func (b *bridge) setNext(now time.Time, out *transport.Output) {
	if b.over {
		return
	}
	l := b.s.cfg.Limits
	next := now.Add(time.Hour)
	sooner := func(t time.Time) {
		if t.Before(next) {
			next = t
		}
	}
	if b.holding != 0 {
		sooner(b.holding.time())
	}
	b.nextStreams(sooner)
	if b.closing.begun { // nothing else is watched any more
		sooner(b.closing.until.time())
		out.Next = next
		return
	}
	b.nextRejoin(now, sooner)
	b.nextRecall(sooner)
	if at := b.careAt(); !at.IsZero() {
		sooner(at)
	}
	for side := range transport.Backend + 1 {
		if b.gone[side] {
			continue
		}
		if l.MessageTimeout > 0 && b.unfinished[side] != 0 {
			sooner(b.unfinished[side].after(l.MessageTimeout))
		}
		if l.Ping > 0 {
			if b.pinged[side] == 0 {
				sooner(b.heard[side].after(l.Ping))
			} else {
				sooner(b.pinged[side].after(deadWait))
			}
		}
	}
	if l.Idle > 0 {
		sooner(b.spoke.after(l.Idle))
	}
	if b.drainBy != 0 {
		sooner(b.drainBy.time())
		if now.Before(b.drainAt.time()) {
			sooner(b.drainAt.time())
		} else {
			sooner(now.Add(turnEndPoll))
		}
	}
	out.Next = next
}

// jitter spreads first pings, so that bridges opened together do not beat
// together.
func jitter(d time.Duration) time.Duration {
	if d <= 0 {
		return 0
	}
	return rand.N(d / 4)
}
