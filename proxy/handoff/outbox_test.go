package handoff_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/redis/go-redis/v9"

	"attune/proxy/handoff"
	"attune/proxy/proxytest"
)

// office is a receiver of mail.
type office struct {
	mu    sync.Mutex
	got   []handoff.Mail
	dead  map[string]string // reason by id
	taken func(m handoff.Mail, nth int) error
	seen  map[string]int
}

func newOffice(taken func(m handoff.Mail, nth int) error) *office {
	return &office{dead: map[string]string{}, seen: map[string]int{}, taken: taken}
}

func (f *office) deliver(_ context.Context, m handoff.Mail) error {
	f.mu.Lock()
	f.seen[m.ID]++
	nth := f.seen[m.ID]
	f.mu.Unlock()
	if f.taken != nil {
		if err := f.taken(m, nth); err != nil {
			return err
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.got = append(f.got, m)
	return nil
}

func (f *office) bury(_ context.Context, m handoff.Mail, reason string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.dead[m.ID] = reason
	return nil
}

// types are the types of the mail of a handoff, in order of arrival.
func (f *office) types(token string) []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	var types []string
	for _, m := range f.got {
		if m.Token == token {
			types = append(types, m.Type)
		}
	}
	return types
}

// ids counts the different mail that has arrived.
func (f *office) ids() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	ids := map[string]bool{}
	for _, m := range f.got {
		ids[m.ID] = true
	}
	return len(ids)
}

// newOutbox returns the outbox of one node.
func newOutbox(t *testing.T, o *redis.UniversalOptions, f *office, change func(*handoff.OutboxConfig)) *handoff.Outbox {
	t.Helper()
	copied := *o
	c := redis.NewUniversalClient(&copied)
	t.Cleanup(func() { _ = c.Close() })
	cfg := handoff.OutboxConfig{
		Client: c, Shards: shards(), Desks: []string{"help", "other"}, Deliver: f.deliver, Dead: f.bury, Lease: proxytest.Timeout,
		Pauses: []time.Duration{10 * time.Millisecond, 50 * time.Millisecond},
	}
	if change != nil {
		change(&cfg)
	}
	return handoff.NewOutbox(cfg)
}

// deliver runs an outbox until the returned function is called, at the latest
// until the test ends.
func deliver(t *testing.T, o *handoff.Outbox) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	done := make(chan error, 1)
	go func() { done <- o.Run(ctx) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(stop)
	return stop
}

func bring(t *testing.T, b *handoff.Board, session, desk string, card handoff.Card) {
	t.Helper()
	if _, won, err := b.Request(t.Context(), handoff.Handoff{Session: session, Token: "token-" + session, Desk: desk, Card: card}); err != nil || !won {
		t.Fatalf("Request(%s) = %v, %v", session, won, err)
	}
}

// empty waits until nothing is left to deliver, in any shard.
func empty(t *testing.T, o *redis.UniversalOptions) {
	t.Helper()
	copied := *o
	c := redis.NewUniversalClient(&copied)
	defer func() { _ = c.Close() }()
	eventually(t, "an empty outbox", func() error {
		for _, s := range shards() {
			if n := c.XLen(t.Context(), s+"out").Val(); n != 0 {
				return fmt.Errorf("%d in %s", n, s)
			}
		}
		if listed := c.ZRange(t.Context(), "attune:{handoffs}:out", 0, -1).Val(); len(listed) != 0 {
			return fmt.Errorf("listed: %v", listed)
		}
		return nil
	})
}

