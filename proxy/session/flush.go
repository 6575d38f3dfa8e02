package session

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
)

const (
	// A script call writes at most so many sessions, a round trip at most so many
	// bytes, and between two trips is a breath: nothing holds Redis, or the
	// processors that messages wait for, for long.
	maxSessionsACall = 64
	maxBytesATrip    = 64 << 10
	breath           = time.Millisecond
	// minFlush is the least time between two flushes: what asks for one at once
	// is answered together.
	minFlush = 10 * time.Millisecond
	// flushSlices is in how many goes the shards are stored, one after the other,
	// when each has flushSlice of time: what many sessions have said is not encoded
	// all at once, which messages would wait for.
	flushSlices = 32
	flushSlice  = 25 * time.Millisecond
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
	slices := int(min(max(s.cfg.Flush/flushSlice, 1), flushSlices))
	tick := time.NewTicker(s.cfg.Flush / time.Duration(slices))
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
			_ = s.flush(ctx, shardsFrom(slice*Shards/slices, (slice+1)*Shards/slices), breath)
			slice = (slice + 1) % slices
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
func (s *Store) Flush(ctx context.Context) error { return s.flush(ctx, shardsFrom(0, Shards), 0) }

// shardsFrom lists the shards up to the one before to.
func shardsFrom(from, to int) []int {
	list := make([]int, 0, to-from)
	for i := from; i < to; i++ {
		list = append(list, i)
	}
	return list
}

// flush stores what changed in some of the shards, with a rest between two trips.
func (s *Store) flush(ctx context.Context, shards []int, rest time.Duration) error {
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
		if len(list) > 0 {
			pause(ctx, rest)
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
