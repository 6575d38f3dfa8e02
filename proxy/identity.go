package proxy

import (
	"time"

	"attune/metrics"
	"attune/proxy/frame"
	"attune/proxy/session"
	"attune/proxy/transport"
)

// loadWait is how long the first message of a known widget may wait for the
// stored state of its session.
const loadWait = 50 * time.Millisecond

// maxHeld bounds the bytes of the messages that wait meanwhile, each counted with
// what holding it costs; more are judged without.
const (
	maxHeld  = 256 << 10
	heldCost = 64
)

// loaded says that the store has answered for a session, whatever it said, and
// whether its customer was here a moment ago, whether it is not known who has the
// floor, and what may not have arrived.
type loaded struct {
	sess    *session.Session
	back    bool
	unknown bool
	missed  missed
}

// backWithin is how soon a customer must come again for it to look like a lost
// connection, not like a new visit.
const backWithin = 2 * time.Minute

// identify finds the session that the widget belongs to. The id that the
// protocol carries only correlates: together with the binding it makes the
// session's id, so that somebody else's id leads to a fresh session. A widget
// that has named no session is known by its binding alone as soon as somebody
// speaks, the bot included: a bot that greets a widget which comes back must
// not talk over the person who has the floor. A name that is learned later
// counts, unless a person was asked for meanwhile: then the conversation stays
// where the person will look for it.
func (b *bridge) identify(spoken bool, now time.Time) {
	external := b.wire.Session()
	switch {
	case b.sess == nil && external == "" && !spoken:
		return
	case b.sess != nil && (external == "" || external == b.external || b.handedOver()):
		return
	}
	b.enter(external)
	b.seekMissed(now)
	if b.bind.fresh {
		return
	}
	b.holding, b.loading = instantOf(now.Add(b.s.stretch(loadWait))), true
	sess := b.sess
	b.s.later(func() { b.s.load(sess, b) })
}

// handedOver reports whether somebody else than the bot has the floor, or may
// have it.
func (b *bridge) handedOver() (yes bool) {
	b.sess.Do(func(book *session.Book) { yes = !book.BotMaySpeak() })
	return yes
}

// enter joins the session, leaving one joined under a lesser name. What was
// said there by a widget that nobody knew before goes with it.
func (b *bridge) enter(external string) {
	before := b.sess
	if before != nil {
		b.s.part(b)
	}
	b.external = external
	b.s.join(b, session.Key{Profile: b.route.Profile.Name(), External: external, Binding: b.bind.secret})
	if b.opener != nil {
		who := *b.opener
		if who.external == "" {
			who.external = external
		}
		b.s.tie(who.own(), b.sess.ID())
	}
	if before != nil && b.bind.fresh {
		carry(before, b.sess)
	}
}

// exit leaves a session that is over. Whatever comes next begins another one, of
// which the store may know.
func (b *bridge) exit() {
	b.rest()
	b.s.part(b)
	b.sess, b.external, b.bind.fresh = nil, "", false
}

// carry takes a conversation over into a session in which nothing was said yet.
func carry(from, to *session.Session) {
	var turns []session.Turn
	var state []byte
	from.Do(func(book *session.Book) {
		turns = book.Turns()
		state, _ = book.State.MarshalBinary() // none: the rules begin anew
	})
	to.Do(func(book *session.Book) {
		if book.Count() > 0 {
			return
		}
		_ = book.State.UnmarshalBinary(state)
		for _, t := range turns {
			book.Append(t)
		}
	})
}

// hold keeps a message until the session is known.
func (b *bridge) hold(from transport.Side, op frame.Opcode, p []byte, now time.Time) {
	b.heldBytes += len(p) + heldCost
	b.held = append(b.held, held{from: from, op: op, data: append([]byte(nil), p...), at: now, posted: b.posted, onSocket: b.onSocket})
}

// release passes on what was held, in order.
func (b *bridge) release(now time.Time, out *transport.Output) {
	if b.holding == 0 {
		return
	}
	b.holding = 0
	if b.loading { // they go on all the same
		b.loading = false
		b.s.metrics.FailOpen(metrics.FailFloor)
	}
	waiting := b.held
	b.held, b.heldBytes = nil, 0
	posted, onSocket := b.posted, b.onSocket
	defer func() { b.posted, b.onSocket = posted, onSocket }()
	for _, h := range waiting {
		if b.holding != 0 { // the session changed its name on the way
			b.held = append(b.held, h)
			b.heldBytes += len(h.data) + heldCost
			continue
		}
		b.arrived, b.posted, b.onSocket = h.at, h.posted, h.onSocket
		if h.then != nil {
			h.then(now, out)
			continue
		}
		b.message(h.from, h.op, h.data, now, out)
	}
}

// releaseAll passes on what was held, whatever is not known yet, and ends the
// replies that come in pieces: no more will come.
func (b *bridge) releaseAll(now time.Time, out *transport.Output) {
	for b.holding != 0 {
		b.release(now, out)
	}
	b.endStreams(now, out)
}
