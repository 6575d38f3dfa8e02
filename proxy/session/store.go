package session

import (
	"context"
	"crypto/cipher"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/logging"
)

// The defaults of Config.
const (
	DefaultIdleTTL     = 30 * time.Minute
	DefaultFlush       = 900 * time.Millisecond
	DefaultMaxEmbedded = 1000
	DefaultKeep        = 4
	DefaultMaxWaiting  = 64 << 20
)

const (
	// callTimeout bounds one round trip of the store's own, retries included.
	callTimeout = time.Second
	// finalTimeout bounds the last flush of Run.
	finalTimeout = 3 * time.Second
	// grace is how long a session without a bridge stays in memory: most widgets
	// that reconnect do so within seconds.
	grace = 30 * time.Second
	// tombTTL is how long an erased session cannot be written again by a node
	// that has not heard of it.
	tombTTL = 24 * time.Hour
)

var (
	// ErrDegraded says that Redis cannot be used now; the store goes on in memory.
	ErrDegraded = errors.New("session: redis is not available")
	// ErrErased says that the session was erased.
	ErrErased = errors.New("session: erased")
	// ErrNotFound says that no node has stored such a session.
	ErrNotFound = errors.New("session: not found")
)

// Config is what Open needs.
type Config struct {
	// URL says where Redis is; "" = the embedded store. redis://, rediss:// and
	// unix:// name one server, several hosts a Cluster, ?master=NAME Sentinels.
	URL string
	// Node names this node in events; made up when empty.
	Node string
	// NewState makes the rules' state of a new conversation. nil = the stored
	// state is kept as it is.
	NewState func() State
	// Merge joins two states of one conversation that went on in two places: what
	// another node stored (or an earlier time stored, when Redis answered late)
	// and what this node has. It may change and return either; it is called under
	// the session's lock, and may see the same stored state again. nil = the side
	// with more turns wins.
	Merge func(stored, local State) State
	// Secret encrypts what waits in Redis for a sign of the widget (Store.Keep); all
	// nodes must have the same. "" = such messages wait in memory only.
	Secret string
	// Redact cleans a text before it is kept; nil = Redact.
	Redact func(string) string
	// IdleTTL is how long a session outlives its last turn, at least; 0 = 30 minutes.
	IdleTTL time.Duration
	// Flush is how often changes are stored, at most a second; 0 = 900 ms.
	Flush time.Duration
	// MaxEmbedded bounds the sessions in the embedded store; 0 = 1,000.
	MaxEmbedded int
	// Leeway stretches the time that Redis and other nodes have for an answer: so
	// many times as long as usual, for a slow way to Redis or a slow machine; 0 = 1.
	Leeway int
	// Lease is how long this node counts as alive after it last said so; 0 = LeaseTTL.
	Lease time.Duration
	// Keep is how many stored turns stay in memory with each session; 0 = 4.
	Keep int
	// MaxWaiting bounds the memory of all turns that wait to be stored, in bytes;
	// 0 = 64 MiB. Beyond it the oldest waiting turns are dropped and counted.
	MaxWaiting int64
	// Logger gets warnings when Redis goes and comes; nil = none.
	Logger *slog.Logger
	// Observe is told of every round trip; op is one of load, flush, floor,
	// history, erase, publish, ping, lease, own,
	// holders, keep. nil = nobody.
	Observe func(op string, d time.Duration, err error)
}

// Store holds the conversations of this node and stores them in Redis, which
// all nodes share. Its methods may be called from any goroutine.
type Store struct {
	cfg      Config
	mode     string
	instance string
	client   redis.UniversalClient
	// listener has its own connections: a subscription holds one for ever.
	listener redis.UniversalClient
	embedded *embedded
	scripts  scripts
	sealed   cipher.AEAD // nil without Config.Secret
	probe    func(ctx context.Context) error

	handlers []func(Event)
	posts    chan Event
	kick     chan struct{}

	leased atomic.Pointer[time.Time] // until when this node's lease is good
	knocks chan Event

	doubtsMu sync.Mutex
	doubts   map[*Session]struct{} // sessions that may be somebody else's

	silent sync.Map // nodes that do not answer, and until when they are not asked again

	askedMu sync.Mutex
	asked   map[string]chan<- Event // who waits for an answer, by token

	seq      atomic.Uint64
	waiting  atomic.Int64
	dropped  atomic.Uint64
	degraded atomic.Bool

	// flushing has room for one: flushes follow one another, and whoever flushes
	// has the luggage.
	flushing chan struct{}
	luggage  luggage
	shards   [Shards]shard
}

