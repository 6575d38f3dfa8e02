package session_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"attune/proxy/proxytest"
	"attune/proxy/session"
)

// nodes are two running nodes of one redis-server.
func nodes(t *testing.T) (a, b node) {
	t.Helper()
	url := proxytest.StartRedis(t).URL()
	return openNode(t, url, "a"), openNode(t, url, "b")
}

// arrive attaches a session as a bridge of a widget that is known does.
func arrive(t *testing.T, s node, id string) *session.Session {
	t.Helper()
	sess := s.Attach(id, false)
	t.Cleanup(func() { s.Detach(sess) })
	if _, err := s.Load(t.Context(), sess); err != nil {
		t.Fatal(err)
	}
	return sess
}

// holders is the field of the record that says who holds the session.
func holders(t *testing.T, s node, id string) string {
	t.Helper()
	nd, _ := s.Client().HGet(t.Context(), session.Prefix(id)+"s:"+id, "nd").Result()
	return nd
}

func TestTheLatestNodeOwns(t *testing.T) {
	t.Parallel()
	a, b := nodes(t)
	id := id("hops")
	x := a.Attach(id, true)
	say(x, "one", 3)
	flush(t, a)
	say(x, "two", 4) // not stored when the other node asks
	y := arrive(t, b, id)
	eventually(t, "the first node is a guest", func() error {
		if n := points(y); n != 7 {
			return fmt.Errorf("score on the new node = %d, want all 7", n)
		}
		if x.Owner() != b.Instance() || y.Owner() != "" || !x.Shared() || !y.Shared() {
			return fmt.Errorf("owners %q and %q", x.Owner(), y.Owner())
		}
		return nil
	})
	held(t, a, id, b, a)
	// The owner's state is stored, whatever a guest still thinks.
	x.Do(func(b *session.Book) {
		b.State.(*score).Points = 1000
		b.Append(session.Turn{Role: "bot", Text: "a guest's turn"})
	})
	say(y, "three", 1)
	for range 3 {
		flush(t, a)
		flush(t, b)
	}
	c := openNode(t, url(t, a), "c")
	z := arrive(t, c, id)
	held(t, a, id, c, b, a)
	if n := points(z); n != 8 {
		t.Errorf("stored score = %d, want the owner's 8", n)
	}
	// An owner without a bridge lets go for good.
	c.Detach(z)
	arrive(t, a, id)
	held(t, a, id, a, b)
}

// held waits until a session is held by these nodes, the owner first.
func held(t *testing.T, s node, id string, by ...node) {
	t.Helper()
	var want []string
	for _, n := range by {
		want = append(want, n.Instance())
	}
	eventually(t, "the session changes hands", func() error {
		_, got, _ := strings.Cut(holders(t, s, id), " ")
		if got != strings.Join(want, " ") {
			return fmt.Errorf("held by %q, want %q", got, want)
		}
		return nil
	})
}

// url is where a node's Redis is.
func url(t *testing.T, s node) string {
	t.Helper()
	info, err := s.Client().ConfigGet(t.Context(), "unixsocket").Result()
	if err != nil {
		t.Fatal(err)
	}
	return "unix://" + info["unixsocket"]
}

