package transport

import (
	"context"
	"sync"
	"time"
)

const (
	wheelTick  = 20 * time.Millisecond
	wheelSlots = 2048 // about 41 s; a later deadline goes round again
)

// wheel calls links when their deadline has passed: one goroutine for all of
// them instead of a timer a session.
type wheel struct {
	mu    sync.Mutex
	slots [wheelSlots]*link // heads of lists
	count int
	at    int64         // tick that was served last
	start time.Time     // time of tick 0
	wake  chan struct{} // a first link came into an empty wheel
}

func newWheel() *wheel {
	return &wheel{start: time.Now(), wake: make(chan struct{}, 1)}
}

// set files l under its deadline, moving it when it is filed already.
func (w *wheel) set(l *link, at time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.unfile(l)
	tick := int64(at.Sub(w.start)/wheelTick) + 1 // never early
	tick = min(max(tick, w.at+1), w.at+wheelSlots-1)
	slot := int(tick % wheelSlots)
	l.slot, l.next, l.prev = slot+1, w.slots[slot], nil
	if l.next != nil {
		l.next.prev = l
	}
	w.slots[slot] = l
	w.count++
	if w.count == 1 {
		select {
		case w.wake <- struct{}{}:
		default:
		}
	}
}

// drop takes l out of the wheel.
func (w *wheel) drop(l *link) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.unfile(l)
}

func (w *wheel) unfile(l *link) {
	if l.slot == 0 {
		return
	}
	if l.prev != nil {
		l.prev.next = l.next
	} else {
		w.slots[l.slot-1] = l.next
	}
	if l.next != nil {
		l.next.prev = l.prev
	}
	l.slot, l.next, l.prev = 0, nil, nil
	w.count--
}

// due takes all links out whose tick has come by now.
func (w *wheel) due(now time.Time, links []*link) []*link {
	w.mu.Lock()
	defer w.mu.Unlock()
	last := int64(now.Sub(w.start) / wheelTick)
	if last-w.at > wheelSlots {
		w.at = last - wheelSlots // after a long sleep every slot is due once
	}
	for w.at < last {
		w.at++
		for l := w.slots[w.at%wheelSlots]; l != nil; l = w.slots[w.at%wheelSlots] {
			w.unfile(l)
			links = append(links, l)
		}
	}
	return links
}

func (w *wheel) empty() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.count == 0
}

// run turns the wheel until ctx ends. It sleeps while nothing is filed.
func (w *wheel) run(ctx context.Context) {
	ticker := time.NewTicker(wheelTick)
	defer ticker.Stop()
	var links []*link
	for {
		if w.empty() {
			select {
			case <-ctx.Done():
				return
			case <-w.wake:
			}
		}
		select {
		case <-ctx.Done():
			return
		case now := <-ticker.C:
			links = w.due(now, links[:0])
			for i, l := range links {
				l.tick()
				links[i] = nil
			}
		}
	}
}
