package handoff

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/redis/go-redis/v9"
)

const (
	// indexKey lists the open handoffs of all shards, so that an empty queue
	// costs one look. It is written after the shard's own queue and healed from
	// it.
	indexKey = "attune:{handoffs}:open"
	// scanKey is held by the node that heals the index.
	scanKey = "attune:{handoffs}:scan"
	// agentsKey has the agents that are present.
	agentsKey = "attune:{handoffs}:agents"
	// seenKey has those who were within the last hour.
	seenKey = "attune:{handoffs}:seen"
)

const (
	// fresh is how long a look at the queue serves everybody on this node.
	fresh = 500 * time.Millisecond
	// viewEvery, healEvery and reapEvery are the periods of Run.
	deliverEvery = time.Second
	viewEvery    = 2 * time.Second
	healEvery    = 30 * time.Second
	// healAgain is when it is tried again where Redis did not let it.
	healAgain = 2 * time.Second
)

// list puts an open handoff into the index; when that fails Run tries again.
func (b *Board) list(ctx context.Context, h Handoff) {
	pipe := b.cfg.Client.Pipeline()
	pipe.ZAdd(ctx, indexKey, redis.Z{Score: float64(h.RequestedAt.UnixMilli()), Member: h.Session})
	pipe.PExpire(ctx, indexKey, openTTL)
	_, err := pipe.Exec(ctx)
	b.mu.Lock()
	defer b.mu.Unlock()
	if err != nil {
		b.unlisted[h.Session] = h
		return
	}
	delete(b.unlisted, h.Session)
}

// unlist takes a closed handoff out of the index. What stays behind is found by
// the next look.
func (b *Board) unlist(ctx context.Context, h Handoff) {
	b.mu.Lock()
	delete(b.unlisted, h.Session)
	b.mu.Unlock()
	_ = b.scripts.unindex.Run(ctx, b.cfg.Client, []string{indexKey}, h.Session, h.RequestedAt.UnixMilli()).Err()
}

// Refresh makes the next look at the queue a new one. Callers that hear of a
// change on another node call it.
func (b *Board) Refresh() {
	b.mu.Lock()
	b.at, b.refreshed = time.Time{}, time.Now()
	b.mu.Unlock()
}

// Waiting returns all open handoffs, also those that an agent has (State.Waiting
// tells them apart), the one to take first at the head (order.go). One look serves all callers of this node for
// half a second, unless something changed through this board. With an error it
// returns what this node itself keeps.
func (b *Board) Waiting(ctx context.Context) ([]Handoff, error) {
	select {
	case b.looking <- struct{}{}:
		defer func() { <-b.looking }()
	case <-ctx.Done():
		return b.keptList(), fmt.Errorf("handoff: waiting: %w", ctx.Err())
	}
	b.mu.Lock()
	if time.Since(b.at) < fresh {
		defer b.mu.Unlock()
		return slices.Clone(b.open), nil
	}
	b.mu.Unlock()
	begin := time.Now()
	open, err := b.look(ctx)
	b.cfg.Observe("handoff_waiting", time.Since(begin), err)
	if err != nil {
		return b.keptList(), err
	}
	for _, h := range b.keptList() {
		if !slices.ContainsFunc(open, func(o Handoff) bool { return o.Session == h.Session }) {
			open = append(open, h)
		}
	}
	slices.SortFunc(open, sooner)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.open, b.at = open, begin
	if !begin.After(b.refreshed) { // it serves nobody else
		b.at = time.Time{}
	}
	return slices.Clone(open), nil
}

// look reads the index and the handoffs in it.
func (b *Board) look(ctx context.Context) ([]Handoff, error) {
	listed, err := b.cfg.Client.ZRangeWithScores(ctx, indexKey, 0, -1).Result()
	if err != nil {
		return nil, fmt.Errorf("%w: waiting: %w", ErrUnavailable, err)
	}
	if len(listed) == 0 {
		return nil, nil
	}
	sessions := make([]string, len(listed))
	for i, z := range listed {
		sessions[i], _ = z.Member.(string)
	}
	open, over, err := b.read(ctx, sessions)
	if err != nil {
		return nil, err
	}
	if len(over) > 0 {
		pipe := b.cfg.Client.Pipeline()
		for _, z := range listed {
			if session, _ := z.Member.(string); slices.Contains(over, session) {
				b.scripts.unindex.Eval(ctx, pipe, []string{indexKey}, session, int64(z.Score))
			}
		}
		_, _ = pipe.Exec(ctx) // the next look does it
	}
	return open, nil
}

