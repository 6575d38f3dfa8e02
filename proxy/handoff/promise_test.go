package handoff_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/redis/go-redis/v9"

	"attune/proxy/handoff"
)

// watched is a ledger that writes down what it is told.
type watched struct {
	*handoff.Ledger
	client redis.UniversalClient

	mu        sync.Mutex
	made, due []string
}

// times is how often the ledger told that a promise is due.
func (w *watched) times(id string) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	n := 0
	for _, due := range w.due {
		if due == id {
			n++
		}
	}
	return n
}

// recorded is how many promises the ledger said are on record.
func (w *watched) recorded() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.made)
}

func newLedger(t *testing.T, o *redis.UniversalOptions, cfg handoff.LedgerConfig) *watched {
	t.Helper()
	copied := *o
	w := &watched{client: redis.NewUniversalClient(&copied)}
	t.Cleanup(func() { _ = w.client.Close() })
	cfg.Client, cfg.Prefix, cfg.Shards = w.client, prefix, shards()
	note := func(list *[]string) func(handoff.Promise) {
		return func(p handoff.Promise) {
			w.mu.Lock()
			defer w.mu.Unlock()
			*list = append(*list, p.ID)
		}
	}
	cfg.OnMade, cfg.OnDue = note(&w.made), note(&w.due)
	w.Ledger = handoff.NewLedger(cfg)
	return w
}

// watch runs ledgers beside the test.
func watch(t *testing.T, ledgers ...*watched) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	var wg sync.WaitGroup
	for _, l := range ledgers {
		wg.Go(func() { _ = l.Run(ctx) })
	}
	t.Cleanup(func() {
		cancel()
		wg.Wait()
	})
}

func promise(session, id string, due time.Duration) handoff.Promise {
	now := time.Now().Truncate(time.Millisecond).UTC()
	return handoff.Promise{ID: id, Session: session, Text: "about 6 minutes", Made: now, Due: now.Add(due), Wait: true}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// A promise is recorded once, read in the order of what is due, settled by one, and does not come back.
func TestPromisesAreOnRecord(t *testing.T) {
	onBackends(t, func(t *testing.T, o *redis.UniversalOptions) {
		ctx := t.Context()
		l := newLedger(t, o, handoff.LedgerConfig{Redact: func(s string) string { return strings.ReplaceAll(s, "6", "#") }})
		later, sooner := promise("s1", "b", time.Hour), promise("s1", "a", time.Minute)
		for range 2 {
			must(t, l.Make(ctx, later))
			must(t, l.Make(ctx, sooner))
		}
		if n := l.recorded(); n != 2 {
			t.Errorf("told of %d promises, want 2", n)
		}
		got, err := l.Of(ctx, "s1")
		must(t, err)
		for _, p := range []*handoff.Promise{&later, &sooner} {
			p.Text = "about # minutes"
		}
		if diff := cmp.Diff([]handoff.Promise{sooner, later}, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		var mine [8]bool
		var wg sync.WaitGroup
		for i := range mine {
			wg.Go(func() { mine[i], _ = l.Settle(ctx, sooner) })
		}
		wg.Wait()
		n := 0
		for _, m := range mine {
			if m {
				n++
			}
		}
		if n != 1 {
			t.Errorf("%d were told that they settled it", n)
		}
		must(t, l.Make(ctx, sooner)) // a retry that comes late
		if got, _ = l.Of(ctx, "s1"); len(got) != 1 || got[0].ID != "b" {
			t.Errorf("left: %v", got)
		}
		if err := l.Make(ctx, handoff.Promise{ID: "x", Session: "s1"}); err == nil {
			t.Error("a promise without a time was taken")
		}
		for _, key := range l.client.Keys(ctx, "*").Val() {
			if ttl := l.client.PTTL(ctx, key).Val(); ttl <= 0 {
				t.Errorf("%s has no TTL", key)
			}
		}
		must(t, l.Erase(ctx, "s1"))
		for _, key := range l.client.Keys(ctx, "*").Val() {
			if l.client.Type(ctx, key).Val() == "zset" && l.client.ZCard(ctx, key).Val() > 0 || strings.HasSuffix(key, "s1") {
				t.Errorf("%s is left", key)
			}
		}
	})
}

// What is due is told to one of the nodes that are alive; when that one does nothing, to another; and not any more
// when it was settled.
func TestPromisesAreWatchedByWhoeverIsAlive(t *testing.T) {
	o := backends()["redis-server"](t) // on the others the same scripts are tried by the other tests
	ctx := t.Context()
	const lease = 300 * time.Millisecond
	dead := newLedger(t, o, handoff.LedgerConfig{Lease: lease})
	a, b := newLedger(t, o, handoff.LedgerConfig{Lease: lease}), newLedger(t, o, handoff.LedgerConfig{Lease: lease})
	must(t, dead.Make(ctx, promise("s1", "due", 0)))
	must(t, dead.Make(ctx, promise("s22", "not due", time.Hour)))
	must(t, dead.client.Del(ctx, "attune:{promises}:due").Err()) // as when a node dies between the two
	watch(t, a, b)
	told := func(id string) int { return a.times(id) + b.times(id) }
	toldOf := func(id string, want int) {
		t.Helper()
		eventually(t, "told of "+id, func() error {
			if n := told(id); n < want {
				return fmt.Errorf("told %d times, want %d", n, want)
			}
			return nil
		})
	}
	toldOf("due", 2) // nobody did anything
	mine, err := a.Settle(ctx, promise("s1", "due", 0))
	if err != nil || !mine {
		t.Fatalf("settle: %v %v", mine, err)
	}
	before := told("due")
	must(t, dead.Make(ctx, promise("s1", "next", 0)))
	toldOf("next", 5)
	if after := told("due"); after > before+2 { // each node may have had it in hand
		t.Errorf("told %d times of what was settled", after-before)
	}
	if n := told("not due"); n != 0 {
		t.Errorf("told %d times of what is not due", n)
	}
}

// A promise that was not kept is followed by another one, once.
func TestPromisesAreRenewedOnce(t *testing.T) {
	onBackends(t, func(t *testing.T, o *redis.UniversalOptions) {
		ctx := t.Context()
		l := newLedger(t, o, handoff.LedgerConfig{})
		first := promise("s1", "a", 0)
		next := promise("s1", "a.1", time.Minute)
		must(t, l.Make(ctx, first))
		for i, want := range []bool{true, false} {
			mine, err := l.Renew(ctx, first, next)
			if err != nil || mine != want {
				t.Errorf("renewal %d: %v, %v", i, mine, err)
			}
		}
		got, err := l.Of(ctx, "s1")
		must(t, err)
		if len(got) != 1 || got[0].ID != "a.1" || l.recorded() != 2 {
			t.Errorf("open: %v, told of %d", got, l.recorded())
		}
	})
}
