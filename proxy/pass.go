package proxy

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"attune/metrics"
	"attune/proxy/frame"
	"attune/proxy/handoff"
	"attune/proxy/session"
	"attune/proxy/transport"
	"attune/proxy/wire"
	"attune/rules"
)

// kindPass asks the node that owns a conversation to pass its handoff on, to a
// desk that is reached over the conversation's own sockets or over one more.
const kindPass = "pass"

// passing is a handoff that a bridge shall put into its protocol's own words.
// freed: the bot has the floor again for the answer.
type passing struct {
	h     handoff.Handoff
	freed bool
}

// passOn has a waiting handoff passed on where its desk is of such a kind. A
// call-back waits for the desk to open; mend looks.
func (d *switchboard) passOn(h handoff.Handoff) {
	if h.Card.Callback && !d.open(h.Desk, time.Now()) {
		return
	}
	switch kind, _ := d.s.cfg.Desks.staff(h.Desk); kind {
	case deskBackend, deskUpstream:
		d.post(session.Event{Session: h.Session, Kind: kindPass})
	case deskConsole, deskWebhook:
	}
}

// passNext has the next in the queue of a desk passed on, where one that was there
// is over.
func (d *switchboard) passNext(desk string) {
	ctx, cancel := d.s.within(context.Background(), storeWait)
	defer cancel()
	open, err := d.board.Waiting(ctx)
	if err != nil {
		return // mend looks
	}
	for i := range open {
		if open[i].Desk == desk && open[i].State == handoff.Queued {
			d.passOn(open[i])
			return
		}
	}
}

// pass gives a waiting handoff to the desk of kind backend or upstream that it
// waits at. Every node hears of it; the owner of the conversation acts.
func (d *switchboard) pass(id string) {
	sess, here := d.store.Live(id)
	if !here || sess.Owner() != "" {
		return
	}
	ctx, cancel := d.s.within(context.Background(), storeWait)
	defer cancel()
	h, err := d.board.Get(ctx, id)
	if err != nil || h.State != handoff.Queued || d.room(ctx, id) != nil {
		return // a desk that is full is tried again when mend looks
	}
	switch kind, _ := d.s.cfg.Desks.staff(h.Desk); kind {
	case deskBackend:
		b := d.s.eldest(id)
		if b == nil {
			return // the customer comes back, or has gone
		}
		what, ok := b.route.Profile.Handoff()
		floor, holder := whose(sess)
		if ok && what == wire.InjectHandoffBackend && b.route.Profile.TellsAgents() && (floor != session.Attune || holder != h.Desk) {
			d.floor(ctx, id, session.Attune, h.Desk, rand.Text()) // what is said from now on goes there
		}
		b.link.Tell(passing{h: h})
	case deskUpstream:
		d.annexes.start(h, "")
	case deskConsole, deskWebhook:
	}
}

// eldest is the oldest bridge of a session on this node, nil when there is none.
func (s *Server) eldest(id string) *bridge {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.sessions[id]) == 0 {
		return nil
	}
	return slices.MinFunc(s.sessions[id], func(x, y *bridge) int { return cmp.Compare(x.serial, y.serial) })
}

// hand passes a handoff on by the profile's own message, to the platform or to
// the backend. A protocol without one fails it, and the customer hears that.
func (b *bridge) hand(e passing, out *transport.Output) {
	what, ok := b.route.Profile.Handoff()
	if ok && what == wire.InjectHandoffBackend && (b.rejoin != nil || b.gone[transport.Backend]) {
		return // it stays queued, and mend passes it on when the backend is back
	}
	tells := b.route.Profile.TellsAgents()
	if ok && what == wire.InjectHandoffBackend && !tells && !e.freed && b.sess != nil {
		// Whatever the backend says to it must pass, and it may say it at once.
		link, id := b.link, b.sess.ID()
		b.s.later(func() {
			ctx, cancel := b.s.within(context.Background(), storeWait)
			defer cancel()
			b.s.desk.toBot(ctx, id)
			link.Tell(passing{h: e.h, freed: true})
		})
		return
	}
	k := b.s.cfg.Desks.byID[e.h.Desk]
	data, err := json.Marshal(e.h)
	var msg []byte
	if ok && err == nil && b.sess != nil && k.reachedBy(b.route.Profile) {
		facts := rules.Facts{Session: b.sess.ID(), Locale: b.wire.Locale(), Register: b.route.Register, Channel: b.route.Profile.Channel()}
		set, _ := b.s.rules.Load().of(b.sess.ID())
		msg, err = b.wire.Inject(nil, what, wire.Values{
			Text: set.Message("handoff.passed", &facts, nil, nil), Queue: cmp.Or(k.target, e.h.Desk), Target: k.target, JSON: string(data),
		})
	}
	if msg == nil || err != nil {
		b.s.metrics.FailOpen(metrics.FailInject)
		b.s.later(func() { b.s.desk.fail(e.h, false) })
		return
	}
	to := transport.Widget
	if what == wire.InjectHandoffBackend {
		to = transport.Backend
	}
	b.emit(to, frame.Text, msg, out)
	b.handed = to == transport.Widget
	b.s.later(func() { b.s.desk.handed(e.h, what, tells) })
}

