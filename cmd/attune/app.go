package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"os"
	"slices"
	"sync"
	"syscall"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"attune/metrics"
	"attune/proxy"
	"attune/proxy/console"
	"attune/proxy/session"
	"attune/proxy/transport"
	"attune/rules"
)

// app is one running Attune: what serve and demo have in common.
type app struct {
	cfg     Config
	log     *slog.Logger
	server  *proxy.Server
	console *console.Console
	rules   *ruleSource
	keys    *keyring

	unstaffed bool // as it began

	widgets, agents, admin *listener
	listeners              []*listener // these and, in the demo, its own

	failure    chan error // of a part that should have gone on
	stopServer func()     // nil until started

	// teardown undoes the building, last step first.
	teardown []step
	// draining is closed by POST /-/drain.
	draining  chan struct{}
	drainOnce sync.Once
}

type step struct {
	name string
	undo func() error
}

// build makes everything and opens the listeners, but answers nobody yet.
// Faults of the configuration come back as a failure that names them all.
// The caller runs or closes what it gets.
func build(ctx context.Context, c Config, log *slog.Logger) (_ *app, err error) {
	a := &app{cfg: c, log: log, draining: make(chan struct{}), failure: make(chan error, 1)}
	defer func() {
		if err != nil {
			a.close()
		}
	}()

	in, faults := read(c)
	faults = append(nowhere(c), faults...)
	if len(faults) > 0 {
		return nil, &failure{exitFailure, faults}
	}
	a.rules, a.keys, a.unstaffed = in.rules, in.keys, in.unstaffed()
	a.warnOfTokens()

	reg := prometheus.NewRegistry()
	m := metrics.New(reg)
	observe := func(op string, d time.Duration, err error) {
		s := m.Store(op)
		s.Seconds.Observe(d.Seconds())
		if err != nil {
			s.Errors.Inc()
		}
	}
	store, err := session.Open(session.Config{
		URL:      string(c.RedisURL),
		Secret:   string(c.Secret),
		NewState: func() session.State { return new(rules.State) },
		Merge:    proxy.MergeStates,
		IdleTTL:  c.Idle,
		Leeway:   c.Leeway,
		Logger:   log,
		Observe:  observe,
	})
	if err != nil {
		return nil, fail("check ATTUNE_REDIS_URL", "%v", err)
	}
	a.after("store", store.Close)
	m.StoreMode(store.Mode())

	a.server, err = proxy.New(proxy.Config{
		Routes: in.routes, Mode: in.mode, Store: store, Metrics: m, Gather: reg, Logger: log, Desks: in.desks, AgentCapacity: c.AgentCapacity,
		Rules: a.rules.load, Bundles: c.Rules == inRedis,
		Limits: proxy.Limits{
			Message: int64(c.MaxMessage), Rate: c.Rate, RateBurst: c.RateBurst, PerAddress: c.MaxPerAddress, Sessions: c.sessions(), Memory: c.memory(os.DirFS("/")),
			Handshake: c.HandshakeTimeout, MessageTimeout: c.MessageTimeout, Idle: c.Idle, Ping: c.Ping, Drain: c.Drain,
		},
		Silence: proxy.Silence{Text: c.Silence, Voice: c.SilenceVoice, Seek: c.seek()}, Leeway: c.Leeway,
		Origins: c.Origins, Trusted: prefixes(c.TrustedProxies), Secure: c.TLSCert != "", Transport: transport.Kind(c.Transport),
		MetricsToken: a.keys.opensMetrics, TraceOver: c.TraceOver,
		Who: a.keys.holder,
	})
	if err != nil {
		return nil, fmt.Errorf("build the proxy: %w", err)
	}
	a.after("proxy", func() error {
		if a.stopServer != nil {
			a.stopServer()
		}
		return nil
	})
	a.console = console.New(console.Config{Switchboard: a.server.Switchboard(), Secure: a.server.EndedTLS, Tokens: a.keys.held.Load(), Replies: in.replies, Logger: log})
	a.after("console", a.console.Close)
	return a, a.listen(ctx)
}

