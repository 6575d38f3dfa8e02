package session_test

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/alicebob/miniredis/v2"

	"attune/proxy/session"
)

// TestTwoNodesAtOnce holds one session on two nodes that both go on: no turn is
// lost, and the states are joined.
func TestTwoNodesAtOnce(t *testing.T) {
	m := miniredis.RunT(t)
	// The states are sets, as a bitmap: joining them twice changes nothing.
	join := func(stored, local session.State) session.State {
		stored.(*score).Points |= local.(*score).Points
		return stored
	}
	cfg := session.Config{URL: "redis://" + m.Addr(), Merge: join}
	a, b := open(t, cfg), open(t, cfg)
	id := id("both")
	x := a.Attach(id, true)
	say(x, "a0", 1)
	flush(t, node{Store: a})
	y := b.Attach(id, false)
	if found, err := b.Load(t.Context(), y); err != nil || !found {
		t.Fatalf("Load = %v, %v", found, err)
	}
	for i := range 5 {
		x.Do(func(bk *session.Book) {
			bk.State.(*score).Points |= 2 << (2 * i)
			bk.Append(session.Turn{Role: "customer", Text: fmt.Sprint("a", i+1)})
		})
		y.Do(func(bk *session.Book) {
			bk.State.(*score).Points |= 4 << (2 * i)
			bk.Append(session.Turn{Role: "customer", Text: fmt.Sprint("b", i+1)})
		})
		flush(t, node{Store: a})
		flush(t, node{Store: b})
	}
	// Each writes what it learned from the other until nobody has anything new.
	for range 3 {
		flush(t, node{Store: a})
		flush(t, node{Store: b})
	}
	turns, err := a.History(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	got := texts(turns)
	slices.Sort(got)
	want := []string{"a0", "a1", "a2", "a3", "a4", "a5", "b1", "b2", "b3", "b4", "b5"}
	if !slices.Equal(got, want) {
		t.Errorf("turns = %q", got)
	}
	c := open(t, cfg)
	z := c.Attach(id, false)
	if _, err := c.Load(t.Context(), z); err != nil {
		t.Fatal(err)
	}
	z.Do(func(b *session.Book) {
		if n := b.State.(*score).Points; n != 2047 {
			t.Errorf("stored state = %b, want all eleven bits", n)
		}
		if b.Count() != 11 {
			t.Errorf("count = %d", b.Count())
		}
	})
}

// TestRepeatedFlush loses the answers of flushes: nothing is written twice.
func TestRepeatedFlush(t *testing.T) {
	m := miniredis.RunT(t)
	a := open(t, session.Config{URL: "redis://" + m.Addr()})
	id := id("again")
	s := a.Attach(id, true)
	var want []string
	for i := range 10 {
		text := fmt.Sprint("turn ", i)
		want = append(want, text)
		say(s, text, 1)
		flush(t, node{Store: a})
		// What a node does whose answer was lost: the same once more, behind its back.
		m.HSet(session.Prefix(id)+"s:"+id, "n", "0")
		s.Do(func(b *session.Book) { b.Mark() })
		flush(t, node{Store: a})
	}
	turns, err := a.History(t.Context(), id)
	if err != nil || !slices.Equal(texts(turns), want) {
		t.Errorf("turns = %q, %v", texts(turns), err)
	}
}

// TestStrangeRecord reads records of other versions and damaged ones.
func TestStrangeRecord(t *testing.T) {
	m := miniredis.RunT(t)
	var log bytes.Buffer
	a := open(t, session.Config{URL: "redis://" + m.Addr(), Logger: slog.New(slog.NewTextHandler(&log, nil))})
	tests := []struct {
		name   string
		fields []string
		turns  []string
		points int
		count  int
	}{
		{"newer, with more fields", []string{
			"v", "7", "g", "2", "n", "9", "st", "points=5", "mt", `{"p":"json","zz":{"a":1}}`, "tc", "4", "new", "x", "wq", "1",
		}, []string{`{"i":"q.1","r":"customer","x":"hello","zz":[1]}`}, 5, 4},
		{"state of another kind", []string{"v", "1", "g", "1", "n", "1", "st", "\x00garbage", "tc", "2"}, nil, 0, 2},
		{"damaged turns", []string{"v", "1", "g", "1", "n", "1", "st", "points=1", "tc", "3"}, []string{"", "{", `{"r":"bot"}`}, 1, 3},
		{"damaged numbers", []string{"v", "x", "g", "1", "n", "-4", "ep", "1e9", "fl", "??", "tc", "many"}, nil, 0, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			id := id(t.Name())
			m.HSet(session.Prefix(id)+"s:"+id, tt.fields...)
			for _, turn := range tt.turns {
				if _, err := m.Push(session.Prefix(id)+"t:"+id, turn); err != nil {
					t.Fatal(err)
				}
			}
			s := a.Attach(id, false)
			if found, err := a.Load(t.Context(), s); err != nil || !found {
				t.Fatalf("Load = %v, %v", found, err)
			}
			s.Do(func(b *session.Book) {
				if n := b.State.(*score).Points; n != tt.points || b.Count() != tt.count || b.Floor != session.Bot {
					t.Errorf("score %d, count %d, floor %v", n, b.Count(), b.Floor)
				}
			})
			say(s, "on it goes", 1)
			flush(t, node{Store: a})
			if len(tt.fields) > 14 && m.HGet(session.Prefix(id)+"s:"+id, "new") != "x" {
				t.Error("an unknown field was lost")
			}
		})
	}
	if strings.Contains(log.String(), "hello") || !strings.Contains(log.String(), "not readable") {
		t.Errorf("log: %s", log.String())
	}
}

