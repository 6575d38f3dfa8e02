package session

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Live returns the session when this node holds it.
func (s *Store) Live(id string) (*Session, bool) {
	sh := s.shard(id)
	sh.mu.Lock()
	defer sh.mu.Unlock()
	sess, ok := sh.live[id]
	return sess, ok
}

// Sessions is how many sessions this node holds, those without a bridge
// included.
func (s *Store) Sessions() int {
	n := 0
	for i := range s.shards {
		s.shards[i].mu.Lock()
		n += len(s.shards[i].live)
		s.shards[i].mu.Unlock()
	}
	return n
}

// Full reports whether the embedded store has no room for another session. A
// Redis has no such bound.
func (s *Store) Full() bool {
	return s.embedded != nil && s.Sessions() >= s.cfg.MaxEmbedded
}

// Attach returns the session for one more bridge of this node, making it when
// this node does not hold it. fresh says that nothing can be stored about it (its
// binding was made just now), so that nothing has to be loaded. Every Attach
// has its Detach.
func (s *Store) Attach(id string, fresh bool) *Session {
	sh := s.shard(id)
	sh.mu.Lock()
	defer sh.mu.Unlock()
	if sess, ok := sh.live[id]; ok {
		sess.mu.Lock()
		sess.bridges++
		sess.mu.Unlock()
		return sess
	}
	now := time.Now()
	sess := &Session{id: id, store: s, bridges: 1, idle: now, loaded: fresh, settled: fresh || s.embedded != nil, gen: 1}
	sess.book = Book{session: sess, State: s.cfg.NewState(), Meta: Meta{Started: now, Seen: now}}
	if last, ok := sh.ending[id]; ok {
		// The conversation before has ended, but Redis does not know it yet.
		last.mu.Lock()
		sess.loaded, sess.gen = last.loaded, last.gen+1
		sess.book.Epoch = last.book.Epoch
		if last.book.Floor != Bot {
			sess.book.Epoch++
		}
		sess.announced = sess.book.Epoch
		last.mu.Unlock()
	}
	if sh.live == nil {
		sh.live = map[string]*Session{}
	}
	sh.live[id] = sess
	return sess
}

// Detach says that a bridge of the session is gone. With the last one the
// session is flushed at once and kept for half a minute, for a widget that
// reconnects here.
func (s *Store) Detach(sess *Session) {
	sess.mu.Lock()
	sess.bridges--
	last := sess.bridges <= 0
	sess.idle = time.Now()
	dirty := sess.dirty
	sess.mu.Unlock()
	if last && dirty {
		s.wake()
	}
}

// known is Load for somebody who is no bridge: it leaves the session with its owner.
func (s *Store) known(ctx context.Context, sess *Session) error {
	sess.mu.Lock()
	loaded := sess.loaded
	sess.mu.Unlock()
	if loaded {
		return nil
	}
	_, err := s.Load(ctx, sess)
	return err
}

// Load fills the session with what is stored, once: of several bridges one asks
// and the others wait for its answer. found says whether the conversation was
// known. It returns at once when there is nothing to ask. With an error (the
// context's, ErrDegraded) the session goes on as a new one; the answer is asked
// for again with the next flush and merged: turns are joined, the newer floor
// stands, the states are given to Config.Merge.
func (s *Store) Load(ctx context.Context, sess *Session) (found bool, err error) {
	for {
		sess.mu.Lock()
		if wait := sess.loading; wait != nil {
			sess.mu.Unlock()
			select {
			case <-wait:
				continue // the one that asked may have given up: the next one asks
			case <-ctx.Done():
				return false, fmt.Errorf("session: load: %w", ctx.Err())
			}
		}
		if sess.loaded {
			found, settled := sess.found, sess.settled && sess.owner == ""
			sess.mu.Unlock()
			if !settled { // the customer is here now
				err = s.Doubt(ctx, sess)
			}
			return found, err
		}
		if s.Degraded() {
			sess.mark()
			sess.mu.Unlock()
			s.doubt(sess)
			return false, ErrDegraded
		}
		break
	}
	done := make(chan struct{})
	sess.loading = done
	sess.mu.Unlock()

	begin := time.Now()
	recs, err := s.fetch(ctx, []*Session{sess})
	s.noteIn(ctx, "load", begin, err) // slow is not gone: the flush will see
	sess.mu.Lock()
	if err == nil {
		sess.fill(recs[0])
	}
	sess.mu.Unlock()
	if err == nil { // what is stored is there, whatever its owner says to that
		s.take(ctx, sess, recs[0])
	} else {
		s.doubt(sess)
	}
	sess.mu.Lock()
	defer sess.mu.Unlock()
	sess.loading = nil
	close(done)
	if err != nil {
		sess.mark()
		s.wake()
		return false, fmt.Errorf("session: load: %w", err)
	}
	return sess.found, nil
}

