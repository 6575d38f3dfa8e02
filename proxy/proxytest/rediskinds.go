package proxytest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/logging"
)

// RedisGroup is several real redis-servers of one test that are one Redis together:
// a Cluster, or a primary with a replica and a Sentinel. They listen on the
// loopback and end with the test.
type RedisGroup struct {
	t     testing.TB
	dir   string
	ports []string
	cmds  map[string]*exec.Cmd // by port

	sentinel bool // the third is one
}

// URL leads to the group.
func (g *RedisGroup) URL() string {
	hosts, master := g.Addrs()
	url := "redis://" + strings.Join(hosts, ",")
	if master != "" {
		url += "?master=" + master
	}
	return url
}

// Addrs are the addresses to begin with: those of a Cluster, or that of the
// Sentinel, which knows the primary under a name.
func (g *RedisGroup) Addrs() (hosts []string, master string) {
	ports := g.ports
	if g.sentinel {
		ports, master = g.ports[2:], "attune"
	}
	for _, port := range ports {
		hosts = append(hosts, "127.0.0.1:"+port)
	}
	return hosts, master
}

// StartRedisCluster starts a Cluster of three primaries.
func StartRedisCluster(t testing.TB) *RedisGroup {
	t.Helper()
	g := newGroup(t)
	for range 3 {
		g.start("--cluster-enabled", "yes", "--cluster-node-timeout", "60000")
	}
	for i, port := range g.ports {
		first, last := i*16384/3, (i+1)*16384/3-1
		g.do(port, "CLUSTER", "ADDSLOTSRANGE", strconv.Itoa(first), strconv.Itoa(last))
		g.do(port, "CLUSTER", "SET-CONFIG-EPOCH", strconv.Itoa(i+1))
		if i > 0 {
			g.do(g.ports[0], "CLUSTER", "MEET", "127.0.0.1", port)
		}
	}
	for _, port := range g.ports {
		g.until("the cluster does not come together", func() bool {
			return strings.Contains(g.do(port, "CLUSTER", "INFO"), "cluster_state:ok") &&
				strings.Contains(g.do(port, "CLUSTER", "INFO"), "cluster_known_nodes:3")
		})
	}
	return g
}

// StartRedisSentinel starts a primary, a replica and a Sentinel, which makes the
// replica the primary a second after that one is gone.
func StartRedisSentinel(t testing.TB) *RedisGroup {
	t.Helper()
	g := newGroup(t)
	primary := g.start("--repl-diskless-sync-delay", "0")
	replica := g.start("--replicaof", "127.0.0.1", primary)
	g.until("the replica does not follow", func() bool {
		return strings.Contains(g.do(replica, "INFO", "replication"), "master_link_status:up")
	})
	conf := filepath.Join(g.dir, "sentinel.conf") // it writes into it
	lines := []string{
		"sentinel monitor attune 127.0.0.1 " + primary + " 1", "sentinel down-after-milliseconds attune 600000", // see Promote
		"sentinel failover-timeout attune 5000", "",
	}
	if err := os.WriteFile(conf, []byte(strings.Join(lines, "\n")), 0o600); err != nil {
		t.Fatal(err)
	}
	sentinel := g.start(conf, "--sentinel")
	g.until("the Sentinel does not know the replica", func() bool {
		return strings.Contains(g.do(sentinel, "SENTINEL", "REPLICAS", "attune"), replica)
	})
	g.sentinel = true
	return g
}

// FailOver is Fail and Promote.
func (g *RedisGroup) FailOver() {
	g.t.Helper()
	g.Fail()
	g.Promote()
}

// Fail kills the primary of a group with a Sentinel, as a machine that loses its
// power. Nobody takes its place before Promote.
func (g *RedisGroup) Fail() { g.end(g.ports[0]) }

// Promote lets the Sentinel notice that the primary is gone, and waits until the
// replica has taken its place.
func (g *RedisGroup) Promote() {
	g.t.Helper()
	replica, sentinel := g.ports[1], g.ports[2]
	// Until now a primary that a busy machine held up was not to be taken for dead.
	g.do(sentinel, "SENTINEL", "SET", "attune", "down-after-milliseconds", "1000")
	g.until("the replica is not made the primary", func() bool {
		role, _ := g.try(replica, "INFO", "replication") // it closes conns when its role changes
		known, _ := g.try(sentinel, "SENTINEL", "GET-MASTER-ADDR-BY-NAME", "attune")
		return strings.Contains(role, "role:master") && strings.Contains(known, replica)
	})
}

