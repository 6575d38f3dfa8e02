package proxy

import (
	"slices"
	"time"

	"attune/proxy/frame"
	"attune/proxy/transport"
	"attune/proxy/wire"
)

// owed is a confirmation that the backend waits for, of a message with an id. Backends that number what they say expect the
// confirmations in that order, so ours, for what the widget never saw, stay behind those that the widget still owes.
type owed struct {
	id  string
	ack []byte // ours; nil: the widget's
}

// maxOwed bounds them: a widget that confirms nothing is not waited for.
const maxOwed = 256

// owe notes that the widget was given a message that the backend wants confirmed.
func (b *bridge) owe(items []wire.Item, now time.Time) {
	id := numbered(items)
	if id == "" || !b.route.Profile.Confirms() {
		return
	}
	if _, wants := b.wire.AckBackend(nil); wants && len(b.owed) < maxOwed {
		b.owed, b.settleBy = append(b.owed, owed{id: id}), instantOf(now.Add(remembers))
	}
}

// swallow keeps a message of the backend from the widget, and confirms it where the protocol waits for that.
func (b *bridge) swallow(items []wire.Item, now time.Time, out *transport.Output) {
	ack, wants := b.wire.AckBackend(nil)
	if !wants {
		return
	}
	if id := numbered(items); id != "" && len(b.owed) > 0 && len(b.owed) < maxOwed {
		b.owed, b.settleBy = append(b.owed, owed{id, ack}), instantOf(now.Add(remembers))
		return
	}
	b.emit(transport.Backend, frame.Text, ack, out)
}

// confirmed hears what the widget says: if that is a confirmation, ours before it go first. after is for those behind it, once
// it has gone on.
func (b *bridge) confirmed(items []wire.Item, out *transport.Output) (after func()) {
	id := numbered(items)
	i := slices.IndexFunc(b.owed, func(o owed) bool { return o.id == id && o.ack == nil })
	if id == "" || i < 0 {
		return func() {}
	}
	for _, o := range b.owed[:i] {
		if o.ack != nil {
			b.emit(transport.Backend, frame.Text, o.ack, out)
		}
	}
	b.owed = b.owed[i+1:]
	return func() {
		n := 0
		for ; n < len(b.owed) && b.owed[n].ack != nil; n++ {
			b.emit(transport.Backend, frame.Text, b.owed[n].ack, out)
		}
		if b.owed = b.owed[n:]; len(b.owed) == 0 {
			b.owed = nil
		}
	}
}

// settleUp confirms all that we owe: the widget had its time.
func (b *bridge) settleUp(out *transport.Output) {
	for _, o := range b.owed {
		if o.ack != nil {
			b.emit(transport.Backend, frame.Text, o.ack, out)
		}
	}
	b.owed = nil
}

// numbered is the id of a message, "" when it has none.
func numbered(items []wire.Item) string {
	for _, item := range items {
		if item.ID != "" {
			return item.ID
		}
	}
	return ""
}
