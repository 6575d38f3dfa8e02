package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// process is a real attune of its own, started by a test.
type process struct {
	t      testing.TB
	cmd    *exec.Cmd
	stdout chan string // lines
	ended  chan error

	mu     sync.Mutex
	stderr bytes.Buffer
	grown  chan struct{} // told of each write to stderr
}

// start runs attune with the given variables beside a clean environment and
// free ports. The process is killed when the test ends, if it still runs.
func start(t testing.TB, variables []string, args ...string) *process {
	t.Helper()
	p := &process{t: t, stdout: make(chan string, 16), ended: make(chan error, 1), grown: make(chan struct{}, 1)}
	// The name leads to this test binary, see TestMain.
	p.cmd = exec.CommandContext(context.WithoutCancel(t.Context()), "attune", args...)
	p.cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "ATTUNE_LISTEN=127.0.0.1:0", "ATTUNE_CONSOLE_LISTEN=127.0.0.1:0", "ATTUNE_ADMIN_LISTEN=127.0.0.1:0"}, variables...)
	p.cmd.Stderr = p
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(p.stdout)
		for lines := bufio.NewScanner(out); lines.Scan(); {
			p.stdout <- lines.Text()
		}
	}()
	exited := make(chan struct{})
	go func() {
		defer close(exited)
		p.ended <- p.cmd.Wait()
	}()
	t.Cleanup(func() {
		_ = p.cmd.Process.Kill()
		<-exited
		if t.Failed() {
			t.Logf("attune %s said:\n%s", strings.Join(args, " "), p.said())
		}
	})
	return p
}

// Write takes the process's stderr.
func (p *process) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	select {
	case p.grown <- struct{}{}:
	default:
	}
	return p.stderr.Write(b)
}

// patience is how long the process may take for one thing on a busy machine.
const patience = 30 * time.Second

func (p *process) said() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.stderr.String()
}

// log waits for a log line with this message and returns its fields.
func (p *process) log(message string) map[string]string {
	p.t.Helper()
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	for {
		for line := range strings.Lines(p.said()) {
			fields := map[string]any{}
			if json.Unmarshal([]byte(line), &fields) != nil || fields["msg"] != message {
				continue
			}
			text := map[string]string{}
			for k, v := range fields {
				text[k], _ = v.(string)
			}
			return text
		}
		select {
		case <-p.grown:
		case err := <-p.ended:
			p.t.Fatalf("ended (%v) before it said %q:\n%s", err, message, p.said())
		case <-deadline.C:
			p.t.Fatalf("never said %q:\n%s", message, p.said())
		}
	}
}

// line waits for the next line on stdout.
func (p *process) line() string {
	p.t.Helper()
	select {
	case l, ok := <-p.stdout:
		if !ok {
			p.t.Fatalf("stdout ended:\n%s", p.said())
		}
		return l
	case <-time.After(patience):
		p.t.Fatalf("nothing on stdout:\n%s", p.said())
	}
	return ""
}

func (p *process) signal(s syscall.Signal) {
	p.t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		p.t.Fatal(err)
	}
}

// exit waits for the end and returns the exit code.
func (p *process) exit() int {
	p.t.Helper()
	select {
	case err := <-p.ended:
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			return exit.ExitCode()
		}
		if err != nil {
			p.t.Fatal(err)
		}
		return 0
	case <-time.After(patience):
		p.t.Fatalf("does not end:\n%s", p.said())
	}
	return -1
}

// get fetches a page and returns its status and text.
func get(t testing.TB, method, url string, header ...string) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(header); i += 2 {
		if header[i] == "Host" {
			r.Host = header[i+1]
		}
		r.Header.Set(header[i], header[i+1])
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(body)
}
