package session_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"attune/proxy/proxytest"
	"attune/proxy/session"
)

// id makes a session id of a test's own.
func id(name string) string {
	return session.Key{Profile: "json", External: name, Binding: "cookie:" + name}.ID()
}

// merge adds what happened in two places; stored comes first.
func merge(stored, local session.State) session.State {
	stored.(*score).Points += local.(*score).Points
	return stored
}

// A node is a running store and the events it heard.
type node struct {
	*session.Store
	events chan session.Event
}

func openNode(t *testing.T, url, name string) node {
	t.Helper()
	return openAs(t, session.Config{URL: url, Node: name})
}

// openAs is openNode with a configuration, which is completed.
func openAs(t *testing.T, cfg session.Config) node {
	t.Helper()
	cfg.Merge, cfg.Secret = merge, "a secret of all nodes"
	n := node{Store: open(t, cfg), events: make(chan session.Event, 1024)}
	n.OnEvent(func(e session.Event) {
		select {
		case n.events <- e:
		default:
		}
	})
	t.Cleanup(start(t, n.Store))
	if cfg.URL == "" { // embedded: there are no others to hear
		return n
	}
	// It hears the others from its first subscription on, and says so; whoever has
	// no lease yet owns nothing.
	for subscribed, timeout := false, time.After(proxytest.Timeout); !subscribed || !n.Leased(); {
		select {
		case e := <-n.events:
			subscribed = subscribed || e.Kind == session.KindResync
		case <-time.After(time.Millisecond):
		case <-timeout:
			t.Fatal("the node has no subscription or no lease")
		}
	}
	return n
}

// TestContract is what every store promises, on every backend.
func TestContract(t *testing.T) {
	tests := []struct {
		name string
		// f gets two stores: two nodes of one Redis, or the same one twice.
		f func(t *testing.T, a, b node)
	}{
		{"another node finds score, floor and history", reconnect},
		{"every key expires", everyKeyExpires},
		{"history holds what waits", historyHoldsWhatWaits},
		{"the latest turns are kept", latestTurns},
		{"a token sets the floor once", floorOnce},
		{"epochs only grow", epochsGrow},
		{"a floor change reaches every node", floorReaches},
		{"a floor that was taken stays taken", takenAtOnce},
		{"erase leaves nothing", eraseLeavesNothing},
		{"an ended conversation is not continued", endIsEnd},
		{"two bridges load once", loadOnce},
		{"what a customer typed in is not stored", redacted},
		{"turns of a watched session are published", watched},
	}
	for _, be := range backends() {
		t.Run(be.name, func(t *testing.T) {
			t.Parallel()
			url := be.start(t)
			for _, tt := range tests {
				t.Run(tt.name, func(t *testing.T) {
					a := openNode(t, url, "a")
					b := a
					if be.nodes > 1 {
						b = openNode(t, url, "b")
					}
					tt.f(t, a, b)
				})
			}
		})
	}
}

func flush(t *testing.T, s node) {
	t.Helper()
	if err := s.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func reconnect(t *testing.T, a, b node) {
	id := id(t.Name())
	first := a.Attach(id, true)
	first.Do(func(b *session.Book) {
		b.Meta.Profile, b.Meta.Locale = "json", "en"
	})
	say(first, "where is my parcel", 3)
	say(first, "again: where is it", 4)
	if _, err := a.SetFloor(t.Context(), id, session.Attune, "", "t1"); err != nil {
		t.Fatal(err)
	}
	a.Detach(first)
	flush(t, a)

	second := b.Attach(id, false)
	defer b.Detach(second)
	found, err := b.Load(t.Context(), second)
	if err != nil || a != b && !found {
		t.Fatalf("Load = %v, %v", found, err)
	}
	second.Do(func(b *session.Book) {
		if got := b.State.(*score).Points; got != 7 {
			t.Errorf("score = %d, want 7", got)
		}
		if b.Floor != session.Attune || b.Epoch != 1 {
			t.Errorf("floor = %v, epoch %d, want attune, 1", b.Floor, b.Epoch)
		}
		if b.Meta.Profile != "json" || b.Meta.Locale != "en" || b.Meta.Started.IsZero() {
			t.Errorf("meta = %+v", b.Meta)
		}
		if b.Count() != 2 {
			t.Errorf("count = %d, want 2", b.Count())
		}
	})
	turns, err := b.History(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"where is my parcel", "again: where is it"}, texts(turns)); diff != "" {
		t.Error(diff)
	}
}

