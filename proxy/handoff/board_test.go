package handoff_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/logging"
	"go.uber.org/goleak"

	"attune/proxy/handoff"
	"attune/proxy/proxytest"
)

func TestMain(m *testing.M) {
	logging.Disable()                  // the client talks to stderr when a server is gone
	_ = flag.Set("test.parallel", "6") // they wait for servers most of the time
	// Where a server is gone, a pool that was closed sleeps for up to a second before it notices.
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("github.com/redis/go-redis/v9/internal/pool.(*ConnPool).tryDial"))
}

// onBackends runs a test on every server, side by side, since a Cluster takes its
// time to come together.
func onBackends(t *testing.T, f func(t *testing.T, o *redis.UniversalOptions)) {
	t.Helper()
	t.Parallel()
	for name, start := range backends() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f(t, start(t))
		})
	}
}

func request(t *testing.T, b *handoff.Board, session, token string) handoff.Handoff {
	t.Helper()
	h, won, err := b.Request(t.Context(), handoff.Handoff{Session: session, Token: token})
	if err != nil || !won {
		t.Fatalf("Request(%s, %s) = %v, %v", session, token, won, err)
	}
	return h
}

func TestLifeOfAHandoff(t *testing.T) {
	onBackends(t, func(t *testing.T, o *redis.UniversalOptions) {
		var mu sync.Mutex
		var states []handoff.State
		note := func(h handoff.Handoff) {
			mu.Lock()
			defer mu.Unlock()
			states = append(states, h.State)
		}
		a := newBoard(t, o, handoff.Config{OnChange: note, Redact: func(s string) string { return "<" + s + ">" }})
		b := newBoard(t, o, handoff.Config{OnChange: note})
		ctx := t.Context()
		card := handoff.Card{
			Reason: "person.asked", Why: "asked for a person", Explicit: true, Score: 7.5,
			Feelings: map[string]float64{"ignored": 4}, Words: []string{"a human"}, Language: "en", Channel: "text",
		}
		h, won, err := a.Request(ctx, handoff.Handoff{Session: "s1", Token: "t1", Card: card, Epoch: 3})
		if err != nil || !won || h.State != handoff.Queued || h.Desk != handoff.DefaultDesk {
			t.Fatalf("Request = %+v, %v, %v", h, won, err)
		}
		open, err := b.Waiting(ctx)
		if err != nil || len(open) != 1 {
			t.Fatalf("Waiting = %v, %v", open, err)
		}
		card.Words = []string{"<a human>"}
		if diff := cmp.Diff(card, open[0].Card); diff != "" {
			t.Error(diff)
		}
		if _, err := b.Activate(ctx, "s1", "ann", 4); !errors.Is(err, handoff.ErrState) {
			t.Errorf("Activate before Claim: %v", err)
		}
		if h, err = b.Claim(ctx, "s1", "ann", "c1"); err != nil || h.State != handoff.Accepted || h.Agent != "ann" {
			t.Fatalf("Claim = %+v, %v", h, err)
		}
		var taken *handoff.TakenError
		if _, err = a.Claim(ctx, "s1", "bob", "c2"); !errors.As(err, &taken) || taken.By != "ann" {
			t.Errorf("second Claim: %v", err)
		}
		if _, err = a.Claim(ctx, "s1", "ann", "c3"); !errors.As(err, &taken) {
			t.Errorf("Claim from another browser: %v", err)
		}
		if _, err = a.Claim(ctx, "s1", "ann", "c1"); err != nil {
			t.Errorf("Claim again: %v", err)
		}
		if _, err = a.Activate(ctx, "s1", "bob", 4); !errors.As(err, &taken) {
			t.Errorf("Activate by another: %v", err)
		}
		if h, err = a.Activate(ctx, "s1", "ann", 4); err != nil || h.Epoch != 4 || h.State != handoff.Active {
			t.Fatalf("Activate = %+v, %v", h, err)
		}
		if h, err = b.Return(ctx, "s1", "ann"); err != nil || h.ClosedAt.IsZero() {
			t.Fatalf("Return = %+v, %v", h, err)
		}
		if _, err = b.Return(ctx, "s1", "ann"); err != nil {
			t.Errorf("Return again: %v", err)
		}
		if _, err = b.Claim(ctx, "s1", "bob", "c4"); !errors.Is(err, handoff.ErrState) {
			t.Errorf("Claim after the end: %v", err)
		}
		if h, err = b.Label(ctx, "s1", "ann", handoff.TooLate); err != nil || h.Label != handoff.TooLate {
			t.Errorf("Label = %+v, %v", h, err)
		}
		if open, err := b.Waiting(ctx); err != nil || len(open) != 0 {
			t.Errorf("Waiting = %v, %v", open, err)
		}
		// The request's own retry, late: the same handoff, not a new one.
		if h, won, err := a.Request(ctx, handoff.Handoff{Session: "s1", Token: "t1"}); err != nil || !won || h.State != handoff.Returned {
			t.Errorf("Request again = %v, %v, %v", h.State, won, err)
		}
		request(t, a, "s1", "t2")
		want := []handoff.State{handoff.Queued, handoff.Accepted, handoff.Active, handoff.Returned, handoff.Queued}
		// The label is a change as well, in the state returned; and a call that Redis answers late on a busy machine is made
		// again, and told again.
		if diff := cmp.Diff(want, slices.Compact(states)); diff != "" {
			t.Error(diff)
		}
	})
}

