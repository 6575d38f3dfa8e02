package console

import (
	"html/template"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// Config is what a Console needs.
type Config struct {
	Switchboard Switchboard      // required
	Tokens      *Tokens          // who may come in; nil: only holders of a ticket
	Replies     Replies          // agents' canned replies; nil: those that are shipped
	Logger      *slog.Logger     // log-ins and takeovers, by name; nil: nothing is logged
	Now         func() time.Time // clock of log-ins and tickets; nil: time.Now
	// Secure tells whether a request came over TLS that ended in front of the console; nil: none did.
	Secure    func(*http.Request) bool
	Heartbeat time.Duration // between two pings to a page and two calls of Present; 0: 10 s
	LoginWait time.Duration // for the first message of a socket that logs in by it; 0: 10 s
}

// Console serves the pages and the API. Make one with [New].
type Console struct {
	cfg    Config
	log    *slog.Logger
	logins *logins
	static *static
	pages  *template.Template
	guests atomic.Int64 // sockets that are about to log in

	mu      sync.Mutex
	closed  bool
	closing chan struct{}
	sockets sync.WaitGroup // Add only under mu, while not closed
}

// New returns a console that is ready to serve. It panics when the config
// has no Switchboard, which is a programming error.
func New(cfg Config) *Console {
	if cfg.Switchboard == nil {
		panic("console: Config.Switchboard is nil")
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	if cfg.Replies == nil {
		cfg.Replies = ShippedReplies()
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Heartbeat <= 0 {
		cfg.Heartbeat = 10 * time.Second
	}
	if cfg.LoginWait <= 0 {
		cfg.LoginWait = loginWait
	}
	return &Console{
		cfg:     cfg,
		log:     cfg.Logger,
		logins:  newLogins(cfg.Now, cfg.Tokens),
		static:  newStatic(),
		pages:   parsePages(),
		closing: make(chan struct{}),
	}
}

// Handler returns the handler of the console listener: pages below
// /console/, the API below /api/v1/, and a redirect from /.
func (c *Console) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /{$}", http.RedirectHandler("/console/", http.StatusSeeOther))
	mux.Handle("GET /console", http.RedirectHandler("/console/", http.StatusSeeOther))
	mux.HandleFunc("GET /console/{$}", c.home)
	mux.HandleFunc("GET /console/login", c.loginPage)
	mux.HandleFunc("POST /console/login", c.logIn)
	mux.HandleFunc("POST /console/logout", c.logOut)
	mux.HandleFunc("GET /console/static/{version}/{file}", c.asset)
	mux.Handle("/api/", c.api())
	return guard(mux)
}

// NewTicket makes a one-time ticket: whoever opens
// /console/login?ticket=TICKET within ttl is logged in as name with role.
// A ttl of 0 is 30 s. It refuses roles that open nothing here.
func (c *Console) NewTicket(name string, role Role, ttl time.Duration) (string, error) {
	return c.logins.newTicket(Identity{Name: name, Role: role}, ttl)
}

// SetTokens replaces the tokens, as after a change of their file. Log-ins
// and sockets that came from a token which is gone end at once; those from
// tickets stay.
func (c *Console) SetTokens(t *Tokens) { c.logins.setTokens(t) }

// Close ends every agent's socket (1012, so that pages come back to the next
// process) and waits for their goroutines. New sockets are refused from then
// on; everything else still answers. It may be called more than once.
func (c *Console) Close() error {
	c.mu.Lock()
	if !c.closed {
		c.closed = true
		close(c.closing)
	}
	c.mu.Unlock()
	c.sockets.Wait()
	return nil
}

// enter counts a socket in; false when the console is closing.
func (c *Console) enter() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return false
	}
	c.sockets.Add(1)
	return true
}