// End ends the conversation: it is stored as over and leaves this node's
// memory; later traffic of the same customer key is a new conversation. outcome
// is a word of the caller's ("idle", "closed", …). With an error the end is
// kept and stored when Redis is back.
func (s *Store) End(ctx context.Context, sess *Session, outcome string) error {
	if outcome == "" {
		outcome = "ended"
	}
	if !s.conclude(sess, outcome, true) {
		return nil
	}
	err := s.Flush(ctx)
	sess.mu.Lock()
	gen := sess.gen // the flush may have had to look first
	sess.mu.Unlock()
	if post := s.Post(Event{Session: sess.id, Kind: KindEnd, Text: outcome, Gen: gen}); post != nil {
		err = errors.Join(err, post)
	}
	return err
}

// conclude takes an ended session out of this node's memory, but for what is to be
// stored of it: with write the end itself. It reports false when it had ended before.
func (s *Store) conclude(sess *Session, outcome string, write bool) (first bool) {
	sess.mu.Lock()
	if sess.ended {
		sess.mu.Unlock()
		return false
	}
	sess.ended, sess.outcome, sess.idle = true, outcome, time.Now()
	sess.unconfirmed = nil
	if write {
		sess.mark()
	}
	waits := sess.dirty
	sess.mu.Unlock()

	sh := s.shard(sess.id)
	sh.mu.Lock()
	defer sh.mu.Unlock()
	if sh.live[sess.id] == sess {
		delete(sh.live, sess.id)
	}
	if waits {
		if sh.ending == nil {
			sh.ending = map[string]*Session{}
		}
		sh.ending[sess.id] = sess
	}
	return true
}

// over ends a conversation that was ended on another node, if this one holds it and
// not the one that came after it.
func (s *Store) over(sess *Session, gen uint64, outcome string) {
	sess.mu.Lock()
	this := sess.loaded && sess.gen == gen
	sess.mu.Unlock()
	if this {
		s.conclude(sess, outcome, false)
	}
}

// finished takes an ended session from the ones that wait.
func (s *Store) finished(sess *Session) {
	sh := s.shard(sess.id)
	sh.mu.Lock()
	defer sh.mu.Unlock()
	if sh.ending[sess.id] == sess {
		delete(sh.ending, sess.id)
	}
}

// sweep lets go of the sessions that nobody needs here: without a bridge and
// stored as a whole, or without a bridge for longer than they live. Of the others
// those that are quiet give back what they do not need.
func (s *Store) sweep(now time.Time) {
	for i := range s.shards {
		sh := &s.shards[i]
		sh.mu.Lock()
		for id, sess := range sh.live {
			sess.mu.Lock()
			away := now.Sub(sess.idle)
			if sess.bridges <= 0 && (away > grace && !sess.dirty && !sess.remembers(now) || away > s.cfg.IdleTTL) {
				delete(sh.live, id)
				sess.gone = sess.dirty
			} else if !sess.dirty {
				sess.book.rest()
			}
			sess.mu.Unlock()
		}
		for id, sess := range sh.ending {
			sess.mu.Lock()
			if now.Sub(sess.idle) > s.cfg.IdleTTL {
				delete(sh.ending, id)
				sess.gone = true
			}
			sess.mu.Unlock()
		}
		sh.mu.Unlock()
	}
	if s.Degraded() {
		s.dropGone()
	}
	if s.embedded != nil {
		s.embedded.forget(now.Add(-s.cfg.IdleTTL))
	}
}

// Erase forgets a session everywhere: what is stored, what this node holds and,
// by an event, what other nodes hold. A tombstone stays for a day, so that a
// node that missed the event cannot write it again. Bridges that are open go on
// with a new, empty conversation. What this node holds is gone even with an
// error; then Erase must be called again.
func (s *Store) Erase(ctx context.Context, id string) error {
	gen := uint64(0)
	if sess, ok := s.Live(id); ok {
		sess.mu.Lock()
		gen = sess.gen
		sess.mu.Unlock()
		sess.purge(gen)
	}
	e := Event{Session: id, Kind: KindErase, Node: s.instance, Gen: unknown}
	before, after, err := split(e)
	if err != nil {
		return err
	}
	k := &call{
		keys: []string{recordKey(id), turnsKey(id), tombKey(id), unconfirmedKey(id)},
		args: []any{gen, tombTTL.Milliseconds(), bus, before, after},
	}
	begin := time.Now()
	err = runAll(ctx, s.client, s.scripts.erase, []*call{k})
	s.note("erase", begin, err)
	if err != nil {
		return fmt.Errorf("session: erase: %w", err)
	}
	n, err := k.cmd.Int64()
	if err != nil {
		return fmt.Errorf("session: erase: %w", err)
	}
	e.Gen = uint64(max(n, 0))
	s.handle(e)
	return nil
}

// purge forgets what the session held up to a generation.
func (s *Session) purge(gen uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.gen > gen {
		return
	}
	s.book.clear()
	s.unconfirmed = nil
	m := &s.book.Meta
	m.Started, m.Seen = time.Now(), time.Now()
	s.gen, s.ver, s.loaded, s.found = gen+1, 0, true, false
	s.dirty, s.erased = false, true
}
