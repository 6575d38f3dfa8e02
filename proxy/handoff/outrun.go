package handoff

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"
)

// Run delivers until ctx ends. What is in hand then is left to the other nodes,
// who may take it at once. It returns nil.
func (o *Outbox) Run(ctx context.Context) error {
	tick := time.NewTicker(min(outEvery, o.cfg.Lease/4))
	defer tick.Stop()
	var round round
	for {
		select {
		case <-ctx.Done():
			o.lanes.Wait()
			o.handBack(context.WithoutCancel(ctx))
			return nil
		case <-o.wake:
		case <-tick.C:
		}
		if err := o.look(ctx, &round, time.Now()); err != nil && ctx.Err() == nil {
			o.cfg.Logger.Debug("the outbox was not read", "error", err)
		}
	}
}

// round is when the parts of a look were done last.
type round struct{ taken, kept, measured, healed, buried time.Time }

// due reports whether a part is due, and notes that it is done.
func due(last *time.Time, now time.Time, every time.Duration) bool {
	if now.Sub(*last) < every {
		return false
	}
	*last = now
	return true
}

// look takes new mail and, from time to time, what dead nodes left.
func (o *Outbox) look(ctx context.Context, r *round, now time.Time) error {
	var faults []error
	if due(&r.kept, now, o.cfg.Lease/4) {
		faults = append(faults, o.keep(ctx))
	}
	if due(&r.healed, now, healEvery) {
		faults = append(faults, o.heal(ctx))
	}
	if due(&r.buried, now, buryLeases*o.cfg.Lease) {
		faults = append(faults, o.bury(ctx))
	}
	listed, err := o.cfg.Client.ZRangeWithScores(ctx, outKey, 0, -1).Result()
	if err != nil {
		return errors.Join(append(faults, err)...)
	}
	if due(&r.taken, now, o.cfg.Lease/4) {
		faults = append(faults, o.takeOver(ctx, listed))
	}
	faults = append(faults, o.take(ctx, listed))
	if due(&r.measured, now, viewEvery) {
		faults = append(faults, o.measure(ctx, listed))
	}
	return errors.Join(faults...)
}

// take reads what nobody has read, and forgets shards without mail.
func (o *Outbox) take(ctx context.Context, listed []redis.Z) error {
	room := o.room()
	if len(listed) == 0 || room <= 0 {
		return nil
	}
	begin := time.Now()
	page := int64(min(outPage, max(1, room/len(listed))))
	pipe := o.cfg.Client.Pipeline()
	reads := make([]*redis.XStreamSliceCmd, len(listed))
	sizes := make([]*redis.IntCmd, len(listed))
	for i, z := range listed {
		reads[i] = pipe.XReadGroup(ctx, &redis.XReadGroupArgs{
			Group: outGroup, Consumer: o.self, Streams: []string{shardOf(z) + "out", ">"}, Count: page, Block: -1,
		})
		sizes[i] = pipe.XLen(ctx, shardOf(z)+"out")
	}
	_, _ = pipe.Exec(ctx) // each answer has its own error
	var faults []error
	again := false
	for i, z := range listed {
		streams, err := reads[i].Result()
		switch {
		case err == nil:
			for _, s := range streams {
				again = again || len(s.Messages) == int(page)
				o.receive(ctx, shardOf(z), s.Messages, nil)
			}
		case redis.HasErrorPrefix(err, "NOGROUP"):
			// Without a stream this fails: it is listed for what was delivered long ago.
			err = o.cfg.Client.XGroupCreate(ctx, shardOf(z)+"out", outGroup, "0").Err()
			again = again || err == nil || redis.HasErrorPrefix(err, "BUSYGROUP")
		case !errors.Is(err, redis.Nil):
			faults = append(faults, err)
		}
		if n, err := sizes[i].Result(); err == nil && n == 0 {
			faults = append(faults, o.scripts.unindex.Run(ctx, o.cfg.Client, []string{outKey}, shardOf(z), int64(z.Score)).Err())
		}
	}
	if again && o.room() > 0 {
		select {
		case o.wake <- struct{}{}:
		default:
		}
	}
	err := errors.Join(faults...)
	o.cfg.Observe("outbox_read", time.Since(begin), err)
	return err
}

