package session_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"

	"attune/proxy/session"
)

// TestTwoTabsBeforeTheFirstTurn has two nodes that find nothing stored and take a
// session for theirs: it comes to one owner, who knows what both heard.
func TestTwoTabsBeforeTheFirstTurn(t *testing.T) {
	t.Parallel()
	a, b := nodes(t)
	id := id("two tabs")
	x, y := arrive(t, a, id), arrive(t, b, id)
	if x.Owner() != "" || y.Owner() != "" || x.InDoubt() || y.InDoubt() {
		t.Fatal("a node does not take it for its own")
	}
	say(x, "one", 1)
	say(y, "two", 2)
	eventually(t, "one node owns the session", func() error {
		switch {
		case x.InDoubt(), y.InDoubt(), !x.Shared(), !y.Shared():
			return errors.New("they have not met")
		case x.Owner() == b.Instance() && y.Owner() == "", y.Owner() == a.Instance() && x.Owner() == "":
			return nil
		}
		return fmt.Errorf("owners %q and %q", x.Owner(), y.Owner())
	})
	owner := x
	if y.Owner() == "" {
		owner = y
	}
	say(owner, "three", 0)
	for range 3 {
		flush(t, a)
		flush(t, b)
	}
	if n := points(owner); n < 3 {
		t.Errorf("score %d, want what both nodes heard, 3 or more", n)
	}
	turns, err := a.History(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	got := texts(turns)
	slices.Sort(got)
	if !slices.Equal(got, []string{"one", "three", "two"}) {
		t.Errorf("turns = %q", got)
	}
}

// TestAnEndThatWasMissed: a node that has not heard of the end joins the
// conversation that began elsewhere since, and does not delete it.
func TestAnEndThatWasMissed(t *testing.T) {
	t.Parallel()
	cfg := session.Config{URL: "redis://" + miniredis.RunT(t).Addr()}
	a, b := open(t, cfg), open(t, cfg)
	id := id("missed")
	x := a.Attach(id, true)
	say(x, "old", 1)
	flush(t, node{Store: a})
	y := b.Attach(id, false)
	if _, err := b.Load(t.Context(), y); err != nil {
		t.Fatal(err)
	}
	if err := b.End(t.Context(), y, "closed"); err != nil {
		t.Fatal(err)
	}
	next := b.Attach(id, false)
	if _, err := b.Load(t.Context(), next); err != nil {
		t.Fatal(err)
	}
	say(next, "new", 1)
	flush(t, node{Store: b})
	say(x, "still here", 1)
	for range 3 {
		flush(t, node{Store: a})
		flush(t, node{Store: b})
	}
	turns, err := b.History(t.Context(), id)
	if err != nil || !slices.Equal(texts(turns), []string{"new", "still here"}) {
		t.Errorf("turns = %q, %v", texts(turns), err)
	}
}

// TestAnEndIsHeard: a conversation that ends on one node ends on the other, with what
// was said there a moment before, and another one begins there.
func TestAnEndIsHeard(t *testing.T) {
	t.Parallel()
	a, b := nodes(t)
	id := id("over")
	x := arrive(t, a, id)
	say(x, "one", 3)
	flush(t, a)
	y := arrive(t, b, id)
	say(y, "two", 0)
	flush(t, b)
	say(x, "a last word", 0) // not stored yet
	if err := b.End(t.Context(), y, "closed"); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the other node ends it", func() error {
		if _, here := a.Live(id); here || !x.Ended() {
			return errors.New("it goes on")
		}
		return nil
	})
	eventually(t, "all of it is stored", func() error {
		flush(t, a)
		turns, err := b.History(t.Context(), id)
		if got := texts(turns); err != nil || !slices.Equal(got, []string{"one", "two", "a last word"}) {
			return fmt.Errorf("turns %q, %w", got, err)
		}
		return nil
	})
	next := arrive(t, a, id)
	if points(next) != 0 {
		t.Error("the next conversation begins with the score of the last")
	}
	say(next, "another matter", 1)
	flush(t, a)
	turns, err := b.History(t.Context(), id)
	if err != nil || !slices.Equal(texts(turns), []string{"another matter"}) {
		t.Errorf("turns = %q, %v", texts(turns), err)
	}
	// An end that is heard late ends nothing that came after it.
	if err := b.Publish(t.Context(), session.Event{Session: id, Kind: session.KindEnd, Text: "closed", Gen: 1}); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Ask(t.Context(), session.Event{Session: "nobody", Kind: session.KindKnock, To: a.Instance()}); err != nil {
		t.Fatal(err)
	}
	if next.Ended() {
		t.Error("the next conversation is over")
	}
}

// TestAShortWaitIsNoOutage: a customer who does not wait for Redis says nothing
// about it.
func TestAShortWaitIsNoOutage(t *testing.T) {
	t.Parallel()
	a, _ := nodes(t)
	x := arrive(t, a, id("hasty"))
	over, cancel := context.WithDeadline(t.Context(), time.Now().Add(-time.Second))
	defer cancel()
	if err := a.Doubt(over, x); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Doubt = %v", err)
	}
	if a.Degraded() {
		t.Error("Redis counts as gone")
	}
}

// TestHush silences a bot until the store says whose the floor is.
func TestHush(t *testing.T) {
	t.Parallel()
	cfg := session.Config{URL: "redis://" + miniredis.RunT(t).Addr()}
	a, b := open(t, cfg), open(t, cfg)
	id := id("hushed")
	x := a.Attach(id, true)
	say(x, "hello", 1)
	flush(t, node{Store: a})
	for _, want := range []session.Floor{session.Bot, session.Agent} {
		if want == session.Agent {
			if _, err := b.SetFloor(t.Context(), id, want, "ann", "t1"); err != nil {
				t.Fatal(err)
			}
		}
		x.Do((*session.Book).Hush)
		if got := floorOf(x); got != session.Attune {
			t.Errorf("hushed, the floor is %v's", got)
		}
		flush(t, node{Store: a})
		if got := floorOf(x); got != want {
			t.Errorf("stored, the floor is %v's, want %v's", got, want)
		}
	}
}