// shard holds the sessions of one shard.
type shard struct {
	mu sync.Mutex
	// live sessions by id; ending ones wait for their last flush.
	live, ending map[string]*Session

	dirtyMu sync.Mutex
	dirty   []*Session
}

// Open makes a store. It starts no goroutine and opens no connection: an error
// is a wrong configuration.
func Open(cfg Config) (*Store, error) {
	cfg.fill()
	// The client would write lines of its own to stderr, one for each attempt to
	// dial; what it meets is in Observe and in our own warnings.
	logging.Disable()
	s := &Store{
		cfg: cfg, instance: instance(cfg.Node), scripts: newScripts(),
		posts: make(chan Event, 1024), kick: make(chan struct{}, 1), flushing: make(chan struct{}, 1),
		knocks: make(chan Event, 1024), doubts: map[*Session]struct{}{}, asked: map[string]chan<- Event{},
	}
	s.leased.Store(&time.Time{})
	var err error
	if s.sealed, err = seal(cfg.Secret); err != nil {
		return nil, err
	}
	var o *redis.UniversalOptions
	if cfg.URL == "" {
		s.embedded = newEmbedded(cfg.MaxEmbedded)
		s.mode, o = ModeEmbedded, s.embedded.options(cfg.stretch(ioTimeout))
		cfg.Logger.Warn("sessions are kept in this process only", "max_sessions", cfg.MaxEmbedded)
	} else {
		if o, s.mode, err = options(cfg.URL, cfg.stretch(ioTimeout)); err != nil {
			return nil, fmt.Errorf("session: redis URL: %w", err)
		}
	}
	s.client = redis.NewUniversalClient(o)
	s.listener = redis.NewUniversalClient(o)
	if s.mode == ModeSingle {
		// A pool that has failed to dial often enough tries again only once a
		// second, so the way is tried beside it first.
		s.probe = dialProbe(o)
	}
	return s, nil
}

