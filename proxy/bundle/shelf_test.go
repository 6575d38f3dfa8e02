package bundle_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/redis/go-redis/v9"

	"attune/proxy/bundle"
	"attune/proxy/proxytest"
	"attune/rules"
)

// packs are those of a small set; the word makes it another one.
func packs(word string) []rules.File {
	return []rules.File{{Name: "b.yaml", Data: fmt.Appendf(nil, `pack: b
signals:
  - {id: heard, what: a, why: b, from: customer, match: {phrases: ["(%s)"]}, points: 1, examples: {fires: [%s], silent: [nothing]}}
`, word, word)}, {Name: "a.yaml", Data: []byte("pack: a\n")}}
}

func digest(t *testing.T, files []rules.File) string {
	t.Helper()
	set, found := rules.Compile(files)
	if set == nil {
		t.Fatal(found)
	}
	return set.Digest()
}

func shelf(t *testing.T) (*bundle.Shelf, redis.UniversalClient) {
	t.Helper()
	client := redis.NewUniversalClient(&redis.UniversalOptions{Addrs: []string{strings.TrimPrefix(proxytest.StartRedis(t).URL(), "unix://")}})
	t.Cleanup(func() { _ = client.Close() })
	return bundle.NewShelf(client), client
}

var at = time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)

func by(name string) bundle.Placed { return bundle.Placed{By: name, At: at} }

