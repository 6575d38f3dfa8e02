package handoff

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
)

// Promise is something that a customer was told to expect by a time: "about 6
// minutes". Somebody who takes the conversation keeps it.
type Promise struct {
	// ID tells the promises of a session apart. The caller makes it once and
	// keeps it over retries.
	ID string `json:"i"`
	// Session is the id of the conversation.
	Session string `json:"s"`
	// Rule is the id of the rule that said so; Text what was said, redacted.
	Rule string `json:"r,omitempty"`
	Text string `json:"x"`
	// Made and Due are when it was said, and until when it holds.
	Made time.Time `json:"m"`
	Due  time.Time `json:"d"`
	// Wait: it is the wait for a person, and void when the customer goes on
	// without; any other holds whatever becomes of a handoff.
	Wait bool `json:"w,omitempty"`
	// Round is how many promises it follows that were not kept.
	Round int `json:"n,omitempty"`
	// Language, Register and Channel are as in Card: whoever has to say that it
	// was not kept says it in these.
	Language string `json:"l,omitempty"`
	Register string `json:"g,omitempty"`
	Channel  string `json:"c,omitempty"`
}

const (
	// dueKey lists the promises of all shards by the time they are due: an index,
	// so that a second in which nothing is due costs one look.
	dueKey = "attune:{promises}:due"
	// promiseScanKey is held by the node that heals it.
	promiseScanKey = "attune:{promises}:scan"
	// promiseLease is LedgerConfig.Lease by default.
	promiseLease = 10 * time.Second
	// promiseKeep is how long a promise is kept beyond the time it is due.
	promiseKeep = 24 * time.Hour
	// duePerLook bounds how many are taken at once.
	duePerLook = 100
)

// LedgerConfig is what NewLedger needs.
type LedgerConfig struct {
	// Client, Prefix, Shards, Redact, Observe and Logger are as in Config.
	Client  redis.UniversalClient
	Prefix  func(session string) string
	Shards  []string
	Redact  func(string) string
	Observe func(op string, d time.Duration, err error)
	Logger  *slog.Logger
	// OnMade is told once of every promise that is on record. nil = nobody.
	OnMade func(Promise)
	// Lease is how long a node has to settle a promise that is due, before another
	// one may try; 0 = ten seconds.
	Lease time.Duration
	// OnDue is told of a promise whose time has come, on one node at a time: who
	// has not settled or renewed it within the lease is followed by another.
	// It is called on the goroutine of Run and must not block. nil = nobody.
	OnDue func(Promise)
}

// Ledger keeps what customers were promised, until it is settled, on whatever
// nodes are alive. Its methods may be called from any goroutine.
type Ledger struct {
	cfg LedgerConfig

	mu   sync.Mutex
	kept []Promise // that Redis does not know yet
}