// TestStoredByRun: nobody has to ask for it.
func TestStoredByRun(t *testing.T) {
	m := miniredis.RunT(t)
	a := open(t, session.Config{URL: "redis://" + m.Addr()})
	b := open(t, session.Config{URL: "redis://" + m.Addr()})
	stop := start(t, a)
	defer stop()
	s := a.Attach(id("run"), true)
	say(s, "hello", 1)
	eventually(t, "the turn is stored", func() error {
		turns, err := b.History(t.Context(), s.ID())
		if err != nil || len(turns) != 1 {
			return fmt.Errorf("history = %q, %w", texts(turns), err)
		}
		return nil
	})
	// The last words are stored when Run ends.
	say(s, "goodbye", 1)
	stop()
	if turns, err := b.History(t.Context(), s.ID()); err != nil || len(turns) != 2 {
		t.Errorf("history = %q, %v", texts(turns), err)
	}
}

func TestEmbeddedExpires(t *testing.T) {
	a := open(t, session.Config{IdleTTL: time.Second})
	t.Cleanup(start(t, a))
	s := a.Attach(id("short"), true)
	eventually(t, "the keys are there", func() error { // on a busy machine they may have gone already
		say(s, "hello", 1)
		flush(t, node{Store: a})
		if got := keys(t, node{Store: a}, s.ID()); len(got) != 2 {
			return fmt.Errorf("keys = %q", got)
		}
		return nil
	})
	eventually(t, "the keys expire", func() error {
		if got := keys(t, node{Store: a}, s.ID()); len(got) != 0 {
			return fmt.Errorf("keys = %q", got)
		}
		return nil
	})
}

func TestEmbeddedIsBounded(t *testing.T) {
	a := open(t, session.Config{MaxEmbedded: 10})
	var held []*session.Session
	for i := range 9 {
		held = append(held, a.Attach(id(fmt.Sprint("held", i)), true))
		say(held[i], "hello", 1)
		flush(t, node{Store: a})
	}
	if a.Full() {
		t.Error("full with 9 of 10")
	}
	for i := range 30 {
		s := a.Attach(id(fmt.Sprint("passing", i)), true)
		if !a.Full() {
			t.Error("not full with 10 of 10")
		}
		say(s, "hello", 1)
		if err := a.End(t.Context(), s, "closed"); err != nil {
			t.Fatal(err)
		}
		a.Detach(s)
	}
	flush(t, node{Store: a})
	n, err := a.Client().Keys(t.Context(), "attune:*:s:*").Result()
	if err != nil || len(n) > 10 {
		t.Errorf("%d records, %v", len(n), err)
	}
	for _, s := range held {
		if got := keys(t, node{Store: a}, s.ID()); len(got) != 2 {
			t.Errorf("a session in use went: %q", got)
		}
	}
}

