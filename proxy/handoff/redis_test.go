package handoff_test

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"

	"attune/proxy/handoff"
)

// A redisServer is a real redis-server of one test.
type redisServer struct {
	t   *testing.T
	dir string
	cmd *exec.Cmd
}

// startRedis starts a redis-server on a Unix socket of its own. Without the
// program the test is skipped, or fails when the full suite is asked for.
func startRedis(t *testing.T) *redisServer {
	t.Helper()
	if _, err := exec.LookPath("redis-server"); err != nil {
		if os.Getenv("ATTUNE_TEST_FULL") == "1" {
			t.Fatal("redis-server is not installed")
		}
		t.Skip("SKIPPED: redis-server is not installed")
	}
	// Socket paths are short; t.TempDir's are not.
	dir, err := os.MkdirTemp("", "attune")
	if err != nil {
		t.Fatal(err)
	}
	r := &redisServer{t: t, dir: dir}
	t.Cleanup(func() {
		r.kill()
		_ = os.RemoveAll(dir)
	})
	r.start()
	return r
}

func (r *redisServer) socket() string { return filepath.Join(r.dir, "s") }

// start starts the server, on the data that an earlier life left.
func (r *redisServer) start() {
	r.t.Helper()
	r.cmd = exec.Command("redis-server", "--port", "0", "--unixsocket", r.socket(), "--dir", r.dir,
		"--save", "", "--appendonly", "yes", "--appendfsync", "always")
	if err := r.cmd.Start(); err != nil {
		r.t.Fatal(err)
	}
	eventually(r.t, "redis-server answers", func() error {
		var d net.Dialer
		c, err := d.DialContext(r.t.Context(), "unix", r.socket())
		if err != nil {
			return err
		}
		defer c.Close()
		if _, err := c.Write([]byte("PING\r\n")); err != nil {
			return err
		}
		b := make([]byte, 7)
		if n, _ := c.Read(b); string(b[:n]) != "+PONG\r\n" {
			return fmt.Errorf("got %q", b[:n])
		}
		return nil
	})
}

// kill ends the server as a crash would.
func (r *redisServer) kill() {
	if r.cmd != nil {
		_ = r.cmd.Process.Kill()
		_ = r.cmd.Wait()
		_ = os.Remove(r.socket())
		r.cmd = nil
	}
}

// eventually waits until f has no complaint.
func eventually(t *testing.T, what string, f func() error) {
	t.Helper()
	deadline := time.Now().Add(10 * time.Second)
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
func backends() map[string]func(t *testing.T) *redis.Options {
	return map[string]func(t *testing.T) *redis.Options{
		"miniredis": func(t *testing.T) *redis.Options {
			t.Helper()
			m := miniredis.NewMiniRedis()
			if err := m.Start(); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(m.Close)
			return clientOptions("tcp", m.Addr())
		},
		"redis-server": func(t *testing.T) *redis.Options {
			t.Helper()
			return clientOptions("unix", startRedis(t).socket())
		},
	}
}

func clientOptions(network, addr string) *redis.Options {
	return &redis.Options{
		Network: network, Addr: addr, ContextTimeoutEnabled: true, DisableIdentity: true, MaxRetries: 1,
		DialTimeout: 500 * time.Millisecond, ReadTimeout: 500 * time.Millisecond, WriteTimeout: 500 * time.Millisecond,
		DialerRetries:            1,
		MaintNotificationsConfig: &maintnotifications.Config{Mode: maintnotifications.ModeDisabled},
	}
}

// prefix spreads sessions over four shards.
func prefix(session string) string {
	return fmt.Sprintf("attune:{s%03d}:", len(session)%4)
}

func shards() []string {
	return []string{"attune:{s000}:", "attune:{s001}:", "attune:{s002}:", "attune:{s003}:"}
}

// newBoard returns a board of one node; the configuration is completed.
func newBoard(t *testing.T, o *redis.Options, cfg handoff.Config) *handoff.Board {
	t.Helper()
	copied := *o
	c := redis.NewClient(&copied)
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
