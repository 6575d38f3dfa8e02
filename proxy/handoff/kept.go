package handoff

import (
	"context"
	"maps"
	"slices"
	"time"
)

// keep holds a request in memory until Redis is back. ok is false when there is
// no room.
func (b *Board) keep(h Handoff) (got Handoff, won, ok bool) {
	b.mu.Lock()
	if other, have := b.kept[h.Session]; have {
		b.mu.Unlock()
		return other, other.Token == h.Token, true
	}
	if len(b.kept) >= b.cfg.MaxKept {
		b.mu.Unlock()
		return Handoff{}, false, false
	}
	h.State = Requested
	b.kept[h.Session] = h
	b.mu.Unlock()
	b.cfg.Logger.Warn("a request for a person waits in memory", "session", h.Session)
	b.changed(h)
	return h, true, true
}

// keptFor returns the request of a session that waits in memory.
func (b *Board) keptFor(session string) (Handoff, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	h, ok := b.kept[session]
	return h, ok
}

// forget drops the request of a session from memory, unless it is queued and has
// yet to be listed.
func (b *Board) forget(session string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.kept, session)
}

// Kept is how many requests wait in memory because Redis is gone.
func (b *Board) Kept() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.kept)
}

// keptList returns the requests that wait in memory, oldest first.
func (b *Board) keptList() []Handoff {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.SortedFunc(maps.Values(b.kept), sooner)
}

func older(x, y Handoff) int {
	if c := x.RequestedAt.Compare(y.RequestedAt); c != 0 {
		return c
	}
	if x.Session < y.Session {
		return -1
	}
	return 1
}

// deliver queues what waits in memory, oldest first, until one cannot be
// queued. A request that lost to another one of its session is dropped: a
// person is coming anyway.
func (b *Board) deliver(ctx context.Context) {
	for _, h := range b.keptList() {
		ctx, cancel := context.WithTimeout(ctx, time.Second)
		got, _, changed, err := b.request(ctx, h)
		cancel()
		if err != nil {
			return
		}
		if !b.delivered(h) {
			// It was given up while it was on its way.
			ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
			_, _ = b.Abandon(ctx, h.Session, h.Token)
			cancel()
			continue
		}
		if changed {
			b.changed(got)
		}
	}
	b.mu.Lock()
	unlisted := slices.Collect(maps.Values(b.unlisted))
	b.mu.Unlock()
	for _, h := range unlisted {
		b.list(ctx, h)
	}
}

// delivered takes a request from memory; false when it is not there any more.
func (b *Board) delivered(h Handoff) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.kept[h.Session].Token != h.Token {
		return false
	}
	delete(b.kept, h.Session)
	return true
}
