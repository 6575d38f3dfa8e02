package session

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
)

const (
	// A script call writes at most so many sessions and bytes, a round trip at
	// most so many bytes: nothing holds Redis for long.
	maxSessionsACall = 64
	maxBytesACall    = 256 << 10
	maxBytesATrip    = 1 << 20
	// turnRoom is what an encoded turn mostly takes besides its texts.
	turnRoom = 128
	// minFlush is the least time between two flushes: what asks for one at once
	// is answered together.
	minFlush = 20 * time.Millisecond
	// flushSlices is in how many goes the shards are stored, one after the other:
	// what many sessions have said is not encoded all at once.
	flushSlices = 4
	// sweepEvery is how often sessions that nobody needs are let go.
	sweepEvery = 5 * time.Second
)

// Run stores what changed, hears the other nodes and, when the store is
// embedded, moves its clock, until ctx ends. It flushes once more, waits for
// all it started and returns nil.
func (s *Store) Run(ctx context.Context) error {
	var wg sync.WaitGroup
	wg.Go(func() { s.post(ctx) })
	if s.embedded != nil {
		wg.Go(func() {
			t := time.NewTicker(time.Second)
			defer t.Stop()
			for {
				select {
				case <-ctx.Done():
					return
				case now := <-t.C:
					s.embedded.tick(now)
				}
			}
		})
	} else {
		wg.Go(func() { s.subscribe(ctx) })
		wg.Go(func() { s.beat(ctx) })
		wg.Go(func() { s.settleDoubts(ctx) })
		wg.Go(func() { s.hand(ctx) })
	}
	tick := time.NewTicker(s.cfg.Flush / flushSlices)
	defer tick.Stop()
	swept, slice := time.Now(), 0
	for ctx.Err() == nil {
		// What goes wrong is observed, and tried again with the next tick.
		select {
		case <-ctx.Done():
			continue
		case <-s.kick:
			_ = s.Flush(ctx)
		case <-tick.C:
			_ = s.flush(ctx, shardsFrom(slice*Shards/flushSlices, (slice+1)*Shards/flushSlices))
			slice = (slice + 1) % flushSlices
		}
		if now := time.Now(); now.Sub(swept) >= sweepEvery {
			swept = now
			s.sweep(now)
		}
		pause(ctx, minFlush)
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.cfg.stretch(finalTimeout))
	defer cancel()
	if err := s.Flush(last); err != nil {
		s.cfg.Logger.Warn("the last changes were not stored", "error", err)
	}
	wg.Wait()
	if s.embedded == nil {
		s.giveUpLease(last)
	}
	return nil
}

// Flush stores everything that changed until now. Run does it by itself; it is
// for those who must know that it is done.
func (s *Store) Flush(ctx context.Context) error { return s.flush(ctx, shardsFrom(0, Shards)) }

// shardsFrom lists the shards up to the one before to.
func shardsFrom(from, to int) []int {
	list := make([]int, 0, to-from)
	for i := from; i < to; i++ {
		list = append(list, i)
	}
	return list
}

// flush stores what changed in some of the shards.
func (s *Store) flush(ctx context.Context, shards []int) error {
	select {
	case s.flushing <- struct{}{}:
		defer func() { <-s.flushing }()
	case <-ctx.Done():
		return fmt.Errorf("session: flush: %w", ctx.Err())
	}
	if s.Degraded() {
		if err := s.recovered(ctx); err != nil {
			return err
		}
	}
	list := s.collect(shards)
	if len(list) == 0 {
		return nil
	}
	if err := s.loadAll(ctx, list); err != nil {
		s.putBack(list)
		return err
	}
	var errs []error
	for len(list) > 0 {
		var err error
		list, err = s.trip(ctx, list)
		errs = append(errs, err)
		if err != nil && s.Degraded() {
			s.putBack(list)
			break
		}
	}
	return errors.Join(errs...)
}

// recovered finds out whether Redis is there again.
func (s *Store) recovered(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, s.cfg.stretch(ioTimeout))
	defer cancel()
	if s.probe != nil {
		if err := s.probe(ctx); err != nil {
			return fmt.Errorf("%w: %w", ErrDegraded, err)
		}
	}
	if s.embedded != nil {
		return s.Ping(ctx)
	}
	// One that is full, or has become a replica, answers pings and takes nothing.
	begin := time.Now()
	err := s.client.Set(ctx, leaseKey("probe"), "", s.cfg.Lease).Err()
	s.note("ping", begin, err)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrDegraded, err)
	}
	return nil
}

// collect takes the dirty sessions of some shards, shard by shard.
func (s *Store) collect(shards []int) []*Session {
	var list []*Session
	for _, i := range shards {
		sh := &s.shards[i]
		sh.dirtyMu.Lock()
		list = append(list, sh.dirty...)
		clear(sh.dirty)
		sh.dirty = sh.dirty[:0]
		sh.dirtyMu.Unlock()
	}
	return list
}

// putBack makes sessions dirty again, in their order. They are still marked.
func (s *Store) putBack(list []*Session) {
	for _, sess := range list {
		s.enqueue(sess)
	}
}

