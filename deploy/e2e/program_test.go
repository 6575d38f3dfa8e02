package e2e

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

// patience bounds every wait for something that must come.
const patience = 2 * time.Minute

// need skips a test that lacks a program, loudly; under the full tests it fails.
func need(t *testing.T, program string) string {
	t.Helper()
	path, err := exec.LookPath(program)
	if err != nil {
		absent(t, program+" is not installed: run bash deploy/test.sh")
	}
	return path
}

func absent(t *testing.T, what string) {
	t.Helper()
	if os.Getenv("ATTUNE_TEST_FULL") == "1" {
		t.Fatal(what)
	}
	t.Skip("SKIPPED: " + what)
}

// built is the directory of the binary, once it is built.
var built string

var binary = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "attune-e2e")
	if err != nil {
		return "", err
	}
	built = dir
	path := filepath.Join(dir, "attune")
	out, err := exec.Command("go", "build", "-o", path, "attune/cmd/attune").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, out)
	}
	return path, nil
})

func TestMain(m *testing.M) {
	code := m.Run()
	if built != "" {
		_ = os.RemoveAll(built)
	}
	os.Exit(code)
}

// program is a running process.
type program struct {
	t    *testing.T
	cmd  *exec.Cmd
	in   io.WriteCloser
	log  *syncBuffer
	done chan struct{}
}

// run starts a program; t.Cleanup ends it.
func run(t *testing.T, env []string, stdout io.Writer, name string, args ...string) *program {
	t.Helper()
	p := &program{t: t, cmd: exec.Command(name, args...), log: &syncBuffer{}, done: make(chan struct{})}
	p.cmd.Env = append(os.Environ(), env...)
	p.cmd.Stdout, p.cmd.Stderr = stdout, p.log
	if stdout == nil {
		p.cmd.Stdout = p.log
	}
	p.cmd.WaitDelay = 5 * time.Second
	var err error
	if p.in, err = p.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = p.cmd.Wait()
		close(p.done)
	}()
	t.Cleanup(func() {
		p.kill()
		if t.Failed() {
			t.Logf("%s:\n%s", filepath.Base(name), p.log)
		}
	})
	return p
}

// kill ends the program at once, as a machine that loses its power.
func (p *program) kill() {
	_ = p.cmd.Process.Kill()
	<-p.done
}

// terminate asks it to end and returns its exit code.
func (p *program) terminate() int {
	p.t.Helper()
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.done:
	case <-time.After(patience):
		p.t.Fatal("the program did not end after SIGTERM")
	}
	return p.cmd.ProcessState.ExitCode()
}

// expectLog waits for a text in what the program prints.
func (p *program) expectLog(want string) {
	p.t.Helper()
	for deadline := time.Now().Add(patience); !strings.Contains(p.log.String(), want); {
		select {
		case <-p.done:
			p.t.Fatalf("%s ended without printing %q:\n%s", p.cmd.Path, want, p.log)
		case <-time.After(20 * time.Millisecond):
		}
		if time.Now().After(deadline) {
			p.t.Fatalf("%s never printed %q:\n%s", p.cmd.Path, want, p.log)
		}
	}
}

// freePort is a port nobody listens on at the moment, below those that systems
// hand out by themselves, and not of those that proxytest takes, so that nobody
// takes it before its program does. No port is handed out twice.
func freePort(t *testing.T) string {
	t.Helper()
	for range 100 {
		port := strconv.Itoa(30000 + rand.IntN(2700))
		if _, taken := ports.LoadOrStore(port, true); taken {
			continue
		}
		if l, err := net.Listen("tcp", "127.0.0.1:"+port); err == nil {
			_ = l.Close()
			return port
		}
	}
	t.Fatal("no port is free")
	return ""
}

// ports are those that were handed out.
var ports sync.Map