// listen opens the three addresses.
func (a *app) listen(ctx context.Context) error {
	c := a.cfg
	for _, l := range []struct {
		into                    **listener
		name, variable, address string
		handler                 http.Handler
		timeout                 time.Duration
	}{
		{&a.widgets, "widgets", "ATTUNE_LISTEN", c.Listen, a.server.Handler(), c.HandshakeTimeout},
		{&a.agents, "console", "ATTUNE_CONSOLE_LISTEN", c.ConsoleListen, a.console.Handler(), 10 * time.Second},
		{&a.admin, "admin", "ATTUNE_ADMIN_LISTEN", c.AdminListen, a.server.AdminHandler(a.drain), 10 * time.Second},
	} {
		opened, err := listen(ctx, l.variable, l.address)
		if err != nil {
			return err
		}
		*l.into = &listener{name: l.name, net: opened, server: newServer(l.handler, l.timeout, a.log)}
		a.add(*l.into)
	}
	if c.TLSCert != "" {
		pair, err := newKeyPair(c.TLSCert, c.TLSKey)
		if err != nil {
			return fail("check ATTUNE_TLS_CERT and ATTUNE_TLS_KEY", "%v", err)
		}
		a.widgets.net = withTLS(a.widgets.net, pair)
	}
	a.widgets.net = proxy.Listen(a.widgets.net)
	a.widgets.server.ConnContext = proxy.ConnContext
	// A socket's life begins with the only request of its connection.
	a.widgets.server.SetKeepAlivesEnabled(false)
	return nil
}

// add makes a listener part of the app, which from now on closes it.
func (a *app) add(l *listener) {
	a.listeners = append(a.listeners, l)
	a.after(l.name+" listener", l.stop)
}

func (a *app) after(name string, undo func() error) {
	a.teardown = append(a.teardown, step{name, undo})
}

// close undoes what was built, last step first.
func (a *app) close() {
	for _, s := range slices.Backward(a.teardown) {
		if err := s.undo(); err != nil && !errors.Is(err, net.ErrClosed) {
			a.log.Warn("closing", "step", s.name, "error", err)
		}
	}
	a.teardown = nil
}

// drain asks for an end as a signal would.
func (a *app) drain() { a.drainOnce.Do(func() { close(a.draining) }) }

// errStopped is the end that a second signal demands.
var errStopped = &failure{exitFailure, []advise{{"stopped at once by a second signal; conversations were cut", ""}}}

// run answers until a signal, POST /-/drain, the end of ctx or a fault, and
// takes everything down. SIGTERM and SIGINT drain first, SIGHUP reloads.
// ready, if not nil, is called once everything answers.
func (a *app) run(ctx context.Context, signals <-chan os.Signal, ready func() error) error {
	a.start(ctx)
	a.announce()
	if ready != nil {
		a.failed(ready())
	}
	err := a.wait(ctx, signals)
	if !errors.Is(err, errStopped) { // then the process ends now
		a.close()
	}
	return err
}

// start sets everything going; close ends it.
func (a *app) start(ctx context.Context) {
	running, stop := context.WithCancel(context.WithoutCancel(ctx))
	var parts sync.WaitGroup
	parts.Go(func() { a.failed(a.server.Run(running)) })
	if dir := a.cfg.rulesDir(); dir != "" {
		parts.Go(func() {
			if err := watchRules(running, dir, a.log, a.rulesChanged); err != nil {
				a.log.Warn("rules are not watched; reload by SIGHUP or POST /-/reload", "error", err)
			}
		})
	}
	parts.Go(func() { a.keys.watch(running, a.reloadTokens) })
	a.stopServer = func() {
		stop()
		parts.Wait()
	}
	for _, l := range a.listeners {
		l.start(a.failed)
	}
}

// failed takes note of a part that ended on its own; the first is enough.
func (a *app) failed(err error) {
	if err == nil {
		return
	}
	select {
	case a.failure <- err:
	default:
	}
}

