package proxy

import (
	"context"
	"errors"
	"strconv"
	"time"

	"attune/metrics"
	"attune/proxy/frame"
	"attune/proxy/handoff"
	"attune/proxy/session"
	"attune/proxy/transport"
	"attune/proxy/wire"
	"attune/rules"
)

// briefing tells a bridge what the bot is to know about what happened without it.
type briefing struct{ text string }

// summary is what the bot is told when a person gives the conversation back, in
// the language of the conversation: who was there, for how long, and their last
// words. Only profiles with a template for notes pass it on.
func (d *switchboard) summary(ctx context.Context, h handoff.Handoff) string {
	turns, err := d.store.History(ctx, h.Session)
	if err != nil && !errors.Is(err, session.ErrNotFound) {
		d.s.log.Warn("the bot is not told what a person did", "error", err)
		return ""
	}
	last := ""
	for _, t := range turns {
		if t.Role == "agent" && t.Agent == h.Agent {
			last = t.Text
		}
	}
	id := "handoff.summary"
	if h.State == handoff.Resolved {
		id = "handoff.settled"
	}
	since := h.AcceptedAt
	if since.IsZero() {
		since = h.RequestedAt
	}
	minutes := max(1, int((h.ClosedAt.Sub(since)+30*time.Second)/time.Minute))
	facts := &rules.Facts{Session: h.Session, Locale: h.Card.Language, Register: h.Card.Register}
	set, _ := d.s.rules.Load().of(h.Session)
	return set.Message(id, facts, nil, map[string]string{"agent": h.Agent, "minutes": strconv.Itoa(minutes), "words": short(last)})
}

// brief tells the backend a note, where the protocol has one.
func (b *bridge) brief(e briefing, out *transport.Output) {
	if e.text == "" || b.gone[transport.Backend] {
		return
	}
	msg, err := b.wire.Inject(nil, wire.InjectNote, wire.Values{Text: e.text})
	if err != nil {
		return // most protocols have none
	}
	b.s.metrics.Messages[metrics.Up][metrics.Attune].Inc()
	b.emit(transport.Backend, frame.Text, msg, out)
}
