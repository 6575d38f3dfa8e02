package proxy

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net/http"
	"net/netip"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"attune/metrics"
	"attune/proxy/bundle"
	"attune/proxy/session"
	"attune/proxy/transport"
	"attune/proxy/wire"
	"attune/rules"
)

// Limits bounds what widgets may do. Zero means no limit, everywhere.
type Limits struct {
	Message        int64         // bytes of one message
	Rate           int           // messages a second, pings included
	RateBurst      int           // messages at once
	PerAddress     int           // sockets of one address
	Sessions       int           // sockets in all
	Memory         int64         // bytes of the process from which nobody new is let in
	Handshake      time.Duration // for a whole handshake, the backend's included
	MessageTimeout time.Duration // for the rest of a message that has begun
	Idle           time.Duration // without a message
	Ping           time.Duration // between pings
	Drain          time.Duration // for closing all bridges on shutdown
}

// Route leads a widget to its backend.
type Route struct {
	// Host and Path restrict the route to requests for that host (without
	// port; empty: any) and below that path prefix (empty: any).
	Host, Path string
	// Backend is the bot: ws or wss, host, optional base path.
	Backend *url.URL
	// BackendHTTP is where the profile's HTTP routes go: http or https, host,
	// optional base path; nil: the same host and path as Backend.
	BackendHTTP *url.URL
	// Profile says how it shapes its frames.
	Profile *wire.Profile
	// Register is how its customers are addressed, formal or informal, where
	// packs are written for both; empty: the first pack's.
	Register string
	// Touchpoint, if set, stands for the path when rules ask for it.
	Touchpoint string
}

// Config is what a Server needs. All fields without a note are required.
type Config struct {
	Routes  []Route // in order; the first that fits is taken
	Mode    rules.Mode
	Store   *session.Store
	Metrics *metrics.Metrics
	Gather  prometheus.Gatherer // what /metrics shows
	Logger  *slog.Logger
	Limits  Limits
	Silence Silence
	// Rules loads the rule set: at the start and at every reload.
	Rules func() (*rules.Set, rules.Diagnostics, error)
	// Bundles says that rules come from the store (package bundle): Rules is
	// called once, for what judges until an active bundle is there.
	Bundles bool
	// Leeway stretches the time that the store and other nodes have for an answer: so
	// many times as long as usual; 0: 1.
	Leeway int
	// Desks says when people are there; nil: always, whatever the desk's name.
	Desks *Desks
	// AgentCapacity is how many conversations an agent can have at once; 0: 3.
	AgentCapacity int
	// Origins is ATTUNE_ORIGINS; empty means that Origin must equal Host.
	Origins []string
	// Trusted are the proxies whose X-Forwarded-* are believed; may be empty.
	Trusted []netip.Prefix
	// Secure says that widgets reach Attune over TLS.
	Secure bool
	// Transport says how bridges are run.
	Transport transport.Kind
	// BackendTLS is used towards wss backends; nil means Go's defaults.
	BackendTLS *tls.Config
	// Who, if set, names the holder of a bearer token, "" for nobody's.
	Who func(token string) string
	// MetricsToken, if set, guards /metrics and /debug/: it judges the bearer
	// token, "" when there is none.
	MetricsToken func(token string) bool
	// TraceOver is the added latency of one message from which the last
	// seconds of the runtime's trace are kept for /debug/flight; 0: nothing is
	// recorded.
	TraceOver time.Duration
}

// Server is the front door and everything behind it, but for the sockets it
// listens on. Its handlers may be served as soon as New returned; Run must be
// running for anything to happen in time.
type Server struct {
	cfg       Config
	log       *slog.Logger
	metrics   *metrics.Metrics
	dialer    *dialer
	outages   *outages
	addresses *addresses // of sockets
	callers   *addresses // of HTTP requests
	routes    []route
	rules     atomic.Pointer[inForce]
	desk      *switchboard
	transport *transport.Transport
	backends  *http.Transport // to HTTP backends
	ties      *ties
	hearsay   *hearsay
	told      *told
	judged    *tokens // of what other nodes bring here, and of what they judge themselves
	carers    carers
	serial    atomic.Uint64 // of bridges
	visits    visits
	polls     polls
	scratches sync.Pool
	flight    *flight
	memory    *watermark

	reloading sync.Mutex
	switches  ruleSwitches
	bundles   bundles
	lacking   atomic.Bool // other rules judge than should: the latest ones could not be had
	shadows   shadows
	ready     atomic.Bool
	leaving   atomic.Bool  // draining: not ready any more, whenever Run begins
	refusing  atomic.Bool  // and past the grace
	seats     atomic.Int64 // sockets, those in their handshake included

	mu       sync.Mutex
	bridges  map[*bridge]struct{}
	sessions map[string][]*bridge // by session id
	away     map[string]departed  // sessions whose last bridge here is gone
	draining *drain               // given to every bridge, also to those that still come
	idle     chan struct{}        // closed when draining and no bridge is left

	// starting is held for reading while a bridge is started, so that none is
	// once closed is set.
	starting sync.RWMutex
	closed   bool

	jobs jobs // what later runs
}

