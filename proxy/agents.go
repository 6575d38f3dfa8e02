package proxy

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"

	"attune/metrics"
	"attune/proxy/console"
	"attune/proxy/handoff"
	"attune/proxy/session"
)

// Switchboard is what the console works with: it shows who waits and moves
// conversations between bot and people.
func (s *Server) Switchboard() console.Switchboard { return s.desk }

// Waiting implements [console.Switchboard].
func (d *switchboard) Waiting(ctx context.Context) ([]console.Summary, error) {
	open, err := d.board.Waiting(ctx)
	if err != nil {
		return nil, fmt.Errorf("list handoffs: %w", err)
	}
	list := make([]console.Summary, 0, len(open))
	for _, h := range open {
		list = append(list, summary(h))
	}
	return list, nil
}

func summary(h handoff.Handoff) console.Summary {
	s := console.Summary{
		Session: h.Session, Desk: h.Desk, State: string(h.State), Agent: h.Agent, Reason: h.Card.Reason, Why: h.Card.Why,
		Feelings: h.Card.Feelings, Score: h.Card.Score, Since: h.WaitsSince(), Language: h.Card.Language, Channel: h.Card.Channel,
		Crisis: h.Card.Crisis, Explicit: h.Card.Explicit, Callback: h.Card.Callback, For: h.For,
	}
	s.Last = h.Card.Goal
	if n := len(h.Card.Words); n > 0 {
		s.Last = h.Card.Words[n-1]
	}
	return s
}

// Conversation implements [console.Switchboard].
func (d *switchboard) Conversation(ctx context.Context, id string) (console.Conversation, error) {
	h, err := d.board.Get(ctx, id)
	if errors.Is(err, handoff.ErrNone) {
		return console.Conversation{}, console.ErrNotFound
	}
	if err != nil {
		return console.Conversation{}, fmt.Errorf("read handoff: %w", err)
	}
	if !h.State.Open() {
		return console.Conversation{}, console.ErrNotFound
	}
	_ = d.store.Watch(ctx, id) // the page asks again; turns show at the latest then
	turns, err := d.store.History(ctx, id)
	if err != nil && !errors.Is(err, session.ErrNotFound) {
		return console.Conversation{}, fmt.Errorf("read history: %w", err)
	}
	c := console.Conversation{Summary: summary(h), Goal: h.Card.Goal, Words: h.Card.Words, Facts: h.Card.Facts, Tried: h.Card.Tried}
	for _, n := range h.Notes {
		c.Notes = append(c.Notes, console.Note{By: n.By, Text: n.Text, At: n.At})
	}
	if promises, err := d.ledger.Of(ctx, id); err == nil {
		for _, p := range promises {
			c.Promises = append(c.Promises, console.Promise{Text: p.Text, Due: p.Due})
		}
	}
	for _, t := range turns {
		c.Turns = append(c.Turns, console.Turn{
			ID: t.ID, Role: t.Role, Text: t.Text, Sent: t.Sent, Rules: t.Rules, Signals: t.Signals, Agent: t.Agent, Event: t.Event, At: t.At, Late: t.Late,
		})
		switch {
		case t.Role == "customer":
			c.Last = t.Text
			if c.Goal == "" {
				c.Goal = t.Text
			}
		case len(h.Card.Tried) == 0 && t.Role == "bot" && !t.Late && len(t.Signals) > 0:
			c.Tried = append(c.Tried, t.Text)
		}
	}
	return c, nil
}

// Claim implements [console.Switchboard]. Exactly one agent wins; the floor
// follows, and the node that has the widget makes the handoff active.
func (d *switchboard) Claim(ctx context.Context, id, agent string) error {
	if err := d.room(ctx, id); err != nil {
		return err
	}
	claimed, err := d.take(ctx, id, agent)
	if err != nil || claimed.Token == "" {
		return err
	}
	d.announce(claimed, "handoff.accepted", map[string]string{"agent": agent})
	return nil
}

// take gives a waiting handoff to an agent, and the floor with it. The handoff is
// the zero one when the agent had it already.
func (d *switchboard) take(ctx context.Context, id, agent string) (claimed handoff.Handoff, err error) {
	token := rand.Text()
	claimed, err = d.board.Claim(ctx, id, agent, token)
	var taken *handoff.TakenError
	switch {
	case errors.As(err, &taken) && taken.By == agent: // from another page of theirs
		return handoff.Handoff{}, nil
	case errors.As(err, &taken):
		return handoff.Handoff{}, &console.TakenError{By: taken.By}
	case errors.Is(err, handoff.ErrNone), errors.Is(err, handoff.ErrState):
		return handoff.Handoff{}, console.ErrNotFound
	case err != nil:
		return handoff.Handoff{}, fmt.Errorf("claim: %w", err)
	}
	ctx, cancel := d.lasting(ctx) // the page may close, the floor must follow all the same
	defer cancel()
	epoch := d.floor(ctx, id, session.Agent, agent, token)
	if h, err := d.board.Get(ctx, id); err == nil && (!h.State.Taken() || h.Agent != agent) {
		// The customer or another page ended it in the meantime, and our floor
		// may have come after theirs.
		d.follow(ctx, id, h)
		return handoff.Handoff{}, console.ErrNotFound
	}
	if epoch > 0 { // else mend comes back to it
		d.s.later(func() { d.activate(id, agent, epoch) })
	}
	return claimed, nil
}