func TestADeskIsToldOfItsHandoff(t *testing.T) {
	onBackends(t, func(t *testing.T, o *redis.UniversalOptions) {
		f := newOffice(nil)
		out := newOutbox(t, o, f, nil)
		b := newBoard(t, o, handoff.Config{Outbox: out, Redact: func(s string) string { return strings.ReplaceAll(s, "4111", "[card]") }})
		deliver(t, out)
		ctx := t.Context()
		bring(t, b, "s1", "help", handoff.Card{Reason: "asks-for-person", Words: []string{"a human, 4111"}, Language: "en"})
		bring(t, b, "s22", "console", handoff.Card{})
		if told, err := b.Said(ctx, "s1", "w1", "my card is 4111", time.Now()); err != nil || !told {
			t.Fatalf("Said = %v, %v", told, err)
		}
		if told, err := b.Said(ctx, "s1", "w1", "my card is 4111", time.Now()); err != nil || !told {
			t.Fatalf("Said again = %v, %v", told, err)
		}
		if told, err := b.Said(ctx, "s22", "w1", "hello", time.Now()); err != nil || told {
			t.Errorf("Said at a desk that is not told = %v, %v", told, err)
		}
		if told, err := b.Said(ctx, "nobody", "w1", "hello", time.Now()); !errors.Is(err, handoff.ErrNone) || told {
			t.Errorf("Said without a handoff = %v, %v", told, err)
		}
		for _, step := range []func() (handoff.Handoff, error){
			func() (handoff.Handoff, error) { return b.OfferAt(ctx, "s1", "token-s1", "help") },
			func() (handoff.Handoff, error) { return b.Claim(ctx, "s1", "ann", "c1") },
			func() (handoff.Handoff, error) { return b.Claim(ctx, "s1", "ann", "c1") },
			func() (handoff.Handoff, error) { return b.Activate(ctx, "s1", "ann", 4) },
			func() (handoff.Handoff, error) { return b.Release(ctx, "s1", "ann") },
			func() (handoff.Handoff, error) { return b.Claim(ctx, "s1", "bob", "c2") },
			func() (handoff.Handoff, error) { return b.Resolve(ctx, "s1", "bob") },
			func() (handoff.Handoff, error) { return b.Resolve(ctx, "s1", "bob") },
		} {
			if _, err := step(); err != nil {
				t.Fatal(err)
			}
		}
		want := []string{handoff.MailRequested, handoff.MailSaid, "handoff.accepted", "handoff.queued", "handoff.accepted", "handoff.resolved"}
		eventually(t, "the mail", func() error {
			if diff := cmp.Diff(want, f.types("token-s1")); diff != "" {
				return errors.New(diff)
			}
			return nil
		})
		empty(t, o)
		f.mu.Lock()
		defer f.mu.Unlock()
		if len(f.got) != len(want) {
			t.Errorf("%d told, want %d", len(f.got), len(want))
		}
		first := f.got[0]
		if first.ID != "token-s1" || first.Desk != "help" || first.Session != "s1" || first.Card == nil ||
			first.Card.Reason != "asks-for-person" || first.Card.Words[0] != "a human, [card]" || first.At.IsZero() {
			t.Errorf("the request: %+v", first)
		}
		if f.got[1].Text != "my card is [card]" || f.got[2].Agent != "ann" || f.got[3].Agent != "ann" || f.got[5].Agent != "bob" {
			t.Errorf("who and what: %+v", f.got)
		}
		ids := map[string]bool{}
		for _, m := range f.got {
			if ids[m.ID] || strings.Contains(m.ID, ".") {
				t.Errorf("id %q", m.ID)
			}
			ids[m.ID] = true
		}
	})
}

func TestMailIsTriedAgainAndGivenUp(t *testing.T) {
	onBackends(t, func(t *testing.T, o *redis.UniversalOptions) {
		f := newOffice(func(m handoff.Mail, nth int) error {
			switch {
			case m.Session == "gone":
				return &handoff.RefusedError{Reason: "gone"}
			case m.Session == "down", m.Session == "late" && nth < 3:
				return &handoff.LaterError{After: 20 * time.Millisecond, Err: errors.New("503")}
			}
			return nil
		})
		var b *handoff.Board
		out := newOutbox(t, o, f, func(c *handoff.OutboxConfig) {
			c.GiveUp = func(desk string) time.Duration {
				if desk == "other" {
					return 300 * time.Millisecond
				}
				return time.Minute
			}
			c.Dead = func(ctx context.Context, m handoff.Mail, reason string) error {
				if _, err := b.FailWaiting(ctx, m.Session, m.Token, m.Desk); err != nil && !errors.Is(err, handoff.ErrState) {
					t.Errorf("FailWaiting: %v", err)
				}
				return f.bury(ctx, m, reason)
			}
		})
		b = newBoard(t, o, handoff.Config{Outbox: out})
		deliver(t, out)
		for _, s := range []string{"gone", "down", "late"} {
			desk := "help"
			if s == "down" {
				desk = "other"
			}
			bring(t, b, s, desk, handoff.Card{})
		}
		empty(t, o)
		f.mu.Lock()
		defer f.mu.Unlock()
		if diff := cmp.Diff(map[string]string{"token-gone": "gone", "token-down": "given up"}, f.dead); diff != "" {
			t.Errorf("dead: %s", diff)
		}
		if f.seen["token-gone"] != 1 || f.seen["token-down"] < 1 || f.seen["token-late"] != 3 {
			t.Errorf("attempts: %v", f.seen)
		}
		for session, want := range map[string]handoff.State{"gone": handoff.Failed, "down": handoff.Failed, "late": handoff.Queued} {
			if h, err := b.Get(t.Context(), session); err != nil || h.State != want {
				t.Errorf("%s: %v, %v, want %v", session, h.State, err, want)
			}
		}
		copied := *o
		c := redis.NewUniversalClient(&copied)
		defer func() { _ = c.Close() }()
		letters, err := c.XRange(t.Context(), "attune:{s000}:dead", "-", "+").Result() // "gone" and "down" have four letters
		if err != nil || len(letters) != 2 {
			t.Fatalf("dead letters: %v, %v", letters, err)
		}
		for _, l := range letters {
			if l.Values["why"] == "" || l.Values["n"] == "" || l.Values["cd"] == "" || l.Values["dk"] == "" {
				t.Errorf("dead letter: %v", l.Values)
			}
		}
	})
}