func TestOneWinner(t *testing.T) {
	onBackends(t, func(t *testing.T, o *redis.UniversalOptions) {
		boards := []*handoff.Board{newBoard(t, o, handoff.Config{}), newBoard(t, o, handoff.Config{})}
		for round := range 20 {
			session := fmt.Sprintf("session-%d", round)
			var opened, claimed atomic.Int32
			var wg sync.WaitGroup
			for i := range 8 {
				wg.Go(func() {
					_, won, err := boards[i%2].Request(t.Context(), handoff.Handoff{Session: session, Token: fmt.Sprint("t", i)})
					if err != nil {
						t.Error(err)
					}
					if won {
						opened.Add(1)
					}
				})
			}
			wg.Wait()
			for i := range 8 {
				wg.Go(func() {
					_, err := boards[i%2].Claim(t.Context(), session, fmt.Sprint("agent", i%3), fmt.Sprint("c", i))
					var taken *handoff.TakenError
					switch {
					case err == nil:
						claimed.Add(1)
					case !errors.As(err, &taken) || taken.By == "":
						t.Error(err)
					}
				})
			}
			wg.Wait()
			if opened.Load() != 1 || claimed.Load() != 1 {
				t.Fatalf("%d opened, %d claimed", opened.Load(), claimed.Load())
			}
		}
	})
}