// wait returns when it is time to stop, after draining where that was asked.
func (a *app) wait(ctx context.Context, signals <-chan os.Signal) error {
	for {
		select {
		case sig := <-signals:
			if sig == syscall.SIGHUP {
				a.reload()
				continue
			}
		case <-a.draining:
		case <-ctx.Done():
		case err := <-a.failure:
			return err
		}
		break
	}
	// Load balancers are given a moment and conversations their turn's end;
	// whoever cannot wait sends a second signal.
	drained, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	done := make(chan struct{})
	go func() {
		defer close(done)
		a.server.Drain(drained)
	}()
	for {
		select {
		case <-done:
			return nil
		case sig := <-signals:
			if sig != syscall.SIGHUP {
				cancel()
				<-done
				return errStopped
			}
		case err := <-a.failure:
			cancel()
			<-done
			return err
		}
	}
}

// reload reads anew what may change while the process runs: rules and
// tokens. What is faulty leaves the old in force.
func (a *app) reload() {
	a.reloadRules()
	a.reloadTokens()
}

// reloadTokens reads the tokens anew; whoever's is gone is out.
func (a *app) reloadTokens() {
	if err := a.keys.load(); err != nil {
		a.log.Warn("tokens not loaded, the old ones stay", "error", err)
		return
	}
	a.warnOfTokens()
	a.console.SetTokens(a.keys.held.Load())
}

// warnOfTokens tells which tokens are too short to be safe.
func (a *app) warnOfTokens() {
	if lines := a.keys.held.Load().Short(); len(lines) > 0 {
		a.log.Warn(fmt.Sprintf("tokens of less than %d characters can be guessed: have a machine draw them", console.SafeToken), "file", a.keys.path, "lines", lines)
	}
}

// rulesChanged reloads the rules unless what is there has been loaded.
func (a *app) rulesChanged() {
	if a.rules.changed() {
		a.reloadRules()
	}
}

// reloadRules reads the rules anew and tells what is wrong with them.
func (a *app) reloadRules() {
	found, err := a.server.Reload()
	if err == nil {
		return
	}
	if len(found) == 0 {
		a.log.Warn("the rules cannot be read", "error", err)
	}
	for _, d := range found {
		a.log.Warn("finding in the rules", "file", d.File, "line", d.Line, "column", d.Col, "finding", d.Message, "hint", d.Hint)
	}
}

// announce says where the process listens, and what is unsafe about it.
func (a *app) announce() {
	a.log.Info("listening", "widgets", a.widgets.net.Addr().String(), "console", a.agents.net.Addr().String(), "admin", a.admin.net.Addr().String())
	if exposed(a.cfg.Listen) && a.cfg.TLSCert == "" && len(a.cfg.TrustedProxies) == 0 {
		a.log.Warn("widgets reach this address without TLS; set ATTUNE_TLS_CERT, or ATTUNE_TRUSTED_PROXIES when a proxy in front ends TLS", "address", a.cfg.Listen)
	}
	if exposed(a.cfg.ConsoleListen) && len(a.cfg.TrustedProxies) == 0 {
		a.log.Warn("agents reach this address without TLS, with their tokens; put a proxy that has it in front and name it in ATTUNE_TRUSTED_PROXIES", "address", a.cfg.ConsoleListen)
	}
	if a.cfg.Rules == inRedis && a.cfg.RedisURL == "" {
		a.log.Warn("ATTUNE_RULES=redis without ATTUNE_REDIS_URL: nobody can push rules into the embedded store, the shipped packs stay")
	}
	if exposed(a.cfg.AdminListen) {
		a.log.Warn("the admin address can be reached from other machines; only metrics and profiles are guarded, by a token with the role metrics", "address", a.cfg.AdminListen)
	}
}

// sessions works ATTUNE_MAX_SESSIONS out: two sockets for each, and some
// descriptors for everything else.
func (c Config) sessions() int {
	if c.MaxSessions != AutoCount {
		return int(c.MaxSessions)
	}
	return max(1, (descriptors()-128)/2)
}

// prefixes reads ATTUNE_TRUSTED_PROXIES, which has been checked.
func prefixes(list []string) []netip.Prefix {
	var all []netip.Prefix
	for _, s := range list {
		if p, err := netip.ParsePrefix(s); err == nil {
			all = append(all, p)
		} else if addr, err := netip.ParseAddr(s); err == nil {
			all = append(all, netip.PrefixFrom(addr, addr.BitLen()))
		}
	}
	return all
}