func TestAnAgentWhoCameIsNotFailed(t *testing.T) {
	onBackends(t, func(t *testing.T, o *redis.UniversalOptions) {
		b := newBoard(t, o, handoff.Config{})
		bring(t, b, "s1", "help", handoff.Card{})
		if _, err := b.Claim(t.Context(), "s1", "ann", "c1"); err != nil {
			t.Fatal(err)
		}
		if h, err := b.FailWaiting(t.Context(), "s1", "token-s1", "help"); !errors.Is(err, handoff.ErrState) || h.State != handoff.Accepted {
			t.Errorf("FailWaiting = %v, %v", h.State, err)
		}
	})
}

// TestMailOfADeadNode: what a node had in hand when it died comes to others,
// more of it than one page; its name among the consumers goes, too.
func TestMailOfADeadNode(t *testing.T) {
	onBackends(t, func(t *testing.T, o *redis.UniversalOptions) {
		const n = 150 // all in one shard: names of four letters
		stuck := newOffice(func(handoff.Mail, int) error { return errors.New("it hangs") })
		copied := *o
		doomed := redis.NewUniversalClient(&copied)
		first := newOutbox(t, o, stuck, func(c *handoff.OutboxConfig) { c.Client, c.Lease = doomed, 200*time.Millisecond })
		b := newBoard(t, o, handoff.Config{Outbox: first})
		for i := range n {
			bring(t, b, fmt.Sprintf("s%03d", i), "help", handoff.Card{})
		}
		stop := deliver(t, first)
		eventually(t, "all of it in one hand", func() error {
			stuck.mu.Lock()
			defer stuck.mu.Unlock()
			if len(stuck.seen) < n {
				return fmt.Errorf("%d tried", len(stuck.seen))
			}
			return nil
		})
		_ = doomed.Close() // it dies, without a word to the others
		stop()

		f := newOffice(nil)
		second := newOutbox(t, o, f, func(c *handoff.OutboxConfig) { c.Lease = 20 * time.Millisecond })
		deliver(t, second)
		empty(t, o)
		if got := f.ids(); got != n {
			t.Errorf("%d delivered, want %d", got, n)
		}
		f.mu.Lock()
		if tried := slices.ContainsFunc(f.got, func(m handoff.Mail) bool { return m.Tries > 0 }); !tried {
			t.Error("nobody knows that it was tried before")
		}
		f.mu.Unlock()
		if t.Name() == "TestMailOfADeadNode/miniredis" {
			return // an embedded store has no other nodes, and no names of consumers in scripts
		}
		c := redis.NewUniversalClient(&copied)
		defer func() { _ = c.Close() }()
		eventually(t, "one consumer", func() error {
			list, err := c.XInfoConsumers(t.Context(), "attune:{s000}:out", "desks").Result()
			if err != nil || len(list) > 1 {
				return fmt.Errorf("%d consumers, %w", len(list), err)
			}
			return nil
		})
	})
}

