package proxy

import (
	"context"
	"sync/atomic"
	"time"

	"attune/metrics"
	"attune/proxy/frame"
	"attune/proxy/transport"
	"attune/proxy/wire"
)

// hearing brings what a customer said by HTTP to a bridge of the conversation,
// which judges it as if it had come over its socket.
type hearing struct {
	token    string         // it is judged once under it; empty: only this node may
	asked    bool           // by another node, which counts what comes of it
	x        *wire.Exchange // nil: it came over a socket, on another node
	said     wire.Item
	external string // the conversation, as the request names it

	taken  atomic.Bool  // by the bridge, or by the request that waits no longer
	answer chan verdict // has room for one
}

// Weight is how many bytes there are to judge.
func (h *hearing) Weight() int { return len(h.said.Texts[0].Value) }

// verdict is what becomes of the request.
type verdict struct {
	heard bool   // somebody judged it
	busy  bool   // the customer says too much at once
	kept  bool   // it is answered here and the backend hears nothing
	body  []byte // with this
	tally *tally // what there is to count, where this node does not
}

// hearWait is how long a request waits for its bridge: as long as that may wait
// for the store, and some more.
const hearWait = 2 * loadWait

// hear lets a bridge of the visitor's conversation judge what was said, on
// whatever node that is. Where none is found nobody does; then the echo is judged,
// wherever its socket is.
func (s *Server) hear(ctx context.Context, v visitor, h *hearing, l letter) verdict {
	for _, id := range s.ties.sessions(v) {
		b := s.oldest(id)
		if b == nil {
			continue
		}
		if sess, here := s.cfg.Store.Live(id); here {
			if owner := sess.Owner(); owner != "" {
				if found := s.ask(sess, owner, l); found != nil {
					s.countAll(id, found.Tallies)
					return found.verdict()
				}
				h.token = partOf(l.Token, 0)
			}
		}
		return h.at(ctx, b.link, s.stretch(hearWait))
	}
	return s.hearElsewhere(ctx, v, l)
}

// at brings it to a bridge of this node, which may take so long to hear it.
func (h *hearing) at(ctx context.Context, link transport.Link, patience time.Duration) verdict {
	link.Tell(h)
	wait := time.NewTimer(patience)
	defer wait.Stop()
	select {
	case answer := <-h.answer:
		return answer
	case <-wait.C:
	case <-ctx.Done():
	}
	if h.taken.Swap(true) {
		return <-h.answer
	}
	return verdict{}
}

// oldest returns the oldest bridge of a session on this node, nil when there is
// none.
func (s *Server) oldest(id string) (first *bridge) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, b := range s.sessions[id] {
		if first == nil || b.serial < first.serial {
			first = b
		}
	}
	return first
}

// attend takes what the customer said by HTTP, or on another node.
func (b *bridge) attend(h *hearing, now time.Time, out *transport.Output) {
	b.spoke = instantOf(now)
	if h.x != nil {
		b.wire.Name(h.external)
	}
	b.identify(true, now)
	if b.holding != 0 {
		b.held = append(b.held, held{at: now, then: func(now time.Time, out *transport.Output) { b.heed(h, now, out) }})
		b.heldBytes += heldCost
		return
	}
	b.heed(h, now, out)
}

// heed judges what was said by HTTP, or on another node. Whatever it decides, the request is
// answered, unless it has gone on meanwhile.
func (b *bridge) heed(h *hearing, now time.Time, out *transport.Output) {
	if h.taken.Swap(true) {
		return
	}
	answer := verdict{heard: true}
	defer func() { h.answer <- answer }()
	if b.sess == nil || b.s.judged.again(h.token) {
		answer.heard = false
		return
	}
	if h.x == nil {
		sc := b.s.scratch()
		defer b.s.putScratch(sc)
		sc.token, sc.asked = h.token, h.asked
		if b.route.Profile.Blind() { // an echo may come here, too
			b.s.hearsay.note(b.sess.ID(), h.said, noted{at: now})
		}
		answer.kept = b.listen(sc, h.said, now)
		answer.tally = sc.tally
		b.carryOut(sc, out)
		return
	}
	if before, ok := b.s.hearsay.again(b.sess.ID(), h.said); ok { // sent once more
		if answer.kept = before.kept; answer.kept {
			answer.body = h.x.Reply(nil, b.wire, h.x.Values(h.said.Texts[0].Value, before.number))
		}
		return
	}
	if !b.rate.take(now) {
		answer.busy = true
		return
	}
	sc := b.s.scratch()
	defer b.s.putScratch(sc)
	sc.token, sc.asked = h.token, h.asked
	text := h.said.Texts[0].Value
	h.said.Click = h.said.Click || b.wire.Offered(text)
	note := noted{at: now}
	if answer.kept = b.listen(sc, h.said, now); answer.kept {
		note.kept, note.number = true, b.wire.Count()
		values := h.x.Values(text, note.number)
		answer.body = h.x.Reply(nil, b.wire, values)
		b.echo(echo{values}, out)
		id := b.sess.ID()
		b.s.later(func() { b.s.tell(id, b, echo{values}) })
		b.s.metrics.Messages[metrics.Up][metrics.Customer].Inc()
	} else {
		b.asks(now)
	}
	answer.tally = sc.tally
	b.s.hearsay.note(b.sess.ID(), h.said, note)
	b.carryOut(sc, out)
}

// echo shows the customer what he or she said, where the backend would do that
// and has not heard it.
type echo struct{ values wire.Values }

func (b *bridge) echo(e echo, out *transport.Output) {
	if msg, err := b.wire.Inject(nil, wire.InjectEcho, e.values); err == nil {
		b.emit(transport.Widget, frame.Text, msg, out)
	}
}

// overhear listens to what the customer said another way, of which the backend
// sends an echo. The bot has heard it already, so all that Attune can still do is
// say something itself, and bring somebody in.
func (b *bridge) overhear(items []wire.Item, now time.Time, out *transport.Output) {
	for _, item := range items {
		if item.Kind != wire.Echo || item.Role != wire.Customer || len(item.Texts) == 0 {
			continue
		}
		id := b.sess.ID()
		if item.ID != "" {
			b.s.echoed(message{b.route.name(), item.ID}, id)
		}
		if b.s.hearsay.known(id, item, b.serial, now) {
			continue
		}
		b.s.hearsay.note(id, item, noted{at: now, echo: b.serial})
		if b.sess.Owner() != "" { // where it was judged, or comes as an echo, too
			continue
		}
		item.Click = b.wire.Offered(item.Texts[0].Value)
		sc := b.s.scratch()
		b.listen(sc, item, now)
		b.carryOut(sc, out)
		b.s.putScratch(sc)
	}
}
