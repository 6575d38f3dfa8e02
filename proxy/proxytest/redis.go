package proxytest

import (
	"bufio"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// Redis is a real redis-server of one test, on a Unix socket of its own. It ends
// with the test.
type Redis struct {
	t   testing.TB
	dir string
	cmd *exec.Cmd
}

// StartRedis starts a redis-server. Without the program the test is skipped, or
// fails when the full suite is asked for (ATTUNE_TEST_FULL=1).
func StartRedis(t testing.TB) *Redis {
	t.Helper()
	needRedis(t)
	dir, err := os.MkdirTemp("", "attune") // paths of sockets are short; those of t.TempDir are not
	if err != nil {
		t.Fatal(err)
	}
	r := &Redis{t: t, dir: dir}
	t.Cleanup(func() {
		r.Stop()
		_ = os.RemoveAll(dir)
	})
	r.Start()
	return r
}

func needRedis(t testing.TB) {
	t.Helper()
	if _, err := exec.LookPath("redis-server"); err != nil {
		if os.Getenv("ATTUNE_TEST_FULL") == "1" {
			t.Fatal("redis-server is not installed")
		}
		t.Skip("SKIPPED: redis-server is not installed")
	}
}

// Socket is the path of its Unix socket.
func (r *Redis) Socket() string { return filepath.Join(r.dir, "s") }

// URL leads to the server.
func (r *Redis) URL() string { return "unix://" + r.Socket() }

// Start starts the server again, with the data that an earlier life left, and
// waits until it answers.
func (r *Redis) Start() {
	r.t.Helper()
	r.cmd = exec.Command("redis-server", "--port", "0", "--unixsocket", r.Socket(), "--dir", r.dir, //nolint:noctx // it ends with Stop
		"--save", "", "--appendonly", "yes", "--appendfsync", "always")
	if err := r.cmd.Start(); err != nil {
		r.t.Fatal(err)
	}
	for deadline := time.Now().Add(Timeout); !r.answers(); <-time.After(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			r.t.Fatal("redis-server does not answer")
		}
	}
}

func (r *Redis) answers() bool {
	c, err := (&net.Dialer{}).DialContext(r.t.Context(), "unix", r.Socket())
	if err != nil {
		return false
	}
	defer func() { _ = c.Close() }()
	_ = c.SetDeadline(time.Now().Add(Timeout))
	answer := make([]byte, 7)
	if _, err = c.Write([]byte("PING\r\n")); err == nil {
		_, err = c.Read(answer)
	}
	return err == nil && string(answer) == "+PONG\r\n"
}

// Stop ends the server as a crash would.
func (r *Redis) Stop() {
	if r.cmd == nil {
		return
	}
	_ = r.cmd.Process.Kill()
	_ = r.cmd.Wait()
	_ = os.Remove(r.Socket())
	r.cmd = nil
}

// Pause makes the server hang: it takes everything and answers nothing.
func (r *Redis) Pause() {
	r.t.Helper()
	r.signal(syscall.SIGSTOP)
}

// Resume lets a paused server go on.
func (r *Redis) Resume() {
	r.t.Helper()
	r.signal(syscall.SIGCONT)
}

func (r *Redis) signal(s syscall.Signal) {
	r.t.Helper()
	if err := r.cmd.Process.Signal(s); err != nil {
		r.t.Fatal(err)
	}
}

// Do sends a command, words between spaces, and wants it to be answered OK.
func (r *Redis) Do(command string) {
	r.t.Helper()
	c, err := (&net.Dialer{}).DialContext(r.t.Context(), "unix", r.Socket())
	if err != nil {
		r.t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	_ = c.SetDeadline(time.Now().Add(Timeout))
	if _, err = c.Write([]byte(command + "\r\n")); err != nil {
		r.t.Fatal(err)
	}
	if answer, err := bufio.NewReader(c).ReadString('\n'); err != nil || answer != "+OK\r\n" {
		r.t.Fatalf("redis %s: %q, %v", command, answer, err)
	}
}

// Forget throws the data of a stopped server away.
func (r *Redis) Forget() {
	r.t.Helper()
	if err := os.RemoveAll(filepath.Join(r.dir, "appendonlydir")); err != nil {
		r.t.Fatal(err)
	}
}
