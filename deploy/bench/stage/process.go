package stage

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/gorilla/websocket"
)

// startTime bounds how long a process may take until it answers.
const startTime = 60 * time.Second

// process is a program that was started, with the processes it starts.
type process struct {
	name string
	cmd  *exec.Cmd
	log  string
	done chan struct{} // closed when it has ended
}

// start runs a program in a directory of its own, which gets its output.
func (s *Stage) start(name string, env []string, program string, args ...string) (*process, error) {
	dir := s.dirOf(name)
	if err := os.MkdirAll(dir, 0o755); err != nil { //nolint:gosec // nginx' workers are another user
		return nil, err
	}
	log, err := os.Create(filepath.Join(dir, "output"))
	if err != nil {
		return nil, err
	}
	defer log.Close()
	p := &process{name: name, log: log.Name(), done: make(chan struct{})}
	p.cmd = exec.Command(program, args...) //nolint:gosec,noctx // programs of the bench; stop ends them
	p.cmd.Dir, p.cmd.Stdout, p.cmd.Stderr = dir, log, log
	p.cmd.Env = append(foreign(os.Environ()), env...)
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	go func() {
		defer close(p.done)
		_ = p.cmd.Wait() // how it ended does not matter, that it has does
	}()
	return p, nil
}

// foreign is an environment without variables of Attune's, which would change
// what is measured.
func foreign(environ []string) []string {
	return slices.DeleteFunc(environ, func(v string) bool { return strings.HasPrefix(v, "ATTUNE_") })
}

// stop kills the process with all it started.
func (p *process) stop() {
	_ = syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL)
	<-p.done
}

// pid is the root of the process tree.
func (p *process) pid() int { return p.cmd.Process.Pid }

// answers waits until the process does what ready looks for.
func (p *process) answers(ctx context.Context, ready func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, startTime)
	defer cancel()
	for {
		err := ready(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-time.After(20 * time.Millisecond):
		case <-p.done:
			return fmt.Errorf("%s has ended: %s", p.name, p.said())
		case <-ctx.Done():
			return fmt.Errorf("%s does not answer (%w): %s", p.name, err, p.said())
		}
	}
}

// said is the end of the process' output.
func (p *process) said() string {
	data, err := os.ReadFile(p.log)
	if err != nil {
		return err.Error()
	}
	return string(bytes.TrimSpace(data[max(0, len(data)-500):]))
}

// listens looks whether somebody listens at an address.
func listens(address string) func(context.Context) error {
	return func(ctx context.Context) error {
		conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", address)
		if err != nil {
			return err
		}
		return conn.Close()
	}
}

// upgrades looks whether a handshake at an address is answered: that somebody
// listens does not mean that a worker has started.
func upgrades(address string) func(context.Context) error {
	return func(ctx context.Context) error {
		ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
		defer cancel()
		conn, resp, err := websocket.DefaultDialer.DialContext(ctx, "ws://"+address+"/chat", nil)
		if err != nil {
			return err
		}
		return errors.Join(resp.Body.Close(), conn.Close())
	}
}

// address returns a loopback address that nobody listens on. Its port lies
// below those that the kernel gives to outgoing connections, so that none of
// the bench's thousands takes it meanwhile.
func (s *Stage) address() (string, error) {
	const lowest, highest = 20000, 32000
	for range highest - lowest {
		if s.port < lowest || s.port >= highest {
			s.port = lowest
		}
		s.port++
		address := net.JoinHostPort("127.0.0.1", strconv.Itoa(s.port))
		l, err := net.Listen("tcp", address) //nolint:noctx // it does not wait
		if err == nil {
			return address, l.Close()
		}
	}
	return "", fmt.Errorf("no free port from %d to %d", lowest, highest)
}
