package session

import (
	"context"
	"slices"
	"time"
)

// A node that wants a session knocks at its owner, and judges from then on; the
// owner stores what it has and answers.

// letGo is what became of asking the owner of a session for it.
type letGo struct {
	free bool   // nobody else owns it now
	left string // the owner until now, when it has no bridge of the session any more
}

const (
	// knockWait is how long an owner may take to store what it has of a session
	// when nobody waits for that; knockBriefly when a customer does.
	knockWait    = 200 * time.Millisecond
	knockBriefly = 25 * time.Millisecond
	// silence is how long a node that did not answer is not asked briefly again:
	// it is likely dead, and its lease will run out.
	silence = time.Second
)

// knock asks the owners of sessions for them.
func (s *Store) knock(ctx context.Context, list []*Session, recs []record, alive map[string]bool, patient bool) []letGo {
	wait := knockBriefly
	if patient {
		wait = knockWait
	}
	out := make([]letGo, len(list))
	var asks []Event
	var of []int
	for i, r := range recs {
		owner := ""
		if len(r.holders.nodes) > 0 {
			owner = r.holders.nodes[0]
		}
		if owner == "" || owner == s.instance || !alive[owner] {
			out[i].free = true
			continue
		}
		if until, ok := s.silent.Load(owner); ok && !patient && time.Now().Before(until.(time.Time)) { //nolint:forcetypeassert // only times are stored
			continue
		}
		asks, of = append(asks, Event{Session: list[i].id, Kind: KindKnock, To: owner}), append(of, i)
	}
	brief, cancel := context.WithTimeout(ctx, s.cfg.stretch(wait))
	defer cancel()
	for j, answer := range s.askAll(brief, asks) {
		if answer == nil {
			if ctx.Err() == nil { // else it had not the whole time to answer
				s.silent.Store(asks[j].To, time.Now().Add(silence))
			}
			continue
		}
		out[of[j]].free = true
		if answer.Text == "" {
			out[of[j]].left = answer.Node
		}
	}
	return out
}

// knocked takes note that another node wants the session: from now on that one
// judges, and gets the state as soon as it is stored. Called by handle.
func (s *Store) knocked(e Event) {
	if sess, ok := s.Live(e.Session); ok {
		sess.mu.Lock()
		if sess.bridges > 0 {
			e.Text = "stays"
		}
		// Once it was sent, the state is the other's.
		sess.owner, sess.shared, sess.settled, sess.handing = e.Node, true, true, sess.dirty
		sess.mu.Unlock()
	}
	select {
	case s.knocks <- e:
	default: // the other one asks again
	}
}

// hand stores what this node has of the sessions that others want, and says so,
// until ctx ends.
func (s *Store) hand(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case e := <-s.knocks:
			batch := []Event{e}
			for len(s.knocks) > 0 && len(batch) < maxSessionsACall {
				batch = append(batch, <-s.knocks)
			}
			if err := s.handOver(ctx, batch); err != nil {
				continue
			}
			answers := make([]Event, len(batch))
			for i, e := range batch {
				answers[i] = Event{Session: e.Session, Kind: KindAnswer, Node: s.instance, To: e.Node, Token: e.Token, Text: e.Text}
			}
			s.publishAll(ctx, answers)
		}
	}
}

// handOver stores the sessions that others knocked for: a second time where
// somebody else had written meanwhile, and the states had to be joined first.
func (s *Store) handOver(ctx context.Context, knocks []Event) error {
	shards := make([]int, 0, len(knocks))
	for _, e := range knocks {
		shards = append(shards, Shard(e.Session))
	}
	slices.Sort(shards)
	shards = slices.Compact(shards)
	if err := s.flush(ctx, shards, 0); err != nil {
		return err
	}
	again := slices.ContainsFunc(knocks, func(e Event) bool {
		sess, ok := s.Live(e.Session)
		return ok && sess.isHanding()
	})
	if again {
		return s.flush(ctx, shards, 0)
	}
	return nil
}

func (s *Session) isHanding() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.handing
}
