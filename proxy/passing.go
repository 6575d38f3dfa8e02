package proxy

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"

	"attune/proxy/console"
	"attune/proxy/handoff"
)

// Transfer implements [console.Passer]: the customer waits again, at the old
// place, for somebody else, and is told.
func (d *switchboard) Transfer(ctx context.Context, id, agent string, to console.Passing) error {
	if to.Desk != "" && !d.s.cfg.Desks.has(to.Desk) {
		return console.ErrNoDesk
	}
	ctx, cancel := d.lasting(ctx)
	defer cancel()
	h, err := d.board.Transfer(ctx, id, agent, handoff.Transfer{Token: rand.Text(), Desk: to.Desk, For: to.Agent, Note: to.Note})
	var taken *handoff.TakenError
	switch {
	case errors.As(err, &taken):
		return console.ErrNotYours
	case errors.Is(err, handoff.ErrNote):
		return console.ErrNote
	case err != nil:
		return ours(err)
	}
	d.follow(ctx, id, h)
	d.announce(h, "handoff.transferred", nil)
	return nil
}

// Desks implements [console.Passer].
func (d *switchboard) Desks() []string { return d.s.cfg.Desks.ids() }

// Agents implements [console.Passer].
func (d *switchboard) Agents() []string {
	o := d.board.Overview()
	return o.Present
}

// raise makes a crisis of a handoff that is open already.
func (d *switchboard) raise(ctx context.Context, id, desk string, card handoff.Card) {
	h, err := d.board.Raise(ctx, id, desk, card)
	if err != nil {
		d.s.log.Warn("a crisis could not be told to those who were asked before", "rule", card.Reason, "error", err)
		return
	}
	if kind, _ := d.s.cfg.Desks.staff(h.Desk); h.State == handoff.Queued && kind == deskBackend {
		return // pass moves the floor, and must not be overtaken
	}
	if h.State.Waiting() { // an open request to be called back is one to come now
		d.follow(ctx, id, h)
	}
}

// corrected adds what the customer says is wrong with the card.
func (d *switchboard) corrected(id, text string) {
	ctx, cancel := d.s.within(context.Background(), storeWait)
	defer cancel()
	if _, err := d.board.AddNote(ctx, id, "customer", text); err != nil {
		d.s.log.Warn("a correction is not on the card", "error", err)
	}
}

// room reports whether the desk of a waiting handoff may have one more
// conversation. When it cannot be found out, it may.
func (d *switchboard) room(ctx context.Context, id string) error {
	open, err := d.board.Waiting(ctx)
	if err != nil {
		return nil //nolint:nilerr // a person who wants to help is not kept away by Redis
	}
	for _, h := range open {
		if h.Session == id && h.State.Waiting() && d.full(h, open) {
			return fmt.Errorf("desk %q: %w", h.Desk, console.ErrFull)
		}
	}
	return nil
}
