package handoff

import (
	"context"
	"crypto/rand"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
)

const (
	// outKey lists the shards whose outbox is not empty, so that looking for mail
	// costs one call however many shards there are. It is written after the shard
	// and healed from it.
	outKey = "attune:{handoffs}:out"
	// outScanKey is held by the node that heals it.
	outScanKey = "attune:{handoffs}:outscan"
	// outGroup is the consumer group of every outbox: the nodes.
	outGroup = "desks"
)

const (
	// DefaultLease is how long mail stays with a node that gives no sign of life.
	// Signs are given four times as often, also while an attempt lasts, so it need
	// not be longer than the slowest receiver.
	DefaultLease = 20 * time.Second
	// DefaultGiveUp is how long mail is tried.
	DefaultGiveUp = 2 * time.Minute
	// outEvery is how often a node looks for mail that it has not heard of.
	outEvery = 500 * time.Millisecond
	// outHand is how much mail a node has in hand at most, outPage how much of one
	// shard it takes at once.
	outHand = 4096
	outPage = 128
	// outSeats is how many attempts at one desk a node makes at the same time.
	outSeats = 32
	// outMax is how much mail of one shard may wait before customers' words, which
	// agents can also read elsewhere, are not added any more.
	outMax = 10000
	// deadTTL and deadMax bound the dead letters of a shard.
	deadTTL = 7 * 24 * time.Hour
	deadMax = 1000
)

// OutboxConfig is what NewOutbox needs.
type OutboxConfig struct {
	// Client and Shards are those of the board.
	Client redis.UniversalClient
	Shards []string
	// Desks are the ids of the desks that are told.
	Desks []string
	// Deliver makes one attempt. It is called by many goroutines at once, for one
	// handoff at one desk by one at a time, and must end with its context. An error that is a
	// *RefusedError ends the attempts, any other one is tried again.
	Deliver func(ctx context.Context, m Mail) error
	// Delivered and Dead hear what became of mail, before it is taken from the
	// outbox. On an error they are called again until ctx ends, and a node that dies
	// in between leaves that to another one. nil = nobody.
	Delivered func(ctx context.Context, m Mail) error
	Dead      func(ctx context.Context, m Mail, reason string) error
	// GiveUp is how long after it happened mail for a desk is still tried; nil:
	// DefaultGiveUp. One attempt is always made.
	GiveUp func(desk string) time.Duration
	// Pauses are those between attempts, each a quarter more or less; the last one
	// repeats. nil = DefaultPauses.
	Pauses []time.Duration
	// Lease is how long mail stays with a silent node; 0 = DefaultLease.
	Lease time.Duration
	// Observe is told of round trips. nil = nobody.
	Observe func(op string, d time.Duration, err error)
	// Logger gets warnings; nil = none.
	Logger *slog.Logger
}

// RefusedError says that a receiver will not take a mail, however often it is
// tried.
type RefusedError struct {
	// Reason is a word for the log and for the dead letter.
	Reason string
}

// Error gives the reason.
func (e *RefusedError) Error() string { return "handoff: refused: " + e.Reason }

// LaterError says when a receiver wants the next attempt, at the earliest.
type LaterError struct {
	After time.Duration
	Err   error
}

// Error is that of the attempt.
func (e *LaterError) Error() string { return e.Err.Error() }

// Unwrap returns it.
func (e *LaterError) Unwrap() error { return e.Err }

// Outbox brings mail to desks: what a board puts into the streams of the shards
// is delivered by whatever node is alive, at least once. Its methods may be called
// from any goroutine.
type Outbox struct {
	cfg  OutboxConfig
	self string // the name of this node among the consumers
	told string // the desks, as scripts want them
	wake chan struct{}

	scripts outScripts
	lanes   sync.WaitGroup

	mu     sync.Mutex
	hand   map[way]*lane
	inHand int
	seats  map[string]chan struct{} // by desk
	depth  int
	oldest time.Time
}

// NewOutbox returns an outbox. It starts no goroutine and asks nothing of Redis.
func NewOutbox(cfg OutboxConfig) *Outbox {
	if cfg.Lease <= 0 {
		cfg.Lease = DefaultLease
	}
	if len(cfg.Pauses) == 0 {
		cfg.Pauses = DefaultPauses
	}
	if cfg.GiveUp == nil {
		cfg.GiveUp = func(string) time.Duration { return DefaultGiveUp }
	}
	if cfg.Delivered == nil {
		cfg.Delivered = func(context.Context, Mail) error { return nil }
	}
	if cfg.Dead == nil {
		cfg.Dead = func(context.Context, Mail, string) error { return nil }
	}
	if cfg.Observe == nil {
		cfg.Observe = func(string, time.Duration, error) {}
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	return &Outbox{
		cfg: cfg, self: rand.Text(), told: " " + strings.Join(cfg.Desks, " ") + " ", wake: make(chan struct{}, 1),
		scripts: newOutScripts(), hand: map[way]*lane{}, seats: map[string]chan struct{}{},
	}
}

// tells returns the desks that are told, between spaces; a nil outbox tells none.
func (o *Outbox) tells() string {
	if o == nil {
		return ""
	}
	return o.told
}

// Tells reports whether a desk is told.
func (o *Outbox) Tells(desk string) bool { return o != nil && slices.Contains(o.cfg.Desks, desk) }

// posted notes that the outbox of a shard is not empty. When that cannot be
// written, healing finds it.
func (o *Outbox) posted(ctx context.Context, shard string) {
	_ = o.index(ctx, shard)
	select {
	case o.wake <- struct{}{}:
	default:
	}
}

func (o *Outbox) index(ctx context.Context, shards ...string) error {
	pipe := o.cfg.Client.Pipeline()
	for _, s := range shards {
		// Microseconds tell one writing from another and are exact in a float.
		pipe.ZAdd(ctx, outKey, redis.Z{Score: float64(time.Now().UnixMicro()), Member: s})
	}
	pipe.PExpire(ctx, outKey, openTTL)
	_, err := pipe.Exec(ctx)
	return err
}

// Standing tells how much mail waits, in hand or not, and since when the oldest
// does (zero: nothing waits), as Run saw it within the last two seconds.
func (o *Outbox) Standing() (depth int, oldest time.Time) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.depth, o.oldest
}
