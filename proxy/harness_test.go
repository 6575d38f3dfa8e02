package proxy_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"go.uber.org/goleak"

	"attune/metrics"
	"attune/proxy"
	"attune/proxy/proxytest"
	"attune/proxy/session"
	"attune/proxy/transport"
	"attune/proxy/wire"
	"attune/rules"
)

func TestMain(m *testing.M) {
	// Where a server is gone, a pool that was closed sleeps for up to a second before it notices. And net/http waits for half a
	// second behind an answer that ends a connection.
	goleak.VerifyTestMain(twice{m}, goleak.IgnoreAnyFunction("github.com/redis/go-redis/v9/internal/pool.(*ConnPool).tryDial"),
		goleak.IgnoreAnyFunction("net/http.(*conn).closeWriteAndWait"))
}

// kind is the transport that the houses of this run have.
var kind transport.Kind

// twice runs the tests over both kinds of transport.
type twice struct{ *testing.M }

// Run implements goleak.TestingM.
func (m twice) Run() (worst int) {
	for _, kind = range []transport.Kind{transport.Auto, transport.Goroutines} {
		if code := m.M.Run(); code != 0 {
			fmt.Fprintf(os.Stderr, "these tests ran with ATTUNE_TRANSPORT=%v\n", kind)
			worst = code
		}
	}
	return worst
}

// house is a whole Attune, but for its commands.
type house struct {
	t       testing.TB
	server  *proxy.Server
	store   *session.Store
	widgets string // ws:// address for widgets
	admin   http.Handler
	log     *bytes.Buffer
	logMu   *sync.Mutex
	reg     *prometheus.Registry
	bot     *proxytest.Backend
	drained int
	stop    func()        // ends Run
	stopped chan struct{} // closed when it has ended
}

type option func(*proxy.Config, *session.Config)

func limits(change func(*proxy.Limits)) option {
	return func(c *proxy.Config, _ *session.Config) { change(&c.Limits) }
}

func config(change func(*proxy.Config)) option {
	return func(c *proxy.Config, _ *session.Config) { change(c) }
}

// leeway is how many times longer than usual the store and other nodes may take to
// answer, for tests in which somebody does not answer at all.
func leeway(times int) option {
	return func(c *proxy.Config, s *session.Config) {
		c.Leeway, s.Leeway, s.Lease = times, times, time.Duration(times)*session.LeaseTTL
	}
}

// ample is the leeway of all other tests: on a busy machine, too, nothing that
// works is taken for something that does not.
const ample = 60

func redisAt(url string) option {
	return func(_ *proxy.Config, s *session.Config) { s.URL = url }
}

func profile(t testing.TB, name string) option {
	p, err := wire.Lookup(name)
	if err != nil {
		t.Fatal(err)
	}
	return func(c *proxy.Config, _ *session.Config) { c.Routes[0].Profile = p }
}

func pack(t testing.TB, source string) option {
	return func(c *proxy.Config, _ *session.Config) {
		c.Rules = func() (*rules.Set, rules.Diagnostics, error) {
			set, found := rules.Compile([]rules.File{{Name: "test.yaml", Data: []byte(source)}})
			if set == nil {
				t.Errorf("test pack: %v", found)
			}
			return set, found, nil
		}
	}
}