func TestWaitingIsOrdered(t *testing.T) {
	onBackends(t, func(t *testing.T, o *redis.UniversalOptions) {
		a, b := newBoard(t, o, handoff.Config{}), newBoard(t, o, handoff.Config{})
		base := time.UnixMilli(1_700_000_000_000)
		for i, session := range []string{"aaa", "b", "cc", "dddd"} {
			_, _, err := a.Request(t.Context(), handoff.Handoff{
				Session: session, Token: session, Desk: []string{"support", "urgent"}[i%2], RequestedAt: base.Add(-time.Duration(i) * time.Minute),
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		if _, err := b.Claim(t.Context(), "cc", "ann", "c"); err != nil {
			t.Fatal(err)
		}
		open, err := b.Waiting(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, h := range open {
			got = append(got, h.Session)
		}
		if !slices.Equal(got, []string{"dddd", "cc", "b", "aaa"}) {
			t.Errorf("order = %v", got)
		}
		if err := b.Present(t.Context(), "ann"); err != nil {
			t.Fatal(err)
		}
		if err := a.Present(t.Context(), "bob"); err != nil {
			t.Fatal(err)
		}
		a.Refresh()
		v, err := a.Survey(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		want := map[string]handoff.Queue{
			"support": {Depth: 1, Oldest: base, Taken: 1},
			"urgent":  {Depth: 2, Oldest: base.Add(-3 * time.Minute)},
		}
		if diff := cmp.Diff(want, v.Desks); diff != "" {
			t.Error(diff)
		}
		// Two agents with three places each, one of them taken.
		if v.Agents != 2 || v.Available != 5 || v.Depth() != 3 {
			t.Errorf("overview = %+v", v)
		}
		if got := v.Wait(base); got != 3*time.Minute {
			t.Errorf("wait = %v", got)
		}
		if err := a.Leave(t.Context(), "bob"); err != nil {
			t.Fatal(err)
		}
		if n, err := b.Agents(t.Context()); err != nil || n != 1 {
			t.Errorf("agents = %d, %v", n, err)
		}
		if a.Overview().Agents != 2 {
			t.Error("the overview changed without a survey")
		}
	})
}

func TestEveryKeyExpires(t *testing.T) {
	onBackends(t, func(t *testing.T, o *redis.UniversalOptions) {
		b := newBoard(t, o, handoff.Config{})
		ctx := t.Context()
		request(t, b, "open", "t")
		request(t, b, "closed", "t")
		if _, err := b.Abandon(ctx, "closed", ""); err != nil {
			t.Fatal(err)
		}
		if err := b.Present(ctx, "ann"); err != nil {
			t.Fatal(err)
		}
		c := redis.NewUniversalClient(o)
		defer c.Close()
		keys := keysOf(t, c)
		for _, key := range keys {
			if ttl := c.PTTL(ctx, key).Val(); ttl <= 0 || ttl > 24*time.Hour {
				t.Errorf("TTL of %s = %v", key, ttl)
			}
		}
		if len(keys) < 4 {
			t.Errorf("%d keys", len(keys))
		}
		for _, s := range []string{"open", "closed"} {
			if err := b.Erase(ctx, s); err != nil {
				t.Fatal(err)
			}
			for _, key := range keysOf(t, c) {
				if strings.HasSuffix(key, s) {
					t.Errorf("after Erase: %q", key)
				}
			}
		}
		if open, err := b.Waiting(ctx); err != nil || len(open) != 0 {
			t.Errorf("Waiting = %v, %v", open, err)
		}
	})
}

func TestHealing(t *testing.T) {
	onBackends(t, func(t *testing.T, o *redis.UniversalOptions) {
		b := newBoard(t, o, handoff.Config{MaxWait: time.Hour})
		ctx := t.Context()
		request(t, b, "lost", "t")
		_, _, err := b.Request(ctx, handoff.Handoff{Session: "old", Token: "t", RequestedAt: time.Now().Add(-2 * time.Hour)})
		if err != nil {
			t.Fatal(err)
		}
		c := redis.NewUniversalClient(o)
		defer c.Close()
		// A node that died between queue and index, and a session that expired.
		c.Del(ctx, "attune:{handoffs}:open")
		c.ZAdd(ctx, "attune:{s000}:q", redis.Z{Score: 1, Member: "gone"})
		c.ZAdd(ctx, "attune:{handoffs}:open", redis.Z{Score: 1, Member: "gone"})
		run(t, b)
		eventually(t, "the queue heals", func() error {
			b.Refresh()
			open, err := b.Waiting(ctx)
			if err != nil {
				return err
			}
			if len(open) != 1 || open[0].Session != "lost" {
				return fmt.Errorf("open = %v", open)
			}
			if n := c.ZCard(ctx, "attune:{s000}:q").Val() + c.ZCard(ctx, "attune:{handoffs}:open").Val(); n != 2 {
				return fmt.Errorf("%d members left", n)
			}
			return nil
		})
		if h, err := b.Get(ctx, "old"); err != nil || h.State != handoff.Expired {
			t.Errorf("old = %v, %v", h.State, err)
		}
	})
}

func TestRequestsOutliveRedis(t *testing.T) {
	server := proxytest.StartRedis(t)
	changes := make(chan handoff.Handoff, 16)
	b := newBoard(t, clientOptions("unix", server.Socket()), handoff.Config{OnChange: func(h handoff.Handoff) { changes <- h }, MaxKept: 2})
	other := newBoard(t, clientOptions("unix", server.Socket()), handoff.Config{})
	run(t, b)
	server.Stop()

	ask := func(session, token string, explicit bool) (handoff.Handoff, bool, error) {
		ctx, cancel := context.WithTimeout(t.Context(), proxytest.Timeout)
		defer cancel()
		return b.Request(ctx, handoff.Handoff{Session: session, Token: token, Card: handoff.Card{Explicit: explicit}})
	}
	h, won, err := ask("a", "t1", true)
	if err != nil || !won || h.State != handoff.Requested {
		t.Fatalf("Request = %v, %v, %v", h.State, won, err)
	}
	if _, won, err := ask("a", "t2", true); err != nil || won {
		t.Errorf("second request = %v, %v", won, err)
	}
	if _, won, err := ask("a", "t1", true); err != nil || !won {
		t.Errorf("the same request = %v, %v", won, err)
	}
	if _, _, err := ask("bb", "t1", false); !errors.Is(err, handoff.ErrUnavailable) {
		t.Errorf("a request of the score: %v", err)
	}
	if _, won, err := ask("ccc", "t1", true); err != nil || !won {
		t.Errorf("third session = %v, %v", won, err)
	}
	if _, _, err := ask("dddd", "t1", true); !errors.Is(err, handoff.ErrUnavailable) {
		t.Errorf("a request over the bound: %v", err)
	}
	if h, err := b.Get(t.Context(), "a"); err != nil || h.State != handoff.Requested {
		t.Errorf("Get = %v, %v", h.State, err)
	}
	if open, err := b.Waiting(t.Context()); err == nil || len(open) != 2 {
		t.Errorf("Waiting = %v, %v", open, err)
	}
	if h, err := b.Abandon(t.Context(), "ccc", ""); err != nil || h.State != handoff.Abandoned {
		t.Errorf("Abandon = %v, %v", h.State, err)
	}

	back := time.Now()
	server.Start()
	eventually(t, "the request reaches the queue", func() error {
		open, err := other.Waiting(t.Context())
		if err != nil {
			return err
		}
		if len(open) != 1 || open[0].Session != "a" || open[0].Token != "t1" || open[0].State != handoff.Queued {
			return fmt.Errorf("open = %v", open)
		}
		return nil
	})
	t.Logf("queued %v after Redis was back", time.Since(back).Round(time.Millisecond))
	if n := b.Kept(); n != 0 {
		t.Errorf("%d kept", n)
	}
	var states []handoff.State
	for len(states) < 4 {
		states = append(states, (<-changes).State)
	}
	want := []handoff.State{handoff.Requested, handoff.Requested, handoff.Abandoned, handoff.Queued}
	if diff := cmp.Diff(want, states); diff != "" {
		t.Error(diff)
	}
}
