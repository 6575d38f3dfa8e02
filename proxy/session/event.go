package session

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"
)

// bus is the channel of the events between nodes.
const bus = "attune:bus"

// The kinds of events that the store itself publishes or acts on. Callers add
// their own kinds.
const (
	// KindFloor: the floor changed; Floor, Epoch, Holder.
	KindFloor = "floor"
	// KindSay: somebody's words for the customer, to whoever has the widget; Agent, Text, Token.
	KindSay = "say"
	// KindTurns: turns of a watched session, as they happen; Turns.
	KindTurns = "turns"
	// KindWatch: somebody looks at the session.
	KindWatch = "watch"
	// KindErase: the session was erased; Gen.
	KindErase = "erase"
	// KindEnd: the session ended on Node, and ends wherever it is held; Text is the
	// outcome, Gen tells which conversation it was.
	KindEnd = "end"
	// KindOwner: Node owns the session; Gen is the version of the holders.
	KindOwner = "owner"
	// KindJoin: Node holds the session, too.
	KindJoin = "join"
	// KindKnock asks the owner, To, for the session.
	KindKnock = "knock"
	// KindApply tells a holder, To, who has the floor; Floor, Epoch, Holder. It
	// answers when no bridge of its acts on an older one.
	KindApply = "apply"
	// KindAnswer answers an event that was sent by Ask; Token is that one's.
	KindAnswer = "answer"
)

// Event is what nodes tell one another about a session. Delivery is at most
// once: whoever must not miss anything reads the state again after a
// KindResync event.
type Event struct {
	Session string `json:"s"`
	Kind    string `json:"k"`
	// Node is the instance that published it; filled by the store.
	Node string `json:"n,omitempty"`
	// To is the only instance that it is for; empty: for all.
	To string `json:"to,omitempty"`

	Floor  Floor  `json:"f,omitempty"`
	Epoch  uint64 `json:"e,omitempty"`
	Holder string `json:"h,omitempty"`
	Agent  string `json:"a,omitempty"`
	Text   string `json:"x,omitempty"`
	// Token makes a repeated event recognisable.
	Token string `json:"o,omitempty"`
	Turns []Turn `json:"u,omitempty"`
	Gen   uint64 `json:"g,omitempty"`
	// Data is for kinds of the caller's own.
	Data json.RawMessage `json:"d,omitempty"`
}

// KindResync is not published: every node gives it to its own handlers when
// events may have been missed (Redis was gone). Session is empty.
const KindResync = "resync"

// watchFor is how long one KindWatch event lasts.
const watchFor = 15 * time.Second

// ErrBusy says that an event was not taken because too many wait.
var ErrBusy = errors.New("session: too many events wait")

// OnEvent adds a handler of events, this node's own included. It is called
// before Run. Handlers run one after another on the goroutine that brought the
// event, also concurrently with themselves: they must not block and must not
// call the store from within Session.Do.
func (s *Store) OnEvent(f func(Event)) { s.handlers = append(s.handlers, f) }

// Publish tells an event to every node: to this one at once, to the others
// before it returns. An error says that the others may not know.
func (s *Store) Publish(ctx context.Context, e Event) error {
	e.Node = s.instance
	data, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("session: encode event: %w", err)
	}
	s.handle(e)
	begin := time.Now()
	err = s.client.Publish(ctx, bus, data).Err()
	s.observe("publish", begin, err)
	if err != nil {
		return fmt.Errorf("session: publish: %w", err)
	}
	return nil
}

// Post is Publish without waiting: this node's handlers run at once, the other
// nodes are told by Run. ErrBusy when the queue of 1,024 is full.
func (s *Store) Post(e Event) error {
	e.Node = s.instance
	s.handle(e)
	select {
	case s.posts <- e:
		return nil
	default:
		return ErrBusy
	}
}

// Watch asks the node that holds the session to publish its turns as they come
// (KindTurns, within a flush, at once while an agent has the floor), for 15
// seconds.
func (s *Store) Watch(ctx context.Context, id string) error {
	return s.Publish(ctx, Event{Session: id, Kind: KindWatch})
}