type route struct {
	*Route
	origins origins
}

// New builds a Server and loads its rules; a rule set that does not compile is
// an error here, and only here.
func New(cfg Config) (*Server, error) {
	if len(cfg.Routes) == 0 {
		return nil, errors.New("proxy: no route")
	}
	out := newOutages(cfg.Logger)
	s := &Server{
		cfg: cfg, log: cfg.Logger, metrics: cfg.Metrics,
		dialer: newDialer(cfg.Limits.Handshake, cfg.BackendTLS, out), outages: out,
		addresses: newAddresses(cfg.Trusted), callers: newAddresses(cfg.Trusted),
		ties: newTies(), hearsay: newHearsay(), told: newTold(), judged: newTokens(maxTokens),
		bridges:  map[*bridge]struct{}{},
		sessions: map[string][]*bridge{},
		away:     map[string]departed{},
		switches: ruleSwitches{off: map[string]string{}, unstored: map[string]string{}},
		idle:     make(chan struct{}),
		flight:   newFlight(cfg.TraceOver),
		memory:   newWatermark(cfg.Limits.Memory, cfg.Logger),
	}
	s.backends = newBackends(s.dialer, cfg.Limits.Handshake, cfg.BackendTLS)
	for i := range cfg.Routes {
		r := &s.cfg.Routes[i]
		if r.BackendHTTP == nil && r.Backend != nil {
			r.BackendHTTP = overHTTP(r.Backend)
		}
		if _, ok := r.Profile.Handoff(); !ok && len(cfg.Desks.of(deskBackend)) > 0 {
			s.log.Warn("profile has no message for a handoff: desks of kind backend will fail", "profile", r.Profile.Name())
		}
		for _, k := range cfg.Desks.of(deskBackend) {
			if !k.reachedBy(r.Profile) {
				s.log.Warn("the profile's message for a handoff names an address: the desk will fail without one; give it address", "desk", k.id, "profile", r.Profile.Name())
			}
		}
		s.metrics.Profile(r.Profile.Name()) // shown from the start: nobody is there yet
		s.routes = append(s.routes, route{r, newOrigins(cfg.Origins, r.Profile.Channel() == "voice")})
	}
	s.transport = transport.New(transport.Config{
		Kind: cfg.Transport, Queue: queueFor(cfg.Limits.Message),
		Panicked: func(any) { // what it says may quote a customer
			s.metrics.Panic()
			s.log.Error("bridge panicked and was closed")
		},
	})
	for _, id := range cfg.Desks.ids() {
		s.metrics.Desk(id)
	}
	s.desk = newSwitchboard(s)
	if _, err := s.loadRules(); err != nil {
		return nil, err
	}
	if cfg.Bundles {
		s.bundles.shelf = bundle.NewShelf(cfg.Store.Client())
		if _, err := s.follow(true); err != nil {
			s.log.Warn("bundles of rules not read yet", "error", err)
		}
	}
	return s, nil
}

// queueFor bounds what may wait for one peer, by the message limit: a message
// that is allowed must fit.
func queueFor(message int64) int {
	if message <= 0 || message > math.MaxInt/2 {
		return math.MaxInt
	}
	return int(max(1<<20, 2*message))
}

