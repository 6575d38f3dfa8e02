package proxytest

import (
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"attune/proxy/frame"
)

// BackendConfig says how a Backend behaves. The zero value upgrades everything and says nothing by itself.
type BackendConfig struct {
	// Subprotocols it speaks, the preferred first.
	Subprotocols []string
	// Header is added to the answer to an upgrade (cookies, say) and to a refusal.
	Header http.Header
	// Refuse answers upgrades with this status and the body; 0 accepts them.
	Refuse int
	Body   string
	// Hang leaves upgrades without an answer until the Backend stops.
	Hang bool
	// Drop ends the TCP connection instead of answering.
	Drop bool
	// Greet is sent as text messages in the same TCP segment as the answer to the upgrade, as socket.io servers do.
	Greet []string
	// Answer, when set, is called with every text that arrives; what it returns is sent back. Calls for one conn come
	// one after the other, calls for several conns at once.
	Answer func(text string) []string
	// NoPong leaves pings unanswered.
	NoPong bool
	// StopReading makes conns that read nothing until ResumeReading.
	StopReading bool
	// ReadBuffer asks the kernel for a receive buffer of so many bytes, so that a conn that does not read is full soon;
	// 0 leaves it alone.
	ReadBuffer int
	// HTTP answers requests that are no upgrades; nil answers 404.
	HTTP http.Handler
	// TLS makes the URL wss:// with a certificate that Client's transport trusts.
	TLS bool
}

// Backend is a scripted bot behind a TCP listener of its own.
type Backend struct {
	// URL is ws://127.0.0.1:port, without a path; it stays the same over Stop and Start.
	URL string

	t      testing.TB
	accept chan *Conn

	mu       sync.Mutex
	config   BackendConfig
	server   *httptest.Server // nil while stopped
	client   *http.Client
	stop     chan struct{} // closed by Stop: hanging requests end
	answers  sync.Mutex    // held from an upgrade's answer to its place in accept
	requests []*http.Request
	conns    []*Conn
	readers  sync.WaitGroup
}

// maxWaiting is how many conns wait for Accept; more are an error of the test.
const maxWaiting = 4096

// NewBackend starts a Backend; t.Cleanup stops it.
func NewBackend(t testing.TB, c BackendConfig) *Backend {
	t.Helper()
	b := &Backend{t: t, config: c, accept: make(chan *Conn, maxWaiting)}
	b.listen("127.0.0.1:0")
	t.Cleanup(b.Stop)
	return b
}

func (b *Backend) listen(addr string) {
	b.t.Helper()
	l, err := net.Listen("tcp", addr) //nolint:noctx // bound to the loopback, it does not wait
	if err != nil {
		b.t.Fatalf("backend: %v", err)
	}
	s := httptest.NewUnstartedServer(http.HandlerFunc(b.serve))
	_ = s.Listener.Close()
	s.Listener = l
	b.mu.Lock()
	defer b.mu.Unlock()
	b.server, b.stop = s, make(chan struct{})
	if b.config.TLS {
		s.StartTLS()
	} else {
		s.Start()
	}
	b.URL, b.client = "ws"+strings.TrimPrefix(s.URL, "http"), s.Client()
}

// Stop closes the listener and drops every conn; dialling is refused from now on. Start undoes it.
func (b *Backend) Stop() {
	b.mu.Lock()
	server, conns := b.server, b.conns
	if server == nil {
		b.mu.Unlock()
		return
	}
	close(b.stop)
	b.server, b.conns = nil, nil
	b.mu.Unlock()
	for _, c := range conns {
		c.Drop()
	}
	server.Close()
	b.readers.Wait()
}

// Start listens again where Stop left off.
func (b *Backend) Start() {
	b.t.Helper()
	b.listen(b.Addr())
}

// Addr returns host:port.
func (b *Backend) Addr() string {
	_, addr, _ := strings.Cut(b.URL, "://")
	return addr
}

// Client returns an HTTP client that trusts the Backend's certificate.
func (b *Backend) Client() *http.Client {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.client
}

// Set changes the behaviour towards the requests and conns that come from now on. TLS cannot be changed.
func (b *Backend) Set(change func(*BackendConfig)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	change(&b.config)
}

// Requests returns every request that arrived so far, upgrades and others, refused ones too, in their order.
func (b *Backend) Requests() []*http.Request {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]*http.Request(nil), b.requests...)
}

// Accept returns the next conn that was upgraded, waiting for it.
func (b *Backend) Accept() *Conn {
	b.t.Helper()
	select {
	case c := <-b.accept:
		return c
	case <-time.After(Timeout):
		b.t.Fatalf("backend: nobody came within %v", Timeout)
		return nil
	}
}

// Broadcast sends a text over every conn that is still there.
func (b *Backend) Broadcast(text string) {
	b.mu.Lock()
	conns := append([]*Conn(nil), b.conns...)
	b.mu.Unlock()
	for _, c := range conns {
		_ = c.TrySend(text, Timeout) // it may have ended
	}
}

// ExpectNobody wants no conn to be upgraded for so long.
func (b *Backend) ExpectNobody(d time.Duration) {
	b.t.Helper()
	select {
	case c := <-b.accept:
		b.t.Fatalf("backend: somebody came, for %s", c.Request.URL.Path)
	case <-time.After(d):
	}
}

func (b *Backend) serve(w http.ResponseWriter, r *http.Request) {
	b.mu.Lock()
	b.requests = append(b.requests, r.Clone(r.Context()))
	c, stop := b.config, b.stop
	b.mu.Unlock()

	switch {
	case !websocket.IsWebSocketUpgrade(r):
		if c.HTTP == nil {
			http.NotFound(w, r)
			return
		}
		c.HTTP.ServeHTTP(w, r)
	case c.Hang:
		select {
		case <-stop:
		case <-r.Context().Done():
		}
	case c.Drop:
		if conn, _, err := http.NewResponseController(w).Hijack(); err == nil {
			_ = conn.Close()
		}
	case c.Refuse != 0:
		for k, v := range c.Header {
			w.Header()[k] = v
		}
		w.WriteHeader(c.Refuse)
		_, _ = w.Write([]byte(c.Body))
	default:
		b.upgrade(w, r, c)
	}
}

func (b *Backend) upgrade(w http.ResponseWriter, r *http.Request, c BackendConfig) {
	var greeting []byte
	for _, text := range c.Greet {
		greeting = frame.Append(greeting, frame.Text, []byte(text))
	}
	u := websocket.Upgrader{Subprotocols: c.Subprotocols, CheckOrigin: func(*http.Request) bool { return true }}
	b.answers.Lock() // whoever was answered first is accepted first
	defer b.answers.Unlock()
	ws, err := u.Upgrade(greeter{w, greeting}, r, c.Header)
	if err != nil {
		return // gorilla has answered with the fault
	}
	readBuffer(ws.NetConn(), c.ReadBuffer)
	conn := newConn(b.t, "backend", ws, c.Answer, c.NoPong)
	conn.Request = r
	for _, text := range c.Greet {
		conn.inbox.said(Message{Op: frame.Text, Data: text}.String())
	}
	if c.StopReading {
		conn.StopReading()
	}
	b.mu.Lock()
	if b.server == nil { // stopped meanwhile
		b.mu.Unlock()
		_ = ws.Close()
		return
	}
	b.conns = append(b.conns, conn)
	b.readers.Go(conn.run)
	b.mu.Unlock()
	select {
	case b.accept <- conn:
	default:
		b.t.Errorf("backend: more than %d conns that nobody accepts", maxWaiting)
	}
}