// handle applies an event to the local session and passes it on.
func (s *Store) handle(e Event) {
	switch {
	case e.To != "" && e.To != s.instance:
		return
	case e.Kind == KindAnswer:
		s.answered(e)
		return
	case e.Kind == KindKnock:
		s.knocked(e)
		return
	}
	if sess, ok := s.Live(e.Session); ok {
		switch e.Kind {
		case KindFloor, KindApply:
			sess.mu.Lock()
			sess.learn(e.Floor, e.Epoch, e.Holder)
			sess.mu.Unlock()
		case KindOwner:
			if e.Node != s.instance {
				sess.ceded(e.Node, e.Gen)
			}
		case KindJoin:
			sess.joined()
		case KindWatch:
			sess.mu.Lock()
			sess.watched = time.Now().Add(watchFor)
			sess.mu.Unlock()
		case KindErase:
			sess.purge(e.Gen)
		case KindEnd:
			if e.Node != s.instance {
				s.over(sess, e.Gen, e.Text)
			}
		}
	}
	if e.Kind == KindApply {
		_ = s.Answer(e, Event{}) // asked again when it is lost
	}
	s.pass(e)
}

// pass tells an event to this node's handlers.
func (s *Store) pass(e Event) {
	for _, f := range s.handlers {
		f(e)
	}
}

// adopt takes over a floor that is newer than what the book says, or the same
// age and agreed elsewhere. Called with mu held; it says whether it did.
func (s *Session) adopt(to Floor, epoch uint64, holder string) bool {
	b := &s.book
	if epoch >= b.Epoch {
		s.kept = to
	}
	if epoch < b.Epoch || epoch == b.Epoch && to == b.Floor && holder == b.Holder {
		return false
	}
	// Who else takes it for Attune has not stored what was taken here.
	b.Floor, b.Epoch, b.Holder, s.taken = to, epoch, holder, s.taken && to == Attune
	s.announced = max(s.announced, epoch)
	return true
}

// learn is adopt for what a record or another node says, which may be older than
// the floor's being taken here. Called with mu held.
func (s *Session) learn(to Floor, epoch uint64, holder string) bool {
	if s.taken && to == Bot {
		s.book.Epoch = max(s.book.Epoch, epoch)
		return false
	}
	return s.adopt(to, epoch, holder)
}

// floorEvent is the event of the book's floor. Called with mu held.
func (s *Session) floorEvent() Event {
	b := &s.book
	return Event{Session: s.id, Kind: KindFloor, Node: s.store.instance, Floor: b.Floor, Epoch: b.Epoch, Holder: b.Holder}
}

// unknown stands in an event for the number that a script fills in: the largest
// one that scripts and JSON both hold exactly.
const unknown = 1 << 53

// split encodes an event in which one number is unknown: what comes before and
// after it.
func split(e Event) (before, after string, err error) {
	data, err := json.Marshal(e)
	if err != nil {
		return "", "", fmt.Errorf("session: encode event: %w", err)
	}
	head, tail, _ := bytes.Cut(data, strconv.AppendUint(nil, unknown, 10))
	return string(head), string(tail), nil
}

// subscribe hears the events of other nodes until ctx ends.
func (s *Store) subscribe(ctx context.Context) {
	ps := s.listener.Subscribe(ctx, bus)
	stop := context.AfterFunc(ctx, func() { _ = ps.Close() })
	defer stop()
	defer func() { _ = ps.Close() }()
	// What happened before the first subscription was missed too.
	missed := true
	for ctx.Err() == nil {
		// The timeout only makes room for a ping: a dead peer is found by it.
		msg, err := ps.ReceiveTimeout(ctx, 5*time.Second)
		switch m := msg.(type) {
		case *redis.Message:
			var e Event
			if json.Unmarshal([]byte(m.Payload), &e) == nil && e.Node != s.instance {
				s.handle(e)
			}
		case *redis.Subscription:
			if missed {
				missed = false
				s.resync()
			}
		}
		if err == nil || ctx.Err() != nil {
			continue
		}
		if timeout(err) && ps.Ping(ctx) == nil {
			continue
		}
		if missed { // not at once: the client has another conn already, and what comes over it must not wait
			pause(ctx, 200*time.Millisecond)
		}
		missed = true
	}
}

// post publishes what Post queued until ctx ends, many at a time.
func (s *Store) post(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case e := <-s.posts:
			batch := []Event{e}
			for len(s.posts) > 0 && len(batch) < 128 {
				batch = append(batch, <-s.posts)
			}
			s.publishAll(ctx, batch)
		}
	}
}

// publishAll tells events to the other nodes. Whether it worked shows in the
// observations only: events are at most once.
func (s *Store) publishAll(ctx context.Context, events []Event) {
	if len(events) == 0 || s.mode == ModeEmbedded {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, s.cfg.stretch(callTimeout))
	defer cancel()
	pipe := s.client.Pipeline()
	for _, e := range events {
		data, err := json.Marshal(e)
		if err == nil {
			pipe.Publish(ctx, bus, data)
		}
	}
	begin := time.Now()
	_, err := pipe.Exec(ctx)
	s.observe("publish", begin, err)
}
