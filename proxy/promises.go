package proxy

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"attune/metrics"
	"attune/proxy/handoff"
	"attune/proxy/session"
	"attune/rules"
)

// pledge puts on record what a turn makes the customer expect, and returns it for
// the card.
func (b *bridge) pledge(sc *scratch) []handoff.Expectation {
	text := strings.Join(sc.j.Say, " ")
	if text == "" {
		text = sc.j.Sent
	}
	var card []handoff.Expectation
	for i, p := range sc.j.Promises {
		due := sc.turn.At.Add(p.Within)
		card = append(card, handoff.Expectation{Text: text, Due: due})
		made := handoff.Promise{
			ID: sc.named("promise", i), Session: b.sess.ID(), Rule: p.Rule, Text: text, Made: sc.turn.At, Due: due, Wait: p.Wait,
			Language: b.wire.Locale(), Register: b.route.Register, Channel: b.route.Profile.Channel(),
		}
		b.s.later(func() { b.s.desk.promise(made) })
	}
	return card
}

func (d *switchboard) promise(p handoff.Promise) {
	ctx, cancel := d.s.within(context.Background(), storeWait)
	defer cancel()
	if err := d.ledger.Make(ctx, p); err != nil {
		d.s.metrics.FailOpen(metrics.FailStore)
		d.s.log.Warn("a promise is not on record", "rule", p.Rule, "error", err)
	}
}

// promised hears of a promise that is on record now.
func (d *switchboard) promised(handoff.Promise) { d.s.metrics.Promise(metrics.PromiseMade) }

// settle ends what was promised in a session whose handoff has gone on: somebody
// has come, or nobody will.
func (d *switchboard) settle(h handoff.Handoff) {
	ctx, cancel := d.s.within(context.Background(), storeWait)
	defer cancel()
	open, err := d.ledger.Of(ctx, h.Session)
	if err != nil {
		return // their time will come
	}
	for _, p := range open {
		if fate, known := fateOf(p, h); known {
			d.conclude(ctx, p, fate)
		}
	}
}

// fateOf is what becomes of a promise as its handoff stands; not known while
// somebody may still come.
func fateOf(p handoff.Promise, h handoff.Handoff) (fate metrics.Promise, known bool) {
	switch came := h.AcceptedAt; {
	case !came.IsZero() && came.After(p.Made) && !came.After(p.Due):
		return metrics.PromiseKept, true
	case !came.IsZero() && came.After(p.Due):
		return metrics.PromiseBroken, true
	case !p.Wait:
		return 0, false // it holds whatever becomes of the wait
	case h.State == handoff.Abandoned:
		return metrics.PromiseVoid, true
	case h.State == handoff.Expired, h.State == handoff.Failed:
		return metrics.PromiseBroken, true
	}
	return 0, false
}

// conclude takes a promise off the record and counts what became of it, once.
func (d *switchboard) conclude(ctx context.Context, p handoff.Promise, fate metrics.Promise) {
	if mine, err := d.ledger.Settle(ctx, p); err == nil && mine {
		d.s.metrics.Promise(fate)
	}
}

// due deals with a promise whose time has come.
func (d *switchboard) due(p handoff.Promise) {
	ctx, cancel := d.s.within(context.Background(), storeWait)
	defer cancel()
	h, err := d.board.Get(ctx, p.Session)
	if err != nil && !errors.Is(err, handoff.ErrNone) {
		return // it comes again, here or elsewhere
	}
	switch fate, known := fateOf(p, h); {
	case known:
		d.conclude(ctx, p, fate)
	case h.State.Waiting() && !h.Card.Callback:
		d.late(ctx, p, h)
	case p.Wait: // nobody waits for this: a call-back, or a handoff that is forgotten or somebody else's
		d.conclude(ctx, p, metrics.PromiseVoid)
	default:
		facts := rules.Facts{Session: p.Session, Locale: p.Language, Register: p.Register, Channel: p.Channel}
		set, _ := d.s.rules.Load().of(p.Session)
		d.own(ctx, p, set.Message("promise.missed", &facts, nil, nil))
		d.conclude(ctx, p, metrics.PromiseBroken)
	}
}

// late tells a customer who still waits that it takes longer than was said, and
// how long it looks now, which is another promise. A node that dies on the way is
// followed by another one with the same words under the same token, and they are
// handed to the widget once.
func (d *switchboard) late(ctx context.Context, p handoff.Promise, h handoff.Handoff) {
	now := time.Now()
	facts := rules.Facts{Session: p.Session, Locale: p.Language, Register: p.Register, Channel: p.Channel}
	set, _ := d.s.rules.Load().of(p.Session)
	words, within := set.Wait(&facts, d.turn(h.Desk, max(d.board.Overview().Desks[h.Desk].Depth, 1), now))
	next := p
	next.Round++
	next.ID = fmt.Sprintf("%s.%d", strings.SplitN(p.ID, ".", 2)[0], next.Round)
	next.Text = set.Message("promise.late", &facts, nil, map[string]string{"wait": words})
	next.Made, next.Due = now, now.Add(within)
	if !d.own(ctx, p, next.Text) { // nobody is there to hear it
		d.conclude(ctx, p, metrics.PromiseBroken)
		return
	}
	if mine, err := d.ledger.Renew(ctx, p, next); err == nil && mine {
		d.s.metrics.Promise(metrics.PromiseBroken)
	}
}

// own says that a promise was not kept, and reports whether the customer heard it.
func (d *switchboard) own(ctx context.Context, p handoff.Promise, text string) bool {
	return text != "" && d.say(ctx, session.Event{Session: p.Session, Text: text, Token: "promise " + p.ID}) == nil
}