func (c *Config) fill() {
	if c.NewState == nil {
		c.NewState = func() State { return new(verbatim) }
	}
	if c.Redact == nil {
		c.Redact = Redact
	}
	if c.IdleTTL <= 0 {
		c.IdleTTL = DefaultIdleTTL
	}
	if c.Flush <= 0 || c.Flush > time.Second {
		c.Flush = DefaultFlush
	}
	if c.Lease <= 0 {
		c.Lease = LeaseTTL
	}
	if c.MaxEmbedded <= 0 {
		c.MaxEmbedded = DefaultMaxEmbedded
	}
	if c.Keep <= 0 {
		c.Keep = DefaultKeep
	}
	if c.MaxWaiting <= 0 {
		c.MaxWaiting = DefaultMaxWaiting
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.Observe == nil {
		c.Observe = func(string, time.Duration, error) {}
	}
}

// stretch is how long something may take that usually has d.
func (c *Config) stretch(d time.Duration) time.Duration { return d * time.Duration(max(c.Leeway, 1)) }

// instance names one life of one node: a restarted node is another writer.
func instance(node string) string {
	var b [5]byte
	_, _ = rand.Read(b[:]) // never fails
	if node == "" {
		node = "n"
	}
	return node + "." + hex.EncodeToString(b[:])
}

// verbatim is a state that nobody looks into.
type verbatim []byte

func (v *verbatim) MarshalBinary() ([]byte, error)    { return *v, nil }
func (v *verbatim) UnmarshalBinary(data []byte) error { *v = append((*v)[:0], data...); return nil }

// Mode says what the sessions are stored in: "embedded", "single", "cluster" or
// "sentinel".
func (s *Store) Mode() string { return s.mode }

// Degraded reports whether Redis could not be used the last time it was tried.
// The store goes on in memory and tries again at least once in a flush interval.
func (s *Store) Degraded() bool { return s.degraded.Load() }

// Dropped is how many turns were forgotten before they could be stored.
func (s *Store) Dropped() uint64 { return s.dropped.Load() }

// Client is the client of the sessions, for others that share this Redis. It
// must not be closed, nor used for commands that block.
func (s *Store) Client() redis.UniversalClient { return s.client }

// Instance names this life of this node; it is Event.Node of its events.
func (s *Store) Instance() string { return s.instance }

// Ping asks Redis for a sign of life.
func (s *Store) Ping(ctx context.Context) error {
	begin := time.Now()
	err := s.client.Ping(ctx).Err()
	s.note("ping", begin, err)
	if err != nil {
		return fmt.Errorf("session: ping: %w", err)
	}
	return nil
}

// Close closes the connections, and the embedded store with all it holds. It is
// called after Run has returned.
func (s *Store) Close() error {
	err := errors.Join(s.listener.Close(), s.client.Close())
	if s.embedded != nil {
		s.embedded.close()
	}
	if err != nil {
		return fmt.Errorf("session: close: %w", err)
	}
	return nil
}

// observe reports a round trip.
func (s *Store) observe(op string, begin time.Time, err error) {
	if errors.Is(err, redis.Nil) {
		err = nil
	}
	s.cfg.Observe(op, time.Since(begin), err)
}

// note reports a round trip and draws the conclusion about Redis.
func (s *Store) note(op string, begin time.Time, err error) {
	s.observe(op, begin, err)
	switch {
	case err == nil || errors.Is(err, redis.Nil):
		if s.degraded.CompareAndSwap(true, false) {
			s.cfg.Logger.Info("redis is back", "op", op)
			s.resync()
		}
	case unavailable(err):
		if s.degraded.CompareAndSwap(false, true) {
			s.cfg.Logger.Warn("redis is not available, sessions go on in memory", "op", op, "error", err)
		}
		s.wake()
	}
}

// noteIn is note for a call within a context of somebody who does not wait for
// long: that its time is up says nothing about Redis.
func (s *Store) noteIn(ctx context.Context, op string, begin time.Time, err error) {
	if err != nil && expired(ctx) {
		s.observe(op, begin, err)
		return
	}
	s.note(op, begin, err)
}

// expired reports whether a context has ended, or is about to: calls keep its
// deadline by themselves.
func expired(ctx context.Context) bool {
	until, limited := ctx.Deadline()
	return ctx.Err() != nil || limited && !time.Now().Before(until)
}

// resync makes the next flush write every session of this node again, which
// also brings in the floors that changed elsewhere, and tells the handlers.
func (s *Store) resync() {
	for i := range s.shards {
		for _, sess := range s.shards[i].sessions() {
			sess.mu.Lock()
			if !sess.erased {
				sess.mark()
			}
			sess.mu.Unlock()
		}
	}
	s.wake()
	for _, f := range s.handlers {
		f(Event{Kind: KindResync, Node: s.instance})
	}
}

// wake makes Run flush now.
func (s *Store) wake() {
	select {
	case s.kick <- struct{}{}:
	default:
	}
}

// turnID names a turn of this instance.
func (s *Store) turnID(seq uint64) string { return s.instance + "." + strconv.FormatUint(seq, 36) }

// shard returns the shard of a session.
func (s *Store) shard(id string) *shard { return &s.shards[Shard(id)] }

// enqueue puts a session on the list of the next flush.
func (s *Store) enqueue(sess *Session) {
	sh := s.shard(sess.id)
	sh.dirtyMu.Lock()
	sh.dirty = append(sh.dirty, sess)
	sh.dirtyMu.Unlock()
}

// sessions returns the live sessions of a shard.
func (h *shard) sessions() []*Session {
	h.mu.Lock()
	defer h.mu.Unlock()
	out := make([]*Session, 0, len(h.live))
	for _, sess := range h.live {
		out = append(out, sess)
	}
	return out
}
