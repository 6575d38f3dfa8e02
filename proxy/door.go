package proxy

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/gorilla/websocket"

	"attune/metrics"
	"attune/proxy/frame"
	"attune/proxy/transport"
	"attune/proxy/wire"
)

// retryAfter is what a widget is told to wait, in seconds, when there is no
// room now.
const retryAfter = "5"

// door is the front door: it checks, dials the backend, opens the widget's
// socket, and hands both to the transport.
func (s *Server) door(w http.ResponseWriter, r *http.Request) {
	c := s.callerOf(r)
	if s.beside(w, r, c) {
		return
	}
	w.Header().Set("Connection", "close")
	if status, fault := badHandshake(r); fault != "" {
		s.log.Debug("handshake refused", "fault", fault)
		if fault == faultVersion {
			w.Header().Set("Sec-Websocket-Version", version13)
		}
		s.refuse(w, status, metrics.UpgradeHandshake)
		return
	}
	route, ok := s.route(r.URL.Path, c.host)
	if !ok {
		s.refuse(w, http.StatusNotFound, metrics.UpgradeHandshake)
		return
	}
	if !route.origins.admit(r, c.host) {
		s.refuse(w, http.StatusForbidden, metrics.UpgradeOrigin)
		return
	}
	if s.refusing.Load() {
		w.Header().Set("Retry-After", retryAfter)
		s.refuse(w, http.StatusServiceUnavailable, metrics.UpgradeDraining)
		return
	}
	if s.memory.reached(time.Now()) {
		w.Header().Set("Retry-After", retryAfter)
		s.refuse(w, http.StatusServiceUnavailable, metrics.UpgradeMemory)
		return
	}
	if !s.addresses.enter(c.addr, s.cfg.Limits.PerAddress) {
		w.Header().Set("Retry-After", retryAfter)
		s.refuse(w, http.StatusTooManyRequests, metrics.UpgradeAddress)
		return
	}
	if !s.seat() {
		s.addresses.leave(c.addr)
		w.Header().Set("Retry-After", retryAfter)
		s.refuse(w, http.StatusServiceUnavailable, metrics.UpgradeFull)
		return
	}
	addr := c.addr // what else is known of the caller shall not stay as long
	s.admit(w, r, route.Route, c, func() {
		s.seats.Add(-1)
		s.addresses.leave(addr)
	})
}

func (s *Server) refuse(w http.ResponseWriter, status int, result metrics.Upgrade) {
	s.metrics.Upgrade(result)
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, "refused\n") // the same for every refusal
}

// route finds the way for a request.
func (s *Server) route(path, host string) (route, bool) {
	if u := (&url.URL{Host: host}); u.Port() != "" {
		host = u.Hostname()
	}
	for _, route := range s.routes {
		if (route.Host == "" || strings.EqualFold(route.Host, host)) && below(path, route.Path) {
			return route, true
		}
	}
	return route{}, false
}

// below reports whether path is prefix or lies under it.
func below(path, prefix string) bool {
	prefix = strings.TrimSuffix(prefix, "/")
	return strings.HasPrefix(path, prefix) && (len(path) == len(prefix) || prefix == "" || path[len(prefix)] == '/')
}

// seat takes room for one more, handshakes that have only begun included: they
// hold descriptors, too.
func (s *Server) seat() bool {
	if n := s.seats.Add(1); s.cfg.Limits.Sessions > 0 && n > int64(s.cfg.Limits.Sessions) {
		s.seats.Add(-1)
		return false
	}
	return true
}

// admit dials the backend, upgrades the widget and starts the bridge. leave is
// called when the widget has gone, whichever way.
func (s *Server) admit(w http.ResponseWriter, r *http.Request, route *Route, c caller, leave func()) {
	ctx, cancel := r.Context(), context.CancelFunc(func() {})
	if t := s.cfg.Limits.Handshake; t > 0 {
		ctx, cancel = context.WithTimeout(ctx, t)
	}
	defer cancel()
	subprotocols := offeredBy(r)
	began := time.Now()
	asked := &origin{url: target(route.Backend, r), header: upstreamHeader(r, c), subprotocols: subprotocols}
	backend, resp, err := s.dialer.dial(ctx, asked.url, asked.header, subprotocols)
	var refused *RefusedError
	result, told := metrics.UpgradeOK, http.Header{}
	switch {
	case errors.As(err, &refused):
		defer leave()
		for _, name := range []string{"Retry-After", "WWW-Authenticate"} {
			if v := refused.Header.Get(name); v != "" {
				w.Header().Set(name, v)
			}
		}
		s.refuse(w, refused.Status, metrics.UpgradeRefused)
		return
	case err != nil && (!route.Profile.Reconnects() || s.cfg.Silence.Seek < 0 || r.URL.Query().Has("sid")):
		defer leave()
		s.apologise(w, r, subprotocols)
		return
	case err != nil: // it is sought while the widget is there
		result = metrics.UpgradeUnreachable
		if len(subprotocols) > 0 {
			told.Set("Sec-Websocket-Protocol", subprotocols[0])
		}
	default:
		told = resp.Header
		s.metrics.Profile(route.Profile.Name()).Dial.Observe(time.Since(began).Seconds())
	}

	bind := bind(r, c)
	head := http.Header{}
	for _, v := range told.Values("Set-Cookie") {
		head.Add("Set-Cookie", v)
	}
	if bind.set != nil {
		head.Add("Set-Cookie", bind.set.String())
	}
	if v := told.Get("Sec-Websocket-Protocol"); v != "" {
		head.Set("Sec-Websocket-Protocol", v)
	}
	front := &earlyWriter{ResponseWriter: w}
	conn, err := s.upgrader().Upgrade(front, r, head)
	if err != nil {
		defer leave()
		backend.Drop()
		s.metrics.Upgrade(metrics.UpgradeHandshake)
		return
	}
	s.metrics.Upgrade(result)
	b := s.newBridge(route, upgradeOf(r, route), bind, time.Now())
	if route.Profile.Reconnects() {
		asked.accepted = told.Get("Sec-Websocket-Protocol")
		b.origin = asked
	}
	if backend.Conn == nil {
		b.await(time.Now())
	}
	if who, ok := s.ties.opener(r.RequestURI); ok && who.profile == route.Profile.Name() {
		b.opener = &who
		b.wire.Name(who.external)
	}
	start := func() { s.start(b, transport.End{Conn: bare(conn.NetConn()), Early: front.early}, backend, leave) }
	if sid := r.URL.Query().Get("sid"); sid != "" {
		if p := s.polls.find(pollKey{route, sid}); p != nil {
			asked.url = target(route.Backend, withoutSID(r)) // another backend does not know it
			p.lend(b, start)
			return
		}
	}
	start()
}