func everyKeyExpires(t *testing.T, a, _ node) {
	id := id(t.Name())
	s := a.Attach(id, true)
	defer a.Detach(s)
	say(s, "hello", 1)
	if _, err := a.SetFloor(t.Context(), id, session.Agent, "ann", "t1"); err != nil {
		t.Fatal(err)
	}
	flush(t, a)
	found := keys(t, a, id)
	if len(found) != 2 {
		t.Errorf("keys = %q, want record and turns", found)
	}
	if err := a.Erase(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	for _, k := range append(found, keys(t, a, id)...) {
		ttl, err := a.Client().PTTL(t.Context(), k).Result()
		if err != nil {
			t.Fatal(err)
		}
		if exists := slices.Contains(keys(t, a, id), k); exists && (ttl <= 0 || ttl > 24*time.Hour) {
			t.Errorf("TTL of %s = %v", k, ttl)
		}
	}
}

func historyHoldsWhatWaits(t *testing.T, a, _ node) {
	id := id(t.Name())
	s := a.Attach(id, true)
	defer a.Detach(s)
	var want []string
	for i := range 20 {
		text := fmt.Sprintf("turn %d", i)
		want = append(want, text)
		say(s, text, 0)
		if i%7 == 3 {
			flush(t, a)
		}
		turns, err := a.History(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, texts(turns)); diff != "" {
			t.Fatal(diff)
		}
	}
}

func latestTurns(t *testing.T, a, b node) {
	id := id(t.Name())
	s := a.Attach(id, true)
	defer a.Detach(s)
	for i := range session.MaxTurns + 50 {
		say(s, fmt.Sprintf("turn %d", i), 0)
		if i%60 == 0 {
			flush(t, a)
		}
	}
	flush(t, a)
	turns, err := b.History(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	if len(turns) != session.MaxTurns || turns[0].Text != "turn 50" {
		t.Errorf("%d turns from %q, want %d from turn 50", len(turns), turns[0].Text, session.MaxTurns)
	}
	s.Do(func(b *session.Book) {
		if n := len(b.Turns()); n != session.DefaultKeep {
			t.Errorf("%d turns in memory, want %d", n, session.DefaultKeep)
		}
		if b.Count() != session.MaxTurns+50 {
			t.Errorf("count = %d", b.Count())
		}
	})
}

func floorOnce(t *testing.T, a, b node) {
	id := id(t.Name())
	s := a.Attach(id, true)
	defer a.Detach(s)
	want, err := a.SetFloor(t.Context(), id, session.Agent, "ann", "claim")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.SetFloor(t.Context(), id, session.Bot, "", "return"); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		got, err := b.SetFloor(t.Context(), id, session.Agent, "ann", "claim")
		if err != nil || got != want {
			t.Errorf("epoch = %d, %v; want %d again", got, err, want)
		}
	}
	eventually(t, "the retry changed nothing", func() (err error) {
		s.Do(func(b *session.Book) {
			if b.Floor != session.Bot || b.Epoch != want+1 {
				err = fmt.Errorf("floor = %v, epoch %d", b.Floor, b.Epoch)
			}
		})
		return err
	})
	if _, err := a.SetFloor(t.Context(), id, session.Bot, "", "two words"); err == nil {
		t.Error("a token with a space was taken")
	}
	if _, err := a.SetFloor(t.Context(), session.Key{External: "nobody"}.ID(), session.Bot, "", "t"); !errors.Is(err, session.ErrNotFound) {
		t.Errorf("unknown session: %v, want ErrNotFound", err)
	}
}

func epochsGrow(t *testing.T, a, b node) {
	id := id(t.Name())
	s := a.Attach(id, true)
	defer a.Detach(s)
	say(s, "hello", 0)
	flush(t, a)
	var wg sync.WaitGroup
	var mu sync.Mutex
	seen := map[uint64]string{}
	for g := range 8 {
		wg.Go(func() {
			for i := range 10 {
				store := a
				if g%2 == 1 {
					store = b
				}
				token := fmt.Sprintf("g%d-%d", g, i)
				epoch, err := store.SetFloor(t.Context(), id, session.Floor(i%4), "ann", token)
				if err != nil {
					t.Error(err)
					continue
				}
				mu.Lock()
				if other, ok := seen[epoch]; ok {
					t.Errorf("epoch %d given to %s and %s", epoch, other, token)
				}
				seen[epoch] = token
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	eventually(t, "the last epoch reaches the session", func() (err error) {
		s.Do(func(b *session.Book) {
			if b.Epoch != 80 {
				err = fmt.Errorf("epoch %d, want 80", b.Epoch)
			}
		})
		return err
	})
}

func floorReaches(t *testing.T, a, b node) {
	id := id(t.Name())
	s := a.Attach(id, true)
	defer a.Detach(s)
	say(s, "hello", 0)
	flush(t, a)
	// A subscription takes a moment; the change is made until it was heard.
	n := 0
	eventually(t, "the floor changes on the other node", func() (err error) {
		n++
		if _, err := b.SetFloor(t.Context(), id, session.Agent, "ann", fmt.Sprint("t", n)); err != nil {
			return err
		}
		s.Do(func(b *session.Book) {
			if b.Floor != session.Agent || b.Holder != "ann" {
				err = fmt.Errorf("floor = %v, holder %q", b.Floor, b.Holder)
			}
		})
		return err
	})
}

func eraseLeavesNothing(t *testing.T, a, b node) {
	id := id(t.Name())
	s := a.Attach(id, true)
	defer a.Detach(s)
	say(s, "my secret", 5)
	flush(t, a)
	say(s, "another secret", 5)
	if err := a.Keep(t.Context(), s, session.Unconfirmed{ID: "m1", At: time.Now(), Message: []byte("words")}); err != nil {
		t.Fatal(err)
	}
	if err := b.Erase(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	// Whatever the node that holds the session does, the words stay away.
	eventually(t, "the session is purged", func() error {
		flush(t, a)
		if n := points(s); n != 0 {
			return fmt.Errorf("score = %d", n)
		}
		return nil
	})
	flush(t, a)
	if left, err := a.Unconfirmed(t.Context(), s); err != nil || len(left) != 0 {
		t.Errorf("%d messages wait, %v", len(left), err)
	}
	if got := keys(t, a, id); len(got) != 1 || !strings.Contains(got[0], ":x:") {
		t.Errorf("left: %q, want the tombstone only", got)
	}
	if turns, err := a.History(t.Context(), id); err != nil || len(turns) != 0 {
		t.Errorf("history = %q, %v", texts(turns), err)
	}
	// The customer goes on: a new conversation is stored.
	say(s, "hello again", 1)
	flush(t, a)
	turns, err := b.History(t.Context(), id)
	if err != nil || !slices.Equal(texts(turns), []string{"hello again"}) {
		t.Errorf("history = %q, %v", texts(turns), err)
	}
}

func endIsEnd(t *testing.T, a, b node) {
	id := id(t.Name())
	s := a.Attach(id, true)
	say(s, "goodbye", 5)
	if _, err := a.SetFloor(t.Context(), id, session.Agent, "ann", "t1"); err != nil {
		t.Fatal(err)
	}
	if err := a.End(t.Context(), s, "closed"); err != nil {
		t.Fatal(err)
	}
	a.Detach(s)
	if _, ok := a.Live(id); ok {
		t.Error("still live")
	}
	turns, err := b.History(t.Context(), id)
	if err != nil || !slices.Equal(texts(turns), []string{"goodbye"}) {
		t.Errorf("history after the end = %q, %v", texts(turns), err)
	}

	next := b.Attach(id, false)
	defer b.Detach(next)
	found, err := b.Load(t.Context(), next)
	if err != nil || found {
		t.Errorf("Load = %v, %v; want a new conversation", found, err)
	}
	if n := points(next); n != 0 {
		t.Errorf("score = %d, want 0", n)
	}
	say(next, "hello", 1)
	flush(t, b)
	next.Do(func(b *session.Book) {
		if b.Floor != session.Bot || b.Epoch != 2 {
			t.Errorf("floor = %v, epoch %d; want the bot's, 2", b.Floor, b.Epoch)
		}
	})
	turns, err = a.History(t.Context(), id)
	if err != nil || !slices.Equal(texts(turns), []string{"hello"}) {
		t.Errorf("history = %q, %v", texts(turns), err)
	}
}

func loadOnce(t *testing.T, a, b node) {
	id := id(t.Name())
	s := a.Attach(id, true)
	say(s, "hello", 2)
	flush(t, a)
	if a == b { // one node holds what it stored: there is nothing to load
		return
	}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			sess := b.Attach(id, false)
			found, err := b.Load(t.Context(), sess)
			if err != nil || !found {
				t.Errorf("Load = %v, %v", found, err)
			}
			say(sess, "again", 1)
			b.Detach(sess)
		})
	}
	wg.Wait()
	sess, ok := b.Live(id)
	if !ok || points(sess) != 10 {
		t.Errorf("live %v, want 2 + 8 points", ok)
	}
	flush(t, b)
	turns, err := a.History(t.Context(), id)
	if err != nil || len(turns) != 9 {
		t.Errorf("history = %q, %v", texts(turns), err)
	}
}

func redacted(t *testing.T, a, b node) {
	id := id(t.Name())
	s := a.Attach(id, true)
	defer a.Detach(s)
	s.Do(func(b *session.Book) {
		b.Append(session.Turn{Role: "customer", Text: "pay 4111 1111 1111 1111 or mail ann@example.org", Signals: []string{"s"}})
		b.Append(session.Turn{Role: "bot", Text: "call +49 30 1234567", Sent: "please call +49 30 1234567", Rules: []string{"r"}})
	})
	flush(t, a)
	turns, err := b.History(t.Context(), id)
	if err != nil || len(turns) != 2 {
		t.Fatal(texts(turns), err)
	}
	want := []session.Turn{
		{Role: "customer", Text: "pay [card] or mail [email]", Signals: []string{"s"}},
		{Role: "bot", Text: "call [phone]", Sent: "please call [phone]", Rules: []string{"r"}},
	}
	for i := range turns {
		if turns[i].ID == "" || turns[i].At.IsZero() {
			t.Errorf("turn %d has no id or time: %+v", i, turns[i])
		}
		turns[i].ID, turns[i].At = "", time.Time{}
	}
	if diff := cmp.Diff(want, turns); diff != "" {
		t.Error(diff)
	}
}

func watched(t *testing.T, a, b node) {
	id := id(t.Name())
	s := a.Attach(id, true)
	defer a.Detach(s)
	eventually(t, "a turn is published", func() error {
		if err := b.Watch(t.Context(), id); err != nil {
			return err
		}
		say(s, "are you there", 0)
		flush(t, a)
		for {
			select {
			case e := <-b.events:
				if e.Kind == session.KindTurns && e.Session == id && slices.Contains(texts(e.Turns), "are you there") {
					return nil
				}
			default:
				return errors.New("nothing heard")
			}
		}
	})
}
