package proxy

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"sync"
	"time"

	"attune/metrics"
	"attune/proxy/handoff"
	"attune/proxy/session"
	"attune/rules"
)

// switchboard brings people in: it moves handoffs along (handoff.Board) and the
// floor with them (session.Store), says what has to be said, and shows all of it
// to the console. What a bridge asks of it runs beside the messages.
type switchboard struct {
	s     *Server
	board *handoff.Board
	store *session.Store
	// couriers tell the desks of other systems; nil: there is none.
	couriers *couriers
	annexes  annexes
	turns    inTurn
	// ledger has what customers were promised.
	ledger *handoff.Ledger
	// told are the tokens of words that were handed to widgets here: a node that takes
	// over from another says the same again.
	told *tokens

	mu       sync.Mutex
	watchers map[*watcher]struct{}
	saying   map[string]chan struct{} // by token: an agent's words on their way
	left     map[string]time.Time     // sessions with an open handoff whose widget has gone
	lost     map[string]time.Time     // sessions that a backend has and that have no widget here
	desks    map[string]struct{}      // every desk that had a queue
	// attendance is when agents were last seen to be there, blind when that could
	// last not be seen.
	attendance map[string]time.Time
	blind      time.Time
	began      time.Time           // when that was looked at first
	heard      bool                // it is known who was there before
	stayed     map[string]struct{} // sessions whose customer has chosen the bot, which Redis does not know yet

	mended  time.Time // by the goroutine of run
	mending sync.Mutex
	astray  map[string]string // floors that were not the board's at mend's last look
	stopped chan struct{}     // closed when run ends
}

// The times of a handoff.
const (
	// lookEvery is how often queues are measured.
	lookEvery = time.Second
	// queueWait is how long somebody waits for a person before the bot takes
	// over again, with a word to the customer.
	queueWait = 10 * time.Minute
	// leftWait is how long a waiting customer may be away before the handoff
	// counts as abandoned.
	leftWait = time.Minute
	// activeWait is how long a claim waits for the nodes that have the widget:
	// their leases have run out by then.
	activeWait = 2 * session.LeaseTTL
	// sayWait is how long an agent's words may take to reach the node that has
	// the widget.
	sayWait = time.Second
)

// The kinds of the switchboard's own events between nodes.
const (
	kindQueue    = "queue"    // the waiting list changed
	kindSaid     = "said"     // words with this token were handed to a widget
	kindReturned = "returned" // a person has given the conversation back
)

func newSwitchboard(s *Server) *switchboard {
	d := &switchboard{
		s: s, store: s.cfg.Store,
		watchers: map[*watcher]struct{}{}, saying: map[string]chan struct{}{}, left: map[string]time.Time{}, lost: map[string]time.Time{},
		desks: map[string]struct{}{}, attendance: map[string]time.Time{}, stayed: map[string]struct{}{}, astray: map[string]string{}, stopped: make(chan struct{}),
	}
	shards := make([]string, session.Shards)
	for i := range shards {
		shards[i] = session.ShardPrefix(i)
	}
	d.couriers = newCouriers(d, shards)
	replicas := 0
	if mode := d.store.Mode(); mode == session.ModeSentinel || mode == session.ModeCluster {
		replicas = 1
	}
	d.board = handoff.NewBoard(handoff.Config{
		Client: d.store.Client(), Prefix: session.Prefix, Shards: shards, Redact: session.Redact, Outbox: d.couriers.box(),
		Capacity: s.cfg.AgentCapacity, MaxWait: queueWait, Replicas: replicas, OnChange: d.changed, Observe: s.observeStore, Logger: s.log,
	})
	d.annexes = annexes{d: d, open: map[string]*annex{}}
	d.turns.words = map[string][]session.Event{}
	d.told = newTokens(maxTokens)
	d.ledger = handoff.NewLedger(handoff.LedgerConfig{
		Client: d.store.Client(), Prefix: session.Prefix, Shards: shards, Redact: session.Redact, Observe: s.observeStore, Logger: s.log,
		OnMade: d.promised, OnDue: func(p handoff.Promise) { s.later(func() { d.due(p) }) },
	})
	d.store.OnEvent(d.event)
	return d
}

