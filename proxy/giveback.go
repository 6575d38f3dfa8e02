package proxy

import (
	"context"
	"slices"

	"attune/proxy/handoff"
	"attune/proxy/session"
	"attune/proxy/wire"
)

// givenBack hears that whoever was handed the conversation by the protocol's own
// message gives it back, or brings nobody. It reports whether that answers what
// was asked over this very socket: then the bot, which asked for nothing, need not
// hear of it.
func (b *bridge) givenBack(items []wire.Item) (answers bool) {
	returned := slices.ContainsFunc(items, func(item wire.Item) bool { return item.Returned })
	refused := slices.ContainsFunc(items, func(item wire.Item) bool { return item.Refused })
	if b.sess == nil || !returned && !refused {
		return false
	}
	answers = b.handed
	theirs := false
	b.sess.Do(func(book *session.Book) {
		kind, _ := b.s.cfg.Desks.staff(book.Holder)
		theirs = book.Floor == session.Agent && kind == deskBackend
	})
	if !answers && !theirs {
		return false
	}
	b.handed = false
	id := b.sess.ID()
	b.s.later(func() { b.s.desk.regain(id, refused) })
	return answers
}

// regain lets the bot go on with a conversation that its platform was handed
// and has given back; with refused nobody came, and the customer hears so.
func (d *switchboard) regain(id string, refused bool) {
	ctx, cancel := d.s.within(context.Background(), storeWait)
	defer cancel()
	h, err := d.board.Get(ctx, id)
	if err != nil || !h.State.Open() {
		return // it is over already, or mend looks
	}
	if kind, _ := d.s.cfg.Desks.staff(h.Desk); kind != deskBackend {
		return
	}
	if refused {
		d.fail(h, h.State.Taken())
		return
	}
	if h.State == handoff.Queued { // it is back before it was noted that it left
		_, err = d.take(ctx, id, h.Desk)
	}
	if err == nil {
		err = d.Return(ctx, id, h.Desk)
	}
	if err != nil {
		d.s.log.Warn("a conversation was given back, and is not noted so", "desk", h.Desk, "error", err)
	}
}