// open builds a house in front of a bot and runs it until the test ends.
func open(t testing.TB, bot *proxytest.Backend, options ...option) *house {
	t.Helper()
	h := &house{t: t, bot: bot, log: &bytes.Buffer{}, logMu: &sync.Mutex{}, reg: prometheus.NewRegistry(), stopped: make(chan struct{})}
	logger := slog.New(slog.NewJSONHandler(lockedWriter{h.logMu, h.log}, &slog.HandlerOptions{Level: slog.LevelDebug}))
	backend, err := proxy.ParseBackend(bot.URL)
	if err != nil {
		t.Fatal(err)
	}
	plain, err := wire.Lookup("json")
	if err != nil {
		t.Fatal(err)
	}
	cfg := proxy.Config{
		Routes: []proxy.Route{{Backend: backend, Profile: plain}}, Metrics: metrics.New(h.reg), Gather: h.reg, Logger: logger,
		Origins: []string{"none"}, Transport: kind,
		Limits: proxy.Limits{
			Message: 64 << 10, Rate: 100, RateBurst: 500, PerAddress: 500, Handshake: proxytest.Timeout,
			MessageTimeout: 30 * time.Second, Idle: 30 * time.Minute, Ping: 25 * time.Second, Drain: 60 * time.Second,
		},
		Rules: func() (*rules.Set, rules.Diagnostics, error) {
			set, found := rules.Compile(nil)
			return set, found, nil
		},
		Leeway: ample,
	}
	stored := session.Config{
		NewState: func() session.State { return &rules.State{} }, Merge: proxy.MergeStates, Logger: logger,
		Leeway: ample, Lease: ample * session.LeaseTTL,
	}
	for _, o := range options {
		o(&cfg, &stored)
	}
	h.store, err = session.Open(stored)
	if err != nil {
		t.Fatal(err)
	}
	cfg.Store = h.store
	h.server, err = proxy.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	h.admin = h.server.AdminHandler(func() { h.drained++ })

	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	h.widgets = "ws://" + l.Addr().String()
	front := &http.Server{
		Handler: h.server.Handler(), ConnContext: proxy.ConnContext, ReadHeaderTimeout: cfg.Limits.Handshake, MaxHeaderBytes: 16 << 10,
		ErrorLog: slog.NewLogLogger(logger.Handler(), slog.LevelDebug),
	}
	ctx, cancel := context.WithCancel(context.Background())
	h.stop = cancel
	var wg sync.WaitGroup
	wg.Go(func() { _ = front.Serve(proxy.Listen(l)) })
	wg.Go(func() {
		defer close(h.stopped)
		if err := h.server.Run(ctx); err != nil {
			t.Errorf("run: %v", err)
		}
	})
	t.Cleanup(func() {
		_ = front.Close()
		cancel()
		wg.Wait()
		if err := h.store.Close(); err != nil {
			t.Errorf("close store: %v", err)
		}
		if log := h.logged(); t.Failed() {
			t.Logf("the last that %s logged:\n%s", h.widgets, log[max(0, len(log)-8<<10):])
		}
	})
	return h
}

type lockedWriter struct {
	mu *sync.Mutex
	w  io.Writer
}

func (w lockedWriter) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.w.Write(p)
}

// logged is everything logged so far.
func (h *house) logged() string {
	h.logMu.Lock()
	defer h.logMu.Unlock()
	return h.log.String()
}

// widget connects one.
func (h *house) widget(c proxytest.WidgetConfig) *proxytest.Conn {
	h.t.Helper()
	return proxytest.DialWidget(h.t, h.widgets+"/chat", c)
}

// scrape is what Prometheus would read.
func (h *house) scrape() string {
	h.t.Helper()
	w := newRecorder()
	promhttp.HandlerFor(h.reg, promhttp.HandlerOpts{}).ServeHTTP(w, mustRequest(h.t, http.MethodGet, "http://localhost/metrics"))
	return w.body.String()
}

// eventually waits for a line of the metrics.
func (h *house) eventually(line string) {
	h.t.Helper()
	deadline := time.Now().Add(proxytest.Timeout)
	for !strings.Contains(h.scrape(), "\n"+line+"\n") {
		if time.Now().After(deadline) {
			name, _, _ := strings.Cut(line, "{")
			var have []string
			for l := range strings.SplitSeq(h.scrape(), "\n") {
				if strings.HasPrefix(l, name) {
					have = append(have, l)
				}
			}
			h.t.Fatalf("metrics never had %q, but\n%s", line, strings.Join(have, "\n"))
		}
		<-time.After(20 * time.Millisecond)
	}
}

type recorder struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func newRecorder() *recorder                    { return &recorder{header: http.Header{}, status: http.StatusOK} }
func (r *recorder) Header() http.Header         { return r.header }
func (r *recorder) WriteHeader(status int)      { r.status = status }
func (r *recorder) Write(p []byte) (int, error) { return r.body.Write(p) }

func mustRequest(t testing.TB, method, url string) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	return r
}
