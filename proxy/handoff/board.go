package handoff

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"
)

// DefaultDesk is the desk of a handoff that names none: the built-in agents' page.
const DefaultDesk = "console"

// The defaults of Config.
const (
	DefaultCapacity = 3
	DefaultMaxWait  = 2 * time.Hour
	DefaultMaxKept  = 1000
)

const (
	// openTTL and closedTTL are how long Redis keeps a handoff: an open one that
	// nobody touches for a day is nobody's, a closed one is kept for retries and
	// for its label.
	openTTL   = 24 * time.Hour
	closedTTL = time.Hour
	// replicaWait is how long a change waits for its replicas.
	replicaWait = 100 * time.Millisecond
	// aloneFor is how long changes do not wait after one did in vain: there are
	// Clusters without replicas.
	aloneFor = time.Minute
	// presence is how long a sign of life of an agent lasts; one is given every
	// ten seconds.
	presence = 25 * time.Second
	// seenFor is how long it is known that an agent was there.
	seenFor = time.Hour
)

// Config is what NewBoard needs.
type Config struct {
	// Client is the Redis of the sessions.
	Client redis.UniversalClient
	// Prefix returns what the keys of a session begin with; it is the shard's,
	// with the tag that keeps them in one slot.
	Prefix func(session string) string
	// Shards are all prefixes there are.
	Shards []string
	// Redact cleans the texts of a card before they are stored or shown. nil =
	// they are clean already.
	Redact func(string) string
	// Capacity is how many conversations an agent can have at once; 0 = 3.
	Capacity int
	// MaxWait is how long a handoff may wait before Run lets it expire; 0 = two
	// hours, negative = for ever (a day, as Redis keeps it).
	MaxWait time.Duration
	// MaxKept bounds the requests that wait in memory while Redis is gone;
	// 0 = 1,000.
	MaxKept int
	// Replicas is how many replicas must have a change before it counts as done,
	// waited for at most 100 ms; 0 = none.
	Replicas int
	// OnChange is called after every change that was made through this board, on
	// the goroutine that made it; it must not block. nil = nobody.
	OnChange func(Handoff)
	// Outbox is where desks are told of what happens to their handoffs; nil = no
	// desk is. The board does not run it.
	Outbox *Outbox
	// Observe is told of every round trip. nil = nobody.
	Observe func(op string, d time.Duration, err error)
	// Logger gets warnings; nil = none.
	Logger *slog.Logger
}

// Board is the switchboard: who waits for a person, and who has whom. Its
// methods may be called from any goroutine, on any node.
type Board struct {
	cfg     Config
	scripts scripts
	view    atomic.Pointer[Overview]
	alone   atomic.Int64 // no change waits for replicas before then, in Unix nanoseconds

	mu sync.Mutex
	// kept are the requests that Redis does not know yet, by session.
	kept map[string]Handoff
	// unlisted are the sessions that could not be put into the index.
	unlisted map[string]Handoff
	// open is the last look at the queue, at is when; refreshed is when the queue was
	// last said to have changed.
	open          []Handoff
	at, refreshed time.Time
	// looking is held by the one that looks.
	looking chan struct{}
}