// read reads the handoffs of sessions and says which of them are over.
func (b *Board) read(ctx context.Context, sessions []string) (open []Handoff, over []string, err error) {
	pipe := b.cfg.Client.Pipeline()
	cmds := make([]*redis.MapStringStringCmd, len(sessions))
	for i, s := range sessions {
		cmds[i] = pipe.HGetAll(ctx, b.keys(s)[0])
	}
	if _, err := pipe.Exec(ctx); err != nil {
		return nil, nil, fmt.Errorf("%w: waiting: %w", ErrUnavailable, err)
	}
	for i, c := range cmds {
		h, err := decode(c.Val())
		if err != nil || !h.State.Open() {
			over = append(over, sessions[i])
			continue
		}
		open = append(open, h)
	}
	return open, over, nil
}

// heal rebuilds the index from the queues of the shards and takes out of these
// what is over. One node does it at a time.
func (b *Board) heal(ctx context.Context) error {
	mine, err := b.cfg.Client.SetNX(ctx, scanKey, "1", healEvery-5*time.Second).Result()
	if err == nil && mine {
		if err = b.rebuild(ctx); err != nil {
			_ = b.cfg.Client.Del(ctx, scanKey).Err() // whoever comes next
		}
	}
	if err != nil {
		return fmt.Errorf("handoff: heal: %w", err)
	}
	return nil
}

func (b *Board) rebuild(ctx context.Context) error {
	pipe := b.cfg.Client.Pipeline()
	cmds := make([]*redis.StringSliceCmd, len(b.cfg.Shards))
	for i, p := range b.cfg.Shards {
		cmds[i] = pipe.ZRange(ctx, p+"q", 0, -1)
	}
	if _, err := pipe.Exec(ctx); err != nil {
		return err //nolint:wrapcheck // heal says what for
	}
	var sessions []string
	for _, c := range cmds {
		sessions = append(sessions, c.Val()...)
	}
	if len(sessions) == 0 {
		return nil
	}
	open, over, err := b.read(ctx, sessions)
	if err != nil {
		return err
	}
	pipe = b.cfg.Client.Pipeline()
	for _, h := range open {
		pipe.ZAdd(ctx, indexKey, redis.Z{Score: float64(h.RequestedAt.UnixMilli()), Member: h.Session})
	}
	for _, s := range over {
		b.scripts.prune.Eval(ctx, pipe, b.keys(s), s, openStates())
	}
	pipe.PExpire(ctx, indexKey, openTTL)
	if _, err := pipe.Exec(ctx); err != nil {
		return err //nolint:wrapcheck // heal says what for
	}
	b.Refresh()
	return nil
}

// Run queues the requests that waited in memory, keeps the overview, lets
// handoffs expire and heals the index, until ctx ends. It returns nil.
func (b *Board) Run(ctx context.Context) error {
	tick := time.NewTicker(deliverEvery)
	defer tick.Stop()
	var viewed, healed time.Time
	for {
		select {
		case <-ctx.Done():
			return nil
		case now := <-tick.C:
			b.deliver(ctx)
			if now.Sub(viewed) >= viewEvery {
				viewed = now
				_, _ = b.Survey(ctx)
			}
			if now.Sub(healed) >= healEvery {
				healed = now
				if err := errors.Join(b.heal(ctx), b.reap(ctx)); err != nil && ctx.Err() == nil {
					b.cfg.Logger.Debug("the queue was not healed", "error", err)
					healed = now.Add(healAgain - healEvery)
				}
			}
		}
	}
}

// Settle queues what still waits in memory, if Redis lets it. It is for the end,
// when Run is over and nobody asks for people any more.
func (b *Board) Settle(ctx context.Context) { b.deliver(ctx) }

// reap lets handoffs expire that have waited for too long.
func (b *Board) reap(ctx context.Context) error {
	if b.cfg.MaxWait < 0 {
		return nil
	}
	open, err := b.Waiting(ctx)
	if err != nil {
		return err
	}
	for _, h := range open {
		if !h.State.Waiting() || h.Card.Callback || time.Since(h.WaitsSince()) <= b.cfg.MaxWait {
			continue
		}
		if _, failed := b.Expire(ctx, h.Session, h.Token); !errors.Is(failed, ErrNone) && !errors.Is(failed, ErrState) {
			err = errors.Join(err, failed)
		}
	}
	return err
}
