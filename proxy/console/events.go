package console

import (
	"context"
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/gorilla/websocket"
)

const (
	// subprotocol is what programs offer that must offer one.
	subprotocol = "attune"
	// writeTimeout bounds one write; a page that takes nothing for so long
	// is cut and comes back.
	writeTimeout = 10 * time.Second
	// goodbye is how long a page may take to answer our Close.
	goodbye = time.Second
	// closeOver is the close code of a login that ended.
	closeOver = websocket.ClosePolicyViolation
)

// answer is what the socket says to an action.
type answer struct {
	Kind string `json:"kind"`         // done or error
	ID   string `json:"id,omitempty"` // of the action
	problem
}

// events serves the socket of a page or a program: changes go out as
// [Event], actions come in, presence is reported. It returns when the socket
// is closed.
func (c *Console) events(w http.ResponseWriter, r *http.Request, who visitor) {
	if !sameOrigin(r) {
		refuse(w, http.StatusForbidden)
		return
	}
	if !websocket.IsWebSocketUpgrade(r) {
		w.Header().Set("Upgrade", "websocket")
		writeError(w, http.StatusUpgradeRequired, problem{Error: "not a WebSocket upgrade"})
		return
	}
	c.serve(w, r, &socket{c: c, who: who})
}

// serve opens a socket and runs it until it is closed.
func (c *Console) serve(w http.ResponseWriter, r *http.Request, s *socket) {
	if !c.enter() {
		writeError(w, http.StatusServiceUnavailable, problem{Error: "not available", Hint: "try again in a moment"})
		return
	}
	defer c.sockets.Done()
	up := websocket.Upgrader{
		HandshakeTimeout: writeTimeout,
		Subprotocols:     []string{subprotocol},
		CheckOrigin:      func(*http.Request) bool { return true }, // done by the route
		Error: func(w http.ResponseWriter, _ *http.Request, status int, _ error) {
			writeError(w, status, problem{Error: "bad WebSocket handshake"})
		},
	}
	conn, err := up.Upgrade(w, r, nil)
	if err != nil {
		return // answered by Error
	}
	// The request's context ends with this function, not with the peer.
	ctx, cancel := context.WithCancel(context.WithoutCancel(r.Context()))
	s.conn, s.inbound, s.alive = conn, make(chan action), make(chan struct{}, 1)
	read := make(chan struct{})
	go func() {
		defer close(read)
		s.read(ctx)
	}()
	code, reason := s.live(ctx)
	cancel()
	if code != 0 {
		s.bye(code, reason, read)
	}
	_ = conn.Close() // nothing is left to be sent
	<-read
}

// live logs in, where that is still to be done, and runs the socket.
func (s *socket) live(ctx context.Context) (code int, reason string) {
	if s.anonymous() {
		if code, reason = s.logIn(ctx); s.anonymous() {
			return code, reason
		}
	}
	if s.who.login == nil {
		// A socket lives longer than a request: give it a login of its own,
		// which ends with its token.
		secret, lg := s.c.logins.begin(s.who.Identity, s.who.token)
		defer s.c.logins.end(secret)
		s.who.login = lg
	}
	if s.program && !s.write(s.welcome()) {
		return 0, ""
	}
	return s.run(ctx, s.c.cfg.Switchboard.Watch(ctx))
}

// socket is one open page. Its run owns the writing side, its read the
// reading side.
type socket struct {
	c       *Console
	conn    *websocket.Conn
	who     visitor
	program bool // no page of ours: it is welcomed, and may log in by a message
	follows map[string]*followed
	inbound chan action   // closed by read when the peer is gone
	alive   chan struct{} // a pong came; capacity 1, more are the same news
}

// read passes actions on until the peer is gone or ctx ends, then reads on
// without looking, for the peer's Close.
func (s *socket) read(ctx context.Context) {
	defer close(s.inbound)
	limit := 3*s.c.cfg.Heartbeat + writeTimeout
	patience := func() { _ = s.conn.SetReadDeadline(time.Now().Add(limit)) }
	s.conn.SetReadLimit(maxBody)
	s.conn.SetPongHandler(func(string) error {
		patience()
		select {
		case s.alive <- struct{}{}:
		default:
		}
		return nil
	})
	patience()
	for {
		kind, data, err := s.conn.ReadMessage()
		if errors.Is(err, websocket.ErrReadLimit) {
			s.linger()
		}
		if err != nil {
			return
		}
		var a action
		if kind != websocket.TextMessage || decodeStrict(data, &a) != nil {
			a = action{Type: "unreadable"}
		}
		select {
		case s.inbound <- a:
		case <-ctx.Done():
		}
	}
}

