package proxy

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"time"

	"attune/metrics"
	"attune/proxy/bundle"
	"attune/proxy/console"
	"attune/proxy/handoff"
	"attune/proxy/session"
	"attune/rules"
)

// event hears what nodes tell one another, this one included.
func (d *switchboard) event(e session.Event) {
	if d.s.fromElsewhere(e) || d.s.tied(e) {
		return
	}
	switch e.Kind {
	case session.KindSay:
		d.deliverInTurn(e)
	case kindTyping:
		d.typing(e)
	case kindPass:
		d.s.later(func() { d.pass(e.Session) })
	case kindSaid:
		d.arrived(e.Token)
	case kindReturned:
		if d.told.again(e.Token) {
			return
		}
		for _, l := range d.s.links(e.Session, nil) {
			l.Tell(briefing{e.Text})
		}
		if sess, here := d.store.Live(e.Session); here {
			sess.Do(func(book *session.Book) {
				if state, ok := book.State.(*rules.State); ok {
					state.Returned()
					book.Mark()
				}
				if state := d.s.shadows.get(e.Session); state != nil {
					state.Returned()
				}
			})
		}
	case session.KindFloor:
		d.notify(e)
	case kindQueue:
		d.annexes.changed(e.Session)
		d.board.Refresh()
		d.notify(e)
	case session.KindTurns:
		d.notify(e)
	case session.KindOwner:
		if e.Node != d.store.Instance() {
			d.s.settleAway(e.Session)
		}
	case session.KindEnd:
		if e.Node != d.store.Instance() {
			d.s.endedElsewhere(e.Session)
		}
		d.notify(e)
	case session.KindErase:
		d.s.later(func() { d.erased(e.Session) })
	case kindRules, bundle.Changed, session.KindResync:
		d.s.later(d.s.syncRules)
	}
}

// deliver hands words to the widget, when it is connected here. Words without
// text only ask whether it is.
func (d *switchboard) deliver(e session.Event) {
	links := d.s.links(e.Session, nil)
	sess, here := d.store.Live(e.Session)
	if !here || len(links) == 0 {
		return
	}
	if e.Text != "" && !d.told.again(e.Token) {
		say, role := speech{id: e.Token, by: "attune", text: e.Text}, metrics.Attune
		if e.Agent != "" {
			say.by, say.agent, role = "agent", e.Agent, metrics.Agent
		}
		sess.Do(func(book *session.Book) {
			if book.Owner() == "" { // one node writes it down, or several the same turn where that is in doubt
				book.Append(session.Turn{ID: e.Token, Role: say.by, Agent: say.agent, Text: e.Text, At: time.Now()})
			}
		})
		for _, l := range links {
			l.Tell(say)
			d.s.metrics.Messages[metrics.Down][role].Inc()
		}
	}
	d.post(session.Event{Session: e.Session, Kind: kindSaid, Token: e.Token})
}

// say hands words (or the question whether anybody is there) to the node that
// has the widget, and waits until it has them. Words that come again under their
// token are not said twice.
func (d *switchboard) say(ctx context.Context, e session.Event) error {
	e.Kind, e.Token = session.KindSay, cmp.Or(e.Token, rand.Text())
	said := make(chan struct{})
	d.mu.Lock()
	d.saying[e.Token] = said
	d.mu.Unlock()
	defer func() {
		d.mu.Lock()
		delete(d.saying, e.Token)
		d.mu.Unlock()
	}()
	if err := d.store.Publish(ctx, e); err != nil {
		d.s.log.Warn("words not told to other nodes", "error", err)
	}
	timeout := time.NewTimer(d.s.stretch(sayWait))
	defer timeout.Stop()
	select {
	case <-said:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-timeout.C:
		return console.ErrAway
	}
}

// present asks all nodes whether the widget is connected.
func (d *switchboard) present(ctx context.Context, id string) bool {
	return d.say(ctx, session.Event{Session: id}) == nil
}

// arrived ends the wait of say.
func (d *switchboard) arrived(token string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if said := d.saying[token]; said != nil {
		close(said)
		delete(d.saying, token)
	}
}

// activate marks a claimed handoff as active as soon as every node that has a
// widget of the conversation has applied the new floor, or its lease has run out.
func (d *switchboard) activate(id, agent string, epoch uint64) {
	ctx, cancel := context.WithTimeout(context.Background(), activeWait)
	defer cancel()
	d.s.later(func() {
		select {
		case <-d.stopped:
			cancel()
		case <-ctx.Done():
		}
	})
	if err := d.store.Applied(ctx, id, session.Agent, epoch, agent); err != nil {
		d.s.log.Warn("handoff not active yet", "error", err)
		return // mend comes back to it
	}
	if _, err := d.board.Activate(ctx, id, agent, epoch); err != nil && !errors.Is(err, handoff.ErrNone) && !errors.Is(err, handoff.ErrState) {
		d.s.log.Warn("handoff not active yet", "error", err)
	}
}

// observeStore measures calls to Redis.
func (s *Server) observeStore(op string, took time.Duration, err error) {
	m := s.metrics.Store(op)
	m.Seconds.Observe(took.Seconds())
	if err != nil {
		m.Errors.Inc()
	}
}