// redisServer starts one and returns its URL.
func redisServer(t *testing.T) string {
	t.Helper()
	path := need(t, "redis-server")
	port := freePort(t)
	p := run(t, nil, nil, path, "--port", port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", t.TempDir())
	p.expectLog("Ready to accept connections")
	return "redis://127.0.0.1:" + port
}

// redisAt is a client of the Redis at an address.
func redisAt(t *testing.T, url string) *redis.Client {
	t.Helper()
	o, err := redis.ParseURL(url)
	if err != nil {
		t.Fatal(err)
	}
	c := redis.NewClient(o)
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// stored waits until the bot's first miss is in the story of so many sessions in
// Redis, and with it the score.
func stored(t *testing.T, url string, sessions int) {
	t.Helper()
	c := redisAt(t, url)
	found := 0
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); <-time.After(50 * time.Millisecond) {
		found = 0
		for _, key := range c.Keys(t.Context(), "attune:*:t:*").Val() {
			if turns := c.LRange(t.Context(), key, 0, -1).Val(); strings.Contains(strings.Join(turns, " "), miss) {
				found++
			}
		}
		if found == sessions {
			return
		}
	}
	t.Fatalf("%d sessions are stored, want %d", found, sessions)
}

// node starts one of the scripts of npm/ with the packages that deploy/test.sh
// has installed.
func node(t *testing.T, env []string, stdout io.Writer, script string, args ...string) *program {
	t.Helper()
	path := need(t, "node")
	modules := filepath.Join(os.Getenv("ATTUNE_TEST_NPM"), "node_modules")
	if _, err := os.Stat(modules); os.Getenv("ATTUNE_TEST_NPM") == "" || err != nil {
		absent(t, "the npm packages are not installed: run bash deploy/test.sh")
	}
	return run(t, append(env, "NODE_PATH="+modules), stdout, path, append([]string{filepath.Join("npm", script)}, args...)...)
}

// bot starts a bot script and returns the port it listens on.
func bot(t *testing.T, script string) string {
	t.Helper()
	port := freePort(t)
	botAt(t, script, port)
	return port
}

// botAt starts a bot script on a port.
func botAt(t *testing.T, script, port string) *program {
	t.Helper()
	p := node(t, []string{"PORT=" + port}, nil, script)
	p.expectLog("ready")
	return p
}

// rulesDir is a directory with one pack.
func rulesDir(t *testing.T, pack string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "test.yaml"), []byte(pack), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

// attune is a running node.
type attune struct {
	*program
	widgets, console, admin string // host:port
}

const token = "an-agents-token-for-tests"

// serve starts `attune serve` and waits until it is ready.
func serve(t *testing.T, env ...string) *attune {
	t.Helper()
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	tokens := filepath.Join(t.TempDir(), "tokens")
	if err := os.WriteFile(tokens, []byte("mia:agent:"+token+"\nben:agent:"+token+"-of-ben\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	a := &attune{widgets: "127.0.0.1:" + freePort(t), console: "127.0.0.1:" + freePort(t), admin: "127.0.0.1:" + freePort(t)}
	a.program = run(t, append([]string{
		"ATTUNE_LISTEN=" + a.widgets, "ATTUNE_CONSOLE_LISTEN=" + a.console, "ATTUNE_ADMIN_LISTEN=" + a.admin,
		"ATTUNE_TOKENS_FILE=" + tokens, "ATTUNE_ORIGINS=none", "ATTUNE_DRAIN=2s",
		// On a busy machine nothing that works is taken for something that does not.
		"ATTUNE_LEEWAY=40", "ATTUNE_SEEK=5m", "ATTUNE_HANDSHAKE_TIMEOUT=2m", "ATTUNE_SILENCE=0,0,0", "ATTUNE_SILENCE_VOICE=0,0,0",
	}, env...), nil, path, "serve")
	for deadline := time.Now().Add(patience); ; {
		if status, _ := get(t, "http://"+a.admin+"/-/ready", ""); status == http.StatusOK {
			return a
		}
		select {
		case <-a.done:
			t.Fatalf("attune serve ended:\n%s", a.log)
		case <-time.After(20 * time.Millisecond):
		}
		if time.Now().After(deadline) {
			t.Fatalf("attune serve was never ready:\n%s", a.log)
		}
	}
}

func get(t *testing.T, url, bearer string) (int, []byte) {
	t.Helper()
	return call(t, http.MethodGet, url, bearer, "")
}

func call(t *testing.T, method, url, bearer, body string) (int, []byte) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if bearer != "" {
		r.Header.Set("Authorization", "Bearer "+bearer)
	}
	r.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, nil
	}
	defer func() { _ = resp.Body.Close() }()
	data, _ := io.ReadAll(resp.Body)
	return resp.StatusCode, data
}

// metric waits until a line stands in what Prometheus would read.
func (a *attune) metric(line string) {
	a.t.Helper()
	var last []byte
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); <-time.After(50 * time.Millisecond) {
		if _, last = get(a.t, "http://"+a.admin+"/metrics", ""); bytes.Contains(last, []byte("\n"+line+"\n")) {
			return
		}
	}
	name, _, _ := strings.Cut(line, "{")
	for l := range strings.SplitSeq(string(last), "\n") {
		if strings.HasPrefix(l, name) {
			a.t.Log(l)
		}
	}
	a.t.Fatalf("the metrics never had %s", line)
}