// linger takes in what is left of a message that was too long: a connection
// that is closed over unread bytes is reset, and the Close that the library has
// sent, which says why, would be lost with it.
func (s *socket) linger() {
	raw := s.conn.NetConn()
	_ = raw.SetReadDeadline(time.Now().Add(goodbye))
	_, _ = io.CopyN(io.Discard, raw, 4*maxBody)
}

// run is the life of the socket. It returns the close code to send, or 0
// when the peer is gone.
func (s *socket) run(ctx context.Context, changes <-chan Event) (code int, reason string) {
	tick := time.NewTicker(s.c.cfg.Heartbeat)
	defer tick.Stop()
	s.present(ctx)
	for {
		var out []any
		select {
		case <-s.c.closing:
			return websocket.CloseServiceRestart, "restarting"
		case <-s.who.login.over:
			return closeOver, "logged out"
		case a, ok := <-s.inbound:
			if !ok {
				return 0, ""
			}
			out = s.answer(ctx, a)
		case ev, ok := <-changes:
			if !ok {
				return websocket.CloseServiceRestart, "restarting"
			}
			out = append(s.news(ctx, ev), ev)
		case <-s.alive:
			s.present(ctx)
			continue
		case <-tick.C:
			if !s.c.cfg.Now().Before(s.who.login.expires) {
				return closeOver, "log in again"
			}
			if s.conn.WriteControl(websocket.PingMessage, nil, time.Now().Add(writeTimeout)) != nil {
				return 0, ""
			}
			continue
		}
		for _, o := range out {
			if !s.write(o) {
				return 0, ""
			}
		}
	}
}

// write sends one message; false when the peer is gone.
func (s *socket) write(message any) bool {
	_ = s.conn.SetWriteDeadline(time.Now().Add(writeTimeout))
	return s.conn.WriteJSON(message) == nil
}

// answer carries one action out and returns what there is to say to it.
func (s *socket) answer(ctx context.Context, a action) []any {
	refused := func(p problem) []any { return []any{answer{Kind: "error", ID: a.ID, problem: p}} }
	switch a.Type {
	case "unreadable":
		return refused(problem{Error: "bad JSON", Hint: "one object with only the documented keys"})
	case "ping":
		return []any{answer{Kind: "pong", ID: a.ID}}
	case "login":
		return refused(problem{Error: "already logged in"})
	case "subscribe":
		return s.subscribe(ctx, a)
	case "unsubscribe":
		delete(s.follows, a.Session)
		return []any{answer{Kind: "done", ID: a.ID}}
	}
	if !s.who.Role.Speaks() {
		return refused(problem{Error: "refused", Hint: "your role may read"})
	}
	if status, p := s.c.do(ctx, s.who, a); status != 0 {
		return refused(p)
	}
	return []any{answer{Kind: "done", ID: a.ID}}
}

// present reports an agent whose page is open. That it does not arrive is
// made good by the next one.
func (s *socket) present(ctx context.Context) {
	if !s.who.Role.Speaks() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, boardTimeout)
	defer cancel()
	if err := s.c.cfg.Switchboard.Present(ctx, s.who.Name); err != nil && !errors.Is(err, context.Canceled) {
		s.c.log.Warn("presence not reported", "agent", s.who.Name, "error", err)
	}
}

// bye sends a Close and gives the peer a moment to answer it, so that the
// code arrives before the connection is gone.
func (s *socket) bye(code int, reason string, read <-chan struct{}) {
	until := time.Now().Add(goodbye)
	if s.conn.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(code, reason), until) != nil {
		return
	}
	patience := time.NewTimer(goodbye)
	defer patience.Stop()
	select {
	case <-read:
	case <-patience.C:
	}
}