// must unwraps what a shelf answers.
func must(t *testing.T) func(bundle.Slots, error) bundle.Slots {
	return func(s bundle.Slots, err error) bundle.Slots {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
}

func TestTheWayOfASet(t *testing.T) {
	s, client := shelf(t)
	ctx, ok := t.Context(), must(t)
	if got := ok(s.Slots(ctx)); !got.Same(bundle.Slots{}) || got.Active != nil {
		t.Fatalf("at first there is %+v", got)
	}
	one, two, three := digest(t, packs("one")), digest(t, packs("two")), digest(t, packs("three"))
	ok(s.Push(ctx, packs("one"), bundle.Active, by("mia")))
	ok(s.Push(ctx, packs("two"), bundle.Shadow, by("ben")))
	canary := by("ben")
	canary.Share = 12.5
	pushed := ok(s.Push(ctx, packs("two"), bundle.Canary, canary))
	canary.Digest = two
	if got := ok(s.Slots(ctx)); !got.Same(pushed) || got.Active.Digest != one || got.Shadow.Digest != two || *got.Canary != canary {
		t.Errorf("stored %+v", got)
	}
	set, _, err := s.Load(ctx, two)
	if err != nil || set.Digest() != two {
		t.Fatalf("load: %v", err)
	}

	promoted := ok(s.Promote(ctx, bundle.Canary, by("eva")))
	want := bundle.Slots{
		Active: &bundle.Placed{Digest: two, At: at, By: "eva"}, Shadow: &bundle.Placed{Digest: two, At: at, By: "ben"},
		Before: []bundle.Placed{{Digest: one, At: at, By: "mia"}},
	}
	if diff := cmp.Diff(want, promoted, cmpopts.IgnoreUnexported(bundle.Slots{})); diff != "" {
		t.Errorf("promoted (-want +got):\n%s", diff)
	}
	ok(s.Push(ctx, packs("three"), bundle.Active, by("mia")))
	ok(s.Push(ctx, packs("three"), bundle.Active, by("mia"))) // once more is no change to go back from
	if got := ok(s.Rollback(ctx, by("eva"))); got.Active.Digest != two {
		t.Errorf("rolled back to %+v", got.Active)
	}
	if _, _, err := s.Load(ctx, three); !errors.Is(err, bundle.ErrMissing) {
		t.Errorf("what nobody refers to any more: %v", err)
	}
	if got := ok(s.Rollback(ctx, by("eva"))); got.Active.Digest != one || len(got.Before) != 0 {
		t.Errorf("rolled back to %+v", got)
	}
	if got := ok(s.Empty(ctx, bundle.Shadow)); got.Shadow != nil {
		t.Errorf("emptied, there is %+v", got.Shadow)
	}
	keys, err := client.Keys(ctx, "*").Result()
	slices.Sort(keys)
	if diff := cmp.Diff([]string{"attune:{rules}:bundle:" + one, "attune:{rules}:slots"}, keys); err != nil || diff != "" {
		t.Errorf("%v, keys (-want +got):\n%s", err, diff)
	}
}

func TestWhatChangesNothing(t *testing.T) {
	s, client := shelf(t)
	ctx := t.Context()
	before := must(t)(s.Push(ctx, packs("one"), bundle.Active, by("mia")))
	share := by("mia")
	share.Share = 100
	none := by("mia")
	for name, do := range map[string]func() (bundle.Slots, error){
		"a faulty set": func() (bundle.Slots, error) {
			return s.Push(ctx, []rules.File{{Name: "x.yaml", Data: []byte("pack: [")}}, bundle.Active, none)
		},
		"a canary for everyone": func() (bundle.Slots, error) { return s.Push(ctx, packs("two"), bundle.Canary, share) },
		"a canary for nobody":   func() (bundle.Slots, error) { return s.Push(ctx, packs("two"), bundle.Canary, none) },
		"a share of the active": func() (bundle.Slots, error) { return s.Push(ctx, packs("two"), bundle.Active, share) },
		"no canary to promote":  func() (bundle.Slots, error) { return s.Promote(ctx, bundle.Canary, none) },
		"the active one":        func() (bundle.Slots, error) { return s.Promote(ctx, bundle.Active, none) },
		"nothing to go back to": func() (bundle.Slots, error) { return s.Rollback(ctx, none) },
		"an empty slot":         func() (bundle.Slots, error) { return s.Empty(ctx, bundle.Shadow) },
		"emptying the active":   func() (bundle.Slots, error) { return s.Empty(ctx, bundle.Active) },
	} {
		if _, err := do(); err == nil {
			t.Errorf("%s is no error", name)
		}
		if now := must(t)(s.Slots(ctx)); !now.Same(before) {
			t.Errorf("%s changed the slots to %+v", name, now)
		}
	}
	if n := client.DBSize(ctx).Val(); n != 2 {
		t.Errorf("%d keys, want the slots and one bundle", n)
	}
}

func TestFaultyBundles(t *testing.T) {
	s, client := shelf(t)
	ctx := t.Context()
	one := must(t)(s.Push(ctx, packs("one"), bundle.Active, by("mia"))).Active.Digest
	key := "attune:{rules}:bundle:" + one
	for name, stored := range map[string]string{
		"no JSON":       "packs",
		"another set":   `[{"name":"a.yaml","data":"cGFjazogYQo="}]`,
		"not compiling": `[{"name":"a.yaml","data":"cGFjazogWwo="}]`,
	} {
		client.Set(ctx, key, stored, 0)
		if set, _, err := s.Load(ctx, one); set != nil || !errors.Is(err, bundle.ErrFaulty) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, stored := range []string{"{", `{"active":{}}`, `{"canary":{"digest":"a"}}`, `{"canary":{"digest":"a","share":100}}`, `{"active":{"digest":"a","share":5}}`} {
		client.Set(ctx, "attune:{rules}:slots", stored, 0)
		if got, err := s.Slots(ctx); err == nil {
			t.Errorf("%s is read as %+v", stored, got)
		}
	}
}

// TestAtTheSameTime pushes from many places: nothing is lost, and every bundle
// that is referred to is there.
func TestAtTheSameTime(t *testing.T) {
	s, _ := shelf(t)
	ctx := t.Context()
	const people = 5
	var wg sync.WaitGroup
	for i := range people {
		wg.Go(func() {
			for errors.Is(func() error {
				_, err := s.Push(ctx, packs(fmt.Sprintf("word%d", i)), bundle.Active, by("somebody"))
				if err != nil && !errors.Is(err, bundle.ErrRaced) {
					t.Error(err)
				}
				return err
			}(), bundle.ErrRaced) {
			}
		})
	}
	wg.Wait()
	slots := must(t)(s.Slots(ctx))
	if len(slots.Before) != people-1 {
		t.Errorf("%d were active before, want %d", len(slots.Before), people-1)
	}
	for _, p := range append(slots.Before, *slots.Active) {
		if _, _, err := s.Load(ctx, p.Digest); err != nil {
			t.Error(err)
		}
	}
}