// Run does everything that happens in time until ctx ends: deadlines, the
// store's flushes, the desks. It returns when all of it has stopped; sockets
// that are still open then are closed. Drain before.
func (s *Server) Run(ctx context.Context) error {
	if err := s.flight.start(); err != nil {
		s.log.Warn("nothing is recorded for /debug/flight", "error", err)
	}
	defer s.flight.stop()
	s.ready.Store(true)
	rooms, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	var wg sync.WaitGroup
	errs := make([]error, 3)
	wg.Go(func() { errs[0] = s.desk.run(rooms) })
	open, stopSockets := context.WithCancel(context.WithoutCancel(ctx))
	defer stopSockets()
	var sockets sync.WaitGroup
	sockets.Go(func() { errs[1] = s.transport.Run(open) })
	store, stopStore := context.WithCancel(context.WithoutCancel(ctx))
	defer stopStore()
	wg.Go(func() { errs[2] = s.cfg.Store.Run(store) })

	<-ctx.Done()
	s.ready.Store(false)
	s.hangUpAll()
	s.visits.stop()
	s.polls.sweep(time.Time{}, true)
	s.backends.CloseIdleConnections()
	stopSockets()
	sockets.Wait()
	stop()
	s.jobs.stop()
	s.desk.board.Settle(context.WithoutCancel(ctx))
	stopStore() // last: it flushes what the others left
	wg.Wait()
	if err := errors.Join(errs...); err != nil && !errors.Is(err, context.Canceled) {
		return fmt.Errorf("proxy: %w", err)
	}
	return nil
}

// stretch is how long something may take that usually has d.
func (s *Server) stretch(d time.Duration) time.Duration {
	return d * time.Duration(max(s.cfg.Leeway, 1))
}

// within is a context for something that usually has d.
func (s *Server) within(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, s.stretch(d))
}

// later runs a job beside the messages, so that no message waits for it.
func (s *Server) later(job func()) { s.jobs.start(job) }

// Reload loads the rules anew and puts them in force, all or nothing: on any
// error the old set lives on. The diagnostics tell what was found either way.
func (s *Server) Reload() (rules.Diagnostics, error) {
	if s.bundles.shelf != nil {
		return s.follow(true)
	}
	return s.loadRules()
}

// loadRules puts in force what Config.Rules loads.
func (s *Server) loadRules() (rules.Diagnostics, error) {
	s.reloading.Lock()
	defer s.reloading.Unlock()
	set, found, err := s.cfg.Rules()
	if err == nil && set == nil {
		err = errors.New("the rules do not compile")
	}
	s.metrics.Reloaded(err == nil, time.Now())
	s.lacking.Store(err != nil)
	if err != nil {
		s.log.Warn("rules not loaded, the set in force stays", "faults", len(found))
		return found, err
	}
	s.switches.base[metrics.Active] = set
	set = s.enforce()
	s.metrics.Aims(aims(set))
	s.log.Info("rules in force", "digest", set.Digest())
	if len(set.Packs()) == 0 {
		s.log.Warn("these rules hold no pack: nothing is reworded, and nobody is brought in")
	}
	return found, nil
}

// Rules returns the active set in force.
func (s *Server) Rules() *rules.Set { return s.rules.Load().sets[metrics.Active] }

// register makes a running bridge known.
func (s *Server) register(b *bridge) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.bridges[b] = struct{}{}
}

// forget takes an ended bridge out.
func (s *Server) forget(b *bridge) {
	if b.poll != nil {
		b.poll.giveBack(b)
	}
	s.leave(b)
	b.rest()
	b.forsake() // a bridge that panicked has not done so itself
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.bridges, b)
	if s.draining != nil && len(s.bridges) == 0 {
		s.closeIdle()
	}
}

func (s *Server) closeIdle() {
	select {
	case <-s.idle:
	default:
		close(s.idle)
	}
}

// links returns the running bridges of a session, but for one.
func (s *Server) links(id string, but *bridge) []transport.Link {
	s.mu.Lock()
	defer s.mu.Unlock()
	var links []transport.Link
	for _, b := range s.sessions[id] {
		if but == nil || b.serial != but.serial { // whoever has inherited from it is it
			links = append(links, b.link)
		}
	}
	return links
}

// tell hands an event to every bridge of a session, but for one.
func (s *Server) tell(id string, but *bridge, event any) {
	for _, l := range s.links(id, but) {
		l.Tell(event)
	}
}

// hangUpAll ends every bridge that is still there; no other is started.
func (s *Server) hangUpAll() {
	s.refusing.Store(true)
	s.starting.Lock()
	s.closed = true
	s.starting.Unlock()
	s.mu.Lock()
	links := make([]transport.Link, 0, len(s.bridges))
	for b := range s.bridges {
		links = append(links, b.link)
	}
	s.mu.Unlock()
	for _, l := range links {
		l.Tell(hangUp{endDrain})
	}
}

// hangUp is the order to end a bridge.
type hangUp struct{ ending ending }

// Handler answers widgets.
func (s *Server) Handler() http.Handler { return http.HandlerFunc(s.door) }