// dropGone takes the sessions that were let go off the lists.
func (s *Store) dropGone() {
	for i := range s.shards {
		sh := &s.shards[i]
		sh.dirtyMu.Lock()
		list := sh.dirty
		sh.dirty = nil
		sh.dirtyMu.Unlock()
		for _, sess := range list {
			sess.mu.Lock()
			gone := sess.gone
			if gone {
				sess.dirty = false
				s.dropped.Add(uint64(len(sess.book.turns) - sess.book.stored)) //nolint:gosec // a length
				sess.book.clear()
			}
			sess.mu.Unlock()
			if !gone {
				s.enqueue(sess)
			}
		}
	}
}

// loadAll loads the sessions of a flush whose bridges gave up waiting.
func (s *Store) loadAll(ctx context.Context, list []*Session) error {
	var missing []*Session
	for _, sess := range list {
		sess.mu.Lock()
		if !sess.loaded {
			missing = append(missing, sess)
		}
		sess.mu.Unlock()
	}
	if len(missing) == 0 {
		return nil
	}
	begin := time.Now()
	recs, err := s.fetch(ctx, missing)
	s.note("load", begin, err)
	if err != nil {
		return err
	}
	for i, sess := range missing {
		sess.mu.Lock()
		changed := sess.fill(recs[i])
		e := sess.floorEvent()
		sess.mu.Unlock()
		if changed {
			s.handle(e)
		}
	}
	return nil
}

// renewEvery is how often the keys of a session in use are told to live on, and
// ttl how long: they outlive the last turn by IdleTTL, and by that much more at
// most.
func (s *Store) renewEvery() time.Duration { return s.cfg.IdleTTL / 16 }

func (s *Store) ttl() time.Duration { return s.cfg.IdleTTL + s.renewEvery() }

// written is what a flush wrote of one session.
type written struct {
	sess *Session
	gen  uint64 // of the conversation that was written
	// last is the number of the latest turn, fresh how many turns were sent.
	last  uint64
	fresh int
	epoch uint64
	// handed: the owner to be waits for it.
	handed bool
	// renewed is when the keys were told how long to live, 0 when they were not.
	renewed int64
	// turns are the new ones, when somebody watches.
	turns []Turn
}

// part is one script call and the sessions in it.
type part struct {
	call
	shard    int
	bytes    int
	sessions []written
}

// trip writes as many of the sessions as fit into one round trip and returns
// the others. What could not be written is dirty again.
func (s *Store) trip(ctx context.Context, list []*Session) ([]*Session, error) {
	ctx, cancel := context.WithTimeout(ctx, s.cfg.stretch(callTimeout))
	defer cancel()
	var parts []*part
	total := 0
	for len(list) > 0 && total < maxBytesATrip {
		sess := list[0]
		list = list[1:]
		shard := Shard(sess.id)
		p := (*part)(nil)
		if n := len(parts); n > 0 {
			p = parts[n-1]
		}
		if p == nil || p.shard != shard || len(p.sessions) >= maxSessionsACall || p.bytes >= maxBytesACall {
			p = &part{shard: shard}
			p.args = []any{s.instance, s.ttl().Milliseconds(), MaxTurns}
			parts = append(parts, p)
		}
		before := p.bytes
		if !s.snapshot(sess, p) {
			continue
		}
		total += p.bytes - before
	}
	parts = slices.DeleteFunc(parts, func(p *part) bool { return len(p.sessions) == 0 })
	if len(parts) == 0 {
		return list, nil
	}
	calls := make([]*call, len(parts))
	for i, p := range parts {
		calls[i] = &p.call
	}
	begin := time.Now()
	err := runAll(ctx, s.client, s.scripts.flush, calls)
	s.note("flush", begin, err)
	var events []Event
	for _, p := range parts {
		answers, failed := p.cmd.Slice()
		for i, w := range p.sessions {
			if failed != nil || i >= len(answers) {
				s.again(w)
				continue
			}
			answer, _ := answers[i].([]any)
			events = append(events, s.settle(w, answer)...)
		}
	}
	s.publishAll(ctx, events)
	return list, err
}

