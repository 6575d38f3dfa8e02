package proxy

import (
	"context"
	"errors"
	"maps"
	"slices"

	"attune/proxy/handoff"
)

// stay is the customer's choice to go on with the bot. Where Redis cannot be told
// that nobody needs to come any more, it is told when it is back; until then the bot
// may speak as far as this node can tell that nobody has come.
func (d *switchboard) stay(id string) {
	ctx, cancel := d.s.within(context.Background(), storeWait)
	defer cancel()
	if !d.close(ctx, id) {
		d.mu.Lock()
		d.stayed[id] = struct{}{}
		d.mu.Unlock()
		ctx, cancel = d.lasting(ctx) // close may have taken all the time
		defer cancel()
	}
	d.toBot(ctx, id)
}

// waitsAgain takes back that a customer has chosen the bot.
func (d *switchboard) waitsAgain(id string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.stayed, id)
}

// unwait tells Redis which customers do not wait any more.
func (d *switchboard) unwait() {
	if d.store.Degraded() {
		return
	}
	d.mu.Lock()
	ids := slices.Collect(maps.Keys(d.stayed))
	d.mu.Unlock()
	for _, id := range ids {
		d.s.later(func() {
			ctx, cancel := d.s.within(context.Background(), storeWait)
			defer cancel()
			h, err := d.board.AbandonWaiting(ctx, id)
			switch _, here := d.store.Live(id); {
			case errors.Is(err, handoff.ErrState): // somebody had come, or it was over
				d.follow(ctx, id, h)
			case err != nil && !errors.Is(err, handoff.ErrNone) && here:
				return // tried again
			}
			d.waitsAgain(id)
		})
	}
}
