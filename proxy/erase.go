package proxy

import (
	"context"
	"errors"

	"attune/proxy/handoff"
	"attune/proxy/session"
)

// Erase forgets a conversation everywhere: what is stored of it, of its handoff and
// of what was promised in it and, by an event, what nodes hold. A tombstone stays
// for a day, which nodes that missed the event honour. With an error it must be
// called again.
func Erase(ctx context.Context, store *session.Store, id string) error {
	shards := make([]string, session.Shards)
	for i := range shards {
		shards[i] = session.ShardPrefix(i)
	}
	board := handoff.NewBoard(handoff.Config{Client: store.Client(), Prefix: session.Prefix, Shards: shards})
	ledger := handoff.NewLedger(handoff.LedgerConfig{Client: store.Client(), Prefix: session.Prefix, Shards: shards, Redact: session.Redact})
	return errors.Join(store.Erase(ctx, id), board.Erase(ctx, id), ledger.Erase(ctx, id))
}

// erased forgets what is known about an erased session beside the conversation
// itself: that a person was wanted, what desks were to be told, what was promised.
func (d *switchboard) erased(id string) {
	ctx, cancel := d.lasting(context.Background())
	defer cancel()
	if err := errors.Join(d.board.Erase(ctx, id), d.ledger.Erase(ctx, id)); err != nil {
		d.s.log.Warn("what belongs to an erased session is still stored", "error", err)
	}
	d.post(session.Event{Kind: kindQueue, Session: id})
	d.s.shadows.drop(id)
	d.s.mu.Lock()
	delete(d.s.away, id)
	d.s.mu.Unlock()
	if sess, here := d.store.Live(id); here && len(d.s.links(id, nil)) > 0 {
		waiting := false
		sess.Do(func(book *session.Book) { waiting = book.Floor != session.Bot })
		if waiting { // whoever was to come will not
			d.toBot(ctx, id)
		}
	}
}