func TestALeaseRunsOut(t *testing.T) {
	t.Parallel()
	url := proxytest.StartRedis(t).URL()
	a, b := openNode(t, url, "a"), openAs(t, session.Config{URL: url, Node: "b", Leeway: 4}) // which asks in vain
	id := id("orphan")
	x := a.Attach(id, true)
	say(x, "one", 3)
	flush(t, a)
	a.Detach(x)
	// The owner is killed: its lease goes on for a while, and it does not answer.
	key, rec := "attune:node:ghost.1", session.Prefix(id)+"s:"+id
	if err := a.Client().HSet(t.Context(), rec, "nd", "7 ghost.1", "later", "kept").Err(); err != nil {
		t.Fatal(err)
	}
	if err := a.Client().Set(t.Context(), key, "x", time.Hour).Err(); err != nil {
		t.Fatal(err)
	}
	y := arriveLate(t, b, id)
	if n := points(y); n != 3 || y.Owner() != "" {
		t.Errorf("score %d, owner %q: want the stored score, judged here", n, y.Owner())
	}
	if got := holders(t, a, id); got != "7 ghost.1 "+b.Instance() {
		t.Errorf("holders = %q while the lease is good", got)
	}
	// Nobody is given the floor for good while that node may let the bot speak.
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := a.Applied(ctx, id, session.Agent, 1, "ann"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Applied = %v while a node does not answer", err)
	}
	if err := a.Client().Del(t.Context(), key).Err(); err != nil {
		t.Fatal(err)
	}
	if err := a.Applied(t.Context(), id, session.Agent, 1, "ann"); err != nil {
		t.Errorf("Applied = %v after the lease", err)
	}
	// Nor while the node that came since does not know of it, whoever owns the session.
	y.Do(func(b *session.Book) {
		if b.Floor != session.Agent || b.Epoch != 1 || b.Holder != "ann" {
			t.Errorf("floor %v, epoch %d, holder %q on the node that came", b.Floor, b.Epoch, b.Holder)
		}
	})
	eventually(t, "the session has an owner again", func() error {
		if got := holders(t, a, id); got != "8 "+b.Instance() {
			return fmt.Errorf("holders = %q", got)
		}
		return nil
	})
	if v, _ := a.Client().HGet(t.Context(), rec, "later").Result(); v != "kept" {
		t.Error("a field of a later version was lost")
	}
}

// arriveLate is arrive where the store may not answer in time.
func arriveLate(t *testing.T, s node, id string) *session.Session {
	t.Helper()
	sess := s.Attach(id, false)
	t.Cleanup(func() { s.Detach(sess) })
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	for {
		found, err := s.Load(ctx, sess)
		if found {
			return sess
		}
		if err == nil {
			t.Fatal("the session is not known")
		}
		ctx, cancel = context.WithTimeout(t.Context(), time.Second)
		defer cancel()
	}
}

func TestAppliedEverywhere(t *testing.T) {
	t.Parallel()
	a, b := nodes(t)
	id := id("applied")
	x := a.Attach(id, true)
	defer a.Detach(x)
	say(x, "hello", 1)
	flush(t, a)
	y := arrive(t, b, id)
	if err := a.Applied(t.Context(), id, session.Agent, 5, "ann"); err != nil {
		t.Fatal(err)
	}
	y.Do(func(b *session.Book) {
		if b.Floor != session.Agent || b.Epoch != 5 || b.BotMaySpeak() {
			t.Errorf("floor %v, epoch %d on the other node", b.Floor, b.Epoch)
		}
	})
}

// TestAnOldRecord reads what a node wrote that knew nothing of owners.
func TestAnOldRecord(t *testing.T) {
	t.Parallel()
	a, b := nodes(t)
	id := id("old")
	if err := a.Client().HSet(t.Context(), session.Prefix(id)+"s:"+id, "v", "1", "g", "1", "n", "4", "i", "old.1",
		"st", "points=5", "mt", `{"p":"json"}`, "tc", "2").Err(); err != nil {
		t.Fatal(err)
	}
	x := arrive(t, b, id)
	if n := points(x); n != 5 || x.Owner() != "" {
		t.Errorf("score %d, owner %q", n, x.Owner())
	}
	if got := holders(t, a, id); got != "1 "+b.Instance() {
		t.Errorf("holders = %q: a node without a lease holds nothing", got)
	}
}

// TestNoLeaseNoBot cuts a node off whose customer was promised a person.
func TestNoLeaseNoBot(t *testing.T) {
	t.Parallel()
	server := proxytest.StartRedis(t)
	a := openAs(t, session.Config{URL: server.URL(), Node: "a", Lease: session.LeaseTTL})
	promised, other := a.Attach(id("promised"), true), a.Attach(id("other"), true)
	defer a.Detach(promised)
	defer a.Detach(other)
	say(promised, "hello", 1)
	say(other, "hello", 1)
	flush(t, a)
	if _, err := a.SetFloor(t.Context(), promised.ID(), session.Attune, "", "t1"); err != nil {
		t.Fatal(err)
	}
	server.Stop()
	// The customer stays with the bot; only this node knows.
	if _, err := a.SetFloor(t.Context(), promised.ID(), session.Bot, "", "t2"); !errors.Is(err, session.ErrDegraded) {
		t.Fatal(err)
	}
	may := func(s *session.Session) (yes bool) {
		s.Do(func(b *session.Book) { yes = b.BotMaySpeak() })
		return yes
	}
	eventually(t, "the lease runs out", func() error {
		if a.Leased() || may(promised) {
			return errors.New("the bot may speak")
		}
		return nil
	})
	if !may(other) {
		t.Error("the bot of another session is silent")
	}
	server.Start()
	eventually(t, "the bot may speak again", func() error {
		if !a.Leased() || !may(promised) {
			return errors.New("silent")
		}
		return nil
	})
}

