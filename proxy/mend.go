package proxy

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"attune/proxy/handoff"
	"attune/proxy/session"
)

// mendEvery is how often the floors of this node are compared with the board.
const mendEvery = 5 * time.Second

// mend gives floors back that have come apart from their handoffs: a node died
// between the two, or the store did not answer for the second. Without it a
// customer would be left with nobody. A floor must be astray in the same way
// twice, since the two change one after the other, within storeWait.
func (d *switchboard) mend(ctx context.Context) {
	d.mending.Lock()
	defer d.mending.Unlock()
	before := d.astray
	d.astray = map[string]string{}
	ctx, cancel := context.WithTimeout(ctx, lookEvery)
	defer cancel()
	open, err := d.board.Waiting(ctx)
	if err != nil {
		return
	}
	handoffs := make(map[string]handoff.Handoff, len(open))
	for _, h := range open {
		handoffs[h.Session] = h
	}
	d.s.mu.Lock()
	ids := slices.Collect(maps.Keys(d.s.sessions))
	d.s.mu.Unlock()
	d.miss(handoffs, ids)
	for _, id := range ids {
		sess, here := d.store.Live(id)
		if !here {
			continue
		}
		var floor session.Floor
		var holder string
		var epoch uint64
		sess.Do(func(book *session.Book) { floor, holder, epoch = book.Floor, book.Holder, book.Epoch })
		h := handoffs[id]
		if h.State == handoff.Queued && time.Since(h.RequestedAt) >= mendEvery {
			d.passOn(h) // the one that should have done so is gone, or the customer was away
		}
		want, agent := d.floorFor(h)
		right := floor == session.Nobody || floor == want && (agent == "" || holder == agent)
		if right && h.State != handoff.Accepted {
			continue
		}
		mark := floor.String() + holder + " " + h.Token + string(h.State) + h.Agent
		if before[id] != mark {
			d.astray[id] = mark
			continue
		}
		if right { // who claimed it could not make it active
			d.s.later(func() { d.activate(id, agent, epoch) })
			continue
		}
		d.s.log.Warn("a floor had lost its handoff", "floor", floor.String(), "handoff", string(h.State))
		d.s.later(func() {
			ctx, cancel := d.lasting(context.Background())
			defer cancel()
			d.follow(ctx, id, h)
			if to, _ := d.floorFor(h); to == session.Bot {
				d.apologise(ctx, id, floor, fmt.Sprint("mended ", id, " ", epoch))
			}
		})
	}
}

// apologise tells a customer that the bot goes on, where whoever had to say so is
// gone: of a person who was there or was to come, as the last handoff tells, if that is
// still known. Nodes say it once under a token.
func (d *switchboard) apologise(ctx context.Context, id string, before session.Floor, token string) {
	h, err := d.board.Get(ctx, id)
	var message string
	switch {
	case errors.Is(err, handoff.ErrNone) && before == session.Agent, h.State == handoff.Returned, h.State == handoff.Resolved:
		message = "handoff.returned"
	case errors.Is(err, handoff.ErrNone), h.State == handoff.Failed: // Redis has lost it
		message = "handoff.failed"
	case h.State == handoff.Expired:
		message = "handoff.expired"
	default: // the customer went, or chose to go on with the bot; or it is not known
		return
	}
	h.Session = id
	d.announceOnce(h, message, nil, token)
}

// miss begins to wait for customers of handoffs who have no widget on this node: if
// the node that had it died, nobody else ends the handoff. Who is to be called back by
// a person may go.
func (d *switchboard) miss(open map[string]handoff.Handoff, here []string) {
	away := maps.Clone(open)
	for _, id := range here {
		delete(away, id)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	for id, h := range away {
		if _, known := d.lost[id]; !known && (!h.Card.Callback || h.Agent == h.Desk) {
			d.lost[id] = time.Now()
		}
	}
}

// overdue takes out of a map the sessions that have been in it for leftWait.
func overdue(since map[string]time.Time, now time.Time) (ids []string) {
	for id, at := range since {
		if now.Sub(at) >= leftWait {
			ids = append(ids, id)
			delete(since, id)
		}
	}
	return ids
}

// orphaned ends the handoff of a session that no living node owns and of which
// nobody has the widget.
func (d *switchboard) orphaned(id string) {
	ctx, cancel := d.s.within(context.Background(), storeWait)
	defer cancel()
	if owner, err := d.store.Holder(ctx, id); err == nil && owner == "" {
		d.gone(id)
	}
}