// Say implements [console.Switchboard].
func (d *switchboard) Say(ctx context.Context, id, agent, text string) error {
	if err := d.holds(ctx, id, agent); err != nil {
		return err
	}
	return d.say(ctx, session.Event{Session: id, Agent: agent, Text: text})
}

// Release implements [console.Switchboard].
func (d *switchboard) Release(ctx context.Context, id, agent string) error {
	if err := d.holds(ctx, id, agent); err != nil {
		return err
	}
	ctx, cancel := d.lasting(ctx)
	defer cancel()
	h, err := d.board.Release(ctx, id, agent)
	if err != nil {
		return ours(err)
	}
	d.leaves(ctx, h, agent)
	return nil
}

// holds checks that the agent has the conversation.
func (d *switchboard) holds(ctx context.Context, id, agent string) error {
	h, err := d.board.Get(ctx, id)
	switch {
	case errors.Is(err, handoff.ErrNone):
		return console.ErrNotFound
	case err != nil:
		return fmt.Errorf("read handoff: %w", err)
	case h.Agent != agent || !h.State.Taken():
		return console.ErrNotYours
	}
	return nil
}

// Return implements [console.Switchboard].
func (d *switchboard) Return(ctx context.Context, id, agent string) error {
	if err := d.holds(ctx, id, agent); err != nil {
		return err
	}
	ctx, cancel := d.lasting(ctx)
	defer cancel()
	h, err := d.board.Return(ctx, id, agent)
	if err != nil {
		return ours(err)
	}
	d.returned(ctx, h) // first, so that whoever answers the word is heard by the bot
	d.announce(h, "handoff.returned", nil)
	return nil
}

// verdicts are the console's words for the board's labels.
var verdicts = map[string]handoff.Label{
	console.Needed: handoff.Needed, console.TooEarly: handoff.TooEarly, console.TooLate: handoff.TooLate, console.WrongDesk: handoff.WrongDesk,
}

// Resolve implements [console.Switchboard].
func (d *switchboard) Resolve(ctx context.Context, id, agent, verdict string) error {
	if err := d.holds(ctx, id, agent); err != nil {
		return err
	}
	ctx, cancel := d.lasting(ctx)
	defer cancel()
	h, err := d.board.Resolve(ctx, id, agent)
	if err != nil {
		return ours(err)
	}
	if label, ok := verdicts[verdict]; ok {
		if _, err := d.board.Label(ctx, id, agent, label); err != nil {
			d.s.log.Warn("verdict not kept", "error", err)
		}
		if v, ok := metrics.ParseVerdict(string(label)); ok {
			d.s.metrics.Desk(h.Desk).Verdict(v)
		}
	}
	d.returned(ctx, h) // first, so that whoever answers the word is heard by the bot
	d.announce(h, "handoff.returned", nil)
	return nil
}

// ours puts an error of the board into the console's words.
func ours(err error) error {
	switch {
	case errors.Is(err, handoff.ErrNone):
		return console.ErrNotFound
	case errors.Is(err, handoff.ErrState):
		return console.ErrNotYours
	default:
		return fmt.Errorf("move handoff: %w", err)
	}
}

// Present implements [console.Switchboard].
func (d *switchboard) Present(ctx context.Context, agent string) error {
	if err := d.board.Present(ctx, agent); err != nil {
		return fmt.Errorf("note presence: %w", err)
	}
	return nil
}

// watcher is one page that is told of changes.
type watcher struct {
	events  chan console.Event
	pending map[console.Event]struct{}
	wake    chan struct{}
}

// Watch implements [console.Switchboard].
func (d *switchboard) Watch(ctx context.Context) <-chan console.Event {
	w := &watcher{events: make(chan console.Event), pending: map[console.Event]struct{}{}, wake: make(chan struct{}, 1)}
	d.mu.Lock()
	d.watchers[w] = struct{}{}
	d.mu.Unlock()
	d.s.later(func() {
		defer close(w.events)
		defer d.unwatch(w)
		for {
			e, ok := d.next(w)
			if !ok {
				select {
				case <-w.wake:
					continue
				case <-ctx.Done():
					return
				case <-d.stopped:
					return
				}
			}
			select {
			case w.events <- e:
			case <-ctx.Done():
				return
			case <-d.stopped:
				return
			}
		}
	})
	return w.events
}

func (d *switchboard) unwatch(w *watcher) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.watchers, w)
}

// next takes one change that w has not been told of.
func (d *switchboard) next(w *watcher) (console.Event, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for e := range w.pending {
		delete(w.pending, e)
		return e, true
	}
	return console.Event{}, false
}

// notify passes an event on to the pages, each change once however often it
// happened.
func (d *switchboard) notify(e session.Event) {
	change := console.Event{Kind: console.KindQueue}
	switch e.Kind {
	case session.KindFloor:
		change = console.Event{Kind: console.KindFloor, Session: e.Session}
	case kindTyping:
		change = console.Event{Kind: console.KindTyping, Session: e.Session}
	case session.KindTurns:
		change = console.Event{Kind: console.KindTurn, Session: e.Session}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	for w := range d.watchers {
		w.pending[change] = struct{}{}
		select {
		case w.wake <- struct{}{}:
		default:
		}
	}
}