// TestMailIsNotLostAmongDyingNodes runs three nodes that die at random, before
// and after the receiver has a mail, and one that stays.
func TestMailIsNotLostAmongDyingNodes(t *testing.T) {
	onBackends(t, func(t *testing.T, o *redis.UniversalOptions) {
		const n = 200
		f := newOffice(func(m handoff.Mail, nth int) error {
			if nth == 1 && len(m.Session)%2 == 0 {
				return errors.New("500")
			}
			return nil
		})
		calm := newOutbox(t, o, f, func(cfg *handoff.OutboxConfig) { cfg.Lease = 200 * time.Millisecond })
		b := newBoard(t, o, handoff.Config{Outbox: calm})
		var wg sync.WaitGroup
		for node := range 3 {
			wg.Go(func() {
				for life := range 5 {
					copied := *o
					c := redis.NewUniversalClient(&copied)
					out := newOutbox(t, o, f, func(cfg *handoff.OutboxConfig) { cfg.Client, cfg.Lease = c, 200*time.Millisecond })
					ctx, cancel := context.WithCancel(t.Context())
					done := make(chan error, 1)
					go func() { done <- out.Run(ctx) }()
					wait(t, time.Duration(20+10*node+5*life)*time.Millisecond)
					if (node+life)%2 == 0 {
						_ = c.Close() // no word to the others
					}
					cancel()
					if err := <-done; err != nil {
						t.Error(err)
					}
					_ = c.Close()
				}
			})
		}
		for i := range n {
			bring(t, b, fmt.Sprint("session", i), "help", handoff.Card{})
		}
		deliver(t, calm)
		wg.Wait()
		empty(t, o)
		if got := f.ids(); got != n {
			t.Errorf("%d delivered, want %d", got, n)
		}
		f.mu.Lock()
		defer f.mu.Unlock()
		if len(f.dead) > 0 {
			t.Errorf("dead: %v", f.dead)
		}
	})
}

func TestNothingStaysWithoutAnEnd(t *testing.T) {
	onBackends(t, func(t *testing.T, o *redis.UniversalOptions) {
		f := newOffice(func(m handoff.Mail, _ int) error {
			if m.Session == "s22" {
				return &handoff.RefusedError{Reason: "gone"}
			}
			return nil
		})
		out := newOutbox(t, o, f, nil)
		b := newBoard(t, o, handoff.Config{Outbox: out})
		bring(t, b, "s1", "help", handoff.Card{})
		bring(t, b, "s22", "help", handoff.Card{})
		stop := deliver(t, out)
		empty(t, o)
		stop()
		bring(t, b, "s333", "help", handoff.Card{})
		copied := *o
		c := redis.NewUniversalClient(&copied)
		defer func() { _ = c.Close() }()
		keys := keysOf(t, c)
		if !slices.Contains(keys, "attune:{s003}:dead") || !slices.Contains(keys, "attune:{s000}:out") {
			t.Errorf("keys: %v", keys)
		}
		for _, k := range keys {
			if d := c.PTTL(t.Context(), k).Val(); d <= 0 {
				t.Errorf("%s has no end: %v", k, d)
			}
		}
		for _, s := range []string{"s1", "s22", "s333"} {
			if err := b.Erase(t.Context(), s); err != nil {
				t.Fatal(err)
			}
		}
		for _, s := range shards() {
			for _, stream := range []string{"out", "dead"} {
				if n := c.XLen(t.Context(), s+stream).Val(); n != 0 {
					t.Errorf("%d left in %s%s after all were erased", n, s, stream)
				}
			}
		}
	})
}

// TestMailThatWasNotListed: a node died between the handoff and the list of
// shards with mail.
func TestMailThatWasNotListed(t *testing.T) {
	onBackends(t, func(t *testing.T, o *redis.UniversalOptions) {
		f := newOffice(nil)
		out := newOutbox(t, o, f, nil)
		b := newBoard(t, o, handoff.Config{Outbox: out})
		bring(t, b, "s1", "help", handoff.Card{})
		copied := *o
		c := redis.NewUniversalClient(&copied)
		defer func() { _ = c.Close() }()
		if err := c.Del(t.Context(), "attune:{handoffs}:out").Err(); err != nil {
			t.Fatal(err)
		}
		deliver(t, out)
		empty(t, o)
		eventually(t, "the mail", func() error {
			if f.ids() != 1 {
				return errors.New("not there")
			}
			return nil
		})
	})
}

// TestWhatWaitsIsQueuedAtTheEnd: a node that stops while it holds requests that
// Redis would not take queues them if Redis is back.
func TestWhatWaitsIsQueuedAtTheEnd(t *testing.T) {
	server := proxytest.StartRedis(t)
	o := clientOptions("unix", server.Socket())
	b := newBoard(t, o, handoff.Config{})
	server.Stop()
	if h, won, err := b.Request(t.Context(), handoff.Handoff{Session: "s1", Token: "t1", Card: handoff.Card{Explicit: true}}); err != nil || !won || h.State != handoff.Requested {
		t.Fatalf("Request = %v, %v, %v", h.State, won, err)
	}
	server.Start()
	b.Settle(t.Context())
	if h, err := newBoard(t, o, handoff.Config{}).Get(t.Context(), "s1"); err != nil || h.State != handoff.Queued {
		t.Errorf("%v, %v", h.State, err)
	}
}
