package proxy

import (
	"context"
	"slices"
	"time"

	"attune/metrics"
	"attune/proxy/session"
	"attune/rules"
)

// join gives a bridge its session on this node.
func (s *Server) join(b *bridge, key session.Key) {
	id := key.ID()
	b.sess = s.cfg.Store.Attach(id, b.bind.fresh)
	b.sess.Do(func(book *session.Book) {
		book.Meta.Profile, book.Meta.Path, book.Meta.Channel = key.Profile, b.path, b.route.Profile.Channel()
	})
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.sessions[id] == nil {
		b.profile.Sessions.Inc()
		if b.bind.fresh {
			s.metrics.Opened(metrics.OpenedFresh)
		}
	}
	s.sessions[id] = append(s.sessions[id], b)
	delete(s.away, id)
}

// part takes a bridge out of its session and reports whether it was the last
// one here.
func (s *Server) part(b *bridge) (last bool) {
	sess, id := b.sess, b.sess.ID()
	s.mu.Lock()
	here := slices.DeleteFunc(s.sessions[id], func(other *bridge) bool { return other == b })
	s.sessions[id] = here
	if last = len(here) == 0; last {
		delete(s.sessions, id)
		b.profile.Sessions.Dec()
		s.shadows.drop(id)
	}
	s.mu.Unlock()
	s.cfg.Store.Detach(sess)
	if last && sess.Shared() && sess.Owner() == "" && !sess.Ended() {
		s.desk.post(session.Event{Session: id, Kind: kindLeft})
	}
	return last
}

// leave is part for a widget that has gone.
func (s *Server) leave(b *bridge) {
	if b.sess == nil || !s.part(b) {
		return
	}
	sess := b.sess
	s.depart(sess)
	s.later(func() { s.desk.customerLeft(sess) })
}

// load brings in what is stored about a session, and lets the bridge go on.
func (s *Server) load(sess *session.Session, b *bridge) {
	ctx, cancel := s.within(context.Background(), loadWait)
	m := missed{sess: sess}
	back, alone := false, len(s.links(sess.ID(), b)) == 0 // another tab is no lost connection
	defer cancel()
	found, err := s.cfg.Store.Load(ctx, sess)
	sess.Do(func(book *session.Book) { found = found || book.Count() > 0 }) // it may never have left this node
	switch {
	case err != nil && !found:
		s.metrics.FailOpen(metrics.FailStore)
	case found:
		brief, cancel := s.within(context.Background(), loadWait)
		defer cancel()
		m = s.unheard(brief, sess, b.route)
		m.whole = m.whole && err == nil // else which conversation it is may not be known
		s.metrics.Opened(metrics.OpenedResumed)
		sess.Do(func(book *session.Book) {
			back = alone && book.Count() > 0 && time.Since(book.Meta.Seen) < backWithin
		})
		s.later(func() { s.desk.customerBack(sess.ID()) })
	default:
		s.metrics.Opened(metrics.OpenedFresh)
		m.whole = true
	}
	b.link.Tell(loaded{sess, back, err != nil || sess.InDoubt(), m})
}

// departed is how a session stood when its last bridge here was gone.
type departed struct {
	at     time.Time
	ending metrics.Ending
	score  float64
	cards  []rules.Scorecard
}

// depart remembers how a session stands, in case its widget never comes back.
func (s *Server) depart(sess *session.Session) {
	stood, spoken := s.standing(sess)
	if !spoken || sess.Ended() { // that was counted already
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.sessions[sess.ID()] == nil {
		s.away[sess.ID()] = stood
	}
}

// over says that a conversation has ended.
type over struct{}

// endSession ends a conversation: later words of the same customer are a new
// one, also on the conns that are open.
func (s *Server) endSession(sess *session.Session, outcome string) {
	if sess.Ended() {
		return
	}
	stood, spoken := s.standing(sess)
	if spoken {
		s.ended(stood)
	}
	s.settleAway(sess.ID())
	s.shadows.drop(sess.ID())
	ctx, cancel := s.within(context.Background(), storeWait)
	defer cancel()
	if err := s.cfg.Store.End(ctx, sess, outcome); err != nil {
		s.log.Warn("end of a session not stored yet", "error", err)
	}
	if stood.ending != metrics.EndedWithBot { // nobody needs a person any more
		s.desk.close(ctx, sess.ID())
	}
	s.tell(sess.ID(), nil, over{})
}

// endedElsewhere takes note that another node has ended a conversation, and counted
// it: whatever comes next over the bridges of this node begins another one.
func (s *Server) endedElsewhere(id string) {
	s.settleAway(id)
	s.shadows.drop(id)
	s.later(func() { s.tell(id, nil, over{}) })
}

// settleAway says that a conversation which was left on this node goes on, or was
// counted, on another one.
func (s *Server) settleAway(id string) {
	s.mu.Lock()
	delete(s.away, id)
	s.mu.Unlock()
}

// endIdle ends the conversation of a bridge to which nobody spoke for so long,
// unless it goes on elsewhere: its owner knows.
func (s *Server) endIdle(sess *session.Session, b *bridge) {
	if sess.Owner() == "" && len(s.links(sess.ID(), b)) == 0 {
		s.endSession(sess, "idle")
	}
}

// storeWait bounds what is done in the store beside the messages.
const storeWait = 3 * time.Second

// forgetAway counts the sessions whose widgets have stayed away for the whole
// idle time as ended.
func (s *Server) forgetAway(now time.Time) {
	if s.cfg.Limits.Idle <= 0 {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for id, d := range s.away {
		if now.Sub(d.at) >= s.cfg.Limits.Idle {
			s.ended(d)
			delete(s.away, id)
		}
	}
}

// standing tells how a conversation stands now, and whether anything was said
// in it.
func (s *Server) standing(sess *session.Session) (d departed, spoken bool) {
	d.at = time.Now()
	sess.Do(func(book *session.Book) {
		spoken = book.Count() > 0
		if state, ok := book.State.(*rules.State); ok {
			set, _ := s.rules.Load().of(sess.ID())
			d.score, d.cards = state.Score(), set.Scorecards(state)
		}
		switch book.Floor {
		case session.Attune:
			d.ending = metrics.EndedWaiting
		case session.Agent, session.Nobody:
			d.ending = metrics.EndedWithAgent
		case session.Bot:
			d.ending = metrics.EndedWithBot
		}
	})
	return d, spoken
}
