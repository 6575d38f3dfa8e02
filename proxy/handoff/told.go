package handoff

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// ErrFull says that too much waits for the desks of a shard.
var ErrFull = errors.New("handoff: the outbox is full")

// tellsOf are the desks that are told of a state: what they did not bring about
// themselves. That a handoff failed they cannot be told.
func (b *Board) tellsOf(s State) string {
	switch s {
	case Queued, Accepted, Returned, Resolved, Abandoned, Expired:
		return b.cfg.Outbox.tells()
	default:
		return ""
	}
}

// posted wakes the outbox when a handoff's desk may have mail.
func (b *Board) posted(ctx context.Context, h Handoff) {
	if b.cfg.Outbox.Tells(h.Desk) {
		b.cfg.Outbox.posted(ctx, b.cfg.Prefix(h.Session))
	}
}

// Said tells the desk of a session's open handoff what the customer said, if it
// is a desk that is told; told says whether it is. id makes it safe to say again.
// ErrNone when there is no open handoff, ErrFull when too much waits already.
func (b *Board) Said(ctx context.Context, session, id, text string, at time.Time) (told bool, err error) {
	if b.cfg.Outbox == nil {
		return false, nil
	}
	if b.cfg.Redact != nil {
		text = b.cfg.Redact(text)
	}
	k := b.keys(session)
	begin := time.Now()
	answer, err := b.scripts.said.Run(ctx, b.cfg.Client, []string{k[0], k[2]}, id, at.UnixMilli(), text,
		b.cfg.Outbox.tells(), openStates(), outMax, openTTL.Milliseconds()).Int()
	b.cfg.Observe("handoff_said", time.Since(begin), err)
	switch {
	case err != nil:
		return false, fmt.Errorf("%w: said: %w", ErrUnavailable, err)
	case answer == -1:
		return false, ErrNone
	case answer < 0:
		return true, ErrFull
	case answer > 0:
		b.cfg.Outbox.posted(ctx, b.cfg.Prefix(session))
	}
	return answer > 0, nil
}
