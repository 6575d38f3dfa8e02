package session_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"

	"attune/proxy/proxytest"
	"attune/proxy/session"
)

// eventually waits until f has no complaint.
func eventually(t testing.TB, what string, f func() error) {
	t.Helper()
	deadline := time.Now().Add(proxytest.Timeout)
	for {
		err := f()
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s: %v", what, err)
		}
		wait(t, 5*time.Millisecond)
	}
}

// wait gives others a moment between two looks.
func wait(t testing.TB, d time.Duration) {
	t.Helper()
	select {
	case <-time.After(d):
	case <-t.Context().Done():
	}
}

// backend makes stores for the contract suite: nodes of one Redis, or the one
// node of an embedded store.
type backend struct {
	name  string
	nodes int
	// start returns the URL that all stores of one test are opened with.
	start func(t *testing.T) string
}

func backends() []backend {
	return []backend{
		{name: "embedded", nodes: 1, start: func(*testing.T) string { return "" }},
		{name: "miniredis", nodes: 2, start: func(t *testing.T) string {
			t.Helper()
			m := miniredis.NewMiniRedis()
			m.RequireAuth("secret")
			if err := m.Start(); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(m.Close)
			return "redis://:secret@" + m.Addr()
		}},
		{name: "redis-server", nodes: 2, start: func(t *testing.T) string { t.Helper(); return proxytest.StartRedis(t).URL() }},
		{name: "cluster", nodes: 2, start: func(t *testing.T) string { t.Helper(); return proxytest.StartRedisCluster(t).URL() }},
		{name: "sentinel", nodes: 2, start: func(t *testing.T) string { t.Helper(); return proxytest.StartRedisSentinel(t).URL() }},
	}
}

// score is the state of the tests: a number, and how often it changed.
type score struct{ Points int }

func (s *score) MarshalBinary() ([]byte, error) { return fmt.Appendf(nil, "points=%d", s.Points), nil }

func (s *score) UnmarshalBinary(data []byte) error {
	_, err := fmt.Sscanf(string(data), "points=%d", &s.Points)
	return err
}

// ample is how much longer than usual everybody may take to answer in these tests:
// a busy machine must not look like a Redis that is gone.
const ample = 20

// open opens a store and closes it after the test. It is in no hurry, unless the
// configuration says so.
func open(t *testing.T, cfg session.Config) *session.Store {
	t.Helper()
	if cfg.NewState == nil {
		cfg.NewState = func() session.State { return new(score) }
	}
	if cfg.Leeway == 0 {
		cfg.Leeway = ample
	}
	if cfg.Lease == 0 {
		cfg.Lease = ample * session.LeaseTTL
	}
	s, err := session.Open(cfg)
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

// start runs the store until stop is called, which waits for it.
func start(t *testing.T, s *session.Store) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	var stopped atomic.Bool
	return func() {
		cancel()
		if stopped.CompareAndSwap(false, true) {
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
	}
}

// say appends a customer's turn that adds points.
func say(s *session.Session, text string, points int) {
	s.Do(func(b *session.Book) {
		b.State.(*score).Points += points
		b.Append(session.Turn{Role: "customer", Text: text})
	})
}

// points reads the score.
func points(s *session.Session) (n int) {
	s.Do(func(b *session.Book) { n = b.State.(*score).Points })
	return n
}

// texts are the texts of turns.
func texts(turns []session.Turn) []string {
	out := make([]string, len(turns))
	for i, t := range turns {
		out[i] = t.Text
	}
	return out
}

// keys are all keys of the store's Redis that name the session.
func keys(t *testing.T, s node, id string) []string {
	t.Helper()
	var out []string
	var mu sync.Mutex
	scan := func(ctx context.Context, c redis.Cmdable) error {
		it := c.Scan(ctx, 0, "*"+id+"*", 1000).Iterator()
		for it.Next(ctx) {
			mu.Lock()
			out = append(out, it.Val())
			mu.Unlock()
		}
		return it.Err()
	}
	var err error
	if c, ok := s.Client().(*redis.ClusterClient); ok {
		err = c.ForEachMaster(t.Context(), func(ctx context.Context, c *redis.Client) error { return scan(ctx, c) })
	} else {
		err = scan(t.Context(), s.Client())
	}
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(out)
	return out
}