// widget is a widget script at work: lines in, lines out.
type widget struct {
	*program
	lines chan heard
}

// heard is a line of a widget script.
type heard struct {
	Open  bool            `json:"open"`
	Ack   bool            `json:"ack"`
	Bot   *string         `json:"bot"`
	Agent string          `json:"agent"`
	Raw   string          `json:"raw"`
	Given json.RawMessage `json:"handoff"`
	Close json.RawMessage `json:"close"`
	Error string          `json:"error"`
}

// connect starts a widget script and waits until it is connected.
func connect(t *testing.T, script, url, session string) *widget {
	t.Helper()
	return connectAs(t, script, url, session, "credential-of-"+session)
}

func connectAs(t *testing.T, script, url, session, credential string) *widget {
	t.Helper()
	r, out := io.Pipe()
	w := &widget{lines: make(chan heard, 1000)}
	go func() {
		defer close(w.lines)
		for scan := bufio.NewScanner(r); scan.Scan(); {
			var h heard
			if json.Unmarshal(scan.Bytes(), &h) == nil {
				w.lines <- h
			}
		}
	}()
	w.program = node(t, nil, out, script, url, session, credential)
	t.Cleanup(func() { _ = out.Close() })
	for h := range w.lines {
		if h.Error != "" || h.Close != nil {
			t.Fatalf("the widget could not connect: %+v", h)
		}
		if h.Open {
			return w
		}
	}
	t.Fatal("the widget ended")
	return nil
}

func (w *widget) say(text string) {
	w.t.Helper()
	w.do("say", text)
}

func (w *widget) do(what, with string) {
	w.t.Helper()
	line, _ := json.Marshal(map[string]string{what: with})
	if _, err := w.in.Write(append(line, '\n')); err != nil {
		w.t.Fatal(err)
	}
}

// expect waits for what the customer sees next and wants it to be exactly this.
func (w *widget) expect(want string) heard {
	w.t.Helper()
	h := w.next()
	if *h.Bot != want {
		w.t.Fatalf("the customer sees %q, want %q", *h.Bot, want)
	}
	return h
}

// next waits for what the customer sees next.
func (w *widget) next() heard {
	w.t.Helper()
	return w.until("the customer sees nothing more", func(h heard) bool { return h.Bot != nil })
}

// given waits for the protocol's own handoff and returns what it says.
func (w *widget) given() json.RawMessage {
	w.t.Helper()
	return w.until("the platform is handed nothing", func(h heard) bool { return h.Given != nil }).Given
}

// until waits for a line that fits.
func (w *widget) until(otherwise string, fits func(heard) bool) heard {
	w.t.Helper()
	for timeout := time.After(patience); ; {
		select {
		case h, ok := <-w.lines:
			if !ok {
				w.t.Fatal("the widget ended")
			}
			if h.Error != "" {
				w.t.Fatalf("the widget ended: %s", h.Error)
			}
			if fits(h) {
				return h
			}
		case <-timeout:
			w.t.Fatal(otherwise)
		}
	}
}

// silent wants the customer to see nothing for a moment.
func (w *widget) silent(d time.Duration) {
	w.t.Helper()
	for timeout := time.After(d); ; {
		select {
		case h, ok := <-w.lines:
			if ok && h.Bot != nil {
				w.t.Fatalf("the customer sees %q, want nothing", *h.Bot)
			}
			if !ok {
				w.t.Fatal("the widget ended")
			}
		case <-timeout:
			return
		}
	}
}

// hangUp ends the widget as a page that is closed.
func (w *widget) hangUp() {
	_ = w.in.Close()
	select {
	case <-w.done:
	case <-time.After(patience):
		w.t.Fatal("the widget did not end")
	}
}

type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}
