package transport

import (
	"time"
)

// heavy is how many bytes a bridge may work through on its loop. More are given
// a goroutine, so that other bridges do not wait for them.
const heavy = 4 << 10

// pair is one bridge with its two sockets. All of it belongs to its loop.
type pair struct {
	loop   *loop
	bridge Bridge
	done   func()
	sides  [2]socket
	open   int8 // sides that are not lost
	over   bool // the bridge is not called again
	queued bool // in loop.again
	busy   bool // a call of the bridge runs beside the loop
	// waiting is what happens to a busy bridge, in order.
	waiting []func()

	next  time.Time // when the bridge wants its Tick
	due   time.Time // the deadline filed
	filed filed
}

// event is one call of a bridge.
type event func(Bridge, *Output)

// Tell implements [Link].
func (p *pair) Tell(event any) {
	told := make(chan struct{})
	if p.loop.post(func() { p.when(func() { p.tell(event, func() { close(told) }) }) }) {
		<-told
	}
}

// tell hands over an event from elsewhere and calls told when the bridge has heard
// it, or never will.
func (p *pair) tell(event any, told func()) {
	if p.over {
		told()
		return
	}
	n := 0
	if w, ok := event.(interface{ Weight() int }); ok {
		n = w.Weight()
	}
	p.step(n, func(b Bridge, out *Output) {
		defer told()
		b.Tell(event, time.Now(), out)
	})
}

// Replace implements [Link].
func (p *pair) Replace(s Side, end End, event any) bool {
	answer := make(chan bool, 1)
	return p.loop.post(func() { p.when(func() { answer <- p.replace(s, end, event) }) }) && <-answer
}

func (p *pair) replace(s Side, end End, event any) bool {
	if p.over || !p.sides[s].lost {
		return false
	}
	p.loop.deliver() // what was meant for the old socket
	fds, ok := take(end.Conn)
	if !ok {
		return false
	}
	p.sides[s] = socket{of: p, side: s, fd: fds[0]}
	p.open++
	p.tell(event, func() {})
	p.admit(s, end.Early)
	return true
}

// admit begins to serve a side, with what was read from it before.
func (p *pair) admit(s Side, early []byte) {
	if len(early) > 0 {
		p.when(func() {
			p.step(len(early), func(b Bridge, out *Output) { b.Receive(s, early, time.Now(), out) })
		})
	}
	k := &p.sides[s]
	if k.fd < 0 { // it did not last
		return
	}
	if err := p.loop.watch(k); err != nil {
		k.end(err)
		p.bury()
	}
}

// when does something now, or as soon as the bridge is not busy.
func (p *pair) when(f func()) {
	if p.busy {
		p.waiting = append(p.waiting, f)
		return
	}
	f()
}

// step hands an event to the bridge, which is not busy, and n bytes with it.
func (p *pair) step(n int, e event) {
	switch {
	case p.over:
	case n+p.bridge.Weight() > heavy:
		p.beside(e)
	default:
		p.call(e)
	}
}

// receive is step for bytes of the round, of which a call that does not run at once
// takes a copy along.
func (p *pair) receive(s Side, came []byte) {
	now := p.loop.now
	if !p.busy && len(came)+p.bridge.Weight() <= heavy {
		p.call(func(b Bridge, out *Output) { b.Receive(s, came, now, out) })
		return
	}
	var kept *chunk
	kept = kept.add(came)
	p.when(func() {
		p.step(kept.size(), func(b Bridge, out *Output) {
			b.Receive(s, kept.p, now, out)
			kept.free()
		})
	})
}

// call hands an event to the bridge and carries out what it returns.
func (p *pair) call(e event) {
	out := &p.loop.output
	out.reset()
	p.guard(e, out)
	p.carryOut(out)
}

// beside is call on a goroutine that ends with it. Until it has ended, nothing
// is read from either side, and other events wait.
func (p *pair) beside(e event) {
	p.busy = true
	p.loop.t.wg.Go(func() {
		out := outputs.get()
		out.reset()
		p.guard(e, out)
		p.loop.post(func() {
			p.busy = false
			p.carryOut(out)
			outputs.put(out)
			p.catchUp()
		})
	})
}

// catchUp does what waited for a busy bridge.
func (p *pair) catchUp() {
	for !p.busy && len(p.waiting) > 0 {
		f := p.waiting[0]
		p.waiting = p.waiting[1:]
		f()
	}
	if p.busy {
		return
	}
	p.waiting = nil
	p.resume()
	p.finish()
}

// guard calls the bridge. One that panics loses both its sockets; all others
// live on.
func (p *pair) guard(e event, out *Output) {
	defer func() {
		if reason := recover(); reason != nil {
			p.over = true
			out.reset()
			out.Abort = [2]bool{true, true}
			if f := p.loop.t.cfg.Panicked; f != nil {
				f(reason)
			}
		}
	}()
	e(p.bridge, out)
}

func (p *pair) carryOut(out *Output) {
	for s := range p.sides {
		p.loop.dispatch(&p.sides[s], out.Send[s], out.Close[s], out.Abort[s])
	}
	out.shrink()
	p.next = out.Next
	p.file(p.next)
	if p.loop.pressing() {
		p.loop.deliver()
	}
}

// bury tells the bridge of the sides that have ended.
func (p *pair) bury() {
	for s := range p.sides {
		k := &p.sides[s]
		if k.fd >= 0 || k.lost {
			continue
		}
		k.lost = true
		p.when(func() {
			p.open--
			p.step(0, func(b Bridge, out *Output) { b.Lost(k.side, k.err, time.Now(), out) })
		})
	}
	p.finish()
}

// finish ends a pair that has lost both sides.
func (p *pair) finish() {
	if p.open > 0 || p.busy || p.bridge == nil {
		return
	}
	p.bridge, p.over = nil, true
	p.loop.wheel.drop(&p.filed)
	t := p.loop.t
	if p.done != nil {
		t.wg.Go(p.done)
	}
	t.wg.Done()
}

// file asks for a tick, unless one is asked for sooner or the pair has finished.
func (p *pair) file(at time.Time) {
	if p.bridge == nil || at.IsZero() || !p.due.IsZero() && !at.Before(p.due) {
		return
	}
	p.due = at
	p.loop.wheel.set(&p.filed, at)
}

// tick implements ticking.
func (p *pair) tick(now time.Time) {
	p.due = time.Time{}
	for s := range p.sides {
		p.sides[s].check(now)
	}
	p.bury()
	if p.next.IsZero() || now.Before(p.next) {
		p.file(p.next)
		return
	}
	p.next = time.Time{}
	p.when(func() { p.step(0, func(b Bridge, out *Output) { b.Tick(time.Now(), out) }) })
}