// NewBoard returns a board. It starts no goroutine and asks nothing of Redis.
func NewBoard(cfg Config) *Board {
	if cfg.Capacity <= 0 {
		cfg.Capacity = DefaultCapacity
	}
	if cfg.MaxWait == 0 {
		cfg.MaxWait = DefaultMaxWait
	}
	if cfg.MaxKept <= 0 {
		cfg.MaxKept = DefaultMaxKept
	}
	if cfg.OnChange == nil {
		cfg.OnChange = func(Handoff) {}
	}
	if cfg.Observe == nil {
		cfg.Observe = func(string, time.Duration, error) {}
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	b := &Board{
		cfg: cfg, scripts: newScripts(), kept: map[string]Handoff{}, unlisted: map[string]Handoff{},
		looking: make(chan struct{}, 1),
	}
	b.view.Store(&Overview{})
	return b
}

// keys are the keys of a session's handoff and of its shard's queue and outbox.
func (b *Board) keys(session string) []string {
	p := b.cfg.Prefix(session)
	return []string{p + "h:" + session, p + "q", p + "out"}
}

// Request asks for a person. One handoff can be open in a session: of several
// requests one wins, and the others get the winner's handoff with won false.
// h.Token makes it safe to ask again: the same token gets the same answer.
//
// When Redis cannot be used, a request that the customer made (Card.Explicit)
// or that a crisis made is kept in memory: won is true, the state is Requested,
// and Run queues it within seconds of Redis' return. It dies with this node.
// Other requests get ErrUnavailable.
func (b *Board) Request(ctx context.Context, h Handoff) (got Handoff, won bool, err error) {
	if h.Session == "" || h.Token == "" {
		return Handoff{}, false, errors.New("handoff: request: session and token are wanted")
	}
	if h.Desk == "" {
		h.Desk = DefaultDesk
	}
	if h.RequestedAt.IsZero() {
		h.RequestedAt = time.Now()
	}
	h.RequestedAt = h.RequestedAt.Truncate(time.Millisecond)
	h.Card = h.Card.redact(b.cfg.Redact)
	if kept, ok := b.keptFor(h.Session); ok && kept.Token != h.Token {
		return kept, false, nil
	}
	got, won, changed, err := b.request(ctx, h)
	if err != nil && unavailable(err) {
		if h.Card.Explicit || h.Card.Crisis {
			if got, won, ok := b.keep(h); ok {
				return got, won, nil
			}
		}
		return Handoff{}, false, fmt.Errorf("%w: request: %w", ErrUnavailable, err)
	}
	if err != nil {
		return Handoff{}, false, err
	}
	b.forget(h.Session)
	if changed {
		b.changed(got)
	}
	return got, won, nil
}

// request runs the script and lists the handoff.
func (b *Board) request(ctx context.Context, h Handoff) (got Handoff, won, changed bool, err error) {
	card, err := json.Marshal(h.Card)
	if err != nil {
		return Handoff{}, false, false, fmt.Errorf("handoff: encode card: %w", err)
	}
	begin := time.Now()
	cmd, err := b.run(ctx, b.scripts.request, b.keys(h.Session), h.Token, h.Session, h.Desk, card,
		h.RequestedAt.UnixMilli(), h.Epoch, openTTL.Milliseconds(), openStates(), b.cfg.Outbox.tells())
	b.cfg.Observe("handoff_request", time.Since(begin), err)
	if err != nil {
		return Handoff{}, false, false, err
	}
	code, got, err := answer(cmd)
	if err != nil {
		return Handoff{}, false, false, err
	}
	if got.State.Open() {
		b.list(ctx, got)
	}
	b.posted(ctx, got)
	return got, code != answerOther, code == answerChanged, nil
}

// Claim takes a waiting handoff for an agent. Of several claims one wins; the
// others get a *TakenError. token tells the attempts of one agent apart: the
// same one may be sent again, another one, from a second browser, loses.
func (b *Board) Claim(ctx context.Context, session, agent, token string) (Handoff, error) {
	if agent == "" || token == "" {
		return Handoff{}, errors.New("handoff: claim: agent and token are wanted")
	}
	begin := time.Now()
	cmd, err := b.run(ctx, b.scripts.claim, b.keys(session), agent, token, time.Now().UnixMilli(),
		before(Accepted), " "+string(Accepted)+" "+string(Active)+" ", b.cfg.Outbox.tells(), openTTL.Milliseconds())
	b.cfg.Observe("handoff_claim", time.Since(begin), err)
	h, err := b.conclude(cmd, err, Accepted)
	if err == nil {
		b.forget(session) // what waits to be queued would lose to this one
		b.posted(ctx, h)
	}
	return h, err
}

// OfferAt notes that a waiting handoff is shown to somebody who has to answer, at
// a desk. ErrNone when it is at another desk by now.
func (b *Board) OfferAt(ctx context.Context, session, token, desk string) (Handoff, error) {
	return b.move(ctx, session, Offered, moving{token: token, desk: desk})
}

// Activate says that the agent has the floor now, under the given epoch.
func (b *Board) Activate(ctx context.Context, session, agent string, epoch uint64) (Handoff, error) {
	return b.move(ctx, session, Active, moving{agent: agent, mine: true, at: "tv", epoch: strconv.FormatUint(epoch, 10)})
}

// Release puts a handoff that the agent had back into the queue, at its old place.
func (b *Board) Release(ctx context.Context, session, agent string) (Handoff, error) {
	return b.move(ctx, session, Queued, moving{agent: agent, mine: true})
}

// Return closes the agent's handoff: the bot goes on.
func (b *Board) Return(ctx context.Context, session, agent string) (Handoff, error) {
	return b.move(ctx, session, Returned, moving{agent: agent, mine: true, at: "te"})
}

// Resolve closes the agent's handoff: the matter is settled.
func (b *Board) Resolve(ctx context.Context, session, agent string) (Handoff, error) {
	return b.move(ctx, session, Resolved, moving{agent: agent, mine: true, at: "te"})
}

// Abandon closes the open handoff of a session because the customer went or
// wants no person any more. token names the handoff; "" = the open one.
func (b *Board) Abandon(ctx context.Context, session, token string) (Handoff, error) {
	return b.move(ctx, session, Abandoned, moving{token: token, at: "te"})
}

// AbandonWaiting is Abandon for a handoff that nobody has taken.
func (b *Board) AbandonWaiting(ctx context.Context, session string) (Handoff, error) {
	return b.move(ctx, session, Abandoned, moving{at: "te", from: waitingStates()})
}

// Expire closes a waiting handoff to which nobody came.
func (b *Board) Expire(ctx context.Context, session, token string) (Handoff, error) {
	return b.move(ctx, session, Expired, moving{token: token, at: "te"})
}

// Fail closes a handoff whose desk cannot be reached.
func (b *Board) Fail(ctx context.Context, session, token string) (Handoff, error) {
	return b.move(ctx, session, Failed, moving{token: token, at: "te"})
}

// FailWaiting is Fail for a handoff that waits at a desk and that nobody has taken:
// an agent who came all the same goes on. ErrNone when it is at another desk by now.
func (b *Board) FailWaiting(ctx context.Context, session, token, desk string) (Handoff, error) {
	return b.move(ctx, session, Failed, moving{token: token, desk: desk, at: "te", from: waitingStates()})
}

// moving is what a transition needs: who must have the handoff, which handoff, the
// desk where it must be ("" = any), the field of its time and the epoch.
type moving struct {
	agent string
	mine  bool
	token string
	desk  string
	at    string
	epoch string
	// from are the states to come from, as scripts want them; "" = those of the
	// table.
	from string
}

// move takes the handoff of a session to another state. Doing it again is no
// error.
func (b *Board) move(ctx context.Context, session string, to State, m moving) (Handoff, error) {
	if m.mine && m.agent == "" {
		return Handoff{}, errors.New("handoff: an agent is wanted")
	}
	if kept, ok := b.keptFor(session); ok && (m.token == "" || m.token == kept.Token) && (m.desk == "" || m.desk == kept.Desk) && !m.mine {
		if !Requested.May(to) || to.Open() {
			return kept, fmt.Errorf("%w: %s to %s", ErrState, kept.State, to)
		}
		b.forget(session)
		kept.State, kept.ClosedAt = to, time.Now().Truncate(time.Millisecond)
		b.changed(kept)
		return kept, nil
	}
	ttl := ""
	if !to.Open() {
		ttl = strconv.FormatInt(closedTTL.Milliseconds(), 10)
	}
	begin := time.Now()
	from := m.from
	if from == "" {
		from = before(to)
	}
	cmd, err := b.run(ctx, b.scripts.move, b.keys(session), string(to), from, m.agent, m.token,
		m.at, time.Now().UnixMilli(), m.epoch, ttl, b.tellsOf(to), openTTL.Milliseconds(), rand.Text(), m.desk)
	b.cfg.Observe("handoff_move", time.Since(begin), err)
	h, err := b.conclude(cmd, err, to)
	if err == nil && !to.Open() {
		b.unlist(ctx, h)
	}
	if err == nil {
		b.posted(ctx, h)
	}
	return h, err
}

// conclude turns the answer of a script into a result.
func (b *Board) conclude(cmd *redis.Cmd, err error, to State) (Handoff, error) {
	if err != nil {
		if unavailable(err) {
			err = fmt.Errorf("%w: %w", ErrUnavailable, err)
		}
		return Handoff{}, err
	}
	code, h, err := answer(cmd)
	if err != nil {
		return Handoff{}, err
	}
	switch code {
	case answerChanged:
		b.changed(h)
		return h, nil
	case answerSame:
		told := h
		told.Same = true
		b.changed(told)
		return h, nil
	case answerAgain:
		return h, nil
	case answerOther:
		return h, &TakenError{By: h.Agent}
	case answerState:
		return h, fmt.Errorf("%w: %s to %s", ErrState, h.State, to)
	default:
		return Handoff{}, ErrNone
	}
}

// changed forgets the last look at the queue and tells who wants to know.
func (b *Board) changed(h Handoff) {
	b.Refresh()
	b.cfg.OnChange(h)
}

// Label notes what the agent says about a handoff that he or she has or had.
// It can be said for an hour after the end.
func (b *Board) Label(ctx context.Context, session, agent string, label Label) (Handoff, error) {
	switch label {
	case Needed, TooEarly, TooLate, WrongDesk:
	default:
		return Handoff{}, errors.New("handoff: label: want needed, too_early, too_late or wrong_desk")
	}
	begin := time.Now()
	cmd, err := b.run(ctx, b.scripts.label, b.keys(session), agent, string(label))
	b.cfg.Observe("handoff_label", time.Since(begin), err)
	return b.conclude(cmd, err, "")
}

// Get returns the handoff of a session: the open one, or the last one for an
// hour after its end. ErrNone when there is none.
func (b *Board) Get(ctx context.Context, session string) (Handoff, error) {
	if kept, ok := b.keptFor(session); ok {
		return kept, nil
	}
	begin := time.Now()
	fields, err := b.cfg.Client.HGetAll(ctx, b.keys(session)[0]).Result()
	b.cfg.Observe("handoff_get", time.Since(begin), err)
	if err != nil {
		return Handoff{}, fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	return decode(fields)
}

// Erase forgets the handoff of a session, whatever its state, and what its desk
// was to be told. What a node is sending at this moment may still go out.
func (b *Board) Erase(ctx context.Context, session string) error {
	b.forget(session)
	b.mu.Lock()
	delete(b.unlisted, session)
	b.mu.Unlock()
	k := b.keys(session)
	begin := time.Now()
	pipe := b.cfg.Client.Pipeline()
	pipe.Del(ctx, k[0])
	pipe.ZRem(ctx, k[1], session)
	pipe.ZRem(ctx, indexKey, session)
	b.scripts.forget.Eval(ctx, pipe, []string{k[2], b.cfg.Prefix(session) + "dead"}, session)
	_, err := pipe.Exec(ctx)
	b.cfg.Observe("handoff_erase", time.Since(begin), err)
	b.Refresh()
	if err != nil {
		return fmt.Errorf("handoff: erase: %w", err)
	}
	return nil
}

// openStates are the states that go on, waitingStates those in which nobody has
// the handoff, takenStates those in which somebody has, as the scripts want them.
func openStates() string    { return those(State.Open) }
func waitingStates() string { return those(State.Waiting) }
func takenStates() string   { return those(State.Taken) }

func those(are func(State) bool) string {
	out := " "
	for _, s := range States() {
		if are(s) {
			out += string(s) + " "
		}
	}
	return out
}

// unavailable reports whether an error says that Redis could not be used.
func unavailable(err error) bool {
	if err == nil || errors.Is(err, redis.Nil) || errors.Is(err, context.Canceled) {
		return false
	}
	var answer redis.Error
	if !errors.As(err, &answer) {
		return !errors.Is(err, errAnswer)
	}
	for _, prefix := range []string{
		"LOADING", "READONLY", "CLUSTERDOWN", "MASTERDOWN", "TRYAGAIN", "OOM", "NOREPLICAS", "MISCONF", "BUSY",
		"NOAUTH", "WRONGPASS", "NOPERM", "max number of clients",
	} {
		if redis.HasErrorPrefix(answer, prefix) {
			return true
		}
	}
	return false
}