func newGroup(t testing.TB) *RedisGroup {
	t.Helper()
	needRedis(t)
	logging.Disable() // the client tells stderr of every port that nobody listens on yet
	dir, err := os.MkdirTemp("", "attune")
	if err != nil {
		t.Fatal(err)
	}
	g := &RedisGroup{t: t, dir: dir, cmds: map[string]*exec.Cmd{}}
	t.Cleanup(func() {
		for _, port := range g.ports {
			g.end(port)
		}
		_ = os.RemoveAll(dir)
	})
	return g
}

// start starts a server with some arguments on a free port, and waits until it
// answers.
func (g *RedisGroup) start(args ...string) (port string) {
	g.t.Helper()
	for range 20 {
		// Below the ports that systems hand out by themselves and those of deploy/e2e,
		// so that only a test like this one takes it meanwhile; the Cluster's own are
		// 10,000 above.
		port = strconv.Itoa(10000 + rand.IntN(10000))
		if l, err := (&net.ListenConfig{}).Listen(g.t.Context(), "tcp", "127.0.0.1:"+port); err != nil {
			continue
		} else if l.Close() != nil {
			continue
		}
		dir := filepath.Join(g.dir, port)
		if err := os.Mkdir(dir, 0o700); err != nil {
			g.t.Fatal(err)
		}
		all := append(args, "--port", port, "--bind", "127.0.0.1", "--dir", dir, "--save", "", "--appendonly", "no") //nolint:gocritic // a copy
		cmd := exec.Command("redis-server", all...)                                                                  //nolint:gosec,noctx // it ends with the test
		if err := cmd.Start(); err != nil {
			g.t.Fatal(err)
		}
		gone := make(chan struct{})
		go func() {
			_ = cmd.Wait()
			close(gone)
		}()
		g.ports, g.cmds[port] = append(g.ports, port), cmd
		g.t.Cleanup(func() { g.end(port); <-gone })
		if g.answers(port, cmd.Process.Pid, gone) {
			return port
		}
		_ = cmd.Process.Kill() // somebody else has the port
		g.ports = g.ports[:len(g.ports)-1]
		delete(g.cmds, port)
	}
	g.t.Fatal("no redis-server starts")
	return ""
}

func (g *RedisGroup) answers(port string, pid int, gone <-chan struct{}) bool {
	for deadline := time.Now().Add(Timeout); time.Now().Before(deadline); {
		if answer, err := g.try(port, "INFO", "server"); err == nil {
			return strings.Contains(answer, fmt.Sprintf("process_id:%d\r\n", pid))
		}
		select {
		case <-gone:
			return false
		case <-time.After(5 * time.Millisecond):
		}
	}
	return false
}

// end kills a server.
func (g *RedisGroup) end(port string) {
	if cmd := g.cmds[port]; cmd != nil {
		_ = cmd.Process.Kill()
	}
}

// do sends a command to one of the servers and returns the answer as text.
func (g *RedisGroup) do(port string, args ...any) string {
	g.t.Helper()
	answer, err := g.try(port, args...)
	if err != nil {
		g.t.Fatalf("redis %v: %v", args, err)
	}
	return answer
}

func (g *RedisGroup) try(port string, args ...any) (string, error) {
	c := redis.NewClient(&redis.Options{Addr: "127.0.0.1:" + port, DisableIdentity: true, Protocol: 2, MaxRetries: -1, DialerRetries: 1, PoolSize: 1})
	defer func() { _ = c.Close() }()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(g.t.Context()), Timeout)
	defer cancel()
	answer, err := c.Do(ctx, args...).Result()
	return fmt.Sprint(answer), err
}

func (g *RedisGroup) until(otherwise string, done func() bool) {
	g.t.Helper()
	for deadline := time.Now().Add(3 * Timeout); !done(); <-time.After(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			g.t.Fatal(otherwise)
		}
	}
}
