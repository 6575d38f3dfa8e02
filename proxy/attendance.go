package proxy

import (
	"context"
	"errors"
	"time"

	"attune/proxy/handoff"
)

// agentGrace is how long an agent who was there may be away, beyond the 25 s that
// a sign of life lasts, before the customers he or she has wait for somebody else.
const agentGrace = 20 * time.Second

// agentReturn is how long a node that has just started waits for those who were there
// before it, in addition: they may have to log in again.
const agentReturn = 25 * time.Second

// attend notes which agents are there, and takes conversations back from those
// who are not any more. Agents who were never seen at a page, such as programs
// that answer through the API, are not waited for. While Redis is gone nobody can
// say that they are there: the grace begins when it is back.
func (d *switchboard) attend(now time.Time) {
	o := d.board.Overview()
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.store.Degraded() {
		d.blind = now
		return
	}
	if d.began.IsZero() {
		d.began = now
	}
	if !d.heard && now.Sub(d.began) >= agentReturn && !o.At.IsZero() {
		d.heard = true
		for _, name := range o.Seen {
			if _, known := d.attendance[name]; !known {
				d.attendance[name] = o.At
			}
		}
	}
	for _, name := range o.Present {
		d.attendance[name] = o.At
	}
	var away []string
	for name, at := range d.attendance {
		if at.Before(d.blind) {
			at = d.blind
		}
		if now.Sub(at) >= agentGrace && o.At.After(at) { // somebody looked since then, and they were not there
			away = append(away, name)
		}
	}
	if len(away) == 0 {
		return
	}
	for _, name := range away {
		delete(d.attendance, name)
		d.s.later(func() { d.takeBack(name) })
	}
}

// takeBack lets the customers of an agent who is away wait for somebody else, at
// their old place and with a word.
func (d *switchboard) takeBack(agent string) {
	ctx, cancel := d.s.within(context.Background(), storeWait)
	defer cancel()
	open, err := d.board.Waiting(ctx)
	if err != nil {
		d.s.log.Warn("an agent is away and keeps the conversations", "agent", agent, "error", err)
		return
	}
	for i := range open {
		if h := &open[i]; h.Agent == agent && h.State.Taken() {
			d.release(ctx, h.Session, agent)
		}
	}
}

// release takes one conversation from an agent. Every node may try: one succeeds
// and tells the customer.
func (d *switchboard) release(ctx context.Context, id, agent string) {
	h, err := d.board.Release(ctx, id, agent)
	switch {
	case errors.Is(err, handoff.ErrState), errors.Is(err, handoff.ErrNone):
		return
	case err != nil:
		d.s.log.Warn("a conversation stays with an agent who is away", "agent", agent, "error", err)
		return
	}
	d.leaves(ctx, h, agent)
}

// leaves lets the customer of an agent wait again, with a word.
func (d *switchboard) leaves(ctx context.Context, h handoff.Handoff, agent string) {
	d.follow(ctx, h.Session, h)
	d.announce(h, "handoff.left", map[string]string{"agent": agent})
}
