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

// ticking is what a wheel calls.
type ticking interface{ tick(now time.Time) }

// filed is the place of one deadline in a wheel, owned by the wheel and guarded
// by its mutex but for of.
type filed struct {
	next, prev *filed
	slot       int // index of the slot + 1; 0 = not filed
	of         ticking
}

// wheel holds the deadlines of many bridges: one for all of them instead of a
// timer a session.
type wheel struct {
	mu    sync.Mutex
	slots [wheelSlots]*filed // heads of lists
	count int
	at    int64         // tick that was served last
	first int64         // nothing is filed before this tick
	start time.Time     // time of tick 0
	wake  chan struct{} // a first link came into an empty wheel
}

func newWheel() *wheel {
	return &wheel{start: time.Now(), wake: make(chan struct{}, 1)}
}

// set files f under its deadline, moving it when it is filed already.
func (w *wheel) set(f *filed, at time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.unfile(f)
	tick := int64(at.Sub(w.start)/wheelTick) + 1 // never early
	tick = min(max(tick, w.at+1), w.at+wheelSlots-1)
	slot := int(tick % wheelSlots)
	f.slot, f.next, f.prev = slot+1, w.slots[slot], nil
	if f.next != nil {
		f.next.prev = f
	}
	w.slots[slot] = f
	if w.count == 0 || tick < w.first {
		w.first = tick
	}
	w.count++
	if w.count == 1 {
		select {
		case w.wake <- struct{}{}:
		default:
		}
	}
}

// drop takes f out of the wheel.
func (w *wheel) drop(f *filed) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.unfile(f)
}

func (w *wheel) unfile(f *filed) {
	if f.slot == 0 {
		return
	}
	if f.prev != nil {
		f.prev.next = f.next
	} else {
		w.slots[f.slot-1] = f.next
	}
	if f.next != nil {
		f.next.prev = f.prev
	}
	f.slot, f.next, f.prev = 0, nil, nil
	w.count--
}

// due takes all deadlines out whose tick has come by now.
func (w *wheel) due(now time.Time, due []*filed) []*filed {
	w.mu.Lock()
	defer w.mu.Unlock()
	last := int64(now.Sub(w.start) / wheelTick)
	if last-w.at > wheelSlots {
		w.at = last - wheelSlots // after a long sleep every slot is due once
	}
	for w.at < last {
		w.at++
		for f := w.slots[w.at%wheelSlots]; f != nil; f = w.slots[w.at%wheelSlots] {
			w.unfile(f)
			due = append(due, f)
		}
	}
	return due
}

// soonest returns the time at which due has something to return, zero while
// nothing is filed.
func (w *wheel) soonest() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.count == 0 {
		return time.Time{}
	}
	w.first = max(w.first, w.at+1)
	for w.slots[w.first%wheelSlots] == nil {
		w.first++
	}
	return w.start.Add(time.Duration(w.first) * wheelTick)
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
	var due []*filed
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
			due = w.due(now, due[:0])
			for i, f := range due {
				f.of.tick(now)
				due[i] = nil
			}
		}
	}
}
