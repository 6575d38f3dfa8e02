package proxy

import (
	"bytes"
	"sync"
	"time"

	"attune/proxy/frame"
	"attune/proxy/session"
	"attune/proxy/transport"
	"attune/proxy/wire"
)

// poll is a socket.io connection as far as it travels by HTTP: from its
// handshake until a socket has taken over, or for good. It runs the bridge of
// the conversation as a transport does, with packets in the place of frames, and
// lends it to the socket that takes over.
type poll struct {
	s     *Server
	route *Route
	up    wire.Upgrade
	eio   int // version of Engine.IO, 3 or 4

	posting, getting sync.Mutex // one request of a kind at a time

	turn  sync.Mutex     // hands the bridge to one caller at a time
	b     *bridge        // the bridge
	link  transport.Link // of its socket; nil while the poll itself runs it
	timer *time.Timer    // tells the bridge that something is due; nil until something was

	mu      sync.Mutex // guards what follows, and is taken last
	waiting [2][]wire.PollingPacket
	said    chan struct{} // full when something waits for the widget
	used    time.Time
	fetched *fetch // what the backend was asked for and the widget has not got yet
}

// pollKey names a connection as the backend of a route does.
type pollKey struct {
	route *Route
	sid   string
}

// pollRest is how long a connection is remembered without a request: servers give
// up before.
const pollRest = 2 * time.Minute

// Tell implements [transport.Link].
func (p *poll) Tell(event any) {
	p.turn.Lock()
	defer p.turn.Unlock()
	if p.link != nil {
		p.link.Tell(event)
		return
	}
	defer func() {
		if recover() != nil { // as the transport does it
			p.b.over = true
			p.s.metrics.Panic()
			p.s.log.Error("bridge of a polling widget panicked and is not called again")
		}
	}()
	var out transport.Output // stays empty: what is sent waits in the poll
	now := time.Now()
	p.b.Tell(event, now, &out)
	p.file(now)
}

// Replace implements [transport.Link]. There is no socket to replace.
func (p *poll) Replace(transport.Side, transport.End, any) bool { return false }

