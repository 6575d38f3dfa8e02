package proxy

import (
	"context"
	"time"

	"attune/metrics"
	"attune/proxy/frame"
	"attune/proxy/session"
	"attune/proxy/transport"
	"attune/proxy/wire"
)

// kindTyping says that the agent (Agent) or the customer ("") is writing.
const kindTyping = "typing"

// typingEvery is how often an agent is told that the customer goes on writing.
const typingEvery = 3 * time.Second

// writing tells a bridge that the agent is writing.
type writing struct{}

// Typing implements [console.Typist]: the customer sees that the agent is
// writing, where the protocol has a sign for it.
func (d *switchboard) Typing(ctx context.Context, id, agent string) error {
	if err := d.holds(ctx, id, agent); err != nil {
		return err
	}
	d.post(session.Event{Session: id, Kind: kindTyping, Agent: agent})
	return nil
}

// typing passes such a sign on: to the widget when it is here, or to the pages.
func (d *switchboard) typing(e session.Event) {
	if e.Agent == "" {
		d.notify(e)
		return
	}
	for _, l := range d.s.links(e.Session, nil) {
		l.Tell(writing{})
	}
}

// showWriting shows the customer that the agent is writing. A protocol without a
// sign for it shows nothing.
func (b *bridge) showWriting(out *transport.Output) {
	if !b.wire.Ready() {
		return
	}
	if msg, err := b.wire.Inject(nil, wire.InjectTyping, wire.Values{}); err == nil {
		b.s.metrics.Messages[metrics.Down][metrics.Nobody].Inc()
		b.emit(transport.Widget, frame.Text, msg, out)
	}
}

// typed tells the agent, if one has the floor, that the customer is writing.
func (b *bridge) typed(items []wire.Item, now time.Time) {
	if b.sess == nil || b.typedAt.ago(now) < typingEvery {
		return
	}
	for _, item := range items {
		if item.Kind != wire.Typing {
			continue
		}
		floor := session.Bot
		b.sess.Do(func(book *session.Book) { floor = book.Floor })
		if floor == session.Agent {
			b.typedAt = instantOf(now)
			id := b.sess.ID()
			b.s.later(func() { b.s.desk.post(session.Event{Session: id, Kind: kindTyping}) })
		}
		return
	}
}