// NewLedger returns a ledger. It starts no goroutine and asks nothing of Redis.
func NewLedger(cfg LedgerConfig) *Ledger {
	if cfg.Redact == nil {
		cfg.Redact = func(s string) string { return s }
	}
	if cfg.Observe == nil {
		cfg.Observe = func(string, time.Duration, error) {}
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	if cfg.Lease <= 0 {
		cfg.Lease = promiseLease
	}
	if cfg.OnMade == nil {
		cfg.OnMade = func(Promise) {}
	}
	if cfg.OnDue == nil {
		cfg.OnDue = func(Promise) {}
	}
	return &Ledger{cfg: cfg}
}

func (l *Ledger) keys(session string) []string {
	p := l.cfg.Prefix(session)
	return []string{p + "p:" + session, p + "p"}
}

// member names a promise in the sets.
func (p *Promise) member() string { return p.Session + " " + p.ID }

// Make puts a promise on record; the same ID is recorded once. While Redis
// cannot be used it waits in memory, for Run, and dies with this node.
func (l *Ledger) Make(ctx context.Context, p Promise) error {
	if p.Session == "" || p.ID == "" || p.Due.IsZero() {
		return errors.New("handoff: promise: session, id and due are wanted")
	}
	p.Text = l.cfg.Redact(p.Text)
	err := l.record(ctx, p)
	if err == nil || !unavailable(err) {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.kept) >= DefaultMaxKept {
		return err
	}
	l.kept = append(l.kept, p)
	return nil
}

func (l *Ledger) record(ctx context.Context, p Promise) error {
	args, err := p.args()
	if err != nil {
		return err
	}
	made, err := l.run(ctx, "promise_make", makeScript, l.keys(p.Session), args...)
	if err != nil {
		return err
	}
	l.list(ctx, p.member(), p.Due)
	if made == "1" {
		l.cfg.OnMade(p)
	}
	return nil
}

// args are what the scripts want of a new promise.
func (p *Promise) args() ([]any, error) {
	data, err := json.Marshal(p)
	if err != nil {
		return nil, fmt.Errorf("handoff: encode promise: %w", err)
	}
	ttl := max(time.Until(p.Due), 0) + promiseKeep
	return []any{p.ID, p.member(), p.Due.UnixMilli(), data, ttl.Milliseconds()}, nil
}

// Of returns the promises of a session that are not settled, the first due
// first.
func (l *Ledger) Of(ctx context.Context, session string) ([]Promise, error) {
	begin := time.Now()
	fields, err := l.cfg.Client.HGetAll(ctx, l.keys(session)[0]).Result()
	l.cfg.Observe("promise_get", time.Since(begin), err)
	if err != nil {
		return nil, fmt.Errorf("%w: promises: %w", ErrUnavailable, err)
	}
	var open []Promise
	for _, data := range fields {
		var p Promise
		if data != "" && json.Unmarshal([]byte(data), &p) == nil {
			open = append(open, p)
		}
	}
	slices.SortFunc(open, func(x, y Promise) int {
		return cmp.Or(x.Due.Compare(y.Due), strings.Compare(x.ID, y.ID))
	})
	return open, nil
}

// Settle takes a promise off the record. Of several who do so, on all nodes,
// one is told that it was theirs to settle.
func (l *Ledger) Settle(ctx context.Context, p Promise) (mine bool, err error) {
	done, err := l.run(ctx, "promise_settle", settleScript, l.keys(p.Session), p.ID, p.member())
	if err != nil {
		return false, err
	}
	_ = l.cfg.Client.ZRem(ctx, dueKey, p.member()).Err() // else the next look does it
	return done == "1", nil
}

// Renew is Settle and Make in one: next takes the place of a promise that was not
// kept. It is recorded by whoever is told that p was theirs.
func (l *Ledger) Renew(ctx context.Context, p, next Promise) (mine bool, err error) {
	next.Text = l.cfg.Redact(next.Text)
	args, err := next.args()
	if err != nil {
		return false, err
	}
	done, err := l.run(ctx, "promise_settle", settleScript, l.keys(p.Session), append([]any{p.ID, p.member()}, args...)...)
	if err != nil {
		return false, err
	}
	_ = l.cfg.Client.ZRem(ctx, dueKey, p.member()).Err()
	if done == "1" {
		l.list(ctx, next.member(), next.Due)
		l.cfg.OnMade(next)
	}
	return done == "1", nil
}

// Erase forgets what was promised in a session.
func (l *Ledger) Erase(ctx context.Context, session string) error {
	l.mu.Lock()
	l.kept = slices.DeleteFunc(l.kept, func(p Promise) bool { return p.Session == session })
	l.mu.Unlock()
	k := l.keys(session)
	ids, err := l.cfg.Client.HKeys(ctx, k[0]).Result()
	if err != nil {
		return fmt.Errorf("handoff: erase promises: %w", err)
	}
	pipe := l.cfg.Client.Pipeline()
	for _, id := range ids {
		p := Promise{ID: id, Session: session}
		pipe.ZRem(ctx, k[1], p.member())
		pipe.ZRem(ctx, dueKey, p.member())
	}
	pipe.Del(ctx, k[0])
	if _, err := pipe.Exec(ctx); err != nil {
		return fmt.Errorf("handoff: erase promises: %w", err)
	}
	return nil
}

// list puts a promise into the index; healing finds those that are missing.
func (l *Ledger) list(ctx context.Context, member string, due time.Time) {
	pipe := l.cfg.Client.Pipeline()
	pipe.ZAdd(ctx, dueKey, redis.Z{Score: float64(due.UnixMilli()), Member: member})
	pipe.PExpire(ctx, dueKey, indexTTL)
	_, _ = pipe.Exec(ctx)
}

// indexTTL is longer than any promise lasts that is not forgotten.
const indexTTL = 30 * 24 * time.Hour

// Run watches over what is due until ctx ends. It returns nil.
func (l *Ledger) Run(ctx context.Context) error {
	tick := time.NewTicker(deliverEvery)
	defer tick.Stop()
	var healed time.Time
	for {
		select {
		case <-ctx.Done():
			return nil
		case now := <-tick.C:
			l.deliver(ctx)
			l.look(ctx, now)
			if now.Sub(healed) >= healEvery {
				healed = now
				if err := l.heal(ctx); err != nil && ctx.Err() == nil {
					l.cfg.Logger.Debug("the index of promises was not healed", "error", err)
				}
			}
		}
	}
}

// deliver records what waited in memory.
func (l *Ledger) deliver(ctx context.Context) {
	l.mu.Lock()
	kept := l.kept
	l.kept = nil
	l.mu.Unlock()
	for _, p := range kept {
		if err := l.Make(ctx, p); err != nil {
			l.cfg.Logger.Warn("a promise was not recorded", "error", err)
		}
	}
}

// look takes what is due.
func (l *Ledger) look(ctx context.Context, now time.Time) {
	begin := time.Now()
	due, err := l.cfg.Client.ZRangeArgs(ctx, redis.ZRangeArgs{
		Key: dueKey, ByScore: true, Start: "-inf", Stop: fmt.Sprint(now.UnixMilli()), Count: duePerLook,
	}).Result()
	l.cfg.Observe("promise_due", time.Since(begin), err)
	if err != nil {
		return
	}
	for _, member := range due {
		session, id, _ := strings.Cut(member, " ")
		l.claim(ctx, member, session, id, now)
	}
}

// claim takes a promise that is due for this node, unless another one has it.
func (l *Ledger) claim(ctx context.Context, member, session, id string, now time.Time) {
	until := now.Add(l.cfg.Lease)
	answer, err := l.run(ctx, "promise_claim", claimDueScript, l.keys(session), id, member, now.UnixMilli(), until.UnixMilli())
	var p Promise
	switch {
	case err != nil:
	case answer == "": // settled
		_ = l.cfg.Client.ZRem(ctx, dueKey, member).Err()
	case json.Unmarshal([]byte(answer), &p) != nil: // a time: another node has it, or it is not due
		var at int64
		if _, err := fmt.Sscan(answer, &at); err == nil {
			l.list(ctx, member, time.UnixMilli(at))
		}
	default:
		l.list(ctx, member, until)
		l.cfg.OnDue(p)
	}
}

// heal writes the index anew from the shards. One node does it at a time.
func (l *Ledger) heal(ctx context.Context) error {
	mine, err := l.cfg.Client.SetNX(ctx, promiseScanKey, "1", healEvery-5*time.Second).Result()
	if err != nil || !mine {
		return err
	}
	pipe := l.cfg.Client.Pipeline()
	cmds := make([]*redis.ZSliceCmd, len(l.cfg.Shards))
	for i, p := range l.cfg.Shards {
		cmds[i] = pipe.ZRangeWithScores(ctx, p+"p", 0, -1)
	}
	if _, err := pipe.Exec(ctx); err != nil {
		return err
	}
	for _, c := range cmds {
		if z := c.Val(); len(z) > 0 {
			if err := l.cfg.Client.ZAdd(ctx, dueKey, z...).Err(); err != nil {
				return err
			}
		}
	}
	return nil
}

// run runs a script and returns what it answers as a text.
func (l *Ledger) run(ctx context.Context, op string, script *redis.Script, keys []string, args ...any) (string, error) {
	begin := time.Now()
	answer, err := script.Run(ctx, l.cfg.Client, keys, args...).Text()
	l.cfg.Observe(op, time.Since(begin), err)
	if err != nil {
		return "", fmt.Errorf("handoff: promise: %w", err)
	}
	return answer, nil
}