// TestLettingGo watches what stays in memory, with Redis away and on fake time.
func TestLettingGo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, err := session.Open(session.Config{URL: "unix:///nowhere/at/all.sock", NewState: func() session.State { return new(score) }})
		if err != nil {
			t.Fatal(err)
		}
		stop := start(t, a)
		clean, dirty, used := a.Attach("clean", true), a.Attach("dirty", true), a.Attach("used", true)
		say(dirty, "hello", 1)
		say(used, "hello", 1)
		unheard := a.Attach("unheard", true) // only this node has what its widget may have missed
		if err := a.Keep(t.Context(), unheard, session.Unconfirmed{ID: "m1", At: time.Now()}); err != nil {
			t.Fatal(err)
		}
		for _, sess := range []*session.Session{clean, dirty, unheard} {
			a.Detach(sess)
		}
		check := func(what string, want ...string) {
			t.Helper()
			synctest.Wait()
			var got []string
			for _, id := range []string{"clean", "dirty", "unheard", "used"} {
				if _, ok := a.Live(id); ok {
					got = append(got, id)
				}
			}
			if !slices.Equal(got, want) {
				t.Errorf("%s: %q are live, want %q", what, got, want)
			}
		}
		time.Sleep(20 * time.Second)
		check("within the grace", "clean", "dirty", "unheard", "used")
		time.Sleep(20 * time.Second)
		check("after the grace", "dirty", "unheard", "used")
		time.Sleep(session.UnconfirmedTTL)
		check("when it is too late for the message", "dirty", "used")
		time.Sleep(31 * time.Minute)
		check("after the idle time", "used")
		if n := a.Dropped(); n != 1 {
			t.Errorf("%d turns dropped, want the one of the session that went", n)
		}
		// An outage that goes on: what waits is bounded.
		for i := range 3 * session.MaxTurns {
			say(used, fmt.Sprint(i), 1)
		}
		used.Do(func(b *session.Book) {
			turns := b.Turns()
			if len(turns) != session.MaxTurns || turns[len(turns)-1].Text != fmt.Sprint(3*session.MaxTurns-1) {
				t.Errorf("%d turns wait, want the latest %d", len(turns), session.MaxTurns)
			}
		})
		stop()
		if err := a.Close(); err != nil {
			t.Error(err)
		}
		// The client's pool looks for its server once more.
		time.Sleep(2 * time.Second)
	})
}

func TestWaitingTurnsAreBounded(t *testing.T) {
	a := open(t, session.Config{MaxWaiting: 20_000})
	text := strings.Repeat("x", 1000)
	for i := range 10 {
		s := a.Attach(fmt.Sprint("s", i), true)
		for range 10 {
			say(s, text, 0)
		}
	}
	if n := a.Dropped(); n < 70 || n > 90 {
		t.Errorf("%d of 100 dropped, want all but about 16 and one of each session", n)
	}
}

func TestWatchEmbedded(t *testing.T) {
	a := open(t, session.Config{})
	var got []session.Event
	a.OnEvent(func(e session.Event) { got = append(got, e) })
	s := a.Attach(id("w"), true)
	say(s, "before", 0)
	flush(t, node{Store: a})
	if err := a.Watch(t.Context(), s.ID()); err != nil {
		t.Fatal(err)
	}
	say(s, "after", 0)
	flush(t, node{Store: a})
	if len(got) != 2 || got[0].Kind != session.KindWatch || got[1].Kind != session.KindTurns ||
		!slices.Equal(texts(got[1].Turns), []string{"after"}) || got[1].Turns[0].ID == "" {
		t.Errorf("events = %+v", got)
	}
	turns, err := a.History(t.Context(), s.ID())
	if err != nil || turns[1].ID != got[1].Turns[0].ID {
		t.Errorf("the event's turn %q is not the stored one: %v", got[1].Turns[0].ID, err)
	}
}

func TestPostIsBounded(t *testing.T) {
	a := open(t, session.Config{})
	for range 1024 {
		if err := a.Post(session.Event{Kind: "x"}); err != nil {
			t.Fatal(err)
		}
	}
	if err := a.Post(session.Event{Kind: "x"}); !errors.Is(err, session.ErrBusy) {
		t.Errorf("Post = %v, want ErrBusy", err)
	}
}