func shardOf(z redis.Z) string {
	s, _ := z.Member.(string)
	return s
}

// takeOver takes what silent nodes have in hand.
func (o *Outbox) takeOver(ctx context.Context, listed []redis.Z) error {
	for _, z := range listed {
		key := shardOf(z) + "out"
		for cursor := "0-0"; ; {
			if o.room() <= 0 {
				return nil
			}
			// An empty page is not the end; the cursor says when it is.
			entries, next, err := o.cfg.Client.XAutoClaim(ctx, &redis.XAutoClaimArgs{
				Stream: key, Group: outGroup, Consumer: o.self, MinIdle: o.cfg.Lease, Start: cursor, Count: outPage,
			}).Result()
			if redis.HasErrorPrefix(err, "NOGROUP") {
				break
			}
			if err != nil {
				return fmt.Errorf("handoff: take over: %w", err)
			}
			if len(entries) > 0 {
				tries, err := o.tries(ctx, key, entries)
				if err != nil {
					return err // it stays ours and is taken once more
				}
				o.receive(ctx, shardOf(z), entries, tries)
			}
			if cursor = next; cursor == "0-0" {
				break
			}
		}
	}
	return nil
}

// tries tells how often entries were tried.
func (o *Outbox) tries(ctx context.Context, key string, entries []redis.XMessage) (map[string]int, error) {
	pending, err := o.cfg.Client.XPendingExt(ctx, &redis.XPendingExtArgs{
		Stream: key, Group: outGroup, Start: entries[0].ID, End: entries[len(entries)-1].ID, Count: 10 * outPage, Consumer: o.self,
	}).Result()
	if err != nil {
		return nil, fmt.Errorf("handoff: take over: %w", err)
	}
	tries := make(map[string]int, len(pending))
	for _, p := range pending {
		tries[p.ID] = int(p.RetryCount)
	}
	return tries, nil
}

// nobodys is the reason of mail that no node wants.
const nobodys = "no such desk"

// receive puts mail into the lanes of its handoffs.
func (o *Outbox) receive(ctx context.Context, shard string, entries []redis.XMessage, tries map[string]int) {
	for _, e := range entries {
		m, ok := mailOf(shard, e)
		if ok && o.Tells(m.Desk) {
			m.Tries = max(tries[e.ID]-1, 0) // the taking over counts as one
			o.enqueue(ctx, m)
			continue
		}
		// Of a version or a configuration that is not this node's. It is left for
		// others, and given up when there are none.
		if time.Since(m.At) > DefaultGiveUp && o.cfg.Dead(ctx, m, nobodys) == nil {
			_ = o.finish(ctx, &m, nobodys) // whoever takes it over does it again
		}
	}
}

// room is how much more mail this node may have in hand.
func (o *Outbox) room() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return outHand - o.inHand
}

// measure notes how much waits.
func (o *Outbox) measure(ctx context.Context, listed []redis.Z) error {
	pipe := o.cfg.Client.Pipeline()
	sizes := make([]*redis.IntCmd, len(listed))
	firsts := make([]*redis.XMessageSliceCmd, len(listed))
	for i, z := range listed {
		sizes[i] = pipe.XLen(ctx, shardOf(z)+"out")
		firsts[i] = pipe.XRangeN(ctx, shardOf(z)+"out", "-", "+", 1)
	}
	if len(listed) > 0 {
		if _, err := pipe.Exec(ctx); err != nil {
			return fmt.Errorf("handoff: measure the outbox: %w", err)
		}
	}
	depth, oldest := 0, time.Time{}
	for i := range listed {
		depth += int(sizes[i].Val())
		for _, e := range firsts[i].Val() {
			if m, _ := mailOf("", e); !m.At.IsZero() && (oldest.IsZero() || m.At.Before(oldest)) {
				oldest = m.At
			}
		}
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.depth, o.oldest = depth, oldest
	return nil
}
