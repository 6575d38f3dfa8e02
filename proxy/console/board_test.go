package console_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"attune/proxy/console"
)

// board is a Switchboard in memory.
type board struct {
	mu       sync.Mutex
	order    []string
	convs    map[string]*console.Conversation
	verdicts map[string]string
	watchers map[chan console.Event]struct{}
	broken   error
	present  chan string   // every Present, when somebody reads it
	joined   chan struct{} // every Watch
	left     chan struct{} // every end of a Watch
}

func newBoard(convs ...console.Conversation) *board {
	b := &board{
		convs:    map[string]*console.Conversation{},
		verdicts: map[string]string{},
		watchers: map[chan console.Event]struct{}{},
		present:  make(chan string, 16),
		joined:   make(chan struct{}, 16),
		left:     make(chan struct{}, 16),
	}
	for _, c := range convs {
		b.order = append(b.order, c.Session)
		b.convs[c.Session] = &c
	}
	return b
}

func (b *board) Waiting(context.Context) ([]console.Summary, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	var out []console.Summary
	for _, s := range b.order {
		if c, ok := b.convs[s]; ok {
			out = append(out, c.Summary)
		}
	}
	return out, b.broken
}

func (b *board) Conversation(_ context.Context, session string) (console.Conversation, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	c, ok := b.convs[session]
	if !ok {
		return console.Conversation{}, console.ErrNotFound
	}
	out := *c
	out.Turns = slices.Clone(c.Turns)
	return out, b.broken
}

func (b *board) Claim(_ context.Context, session, agent string) error {
	return b.change(session, console.KindFloor, func(c *console.Conversation) error {
		if c.Agent != "" && c.Agent != agent {
			return &console.TakenError{By: c.Agent}
		}
		c.Agent, c.State = agent, "active"
		return nil
	})
}

func (b *board) Say(_ context.Context, session, agent, text string) error {
	return b.held(session, agent, console.KindTurn, func(c *console.Conversation) {
		c.Turns = append(c.Turns, console.Turn{Role: "agent", Agent: agent, Text: text, At: epoch})
	})
}

func (b *board) Typing(_ context.Context, session, agent string) error {
	return b.held(session, agent, "", func(*console.Conversation) {})
}

func (b *board) Release(_ context.Context, session, agent string) error {
	return b.held(session, agent, console.KindQueue, func(c *console.Conversation) { c.Agent, c.State = "", "queued" })
}

func (b *board) Return(_ context.Context, session, agent string) error {
	return b.held(session, agent, console.KindFloor, func(*console.Conversation) { delete(b.convs, session) })
}

func (b *board) Resolve(_ context.Context, session, agent, verdict string) error {
	return b.held(session, agent, console.KindFloor, func(*console.Conversation) {
		b.verdicts[session] = verdict
		delete(b.convs, session)
	})
}

func (b *board) Present(_ context.Context, agent string) error {
	select {
	case b.present <- agent:
	default:
	}
	return nil
}

func (b *board) Watch(ctx context.Context) <-chan console.Event {
	ch := make(chan console.Event, 16)
	b.mu.Lock()
	b.watchers[ch] = struct{}{}
	b.mu.Unlock()
	tell(b.joined)
	context.AfterFunc(ctx, func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		if _, ok := b.watchers[ch]; ok {
			delete(b.watchers, ch)
			close(ch)
		}
		tell(b.left)
	})
	return ch
}

// tell says that something happened to whoever counts.
func tell(ch chan<- struct{}) {
	select {
	case ch <- struct{}{}:
	default:
	}
}

// hangUp closes every Watch, as a switchboard that stops does.
func (b *board) hangUp() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for ch := range b.watchers {
		delete(b.watchers, ch)
		close(ch)
	}
}

// hear adds a turn from outside.
func (b *board) hear(session string, t console.Turn) {
	_ = b.change(session, console.KindTurn, func(c *console.Conversation) error {
		c.Turns = append(c.Turns, t)
		if t.Role == "customer" {
			c.Last = t.Text
		}
		return nil
	})
}

func (b *board) held(session, agent, kind string, change func(*console.Conversation)) error {
	return b.change(session, kind, func(c *console.Conversation) error {
		if c.Agent != agent {
			return console.ErrNotYours
		}
		change(c)
		return nil
	})
}

func (b *board) change(session, kind string, change func(*console.Conversation) error) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.broken != nil {
		return b.broken
	}
	c, ok := b.convs[session]
	if !ok {
		return console.ErrNotFound
	}
	if err := change(c); err != nil {
		return err
	}
	for ch := range b.watchers {
		if kind == "" {
			continue
		}
		select {
		case ch <- console.Event{Kind: kind, Session: session}:
		default: // a test that does not read
		}
	}
	return nil
}

func (b *board) verdict(session string) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.verdicts[session]
}

// breakDown makes every call fail from now on.
func (b *board) breakDown() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.broken = errors.New("redis: connection refused")
}

// epoch is where the tests' clocks start.
var epoch = time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)

// parcel is a conversation with one of everything.
func parcel(session string) console.Conversation {
	at := func(s int) time.Time { return epoch.Add(time.Duration(s-120) * time.Second) }
	return console.Conversation{
		Summary: console.Summary{
			Session: session, Desk: "support", State: "queued",
			Reason: "asks-for-person", Why: "A refused exit is what people remember and retell.",
			Feelings: map[string]float64{"dominated": 4, "ignored": 3.1, "frustrated": 2.2},
			Score:    7.3, Since: epoch.Add(-2 * time.Minute), Language: "en", Channel: "text",
			Last: "third time now: let me talk to a human",
		},
		Goal:     "Find out where parcel 4711 is",
		Words:    []string{"third time", "talk to a human"},
		Tried:    []string{"Asked for the order number twice", "Offered the tracking page"},
		Facts:    []string{"order 4711", "ordered on 12 November"},
		Promises: []console.Promise{{Text: "A person within 5 minutes", Due: epoch.Add(3 * time.Minute)}},
		Turns: []console.Turn{
			{Role: "customer", Text: "where is my parcel 4711", At: at(0)},
			{Role: "bot", Text: "Sorry, I did not get that.", Sent: "I did not catch that, and I want to get it right. Could you tell me a bit more?", Rules: []string{"soften-fallback"}, At: at(5)},
			{Role: "customer", Text: "where is my parcel 4711!!", Signals: []string{"says-it-again"}, At: at(30)},
			{Role: "bot", Text: "Great! You can track parcels on our page.", Sent: "You can track parcels on our page.", Rules: []string{"strip-cheer"}, At: at(33)},
			{Role: "event", Event: "reconnect", At: at(60)},
			{Role: "customer", Text: "third time now: let me talk to a human", Signals: []string{"asks-for-person"}, At: at(90)},
			{Role: "attune", Text: "I will bring someone in. It takes about 5 minutes; say 'stay' to go on with me.", At: at(91)},
			{Role: "bot", Text: "Anything else I can do for you today?", Late: true, At: at(95)},
		},
	}
}