// withoutSID is a request for a socket that begins a connection of its own.
func withoutSID(r *http.Request) *http.Request {
	path, query, _ := strings.Cut(r.RequestURI, "?")
	var keep []string
	for part := range strings.SplitSeq(query, "&") {
		if !strings.HasPrefix(part, "sid=") {
			keep = append(keep, part)
		}
	}
	return &http.Request{RequestURI: path + "?" + strings.Join(keep, "&")}
}

// start runs a bridge over its two sockets.
func (s *Server) start(b *bridge, widget, backend transport.End, leave func()) {
	s.starting.RLock()
	defer s.starting.RUnlock()
	if s.closed {
		widget.Drop()
		backend.Drop()
		b.forsake()
		leave()
		return
	}
	b.profile.Bridges.Inc()
	s.transport.Start(b, widget, backend, func(l transport.Link) {
		b.link = l
		s.register(b)
	}, func() {
		s.forget(b)
		leave()
		b.profile.Bridges.Dec()
	})
	s.mu.Lock()
	order := s.draining
	s.mu.Unlock()
	if order != nil {
		b.link.Tell(*order)
	}
}

// apologise upgrades a widget whose backend cannot be reached, since a browser
// shows its page no HTTP status, and closes at once with a code that says so.
func (s *Server) apologise(w http.ResponseWriter, r *http.Request, subprotocols []string) {
	s.metrics.Upgrade(metrics.UpgradeUnreachable)
	head := http.Header{}
	if len(subprotocols) > 0 {
		head.Set("Sec-Websocket-Protocol", subprotocols[0])
	}
	// What it sent right behind its handshake is not answered either way.
	conn, err := s.upgrader().Upgrade(&earlyWriter{ResponseWriter: w}, r, head)
	if err != nil {
		return
	}
	defer func() { _ = conn.Close() }()
	e := endUnreachable
	s.metrics.Close(e.code, metrics.SideAttune)
	_ = conn.WriteControl(websocket.CloseMessage, frame.AppendClosePayload(nil, e.code, e.reason), time.Now().Add(time.Second))
	// Wait for the answer, so that the code is not lost in a reset.
	_ = conn.SetReadDeadline(time.Now().Add(closeWait))
	conn.SetReadLimit(max(s.cfg.Limits.Message, 1))
	for {
		if _, _, err := conn.NextReader(); err != nil {
			return
		}
	}
}

// upgrader makes the widget's handshake. Origins have been checked, and
// permessage-deflate is not negotiated: byte-exact frames, and no bombs.
func (s *Server) upgrader() *websocket.Upgrader {
	return &websocket.Upgrader{
		HandshakeTimeout: s.cfg.Limits.Handshake,
		CheckOrigin:      func(*http.Request) bool { return true },
		Error: func(w http.ResponseWriter, _ *http.Request, status int, _ error) {
			http.Error(w, "refused", status)
		},
	}
}

// target is the backend's address with the widget's path and query appended.
func target(base *url.URL, r *http.Request) string {
	path, query, found := strings.Cut(r.RequestURI, "?")
	t := base.Scheme + "://" + base.Host + strings.TrimSuffix(base.EscapedPath(), "/") + path
	if found {
		t += "?" + query
	}
	return t
}

// upgradeOf is what a bridge and its profile may ask of the request. The path is a
// copy, which does not keep the whole request line.
func upgradeOf(r *http.Request, route *Route) wire.Upgrade {
	path := strings.Clone(r.URL.Path)
	if route.Touchpoint != "" {
		path = route.Touchpoint
	}
	return wire.Upgrade{Path: path, Query: r.URL.Query(), Header: r.Header}
}