// request brings a person in. With took, this node has taken the floor from the
// bot for it; the store learns of that first, so that an agent's floor, who may
// claim as soon as somebody waits, comes after it. token, if there is one, is that of
// the turn: asked for again by another node that has judged it, it is the same request.
func (d *switchboard) request(id string, card handoff.Card, desk string, at time.Time, took bool, token string) {
	ctx, cancel := d.s.within(context.Background(), storeWait)
	defer cancel()
	token = cmp.Or(token, rand.Text())
	d.waitsAgain(id)
	if took {
		d.floor(ctx, id, session.Attune, "", token)
	}
	desk = d.nameOf(desk)
	h, won, err := d.board.Request(ctx, handoff.Handoff{Token: token, Session: id, Desk: desk, Card: card, RequestedAt: at})
	switch {
	case err != nil:
		d.s.metrics.FailOpen(metrics.FailDesk)
		d.s.log.Warn("handoff could not be requested", "rule", card.Reason, "error", err)
		if took { // no person will come, so the bot must not stay silent
			ctx, cancel := d.lasting(ctx)
			defer cancel()
			d.floor(ctx, id, session.Bot, "", rand.Text())
		}
	case !won && card.Crisis:
		d.raise(ctx, id, desk, card)
	case !won && took: // somebody is on the way already, or here
		if h.Card.Callback {
			if now, err := d.board.Hurry(ctx, id, card); err == nil {
				h = now
			}
		}
		d.follow(ctx, id, h)
	}
}

// lasting is a context for what must be finished although the one who asked for
// it may have gone, or may have no time left.
func (d *switchboard) lasting(ctx context.Context) (context.Context, context.CancelFunc) {
	return d.s.within(context.WithoutCancel(ctx), storeWait)
}

// follow gives the floor to whom it belongs as a handoff stands.
func (d *switchboard) follow(ctx context.Context, id string, h handoff.Handoff) {
	switch floor, holder := d.floorFor(h); floor {
	case session.Bot:
		d.toBot(ctx, id)
	default:
		d.floor(ctx, id, floor, holder, rand.Text())
	}
}

// floorFor is the floor that belongs to a handoff; the zero one is none.
func (d *switchboard) floorFor(h handoff.Handoff) (floor session.Floor, holder string) {
	desk := d.offeredAt(h)
	switch {
	case h.State.Taken():
		return session.Agent, h.Agent
	case desk != "":
		return session.Attune, desk
	case h.State.Waiting() && !h.Card.Callback:
		return session.Attune, ""
	default:
		return session.Bot, ""
	}
}

// floor moves the floor, counts it and returns its new epoch.
func (d *switchboard) floor(ctx context.Context, id string, to session.Floor, holder, token string) uint64 {
	epoch, err := d.store.SetFloor(ctx, id, to, holder, token)
	if err != nil && !errors.Is(err, session.ErrDegraded) {
		d.s.log.Warn("floor not changed", "to", to.String(), "error", err)
		return 0
	}
	d.s.metrics.Floor(metrics.Floor(to))
	return epoch
}

// changed hears of every change of a handoff that was made on this node.
func (d *switchboard) changed(h handoff.Handoff) {
	if h.State == handoff.Queued && (!h.Same || h.Card.Crisis) { // a crisis does not wait for room
		d.passOn(h)
	}
	if !h.Same {
		d.entered(h)
	}
	d.post(session.Event{Session: h.Session, Kind: kindQueue})
}

