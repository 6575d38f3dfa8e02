package proxy

import (
	"context"
	"errors"

	"attune/proxy/session"
)

// erased forgets what is known about an erased session beside the conversation
// itself: that a person was wanted, what desks were to be told, what was promised.
func (d *switchboard) erased(id string) {
	ctx, cancel := lasting(context.Background())
	defer cancel()
	if err := errors.Join(d.board.Erase(ctx, id), d.ledger.Erase(ctx, id)); err != nil {
		d.s.log.Warn("what belongs to an erased session is still stored", "error", err)
	}
	d.post(session.Event{Kind: kindQueue, Session: id})
}
