package proxy

import (
	"time"

	"attune/proxy/frame"
	"attune/proxy/session"
	"attune/proxy/transport"
)

// loadWait is how long the first message of a known widget may wait for the
// stored state of its session.
const loadWait = 50 * time.Millisecond

// maxHeld bounds the messages that wait meanwhile; more are judged without.
const maxHeld = 256

// loaded says that the store has answered for a session, whatever it said.
type loaded struct{ sess *session.Session }

// identify finds the session that the widget belongs to. The id that the
// protocol carries only correlates: together with the binding it makes the
// session's id, so that somebody else's id leads to a fresh session. A widget
// whose protocol names no session is known by its binding alone, at the latest
// when the customer speaks.
func (b *bridge) identify(spoken bool, now time.Time) {
	external := b.wire.Session()
	if b.sess != nil && (external == "" || external == b.external) {
		return
	}
	if b.sess == nil && external == "" && !spoken {
		return
	}
	b.enter(external)
	if b.bind.fresh {
		return
	}
	b.holding = now.Add(loadWait)
	sess := b.sess
	b.s.later(func() { b.s.load(sess, b) })
}

// enter joins the session, leaving one joined under a lesser name.
func (b *bridge) enter(external string) {
	if b.sess != nil {
		b.s.leave(b)
	}
	b.external = external
	b.s.join(b, session.Key{Profile: b.route.Profile.Name(), External: external, Binding: b.bind.secret})
}

// hold keeps a message until the session is known.
func (b *bridge) hold(from transport.Side, p []byte, now time.Time) {
	b.held = append(b.held, held{from: from, op: frame.Text, data: append([]byte(nil), p...), at: now})
}

// release passes on what was held, in order.
func (b *bridge) release(now time.Time, out *transport.Output) {
	if b.holding.IsZero() {
		return
	}
	b.holding = time.Time{}
	waiting := b.held
	b.held = nil
	for _, h := range waiting {
		if !b.holding.IsZero() { // the session changed its name on the way
			b.held = append(b.held, h)
			continue
		}
		b.message(h.from, h.op, h.data, now, out)
	}
}