// put keeps a packet until a request carries it.
func (p *poll) put(to transport.Side, op frame.Opcode, data []byte) {
	if op.Control() {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.waiting[to] = append(p.waiting[to], wire.PollingPacket{Data: bytes.Clone(data), Binary: op == frame.Binary})
	if to == transport.Widget {
		select {
		case p.said <- struct{}{}:
		default:
		}
	}
}

// take returns the packets that wait for a side.
func (p *poll) take(to transport.Side) []wire.PollingPacket {
	p.mu.Lock()
	defer p.mu.Unlock()
	packets := p.waiting[to]
	p.waiting[to] = nil
	return packets
}

// packets are what a request or its answer carries.
type packets struct {
	poll *poll
	from transport.Side
	all  []wire.PollingPacket

	done    bool          // they were read
	busy    bool          // there were too many
	settled chan struct{} // closed once all have been passed on
}

// feed reads packets. What is to be passed on waits in the poll, whatever way
// everything else goes.
func (b *bridge) feed(e *packets, now time.Time, out *transport.Output) {
	if e.from == transport.Widget {
		for range e.all {
			if !b.rate.take(now) {
				e.busy = true
				return
			}
		}
	}
	e.done = true
	b.posted = e.poll
	defer func() { b.posted = nil }()
	b.arrived, b.spoke, b.heard[e.from] = now, instantOf(now), instantOf(now)
	for _, packet := range e.all {
		op := frame.Text
		if packet.Binary {
			op = frame.Binary
		}
		if b.heldBytes >= maxHeld {
			b.release(now, out)
		}
		if b.holding != 0 {
			b.hold(e.from, op, packet.Data, now)
			continue
		}
		b.message(e.from, op, packet.Data, now, out)
	}
	if b.holding == 0 {
		close(e.settled)
		return
	}
	b.held = append(b.held, held{then: func(time.Time, *transport.Output) { close(e.settled) }})
}

// impatient says that what is held must wait no longer.
type impatient struct{}

// read lets the bridge read packets and returns what is to be passed on. ok is
// false when nobody reads them, busy when there were too many.
func (p *poll) read(from transport.Side, all []wire.PollingPacket) (pass []wire.PollingPacket, ok, busy bool) {
	e := &packets{poll: p, from: from, all: all, settled: make(chan struct{})}
	p.Tell(e)
	if !e.done {
		return nil, false, e.busy
	}
	wait := time.NewTimer(p.s.stretch(loadWait))
	defer wait.Stop()
	select {
	case <-e.settled:
	case <-wait.C:
		p.Tell(impatient{})
	}
	return p.take(from.Other()), true, false
}

// byHTTP returns the poll by which a message goes that the bridge sends now, nil
// when it goes over a socket.
func (b *bridge) byHTTP() *poll {
	switch {
	case b.posted != nil:
		return b.posted
	case b.poll != nil && !b.onSocket:
		return b.poll
	}
	return nil
}

// upgraded reports whether a message from the widget is the one by which a socket
// takes over from polling.
func (b *bridge) upgraded(from transport.Side, p []byte) bool {
	return b.poll != nil && b.onSocket && from == transport.Widget && string(p) == "5"
}

// takeOver sends over the socket what would have waited for a poll, and
// everything else from now on.
func (b *bridge) takeOver(out *transport.Output) {
	left := b.poll.take(transport.Widget)
	b.poll = nil
	for _, packet := range left {
		if !packet.Binary { // that is base64 there
			b.emit(transport.Widget, frame.Text, packet.Data, out)
		}
	}
}

// lend gives the conversation to a bridge with a socket, which start runs.
func (p *poll) lend(b *bridge, start func()) {
	p.turn.Lock()
	defer p.turn.Unlock()
	if p.link == nil {
		b.inherit(p.b)
		b.poll, p.b = p, b
	}
	start()
	if p.b == b {
		p.link = b.link
	}
}

// giveBack takes the conversation from a bridge whose socket came to nothing.
func (p *poll) giveBack(from *bridge) {
	p.turn.Lock()
	defer p.turn.Unlock()
	if p.b != from {
		return
	}
	now := time.Now()
	b := p.s.newBridge(p.route, p.up, from.bind, now)
	b.link, b.poll = p, p
	b.inherit(from)
	p.b, p.link = b, nil
	p.file(now)
}

// inherit goes on where another bridge ends.
func (b *bridge) inherit(from *bridge) {
	b.serial = from.serial
	b.wire, b.bind, b.opener, b.external, b.rate = from.wire, from.bind, from.opener, from.external, from.rate
	b.unsaid, b.asked, b.care, b.recall = from.unsaid, from.asked, from.care, from.recall
	b.held, b.heldBytes, b.holding, b.loading = from.held, from.heldBytes, from.holding, from.loading
	b.streams, b.waiting, b.after, b.owed, b.replyBy, b.settleBy = from.streams, from.waiting, from.after, from.owed, from.replyBy, from.settleBy
	from.over, from.held = true, nil
	if from.sess != nil {
		b.s.join(b, session.Key{Profile: b.route.Profile.Name(), External: b.external, Binding: b.bind.secret})
		b.s.part(from)
		from.sess = nil
	}
}

// polls are the connections that travel by HTTP, or did a moment ago.
type polls struct {
	mu      sync.Mutex
	stopped bool
	all     map[pollKey]*poll
}

func (s *polls) find(key pollKey) *poll {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.all[key]
	if p != nil {
		p.mu.Lock()
		p.used = time.Now()
		p.mu.Unlock()
	}
	return p
}

// add enters a connection, unless there are limit already (0: no limit) or no
// more are taken.
func (s *polls) add(key pollKey, p *poll, limit int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopped || s.all[key] != nil || limit > 0 && len(s.all) >= limit {
		return false
	}
	if s.all == nil {
		s.all = map[pollKey]*poll{}
	}
	s.all[key] = p
	return true
}

// sweep forgets connections without a request since a time; all of them for
// good when stop is set.
func (s *polls) sweep(since time.Time, stop bool) {
	s.mu.Lock()
	var gone []*poll
	s.stopped = s.stopped || stop
	for key, p := range s.all {
		p.mu.Lock()
		old := p.used.Before(since) && (p.fetched == nil || p.fetched.finished())
		p.mu.Unlock()
		if old || stop {
			gone = append(gone, p)
			delete(s.all, key)
		}
	}
	s.mu.Unlock()
	for _, p := range gone {
		p.leave()
	}
}

// leave ends a connection whose widget has gone, unless it has a socket.
func (p *poll) leave() {
	p.turn.Lock()
	defer p.turn.Unlock()
	if p.link == nil {
		p.b.over = true
		p.file(time.Now())
		p.s.leave(p.b)
	}
}
