package proxy

import (
	"slices"
	"time"

	"attune/proxy/transport"
	"attune/proxy/wire"
)

// patience is until when a message may be held: not longer than its own confirmation or the customer's turn allows.
func (b *bridge) patience(items []wire.Item, now time.Time) time.Time {
	until := now.Add(maxHold)
	for _, item := range items {
		if item.AckBy > 0 && now.Add(item.AckBy).Before(until) {
			until = now.Add(item.AckBy)
		}
	}
	if b.replyBy != 0 && b.replyBy.time().Before(until) {
		until = b.replyBy.time()
	}
	return until
}

// makeRoom lets everything go when more waits than may.
func (b *bridge) makeRoom(now time.Time) {
	bytes := 0
	for i := range b.waiting {
		bytes += len(b.waiting[i].data) + heldCost
	}
	if bytes > maxHeld {
		for i := range b.waiting {
			b.waiting[i].until = now
		}
		b.hurry(now)
	}
}

// tickStreams ends what was held too long, and streams of which nothing has come for too long.
func (b *bridge) tickStreams(now time.Time, out *transport.Output) {
	if len(b.owed) > 0 && !now.Before(b.settleBy.time()) {
		b.settleUp(out)
	}
	if len(b.streams) == 0 && len(b.waiting) == 0 {
		return
	}
	b.hurry(now)
	b.forgetStreams(func(s *stream) bool { return s.over && !now.Before(s.ends) })
	for _, s := range b.streams {
		if !now.Before(s.ends) {
			b.endStream(s, false, now)
		}
	}
	b.drain(nil, now, out)
	b.conclude(out)
}

// hurry lets go what has waited as long as it may, and what stands before it.
func (b *bridge) hurry(now time.Time) {
	last := len(b.waiting) - 1
	for last >= 0 && now.Before(b.waiting[last].until) {
		last--
	}
	for i := range b.waiting[:last+1] {
		for _, x := range b.waiting[i].pieces {
			x.s.overdue(x)
		}
	}
}

// hurryAll lets go everything, since something comes that cannot wait behind it.
func (b *bridge) hurryAll(now time.Time, out *transport.Output) {
	for i := range b.waiting {
		b.waiting[i].until = now
	}
	b.hurry(now)
	b.drain(nil, now, out)
	b.conclude(out)
}

// nextStreams is when tickStreams has something to do.
func (b *bridge) nextStreams(sooner func(time.Time)) {
	for i := range b.waiting {
		sooner(b.waiting[i].until)
	}
	for _, s := range b.streams {
		sooner(s.ends)
	}
	if len(b.owed) > 0 {
		sooner(b.settleBy.time())
	}
}

// talking tells whether the bot is in the middle of a reply.
func (b *bridge) talking() bool {
	return len(b.waiting) > 0 || slices.ContainsFunc(b.streams, func(s *stream) bool { return !s.over })
}
