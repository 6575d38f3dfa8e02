package console

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/gorilla/websocket"
)

const (
	// loginWait is how long a program may take to log in by a message.
	loginWait = 10 * time.Second
	// maxGuests is how many sockets may be about to log in at the same time.
	maxGuests = 64
	// maxFollowed is how many conversations a socket can follow.
	maxFollowed = 64
)

// agent serves the socket of a program: another system's, or an agent's own. It
// may log in by its first message. A cookie does not count here, so that no page
// elsewhere can act for somebody who is logged in, and any page may come that
// holds a token.
func (c *Console) agent(w http.ResponseWriter, r *http.Request) {
	who, given := c.identifyProgram(r)
	switch {
	case given && who.Name == "":
		refuse(w, http.StatusUnauthorized)
	case given && !who.Role.Reads():
		refuse(w, http.StatusForbidden)
	case !websocket.IsWebSocketUpgrade(r):
		w.Header().Set("Upgrade", "websocket")
		writeError(w, http.StatusUpgradeRequired, problem{Error: "not a WebSocket upgrade"})
	default:
		c.serve(w, r, &socket{c: c, who: who, program: true})
	}
}

// identifyProgram finds out whose token was sent; given says whether one was.
func (c *Console) identifyProgram(r *http.Request) (who visitor, given bool) {
	given = len(r.Header.Values("Authorization")) > 0 || bearerOffered(r) != ""
	if given {
		who, _ = c.identifyAPI(r)
	}
	return who, given
}

// welcome is what a program hears first, once it is known.
func (s *socket) welcome() any {
	return struct {
		Kind string `json:"kind"`
		Identity
		Speaks    bool    `json:"speaks"`
		Heartbeat float64 `json:"heartbeat"` // seconds between two pings
	}{"welcome", s.who.Identity, s.who.Role.Speaks(), s.c.cfg.Heartbeat.Seconds()}
}

func (s *socket) anonymous() bool { return s.who.Name == "" }

// logIn waits for the first message, which must log in. Whatever else comes, or
// nothing, is the end of the socket.
func (s *socket) logIn(ctx context.Context) (code int, reason string) {
	defer s.c.guests.Add(-1)
	if s.c.guests.Add(1) > maxGuests {
		return websocket.CloseTryAgainLater, "too many log in"
	}
	late := time.NewTimer(s.c.cfg.LoginWait)
	defer late.Stop()
	select {
	case <-s.c.closing:
		return websocket.CloseServiceRestart, "restarting"
	case <-ctx.Done():
		return 0, ""
	case <-late.C:
		return closeOver, "log in first"
	case a, ok := <-s.inbound:
		if !ok {
			return 0, ""
		}
		if who, known := s.c.bearer(a.Token); a.Type == "login" && known && who.Role.Reads() {
			s.who = who
			return 0, ""
		}
		s.c.log.Warn("login refused", "way", "socket", "peer", s.conn.RemoteAddr().String())
		return closeOver, "refused"
	}
}

// followed is a conversation that a socket is told of turn by turn.
type followed struct {
	told map[string]bool // ids of turns
	last Summary
}

// The messages about a conversation that is followed.
type (
	// conversationMessage is the conversation as it stands.
	conversationMessage struct {
		Kind         string       `json:"kind"` // conversation
		ID           string       `json:"id,omitempty"`
		Session      string       `json:"session"`
		Conversation Conversation `json:"conversation"`
	}
	// turnMessage is one more turn.
	turnMessage struct {
		Kind    string `json:"kind"` // said
		Session string `json:"session"`
		Turn    Turn   `json:"turn"`
	}
	// handoffMessage is how the handoff stands now.
	handoffMessage struct {
		Kind    string  `json:"kind"` // handoff
		Session string  `json:"session"`
		Handoff Summary `json:"handoff"`
	}
	// endMessage says that there is nothing more to follow.
	endMessage struct {
		Kind    string `json:"kind"` // ended
		Session string `json:"session"`
	}
)

// subscribe begins to follow a conversation and tells how it stands.
func (s *socket) subscribe(ctx context.Context, a action) []any {
	fail := func(p problem) []any { return []any{answer{Kind: "error", ID: a.ID, problem: p}} }
	if len(s.follows) >= maxFollowed && s.follows[a.Session] == nil {
		return fail(problem{Error: "too many conversations followed", Hint: "unsubscribe from others; 64 is the most"})
	}
	conv, err := s.story(ctx, a.Session)
	if err != nil {
		_, p := s.c.explain(err)
		return fail(p)
	}
	f := &followed{told: map[string]bool{}, last: conv.Summary}
	for i, t := range conv.Turns {
		f.told[turnKey(i, t)] = true
	}
	if s.follows == nil {
		s.follows = map[string]*followed{}
	}
	s.follows[a.Session] = f
	return []any{conversationMessage{"conversation", a.ID, a.Session, conv}}
}

// story reads a conversation as it stands.
func (s *socket) story(ctx context.Context, session string) (Conversation, error) {
	ctx, cancel := context.WithTimeout(ctx, boardTimeout)
	defer cancel()
	conv, err := s.c.cfg.Switchboard.Conversation(ctx, session)
	if conv.Turns == nil {
		conv.Turns = []Turn{}
	}
	return conv, err
}

// turnKey tells turns apart, also those without an id.
func turnKey(i int, t Turn) string {
	if t.ID == "" {
		return strconv.Itoa(i)
	}
	return t.ID
}

// news is what a change means for the conversations that are followed.
func (s *socket) news(ctx context.Context, ev Event) []any {
	switch {
	case len(s.follows) == 0:
		return nil
	case ev.Kind == KindQueue:
		return s.moved(ctx)
	case s.follows[ev.Session] == nil:
		return nil
	}
	conv, err := s.story(ctx, ev.Session)
	if errors.Is(err, ErrNotFound) {
		return s.ended(ev.Session)
	}
	if err != nil {
		return nil // the next change tells it
	}
	f := s.follows[ev.Session]
	var out []any
	for i, t := range conv.Turns {
		if key := turnKey(i, t); !f.told[key] {
			f.told[key] = true
			out = append(out, turnMessage{"said", ev.Session, t})
		}
	}
	return append(out, f.stands(conv.Summary)...)
}

// moved looks for handoffs that stand otherwise than the socket was told.
func (s *socket) moved(ctx context.Context) []any {
	ctx, cancel := context.WithTimeout(ctx, boardTimeout)
	defer cancel()
	list, err := s.c.cfg.Switchboard.Waiting(ctx)
	if err != nil {
		return nil // the next change tells it
	}
	open := map[string]Summary{}
	for _, h := range list {
		open[h.Session] = h
	}
	var out []any
	for session, f := range s.follows {
		h, ok := open[session]
		if !ok {
			out = append(out, s.ended(session)...)
			continue
		}
		out = append(out, f.stands(h)...)
	}
	return out
}

// stands tells how a handoff stands, if that is news.
func (f *followed) stands(h Summary) []any {
	last := f.last
	f.last = h
	if h.State == last.State && h.Agent == last.Agent && h.Desk == last.Desk && h.For == last.For && h.Crisis == last.Crisis {
		return nil
	}
	return []any{handoffMessage{"handoff", h.Session, h}}
}

func (s *socket) ended(session string) []any {
	delete(s.follows, session)
	return []any{endMessage{"ended", session}}
}
