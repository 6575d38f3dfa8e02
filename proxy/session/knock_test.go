package session

import (
	"testing"

	"github.com/alicebob/miniredis/v2"
)

// joined is the Merge of these tests.
func joined(stored, local State) State {
	v := append(*stored.(*verbatim), *local.(*verbatim)...)
	return &v
}

func keeping(t *testing.T, url string) *Store {
	t.Helper()
	s, err := Open(Config{URL: url, Merge: joined})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func write(t *testing.T, s *Store, sess *Session, state string) {
	t.Helper()
	sess.Do(func(b *Book) {
		_ = b.State.UnmarshalBinary([]byte(state))
		b.Append(Turn{Role: "customer", Text: state})
	})
	if s == nil {
		return
	}
	if err := s.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// bothHold returns two nodes that hold one session: the first has begun and stored
// it, the second has read it.
func bothHold(t *testing.T) (a, b *Store, x, y *Session) {
	t.Helper()
	url := "redis://" + miniredis.RunT(t).Addr()
	a, b = keeping(t, url), keeping(t, url)
	x = a.Attach("s", true)
	write(t, a, x, "1")
	y = b.Attach("s", false)
	if _, err := b.Load(t.Context(), y); err != nil {
		t.Fatal(err)
	}
	return a, b, x, y
}

// TestHandedOverWhereSomebodyWrote: what an owner has not stored when it lets go
// is not lost because another node has written meanwhile.
func TestHandedOverWhereSomebodyWrote(t *testing.T) {
	a, b, x, y := bothHold(t)
	write(t, b, y, "2")
	write(t, nil, x, "3")
	knock := Event{Session: "s", Kind: KindKnock, Node: b.instance}
	a.knocked(knock)
	if err := a.handOver(t.Context(), []Event{knock}); err != nil {
		t.Fatal(err)
	}
	if got := b.client.HGet(t.Context(), recordKey("s"), "st").Val(); got != "23" {
		t.Errorf("stored %q, want what both had, 23", got)
	}
}

// TestAnOlderRecord is read before this node stored what it has.
func TestAnOlderRecord(t *testing.T) {
	a := keeping(t, "redis://"+miniredis.RunT(t).Addr())
	x := a.Attach("s", true)
	write(t, a, x, "new")
	recs, err := a.fetch(t.Context(), []*Session{x})
	if err != nil {
		t.Fatal(err)
	}
	write(t, a, x, "newer")
	x.caughtUp(recs[0])
	if got := string(*x.book.State.(*verbatim)); got != "newer" {
		t.Errorf("the state is %q", got)
	}
}

// TestBehind: a flush comes between owning a session and reading what the owner
// before had stored of it.
func TestBehind(t *testing.T) {
	a, b, x, y := bothHold(t)
	write(t, a, x, "2") // before it let go
	y.own(holders{1, []string{b.instance, a.instance}}, true)
	write(t, b, y, "3")
	if err := b.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := a.client.HGet(t.Context(), recordKey("s"), "st").Val(); got != "23" {
		t.Errorf("stored %q, want what both had, 23", got)
	}
}