// entered counts a handoff that has entered a state, and does what follows from it.
func (d *switchboard) entered(h handoff.Handoff) {
	desk := d.s.metrics.Desk(h.Desk)
	if state, ok := metrics.ParseHandoff(string(h.State)); ok {
		if h.State == handoff.Queued && h.RequeuedAt.IsZero() {
			desk.Handoff(metrics.HandoffRequested)
		}
		desk.Handoff(state)
	}
	waited := h.Wait(time.Now()).Seconds()
	switch h.State {
	case handoff.Accepted:
		desk.Waited(metrics.WaitAccepted, waited)
	case handoff.Abandoned:
		desk.Waited(metrics.WaitAbandoned, waited)
	case handoff.Expired:
		desk.Waited(metrics.WaitExpired, waited)
		d.s.later(func() { d.unmet(h, "handoff.expired") })
	case handoff.Failed:
		desk.Waited(metrics.WaitFailed, waited)
		d.s.later(func() { d.unmet(h, "handoff.failed") })
	}
	if !h.State.Open() && len(d.s.cfg.Desks.of(deskBackend))+len(d.s.cfg.Desks.of(deskUpstream)) > 0 {
		d.s.later(func() { d.passNext(h.Desk) })
	}
	if !h.State.Waiting() && h.State != handoff.Active {
		d.s.later(func() { d.settle(h) })
	}
	d.s.log.Info("handoff", "state", string(h.State), "desk", h.Desk, "rule", h.Card.Reason)
}

// abandon ends a handoff whose customer wants no person any more or is gone.
func (d *switchboard) abandon(ctx context.Context, id string) {
	if d.close(ctx, id) {
		d.toBot(ctx, id)
	}
}

// close ends the handoff of a session, if there is one, and leaves the floor
// alone.
func (d *switchboard) close(ctx context.Context, id string) (done bool) {
	if d.settled(ctx, id) {
		return true
	}
	_, err := d.board.Abandon(ctx, id, "")
	if err != nil && !errors.Is(err, handoff.ErrNone) && !errors.Is(err, handoff.ErrState) {
		d.s.log.Warn("handoff not ended", "error", err)
		return false
	}
	return true
}

// unmet tells a customer that nobody comes, and lets the bot go on.
func (d *switchboard) unmet(h handoff.Handoff, message string) {
	ctx, cancel := d.s.within(context.Background(), storeWait)
	defer cancel()
	d.toBot(ctx, h.Session) // first, so that whoever answers the word is heard by the bot
	d.announce(h, message, nil)
}

// toBot gives the floor back to the bot.
func (d *switchboard) toBot(ctx context.Context, id string) {
	d.floor(ctx, id, session.Bot, "", rand.Text())
}

// returned gives the floor back to the bot after a person was there: the score
// starts anew, before the bot's next word.
func (d *switchboard) returned(ctx context.Context, h handoff.Handoff) {
	d.post(session.Event{Session: h.Session, Kind: kindReturned, Text: d.summary(ctx, h), Token: rand.Text()})
	d.toBot(ctx, h.Session)
}

// customerLeft starts the time within which a waiting customer may come back.
func (d *switchboard) customerLeft(sess *session.Session) {
	open := false
	sess.Do(func(book *session.Book) { open = book.Floor != session.Bot })
	if open {
		d.mu.Lock()
		d.left[sess.ID()] = time.Now()
		d.mu.Unlock()
	}
}

// customerBack stops it.
func (d *switchboard) customerBack(id string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.left, id)
}

// run keeps the board and measures the queues until ctx ends.
func (d *switchboard) run(ctx context.Context) error {
	var board sync.WaitGroup
	defer board.Wait()
	var err error
	board.Go(func() { err = d.board.Run(ctx) })
	board.Go(func() { d.couriers.run(ctx) })
	board.Go(func() { _ = d.ledger.Run(ctx) })
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			close(d.stopped)
			board.Wait()
			return err
		case <-ticker.C:
			d.look(ctx)
		}
	}
}

