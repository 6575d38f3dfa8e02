package handoff

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"
)

const (
	// handBackWait bounds what is done for the others at the end.
	handBackWait = time.Second
	// buryKey is held by the node that looks for dead ones.
	buryKey = "attune:{handoffs}:outbury"
	// silentLeases is for how many leases a consumer without mail in hand has been
	// silent when it is deleted; buryLeases is how often they are looked for.
	silentLeases = 30
	buryLeases   = 15
)

// seat waits for a place among the attempts at a desk; false when ctx ends.
func (o *Outbox) seat(ctx context.Context, desk string) bool {
	o.mu.Lock()
	seats := o.seats[desk]
	if seats == nil {
		seats = make(chan struct{}, outSeats)
		o.seats[desk] = seats
	}
	o.mu.Unlock()
	select {
	case seats <- struct{}{}:
		return true
	case <-ctx.Done():
		return false
	}
}

// rise gives it back.
func (o *Outbox) rise(desk string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	<-o.seats[desk]
}

// settle tells what became of a mail and takes it out of the outbox, however long
// that cannot be done; false when ctx ends before. A reason makes it a dead letter.
func (o *Outbox) settle(ctx context.Context, m *Mail, reason string) bool {
	tell := func() error { return o.cfg.Delivered(ctx, *m) }
	if reason != "" {
		tell = func() error { return o.cfg.Dead(ctx, *m, reason) }
	}
	return persist(ctx, tell) && persist(ctx, func() error { return o.finish(ctx, m, reason) })
}

// finish takes a mail out of the outbox.
func (o *Outbox) finish(ctx context.Context, m *Mail, reason string) error {
	begin := time.Now()
	err := o.scripts.finish.Run(ctx, o.cfg.Client, []string{m.shard + "out", m.shard + "dead"},
		outGroup, m.entry, reason, m.Tries, deadMax, deadTTL.Milliseconds()).Err()
	o.cfg.Observe("outbox_finish", time.Since(begin), err)
	return err
}

// persist does something until it works; false when ctx ends before.
func persist(ctx context.Context, do func() error) bool {
	for do() != nil {
		if !sleep(ctx, time.Second) {
			return false
		}
	}
	return true
}

// touch says that mail of a shard is worked on, and tells which of it is this
// node's.
func (o *Outbox) touch(ctx context.Context, shard string, mail ...*Mail) (map[string]bool, error) {
	ids, err := o.scripts.touch.Run(ctx, o.cfg.Client, []string{shard + "out"}, o.touchArgs(0, mail)...).StringSlice()
	if err != nil {
		return nil, fmt.Errorf("handoff: touch: %w", err)
	}
	return set(ids), nil
}

// touchArgs are the arguments of the script. It is called by who drives the mail, or with mu held.

func (o *Outbox) touchArgs(idle time.Duration, mail []*Mail) []any {
	args := []any{outGroup, o.self, idle.Milliseconds()}
	for _, m := range mail {
		args = append(args, m.entry, m.Tries)
	}
	return args
}

func set(ids []string) map[string]bool {
	s := make(map[string]bool, len(ids))
	for _, id := range ids {
		s[id] = true
	}
	return s
}

// keep tells Redis that what is in hand is worked on, and drops what is not this
// node's any more.
func (o *Outbox) keep(ctx context.Context) error {
	return o.touchAll(ctx, 0, func(shard string, ours map[string]bool) {
		o.mu.Lock()
		defer o.mu.Unlock()
		for _, l := range o.hand {
			for i := len(l.mail) - 1; i > 0; i-- { // the first is at work and finds out itself
				if m := l.mail[i]; m.shard == shard && !ours[m.entry] {
					l.drop(m)
					o.inHand--
				}
			}
		}
	})
}

// handBack lets other nodes take what is in hand.
func (o *Outbox) handBack(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, handBackWait)
	defer cancel()
	if err := o.touchAll(ctx, o.cfg.Lease, func(string, map[string]bool) {}); err != nil {
		o.cfg.Logger.Debug("mail was not handed back, others take it in a while", "error", err)
	}
}

// touchAll touches everything in hand.
func (o *Outbox) touchAll(ctx context.Context, idle time.Duration, then func(shard string, ours map[string]bool)) error {
	byShard := map[string][]*Mail{}
	pipe := o.cfg.Client.Pipeline()
	cmds := map[string]*redis.Cmd{}
	o.mu.Lock()
	for _, l := range o.hand {
		for _, m := range l.mail {
			byShard[m.shard] = append(byShard[m.shard], m)
		}
	}
	for shard, mail := range byShard {
		cmds[shard] = o.scripts.touch.Eval(ctx, pipe, []string{shard + "out"}, o.touchArgs(idle, mail)...)
	}
	o.mu.Unlock()
	if len(cmds) == 0 {
		return nil
	}
	_, _ = pipe.Exec(ctx) // each answer has its own error
	var faults []error
	for shard, cmd := range cmds {
		ids, err := cmd.StringSlice()
		if err != nil {
			faults = append(faults, fmt.Errorf("handoff: touch: %w", err))
			continue
		}
		then(shard, set(ids))
	}
	return errors.Join(faults...)
}

// heal lists the shards whose outbox is not empty anew. One node does it at a
// time.
func (o *Outbox) heal(ctx context.Context) error {
	mine, err := o.cfg.Client.SetNX(ctx, outScanKey, "1", healEvery-5*time.Second).Result()
	if err != nil || !mine {
		return err
	}
	pipe := o.cfg.Client.Pipeline()
	sizes := make([]*redis.IntCmd, len(o.cfg.Shards))
	for i, s := range o.cfg.Shards {
		sizes[i] = pipe.XLen(ctx, s+"out")
	}
	if _, err := pipe.Exec(ctx); err != nil {
		return fmt.Errorf("handoff: heal the outbox: %w", err)
	}
	var full []string
	for i, s := range o.cfg.Shards {
		if sizes[i].Val() > 0 {
			full = append(full, s)
		}
	}
	if len(full) == 0 {
		return nil
	}
	return o.index(ctx, full...)
}

// bury deletes the consumers that dead nodes left. One node does it at a time.
func (o *Outbox) bury(ctx context.Context) error {
	mine, err := o.cfg.Client.SetNX(ctx, buryKey, "1", (buryLeases-1)*o.cfg.Lease).Result()
	if err != nil || !mine {
		return err
	}
	pipe := o.cfg.Client.Pipeline()
	for _, s := range o.cfg.Shards {
		o.scripts.burial.Eval(ctx, pipe, []string{s + "out"}, outGroup, (silentLeases * o.cfg.Lease).Milliseconds())
	}
	_, err = pipe.Exec(ctx)
	return err
}

// sleep waits; false when ctx ends before that.
func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}
