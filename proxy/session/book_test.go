package session

import (
	"testing"
	"time"
)

// A conversation that goes on uses the room of its turns again; one that is quiet gives it back.
func TestRoomOfTurns(t *testing.T) {
	s, err := Open(Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	sess := s.Attach("someone", false)
	if _, err := s.Load(t.Context(), sess); err != nil {
		t.Fatal(err)
	}
	talk := func() {
		sess.Do(func(b *Book) {
			for range 40 {
				b.Append(Turn{Role: "customer", Text: "Hello"})
			}
		})
		if err := s.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	room := func() (n int) {
		sess.Do(func(b *Book) { n = cap(b.turns) })
		return n
	}
	talk()
	if room() < 40 {
		t.Errorf("after 40 turns there is room for %d", room())
	}
	s.sweep(time.Now())
	if room() > 2*DefaultKeep {
		t.Errorf("a quiet conversation keeps room for %d turns", room())
	}
	sess.Do(func(b *Book) {
		if n := len(b.Turns()); n != DefaultKeep {
			t.Errorf("%d turns in memory, want %d", n, DefaultKeep)
		}
	})
}
