package handoff_test

import (
	"context"
	"fmt"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"

	"attune/proxy/handoff"
	"attune/proxy/proxytest"
)

// eventually waits until f has no complaint.
func eventually(t *testing.T, what string, f func() error) {
	t.Helper()
	deadline := time.Now().Add(2 * proxytest.Timeout)
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
func wait(t *testing.T, d time.Duration) {
	t.Helper()
	select {
	case <-time.After(d):
	case <-t.Context().Done():
	}
}

// backends are the servers that the tests of the board run against; start
// returns options for clients of one server.
func backends() map[string]func(t *testing.T) *redis.UniversalOptions {
	return map[string]func(t *testing.T) *redis.UniversalOptions{
		"miniredis": func(t *testing.T) *redis.UniversalOptions {
			t.Helper()
			m := miniredis.NewMiniRedis()
			if err := m.Start(); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(m.Close)
			return clientOptions("tcp", m.Addr())
		},
		"redis-server": func(t *testing.T) *redis.UniversalOptions {
			t.Helper()
			return clientOptions("unix", proxytest.StartRedis(t).Socket())
		},
		"cluster": func(t *testing.T) *redis.UniversalOptions {
			t.Helper()
			return groupOptions(t, proxytest.StartRedisCluster(t))
		},
		"sentinel": func(t *testing.T) *redis.UniversalOptions {
			t.Helper()
			return groupOptions(t, proxytest.StartRedisSentinel(t))
		},
	}
}

func groupOptions(t *testing.T, g *proxytest.RedisGroup) *redis.UniversalOptions {
	t.Helper()
	o := clientOptions("tcp", "")
	o.Addrs, o.MasterName = g.Addrs()
	return o
}

func clientOptions(network, addr string) *redis.UniversalOptions {
	return &redis.UniversalOptions{
		Addrs: []string{addr}, ContextTimeoutEnabled: true, DisableIdentity: true, MaxRetries: 1,
		DialTimeout: proxytest.Timeout, ReadTimeout: proxytest.Timeout, WriteTimeout: proxytest.Timeout, PoolTimeout: proxytest.Timeout,
		DialerRetries:            1,
		MaintNotificationsConfig: &maintnotifications.Config{Mode: maintnotifications.ModeDisabled},
		Dialer: func(ctx context.Context, _, addr string) (net.Conn, error) {
			return (&net.Dialer{Timeout: proxytest.Timeout}).DialContext(ctx, network, addr)
		},
	}
}

// keysOf are all keys of a Redis.
func keysOf(t *testing.T, c redis.UniversalClient) (all []string) {
	t.Helper()
	var mu sync.Mutex
	scan := func(ctx context.Context, c redis.Cmdable) error {
		it := c.Scan(ctx, 0, "*", 1000).Iterator()
		for it.Next(ctx) {
			mu.Lock()
			all = append(all, it.Val())
			mu.Unlock()
		}
		return it.Err()
	}
	var err error
	if cluster, ok := c.(*redis.ClusterClient); ok {
		err = cluster.ForEachMaster(t.Context(), func(ctx context.Context, c *redis.Client) error { return scan(ctx, c) })
	} else {
		err = scan(t.Context(), c)
	}
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// prefix spreads sessions over four shards.
func prefix(session string) string {
	return fmt.Sprintf("attune:{s%03d}:", len(session)%4)
}

func shards() []string {
	return []string{"attune:{s000}:", "attune:{s001}:", "attune:{s002}:", "attune:{s003}:"}
}

// newBoard returns a board of one node; the configuration is completed.
func newBoard(t *testing.T, o *redis.UniversalOptions, cfg handoff.Config) *handoff.Board {
	t.Helper()
	copied := *o
	c := redis.NewUniversalClient(&copied)
	t.Cleanup(func() { _ = c.Close() })
	cfg.Client, cfg.Prefix, cfg.Shards = c, prefix, shards()
	return handoff.NewBoard(cfg)
}

// run runs the board beside the test.
func run(t *testing.T, b *handoff.Board) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	done := make(chan error, 1)
	go func() { done <- b.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}