// snapshot adds what a session has to store to a call; false when it has nothing.
func (s *Store) snapshot(sess *Session, p *part) bool {
	sess.mu.Lock()
	defer sess.mu.Unlock()
	if !sess.dirty {
		return false
	}
	b := &sess.book
	sess.dirty = false
	state, err := b.State.MarshalBinary()
	if err != nil {
		s.cfg.Logger.Error("the state cannot be stored", "session", sess.id, "error", err)
	}
	if sess.owner != "" && !sess.handing {
		state = nil // the owner's is stored
	}
	meta := appendMeta(nil, &b.Meta)
	fresh := b.turns[b.stored:]
	w := written{sess: sess, gen: sess.gen, last: b.last, epoch: b.Epoch, fresh: len(fresh), handed: sess.handing}
	sess.handing = false
	now, renew := time.Now(), 0
	if sess.ver == 0 || now.UnixMilli()-sess.renewed >= s.renewEvery().Milliseconds() {
		renew, w.renewed = 1, now.UnixMilli()
	}
	p.keys = append(p.keys, recordKey(sess.id), turnsKey(sess.id), tombKey(sess.id))
	p.args = append(p.args, sess.gen, sess.ver, b.count, state, meta,
		b.Floor.String(), b.Epoch, b.Holder, sess.outcome, w.last, renew, len(fresh))
	p.bytes += len(state) + len(meta) + 256
	watched := now.Before(sess.watched)
	for i := range fresh {
		t := b.named(&fresh[i])
		data := appendTurn(make([]byte, 0, turnRoom+len(t.Text)+len(t.Sent)), &t)
		p.args = append(p.args, fresh[i].seq, data)
		p.bytes += len(data)
		if watched {
			w.turns = append(w.turns, t)
		}
	}
	p.sessions = append(p.sessions, w)
	return true
}

// again puts a session that was not written back on the list.
func (s *Store) again(w written) {
	w.sess.mu.Lock()
	w.sess.handing = w.sess.handing || w.handed && w.sess.owner != ""
	w.sess.mark()
	w.sess.mu.Unlock()
}

// settle draws the conclusions of what the script said about one session and
// returns what other nodes should know.
func (s *Store) settle(w written, answer reply) []Event {
	sess := w.sess
	var events []Event
	sess.mu.Lock()
	if sess.gen != w.gen { // erased or ended meanwhile: the answer is about what is no more
		sess.mu.Unlock()
		return nil
	}
	changed := false
	switch answer.int(0) {
	case flushDone, flushConflict:
		sess.ver = answer.uint(1)
		if w.renewed > 0 {
			sess.renewed = w.renewed
		}
		if floor, err := ParseFloor(answer.str(3)); err == nil {
			changed = sess.learn(floor, answer.uint(2), answer.str(4))
		}
		if answer.int(0) == flushConflict {
			sess.contest(answer.str(7))
			sess.meet(answer.str(6), int(answer.int(5))-w.fresh, w.handed)
		}
		sess.book.trim(w.last)
		sess.book.count = int(answer.int(5)) + len(sess.book.turns) - sess.book.stored
		if w.epoch > sess.announced {
			sess.announced = w.epoch
			if !changed && w.epoch > 0 {
				// As it is stored: the floor may have been taken here since.
				e := sess.floorEvent()
				e.Epoch, e.Holder = answer.uint(2), answer.str(4)
				if floor, err := ParseFloor(answer.str(3)); err == nil {
					e.Floor = floor
				}
				events = append(events, e)
			}
		}
		if len(w.turns) > 0 {
			events = append(events, Event{Session: sess.id, Kind: KindTurns, Node: s.instance, Turns: w.turns})
		}
	case flushErased:
		if gen := answer.uint(1); sess.gen <= gen {
			sess.mu.Unlock()
			sess.purge(gen)
			sess.mu.Lock()
		}
	case flushEnded:
		if !sess.ended {
			// A conversation that began elsewhere since is joined.
			sess.gen, sess.ver = answer.uint(1)+answer.uint(2), 0
			sess.mark()
		}
	case flushLost:
		sess.renew()
		sess.mark()
	default:
		sess.mark()
	}
	over := sess.ended && !sess.dirty
	e := sess.floorEvent()
	sess.mu.Unlock()
	if changed {
		s.handle(e)
	}
	if over {
		s.finished(sess)
	}
	for _, e := range events {
		if e.Kind == KindTurns {
			s.handle(e)
		}
	}
	if s.embedded != nil {
		s.evict(sess.id)
	}
	return events
}

// evict keeps the embedded store within its bound: the sessions longest
// unwritten go first, those in use last.
func (s *Store) evict(id string) {
	held := func(id string) bool { _, ok := s.Live(id); return ok }
	for _, old := range s.embedded.wrote(id, time.Now(), held) {
		ctx, cancel := context.WithTimeout(context.Background(), s.cfg.stretch(callTimeout))
		begin := time.Now()
		err := s.client.Del(ctx, recordKey(old), turnsKey(old)).Err()
		cancel()
		s.note("erase", begin, err)
	}
}

// dialProbe tries the way to a single server.
func dialProbe(o *redis.UniversalOptions) func(ctx context.Context) error {
	dial, network, addr := o.Dialer, "tcp", o.Addrs[0]
	if dial == nil {
		dial = (&net.Dialer{}).DialContext
	}
	return func(ctx context.Context) error {
		c, err := dial(ctx, network, addr)
		if err != nil {
			return fmt.Errorf("dial: %w", err)
		}
		return c.Close()
	}
}

func isNil(err error) bool { return errors.Is(err, redis.Nil) }

// timeout reports whether a read only had nothing to read.
func timeout(err error) bool {
	var n net.Error
	return errors.Is(err, os.ErrDeadlineExceeded) || errors.As(err, &n) && n.Timeout()
}

// pause waits, or returns early when ctx ends.
func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}
