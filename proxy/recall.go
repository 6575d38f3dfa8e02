package proxy

import (
	"context"
	"errors"
	"slices"
	"time"

	"attune/proxy/session"
	"attune/proxy/transport"
)

// recall is the search for what a widget that is back may have missed. The first
// look takes no longer than the widget's first message may wait, so that what was
// missed comes before all else. Where the store is late the message goes on and
// the search with it, beside the messages, as long as anything of it is worth
// saying. What is said meanwhile is found by it too, and said once.
type recall struct {
	said  []string  // ids of what was said over this bridge since it began
	until time.Time // given up then
	next  time.Time // next look, or the end of a search that is over; zero while one is under way
	tries int
	over  bool // all is found
}

const (
	// recallStep is the pause before the second look; each further one doubles it,
	// up to recallPause.
	recallStep  = 250 * time.Millisecond
	recallPause = 5 * time.Second
	// recallRest is how long what was found is remembered: the same words may be
	// on their way here from another bridge.
	recallRest = 10 * time.Second
)

// missed is what one look has found; whole says that it is all there is.
type missed struct {
	sess  *session.Session
	words []speech
	whole bool
}

// seekMissed begins the search, whose first look load takes.
func (b *bridge) seekMissed(now time.Time) {
	b.recall = nil
	if !b.bind.fresh && b.route.Profile.Once() {
		b.recall = &recall{until: now.Add(session.UnconfirmedTTL)}
	}
}

// foundMissed says what a look has found.
func (b *bridge) foundMissed(m missed, now time.Time, out *transport.Output) {
	r := b.recall
	if r == nil || m.sess != b.sess {
		return
	}
	for _, say := range m.words {
		b.sayOnce(say, now, out)
	}
	switch {
	case m.whole && len(m.words) == 0 && len(r.said) == 0: // nothing that could come twice
		b.recall = nil
	case m.whole:
		r.over, r.next = true, now.Add(recallRest)
	default:
		pause := min(recallStep<<min(r.tries, 10), recallPause)
		r.tries++
		r.next = now.Add(pause + jitter(pause)) // many come back at once
	}
}

// tickRecall looks again when it is time.
func (b *bridge) tickRecall(now time.Time) {
	r := b.recall
	if r == nil || r.next.IsZero() || now.Before(r.next) {
		return
	}
	if r.over || now.After(r.until) || b.sess == nil {
		if !r.over && b.sess != nil {
			b.s.log.Warn("what a widget may have missed was not found in time")
		}
		b.recall = nil
		return
	}
	r.next = time.Time{}
	sess := b.sess
	b.s.later(func() {
		ctx, cancel := b.s.within(context.Background(), storeWait)
		defer cancel()
		m := missed{sess: sess}
		// What waits belongs to one conversation of the customer's: which one that
		// is must be known.
		if found, err := b.s.cfg.Store.Load(ctx, sess); found || err == nil {
			m = b.s.unheard(ctx, sess, b.route)
		}
		b.link.Tell(m)
	})
}

// nextRecall asks for the next look.
func (b *bridge) nextRecall(sooner func(time.Time)) {
	if r := b.recall; r != nil && !r.next.IsZero() {
		sooner(r.next)
	}
}

// sayInTurn says what came from another bridge or node: while the first look is under
// way, behind what that finds.
func (b *bridge) sayInTurn(say speech, now time.Time, out *transport.Output) {
	if r := b.recall; r != nil && r.tries == 0 && r.next.IsZero() && b.holding != 0 {
		b.held = append(b.held, held{at: now, then: func(now time.Time, out *transport.Output) { b.sayOnce(say, now, out) }})
		b.heldBytes += heldCost + len(say.text)
		return
	}
	b.sayOnce(say, now, out)
}

// sayOnce says something, unless it was said over this bridge since the search for
// what was missed began.
func (b *bridge) sayOnce(say speech, now time.Time, out *transport.Output) {
	if r := b.recall; r != nil && say.id != "" {
		if slices.Contains(r.said, say.id) {
			return
		}
		if len(r.said) >= maxSent {
			r.said = r.said[1:]
		}
		r.said = append(r.said, say.id)
	}
	b.speak(say, now, out)
}

// unheard looks for what a widget that is back may have missed.
func (s *Server) unheard(ctx context.Context, sess *session.Session, route *Route) missed {
	if !route.Profile.Once() {
		return missed{sess: sess, whole: true}
	}
	list, err := s.cfg.Store.Unconfirmed(ctx, sess)
	m := missed{sess: sess, words: make([]speech, len(list)), whole: err == nil}
	if errors.Is(err, session.ErrSealed) {
		s.log.Warn("what a widget may have missed cannot be said again", "error", err)
		m.whole = true
	}
	for i, u := range list {
		m.words[i] = speech{id: u.ID, again: u.Message}
	}
	return m
}
