package session_test

import (
	"testing"

	"attune/proxy/session"
)

// floorOf is the floor as a node has it.
func floorOf(sess *session.Session) (f session.Floor) {
	sess.Do(func(b *session.Book) { f = b.Floor })
	return f
}

// takenAtOnce: between Take and SetFloor no answer of the store, which may have
// been on its way, gives the floor back to the bot.
func takenAtOnce(t *testing.T, a, b node) {
	id := id(t.Name())
	sess := a.Attach(id, true)
	defer a.Detach(sess)
	say(sess, "hello", 1)
	flush(t, a)
	say(sess, "a person, please", 2)
	sess.Do(func(b *session.Book) { b.Take() })
	flush(t, a)
	if got := floorOf(sess); got != session.Attune {
		t.Fatalf("after a flush the floor is %v's", got)
	}
	epoch, err := a.SetFloor(t.Context(), id, session.Attune, "", "t1")
	if err != nil || epoch == 0 {
		t.Fatalf("set floor: %d, %v", epoch, err)
	}
	flush(t, a)
	if got := floorOf(sess); got != session.Attune {
		t.Errorf("once it is stored the floor is %v's", got)
	}
	if _, err := a.SetFloor(t.Context(), id, session.Bot, "", "t2"); err != nil {
		t.Fatal(err)
	}
	if got := floorOf(sess); got != session.Bot {
		t.Errorf("once it is given back the floor is %v's", got)
	}
	if a == b {
		return
	}
	// A record that is read only after the floor was taken is older than that.
	late := b.Attach(id, false)
	defer b.Detach(late)
	late.Do(func(b *session.Book) { b.Take() })
	if _, err := b.Load(t.Context(), late); err != nil {
		t.Fatal(err)
	}
	flush(t, b)
	if got := floorOf(late); got != session.Attune {
		t.Errorf("after loading the floor is %v's", got)
	}
}