func (d *switchboard) look(ctx context.Context) {
	now := time.Now()
	d.s.forgetAway(now)
	d.s.polls.sweep(now.Add(-pollRest), false)
	degraded := 0.0
	if d.store.Degraded() || d.s.lacking.Load() {
		degraded = 1
	}
	d.s.metrics.Degraded.Set(degraded)
	d.measure(d.board.Overview(), now)
	d.couriers.measure(now)
	d.attend(now)
	d.unwait()
	if now.Sub(d.mended) >= mendEvery {
		d.mended = now
		d.mend(ctx)
		d.annexes.sweep()
		d.s.later(d.s.syncRules)
	}

	d.mu.Lock()
	gone, lost := overdue(d.left, now), overdue(d.lost, now)
	watched := len(d.watchers) > 0
	d.mu.Unlock()
	for _, id := range gone {
		d.s.later(func() { d.gone(id) })
	}
	for _, id := range lost {
		d.s.later(func() { d.orphaned(id) })
	}
	if watched && now.Unix()%watchEvery == 0 {
		d.watch(ctx)
	}
}

// watchEvery is how often, in seconds, the turns of open conversations are asked
// for while somebody looks at the console; asking holds for 15 s.
const watchEvery = 5

func (d *switchboard) watch(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, lookEvery)
	defer cancel()
	open, err := d.board.Waiting(ctx)
	if err != nil {
		return
	}
	for _, h := range open {
		_ = d.store.Watch(ctx, h.Session)
	}
}

// gone ends the handoff of a customer who has left, unless another node has the
// widget by now. One that does not answer and owns the conversation may have it all
// the same: it is asked again.
func (d *switchboard) gone(id string) {
	ctx, cancel := d.s.within(context.Background(), storeWait)
	defer cancel()
	if d.present(ctx, id) {
		return
	}
	if owner, err := d.store.Holder(ctx, id); err != nil || owner != "" {
		if h, err := d.board.Get(ctx, id); errors.Is(err, handoff.ErrNone) || err == nil && !h.State.Open() {
			return // that node has ended it
		}
		d.mu.Lock()
		d.left[id] = time.Now()
		d.mu.Unlock()
		return
	}
	d.abandon(ctx, id)
}

// measure sets the gauges of the queues.
func (d *switchboard) measure(o handoff.Overview, now time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for desk := range o.Desks {
		d.desks[desk] = struct{}{}
	}
	for desk := range d.desks { // an empty queue shows as 0
		q := o.Desks[desk]
		m := d.s.metrics.Desk(desk)
		m.Depth.Set(float64(q.Depth))
		m.OldestWait.Set(0)
		if !q.Oldest.IsZero() {
			m.OldestWait.Set(now.Sub(q.Oldest).Seconds())
		}
	}
}

// announce says one of the well-known messages to the customer of a handoff,
// in the language and register it was asked for in, on whatever node the widget is.
func (d *switchboard) announce(h handoff.Handoff, message string, slots map[string]string) {
	d.announceOnce(h, message, slots, rand.Text())
}

// announceOnce is announce for what several nodes may have to say: once under a token.
func (d *switchboard) announceOnce(h handoff.Handoff, message string, slots map[string]string, token string) {
	facts := &rules.Facts{Session: h.Session, Locale: h.Card.Language, Register: h.Card.Register}
	set, _ := d.s.rules.Load().of(h.Session)
	if text := set.Message(message, facts, nil, slots); text != "" {
		// Not posted: words that somebody says right behind it must come after it.
		ctx, cancel := d.s.within(context.Background(), storeWait)
		defer cancel()
		if err := d.store.Publish(ctx, session.Event{Session: h.Session, Kind: session.KindSay, Text: text, Token: token}); err != nil {
			d.s.log.Warn("words not told to other nodes", "error", err)
		}
	}
}

func (d *switchboard) post(e session.Event) {
	if err := d.store.Post(e); err != nil {
		d.s.log.Warn("event not told to other nodes", "kind", e.Kind, "error", err)
	}
}
