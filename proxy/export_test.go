package proxy

import (
	"context"
	"time"
)

// TonePack has one rule of each kind that matters to replies in pieces.
const TonePack = tone

// ForgetPolls forgets the polling widgets of which nothing was heard since.
func (s *Server) ForgetPolls(since time.Time) { s.polls.sweep(since, false) }

// Mend compares floors and handoffs now.
func (s *Server) Mend(ctx context.Context) { s.desk.mend(ctx) }

// Unmended keeps floors and handoffs from being compared until the returned
// function is called.
func (s *Server) Unmended() (again func()) {
	s.desk.mending.Lock()
	return s.desk.mending.Unlock
}

// AgentLeaves lets an agent who was seen be away for some time.
func (s *Server) AgentLeaves(ctx context.Context, agent string, d time.Duration) error {
	if _, err := s.desk.board.Survey(ctx); err != nil {
		return err
	}
	s.desk.attend(time.Now())
	if err := s.desk.board.Leave(ctx, agent); err != nil {
		return err
	}
	s.desk.board.Refresh()
	if _, err := s.desk.board.Survey(ctx); err != nil {
		return err
	}
	s.desk.attend(time.Now().Add(d))
	return nil
}

// Seats looks at the queues and returns the free seats of two desks.
func (s *Server) Seats(ctx context.Context, one, two string) (int, int, error) {
	s.desk.board.Refresh()
	_, err := s.desk.board.Survey(ctx)
	return s.desk.available(one), s.desk.available(two), err
}

// Left reports whether the widget of a waiting session is gone, and with ago, if
// it is, lets that have been so long.
func (s *Server) Left(session string, ago time.Duration) bool {
	s.desk.mu.Lock()
	defer s.desk.mu.Unlock()
	if _, ok := s.desk.left[session]; !ok {
		return false
	}
	if ago > 0 {
		s.desk.left[session] = time.Now().Add(-ago)
	}
	return true
}

// LeftAnew reports whether a widget that was gone for an hour has begun to be so anew.
func (s *Server) LeftAnew(session string) bool {
	s.desk.mu.Lock()
	defer s.desk.mu.Unlock()
	at, ok := s.desk.left[session]
	return ok && time.Since(at) < time.Hour/2
}

// Lost is Left for a session that another node has, which may have died.
func (s *Server) Lost(session string, ago time.Duration) bool {
	s.desk.mu.Lock()
	defer s.desk.mu.Unlock()
	if _, ok := s.desk.lost[session]; !ok {
		return false
	}
	if ago > 0 {
		s.desk.lost[session] = time.Now().Add(-ago)
	}
	return true
}

// SweepAnnexes looks after the second backends now.
func (s *Server) SweepAnnexes() { s.desk.annexes.sweep() }

// Strays reports whether this node closes a socket to a second backend that it
// has for a session.
func (s *Server) Strays(ctx context.Context, session string) (closed bool, err error) {
	h, err := s.desk.board.Get(ctx, session)
	s.desk.annexes.check(&annex{h: h, stop: func() { closed = true }})
	return closed, err
}

// OpenFrom has all desks open at a time of today, for the next hours.
func (d *Desks) OpenFrom(at time.Time) {
	at = at.UTC()
	eight := 8 * 60 * 60
	zone := time.FixedZone("", eight-(at.Hour()*60+at.Minute())*60-at.Second())
	for id, k := range d.byID {
		k.zone, k.hours = zone, nil
		for day := range time.Saturday + 1 {
			k.hours = append(k.hours, span{day, 8 * 60, 24 * 60})
		}
		d.byID[id] = k
	}
}

// WasSeen has an agent have been seen so long ago.
func (s *Server) WasSeen(agent string, ago time.Duration) {
	s.desk.mu.Lock()
	defer s.desk.mu.Unlock()
	s.desk.attendance[agent] = time.Now().Add(-ago)
}

// Attend looks which agents are there, as if so much time had gone by.
func (s *Server) Attend(ctx context.Context, after time.Duration) error {
	s.desk.board.Refresh()
	if _, err := s.desk.board.Survey(ctx); err != nil {
		return err
	}
	s.desk.attend(time.Now().Add(after))
	return nil
}

// Staying is of how many customers Redis does not know that they chose the bot.
func (s *Server) Staying() int {
	s.desk.mu.Lock()
	defer s.desk.mu.Unlock()
	return len(s.desk.stayed)
}
