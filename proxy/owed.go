package proxy

import (
	"slices"

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
func (b *bridge) owe(items []wire.Item) {
	id := numbered(items)
	if id == "" || !b.route.Profile.Confirms() {
		return
	}
	if _, wants := b.wire.AckBackend(nil); wants && len(b.owed) < maxOwed {
		b.owed = append(b.owed, owed{id: id})
	}
}

// swallow keeps a message of the backend from the widget, and confirms it where the protocol waits for that.
func (b *bridge) swallow(items []wire.Item, out *transport.Output) {
	ack, wants := b.wire.AckBackend(nil)
	if !wants {
		return
	}
	if id := numbered(items); id != "" && len(b.owed) > 0 && len(b.owed) < maxOwed {
		b.owed = append(b.owed, owed{id, ack})
		return
	}
	b.emit(transport.Backend, frame.Text, ack, out)
}

// confirmed hears that the widget has confirmed something: what we owe behind it is due.
func (b *bridge) confirmed(items []wire.Item, out *transport.Output) (after func()) {
	if len(b.owed) == 0 {
		return func() {}
	}
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
		for len(b.owed) > 0 && b.owed[0].ack != nil {
			b.emit(transport.Backend, frame.Text, b.owed[0].ack, out)
			b.owed = b.owed[1:]
		}
		if len(b.owed) == 0 {
			b.owed = nil
		}
	}
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
