package session_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"attune/proxy/proxytest"
	"attune/proxy/session"
)

// TestRedisGoesAndComes kills Redis in the middle of a conversation.
func TestRedisGoesAndComes(t *testing.T) {
	server := proxytest.StartRedis(t)
	resync := make(chan struct{}, 16)
	a := open(t, session.Config{URL: server.URL(), Node: "a", Merge: merge})
	a.OnEvent(func(e session.Event) {
		if e.Kind == session.KindResync {
			resync <- struct{}{}
		}
	})
	t.Cleanup(start(t, a))
	b := open(t, session.Config{URL: server.URL(), Node: "b", Merge: merge})

	id, late := id("known"), id("late")
	s := a.Attach(id, true)
	defer a.Detach(s)
	say(s, "one", 1)
	if err := a.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	// The other session was here before, on another node.
	before := b.Attach(late, true)
	say(before, "before", 10)
	if err := b.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}

	server.Stop()
	say(s, "two", 2)
	epoch, err := a.SetFloor(t.Context(), id, session.Attune, "", "asked")
	if !errors.Is(err, session.ErrDegraded) || epoch != 1 {
		t.Errorf("SetFloor without Redis = %d, %v; want ErrDegraded", epoch, err)
	}
	s.Do(func(b *session.Book) {
		if b.Floor != session.Attune {
			t.Errorf("floor = %v, want attune here", b.Floor)
		}
	})
	if !a.Degraded() {
		t.Error("not degraded")
	}
	// A customer whose conversation cannot be read: nothing waits.
	l := a.Attach(late, false)
	defer a.Detach(l)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if found, err := a.Load(ctx, l); err == nil || found {
		t.Errorf("Load without Redis = %v, %v", found, err)
	}
	say(l, "meanwhile", 5)
	if turns, err := a.History(t.Context(), id); err == nil || !slices.Equal(texts(turns), []string{"one", "two"}) {
		t.Errorf("History without Redis = %q, %v", texts(turns), err)
	}

	server.Start()
	back := time.Now()
	eventually(t, "everything is stored again", func() error {
		c := open2(t, server)
		defer c.Close()
		turns, err := c.History(t.Context(), late)
		if err != nil {
			return err
		}
		if diff := cmp.Diff([]string{"before", "meanwhile"}, texts(turns)); diff != "" {
			return errors.New(diff)
		}
		return nil
	})
	t.Logf("reconciled %v after Redis was back", time.Since(back).Round(time.Millisecond))
	<-resync
	if n := points(l); n != 15 {
		t.Errorf("score = %d, want 10 before and 5 meanwhile", n)
	}
	c := open2(t, server)
	defer c.Close()
	again := c.Attach(id, false)
	if found, err := c.Load(t.Context(), again); err != nil || !found {
		t.Fatalf("Load = %v, %v", found, err)
	}
	again.Do(func(b *session.Book) {
		if b.State.(*score).Points != 3 || b.Floor != session.Attune || b.Epoch != 1 {
			t.Errorf("score %d, floor %v, epoch %d", b.State.(*score).Points, b.Floor, b.Epoch)
		}
	})
	if a.Degraded() {
		t.Error("still degraded")
	}
}

// open2 opens one more node's store, without Run.
func open2(t *testing.T, server *proxytest.Redis) *session.Store {
	t.Helper()
	s, err := session.Open(session.Config{URL: server.URL(), Leeway: ample, NewState: func() session.State { return new(score) }, Merge: merge})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestRedisLosesEverything restarts Redis empty: the node writes back what it holds.
func TestRedisLosesEverything(t *testing.T) {
	server := proxytest.StartRedis(t)
	a := open(t, session.Config{URL: server.URL()})
	t.Cleanup(start(t, a))
	id := id("held")
	s := a.Attach(id, true)
	defer a.Detach(s)
	say(s, "one", 1)
	for i := range 3 {
		if _, err := a.SetFloor(t.Context(), id, session.Agent, "ann", fmt.Sprint(i)); err != nil {
			t.Fatal(err)
		}
	}
	say(s, "two", 2)
	flush(t, node{Store: a})
	server.Stop()
	server.Forget()
	if err := a.Ping(t.Context()); err == nil {
		t.Fatal("Redis is still there")
	}
	server.Start()
	c := open2(t, server)
	defer c.Close()
	eventually(t, "the conversation is back", func() error {
		turns, err := c.History(t.Context(), id)
		if err != nil || !slices.Equal(texts(turns), []string{"one", "two"}) {
			return fmt.Errorf("history = %q, %w", texts(turns), err)
		}
		return nil
	})
	again := c.Attach(id, false)
	if found, err := c.Load(t.Context(), again); err != nil || !found {
		t.Fatalf("Load = %v, %v", found, err)
	}
	again.Do(func(b *session.Book) {
		if b.State.(*score).Points != 3 || b.Floor != session.Agent || b.Holder != "ann" || b.Epoch != 3 {
			t.Errorf("score %d, floor %v of %q, epoch %d", b.State.(*score).Points, b.Floor, b.Holder, b.Epoch)
		}
	})
}

// TestHangingRedis has a server that takes everything and answers nothing.
func TestHangingRedis(t *testing.T) {
	dir, err := os.MkdirTemp("", "attune")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "s")
	var lc net.ListenConfig
	ln, err := lc.Listen(t.Context(), "unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	done := make(chan struct{})
	go func() {
		defer close(done)
		var conns []net.Conn
		for {
			c, err := ln.Accept()
			if err != nil {
				for _, c := range conns {
					c.Close()
				}
				return
			}
			conns = append(conns, c)
		}
	}()
	defer func() { ln.Close(); <-done }()
	patient := open(t, session.Config{URL: "unix://" + path, Leeway: 10_000}) // nothing but ctx ends a wait within an hour
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := patient.Load(ctx, patient.Attach(id("x"), false)); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Load = %v", err)
	}
	a := open(t, session.Config{URL: "unix://" + path, Leeway: 1})
	s := a.Attach(id("x"), false)
	say(s, "hello", 1)
	if err := a.Flush(t.Context()); err == nil || !a.Degraded() {
		t.Errorf("Flush = %v, degraded %v", err, a.Degraded())
	}
	if n := points(s); n != 1 {
		t.Errorf("score = %d", n)
	}
}