// fail ends a handoff whose desk cannot be reached, unless somebody else came or it
// went on to another desk. With taken the desk itself had it.
func (d *switchboard) fail(h handoff.Handoff, taken bool) {
	ctx, cancel := d.s.within(context.Background(), storeWait)
	defer cancel()
	var err error
	if taken {
		_, err = d.board.Fail(ctx, h.Session, h.Token)
	} else {
		_, err = d.board.FailWaiting(ctx, h.Session, h.Token, h.Desk)
	}
	if err != nil && !errors.Is(err, handoff.ErrState) && !errors.Is(err, handoff.ErrNone) {
		d.s.log.Warn("handoff not ended", "error", err)
	}
}

// handed follows a handoff that was passed on, as far as the protocol tells: a
// platform has the call from then on; at a backend it is offered until somebody
// there speaks, and where nobody can tell people from the bot, the matter is the
// backend's and its words pass as they did.
func (d *switchboard) handed(h handoff.Handoff, what wire.Injection, tells bool) {
	ctx, cancel := d.s.within(context.Background(), storeWait)
	defer cancel()
	var err error
	switch {
	case what == wire.InjectHandoff:
		_, err = d.take(ctx, h.Session, h.Desk)
	case tells:
		var now handoff.Handoff
		now, err = d.board.OfferAt(ctx, h.Session, h.Token, h.Desk)
		if sess, here := d.store.Live(h.Session); err == nil && here {
			if floor, holder := whose(sess); floor == session.Attune && holder != h.Desk {
				d.follow(ctx, h.Session, now) // an earlier change was slower than the one of pass
			}
		}
	default:
		if _, err = d.board.Claim(ctx, h.Session, h.Desk, h.Token); err == nil {
			_, err = d.board.Resolve(ctx, h.Session, h.Desk)
			d.post(session.Event{Session: h.Session, Kind: kindReturned}) // the bot has the floor already
		}
	}
	if err != nil {
		d.s.log.Warn("handoff was passed on, and is not noted so", "desk", h.Desk, "error", err)
	}
}

// offeredAt is the desk of kind backend to which a handoff is offered, "" for none:
// people there hear the customer already.
func (d *switchboard) offeredAt(h handoff.Handoff) string {
	if kind, _ := d.s.cfg.Desks.staff(h.Desk); kind == deskBackend && h.State == handoff.Offered {
		return h.Desk
	}
	return ""
}

// whose is the floor of a session as this node knows it.
func whose(sess *session.Session) (floor session.Floor, holder string) {
	sess.Do(func(book *session.Book) { floor, holder = book.Floor, book.Holder })
	return floor, holder
}

// atBackend reports whether somebody behind the backend has the conversation, or
// is on the way: then what the customer says goes there. A telephone platform
// that has taken a call has taken it from the backend.
func (b *bridge) atBackend(book *session.Book) bool {
	if book.Floor == session.Bot || book.Holder == "" {
		return false
	}
	what, _ := b.route.Profile.Handoff()
	if what == wire.InjectHandoff && b.route.Profile.Channel() == "voice" {
		return false
	}
	kind, _ := b.s.cfg.Desks.staff(book.Holder)
	return kind == deskBackend
}

// welcome hears that a person speaks at the backend to which the conversation was
// offered: from then on they have it.
func (b *bridge) welcome(items []wire.Item) {
	if b.sess == nil || !slices.ContainsFunc(items, func(item wire.Item) bool { return item.Role == wire.Agent && item.Kind != wire.Typing }) {
		return
	}
	desk := ""
	b.sess.Do(func(book *session.Book) {
		if book.Floor == session.Attune && b.atBackend(book) {
			desk = book.Holder
		}
	})
	if desk == "" {
		return
	}
	id := b.sess.ID()
	b.s.later(func() {
		ctx, cancel := b.s.within(context.Background(), storeWait)
		defer cancel()
		if _, err := b.s.desk.take(ctx, id, desk); err != nil {
			b.s.log.Warn("a person at the backend speaks, and is not noted so", "desk", desk, "error", err)
		}
	})
}

// settled ends the handoff of a customer who has gone and was with people whom
// nobody can ask: it counts as resolved. It reports false for any other.
func (d *switchboard) settled(ctx context.Context, id string) bool {
	h, err := d.board.Get(ctx, id)
	if err != nil || !h.State.Taken() {
		return false
	}
	if kind, _ := d.s.cfg.Desks.staff(h.Desk); kind != deskBackend {
		return false
	}
	_, err = d.board.Resolve(ctx, id, h.Agent)
	return err == nil
}