func TestALeaseIsGivenUp(t *testing.T) {
	t.Parallel()
	url := proxytest.StartRedis(t).URL()
	a := open(t, session.Config{URL: url, Node: "a", Lease: session.LeaseTTL})
	stop := start(t, a)
	eventually(t, "the node has a lease", func() error {
		if !a.Leased() {
			return errors.New("none")
		}
		return nil
	})
	key := "attune:node:" + a.Instance()
	if ttl, err := a.Client().PTTL(t.Context(), key).Result(); err != nil || ttl <= 0 || ttl > session.LeaseTTL {
		t.Errorf("TTL = %v, %v", ttl, err)
	}
	stop()
	if n, err := a.Client().Exists(t.Context(), key).Result(); err != nil || n != 0 || a.Leased() {
		t.Errorf("%d leases after the end, %v", n, err)
	}
}

// TestWrittenInDoubt has a node that was too slow to ask who holds the session, and
// wrote it.
func TestWrittenInDoubt(t *testing.T) {
	t.Parallel()
	a, b := nodes(t)
	id := id("doubt")
	x := a.Attach(id, true)
	defer a.Detach(x)
	say(x, "one", 3)
	flush(t, a)
	y := b.Attach(id, false)
	defer b.Detach(y)
	late, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := b.Load(late, y); err == nil {
		t.Fatal("loaded in no time")
	}
	say(y, "two", 1)
	flush(t, b)
	held(t, a, id, b, a)
	eventually(t, "the first node is a guest", func() error {
		if x.Owner() != b.Instance() {
			return fmt.Errorf("owner %q", x.Owner())
		}
		return nil
	})
}

// TestAGuestAtOnce: whoever reads a record is among those that hold the session by
// then, behind the owner, once and within a bound, and the owner knows.
func TestAGuestAtOnce(t *testing.T) {
	t.Parallel()
	a, b := nodes(t)
	id := id("guests")
	rec := session.Prefix(id) + "s:" + id
	x := a.Attach(id, true)
	defer a.Detach(x)
	say(x, "one", 1)
	flush(t, a)
	// The owner is told that somebody came although it was not asked for anything.
	many := "3 " + a.Instance() + strings.Repeat(" n.1", 20)
	if err := a.Client().HSet(t.Context(), rec, "nd", many).Err(); err != nil {
		t.Fatal(err)
	}
	if err := b.Client().ScriptFlush(t.Context()).Err(); err != nil {
		t.Fatal(err)
	}
	late, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	y := b.Attach(id, false)
	defer b.Detach(y)
	y.Do(func(b *session.Book) { b.Append(session.Turn{Role: "bot", Text: "hello"}) }) // read by the flush, not for a widget
	if err := b.Flush(late); err != nil {
		t.Fatal(err)
	}
	want := "3 " + a.Instance() + " " + b.Instance() + strings.Repeat(" n.1", 14)
	if got := holders(t, a, id); got != want {
		t.Errorf("holders = %q, want %q", got, want)
	}
	eventually(t, "the owner knows", func() error {
		if !x.Shared() {
			return errors.New("not shared")
		}
		return nil
	})
	// What is not stored is held by nobody.
	nobody := b.Attach(id+"x", false)
	defer b.Detach(nobody)
	if _, err := b.Load(t.Context(), nobody); err != nil {
		t.Fatal(err)
	}
	if got := holders(t, b, id+"x"); got != "" {
		t.Errorf("holders of nothing = %q", got)
	}
}
