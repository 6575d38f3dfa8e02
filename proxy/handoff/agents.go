package handoff

import (
	"context"
	"fmt"
	"time"
)

// Queue is how one desk stands.
type Queue struct {
	// Depth is how many wait.
	Depth int
	// Oldest is since when the first of them waits; zero when nobody does.
	Oldest time.Time
	// Taken is how many an agent has.
	Taken int
}

// Overview is how the board stands: what offers and metrics go by.
type Overview struct {
	// At is when it was taken; zero = never.
	At time.Time
	// Agents is how many agents are present, Available how many more
	// conversations they can take.
	Agents, Available int
	// Present are the names of the agents who are there, Seen those of who was
	// within the last hour, the former included.
	Present, Seen []string
	Desks         map[string]Queue
}

// Depth is how many wait at all desks.
func (o *Overview) Depth() int {
	n := 0
	for _, q := range o.Desks {
		n += q.Depth
	}
	return n
}

// Wait is how long somebody who asks now must expect to wait, at least: nothing
// when an agent is free and nobody waits, otherwise as long as the first in the
// queue has waited already.
func (o *Overview) Wait(now time.Time) time.Duration {
	var oldest time.Time
	for _, q := range o.Desks {
		if !q.Oldest.IsZero() && (oldest.IsZero() || q.Oldest.Before(oldest)) {
			oldest = q.Oldest
		}
	}
	if oldest.IsZero() {
		return 0
	}
	return max(0, now.Sub(oldest))
}

// Overview returns the latest survey without asking Redis. Run takes one every
// two seconds; when Redis is gone the last one stands (Overview.At).
func (b *Board) Overview() Overview { return *b.view.Load() }

// Survey looks at queue and agents now and returns what it saw.
func (b *Board) Survey(ctx context.Context) (Overview, error) {
	open, err := b.Waiting(ctx)
	if err != nil {
		return b.Overview(), err
	}
	present, seen, err := b.present(ctx, "", false)
	if err != nil {
		return b.Overview(), err
	}
	v := Overview{At: time.Now(), Agents: len(present), Present: present, Seen: seen, Desks: map[string]Queue{}}
	busy := map[string]int{}
	for _, h := range open {
		q := v.Desks[h.Desk]
		if h.State.Taken() {
			q.Taken++
			busy[h.Agent]++
		} else {
			q.Depth++
			if since := h.WaitsSince(); q.Oldest.IsZero() || since.Before(q.Oldest) {
				q.Oldest = since
			}
		}
		v.Desks[h.Desk] = q
	}
	for _, agent := range present {
		v.Available += max(0, b.cfg.Capacity-busy[agent])
	}
	b.view.Store(&v)
	return v, nil
}

// Queues returns how each desk with an open handoff stands.
func (b *Board) Queues(ctx context.Context) (map[string]Queue, error) {
	v, err := b.Survey(ctx)
	return v.Desks, err
}

// Present says that an agent is there. It is said every ten seconds and holds
// for 25.
func (b *Board) Present(ctx context.Context, agent string) error {
	_, _, err := b.present(ctx, agent, false)
	return err
}

// Leave says that an agent has gone.
func (b *Board) Leave(ctx context.Context, agent string) error {
	_, _, err := b.present(ctx, agent, true)
	return err
}

// Agents returns how many agents are there, on all nodes.
func (b *Board) Agents(ctx context.Context) (int, error) {
	list, _, err := b.present(ctx, "", false)
	return len(list), err
}

// Available returns how many more conversations the agents that are there can
// take. Where a customer waits for the answer use Overview.
func (b *Board) Available(ctx context.Context) (int, error) {
	v, err := b.Survey(ctx)
	return v.Available, err
}

func (b *Board) present(ctx context.Context, agent string, leave bool) (present, seen []string, err error) {
	gone := "0"
	if leave {
		gone = "1"
	}
	begin := time.Now()
	answer, err := b.scripts.present.Run(ctx, b.cfg.Client, []string{agentsKey, seenKey},
		agent, presence.Milliseconds(), gone, seenFor.Milliseconds()).Slice()
	b.cfg.Observe("handoff_agents", time.Since(begin), err)
	if err != nil {
		return nil, nil, fmt.Errorf("%w: agents: %w", ErrUnavailable, err)
	}
	names := func(i int) (out []string) {
		list, _ := answer[i].([]any)
		for _, name := range list {
			if name, ok := name.(string); ok {
				out = append(out, name)
			}
		}
		return out
	}
	if len(answer) != 2 {
		return nil, nil, fmt.Errorf("handoff: agents: %w", errAnswer)
	}
	return names(0), names(1), nil
}
