package proxy

import (
	"context"
	"testing"
	"time"

	"attune/proxy/proxytest"
	"attune/proxy/session"
	"attune/proxy/transport"
	"attune/rules"
)

// nodeStore is the store of one of the nodes of a Redis; run starts it, and waits
// for its lease.
func nodeStore(t *testing.T, url string) (store *session.Store, run func()) {
	t.Helper()
	store, err := session.Open(session.Config{URL: url, Leeway: 60, NewState: func() session.State { return &rules.State{} }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	return store, func() {
		t.Helper()
		ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
		done := make(chan error, 1)
		go func() { done <- store.Run(ctx) }()
		t.Cleanup(func() {
			cancel()
			if err := <-done; err != nil {
				t.Error(err)
			}
		})
		comesTrue(t, "the node has no lease", store.Leased)
	}
}

func comesTrue(t *testing.T, what string, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(proxytest.Timeout); !done(); <-time.After(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal(what)
		}
	}
}

// TestIdleOnOneNode: a tab in which nobody spoke for too long does not end what goes
// on in another one elsewhere.
func TestIdleOnOneNode(t *testing.T) {
	url := proxytest.StartRedis(t).URL()
	here, runHere := nodeStore(t, url)
	there, runThere := nodeStore(t, url)
	p := play(t, reading(t, talk), waitful, func(c *Config) { c.Store = here })
	runHere()
	runThere()
	id := session.Key{Profile: "talk", Binding: "cookie:idle"}.ID()
	sess := here.Attach(id, true)
	defer here.Detach(sess)
	sess.Do(func(book *session.Book) { book.Append(session.Turn{Role: "customer", Text: "hello"}) })
	if err := here.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	other := there.Attach(id, false)
	defer there.Detach(other)
	if _, err := there.Load(t.Context(), other); err != nil {
		t.Fatal(err)
	}
	comesTrue(t, "the other node does not own the session", func() bool { return sess.Owner() == there.Instance() })
	p.s.endIdle(sess, p.b)
	if sess.Ended() {
		t.Error("the conversation ended")
	}
	alone := here.Attach(session.Key{Profile: "talk", Binding: "cookie:alone"}.ID(), true)
	defer here.Detach(alone)
	p.s.endIdle(alone, p.b)
	if !alone.Ended() {
		t.Error("a conversation in which nobody is left goes on")
	}
}

// TestAnIdleTabDoesNotEndTheConversation: it is closed, and what goes on in another
// one goes on; with the last of them the conversation ends, and is counted once.
func TestAnIdleTabDoesNotEndTheConversation(t *testing.T) {
	p := play(t, reading(t, talk), waitful, func(c *Config) { c.Limits.Idle = 10 * time.Minute })
	p.customer(text("one"))
	idle, sess := p.b, p.b.sess
	p.open()
	p.b.bind = idle.bind
	for range 3 {
		p.customer(text("two"))
		p.wait(5 * time.Minute)
	}
	if p.b.sess != sess {
		t.Fatal("the tabs are two conversations")
	}
	var out transport.Output
	idle.Tick(p.now, &out)
	p.s.endIdle(sess, idle) // as the tick has it done, beside
	if !idle.closing.begun || p.b.closing.begun || sess.Ended() {
		t.Errorf("closed: the idle tab %v, the other %v, the conversation %v", idle.closing.begun, p.b.closing.begun, sess.Ended())
	}
	p.s.forget(idle)
	p.wait(10 * time.Minute)
	comesTrue(t, "the conversation goes on without anybody", sess.Ended)
	p.s.forget(p.b)
	p.s.forgetAway(time.Now().Add(24 * time.Hour))
	if n := p.count("attune_session_score", "outcome=bot"); n != 1 {
		t.Errorf("counted %v times", n)
	}
}
