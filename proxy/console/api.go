package console

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"slices"
	"strings"
	"time"
)

const (
	// maxBody bounds the body of a request, in bytes.
	maxBody = 64 << 10
	// maxSay bounds what an agent sends at once, in bytes: well below the
	// default message limit towards widgets.
	maxSay = 8 << 10
	// boardTimeout bounds one call of the switchboard.
	boardTimeout = 5 * time.Second
)

// problem is the body of every answer that is not a success.
type problem struct {
	Error string `json:"error,omitempty"`
	Hint  string `json:"hint,omitempty"`
	By    string `json:"by,omitempty"` // who has the conversation
}

// handler is a route's code, called with somebody who may use it.
type handler func(w http.ResponseWriter, r *http.Request, who visitor)

// route is one way into the API.
type route struct {
	method, path string
	allowed      func(Role) bool
	handle       handler
}

// routes are all of them but for that of the agent socket, which finds out itself
// who comes.
func (c *Console) routes() []route {
	const one = "/api/v1/handoffs/{session}"
	return []route{
		{"GET", "/api/v1/me", Role.Reads, c.me},
		{"GET", "/api/v1/handoffs", Role.Reads, c.handoffs},
		{"GET", one, Role.Reads, c.conversation},
		{"POST", one + "/claim", Role.Speaks, c.act("claim")},
		{"POST", one + "/say", Role.Speaks, c.act("say")},
		{"POST", one + "/typing", Role.Speaks, c.act("typing")},
		{"POST", one + "/release", Role.Speaks, c.act("release")},
		{"POST", one + "/return", Role.Speaks, c.act("return")},
		{"POST", one + "/resolve", Role.Speaks, c.act("resolve")},
		{"POST", one + "/transfer", Role.Speaks, c.act("transfer")},
		{"GET", "/api/v1/desks", Role.Reads, c.desks},
		{"GET", "/api/v1/replies", Role.Reads, c.replies},
		{"GET", "/api/v1/events", Role.Reads, c.events},
		{"GET", "/api/v1/openapi.json", Role.Reads, c.openAPI},
	}
}

// agentPath is where the agent socket is.
const agentPath = "/api/v1/agent"

// api returns the routes below /api/. Nobody learns which exist without
// having shown who they are.
func (c *Console) api() http.Handler {
	mux := http.NewServeMux()
	known := func(allowed func(Role) bool, handle handler) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			who, ok := c.identifyAPI(r)
			switch {
			case !ok:
				refuse(w, http.StatusUnauthorized)
			case !allowed(who.Role):
				refuse(w, http.StatusForbidden)
			default:
				handle(w, r, who)
			}
		}
	}
	for _, rt := range c.routes() {
		mux.HandleFunc(rt.method+" "+rt.path, known(rt.allowed, rt.handle))
		mux.HandleFunc(rt.path, known(Role.Reads, func(w http.ResponseWriter, _ *http.Request, _ visitor) {
			w.Header().Set("Allow", rt.method)
			writeError(w, http.StatusMethodNotAllowed, problem{Error: "method not allowed", Hint: "use " + rt.method})
		}))
	}
	mux.HandleFunc("GET "+agentPath, c.agent)
	mux.HandleFunc("/api/", known(Role.Reads, func(w http.ResponseWriter, _ *http.Request, _ visitor) {
		writeError(w, http.StatusNotFound, problem{Error: "no such route"})
	}))
	return mux
}

// me answers who one is.
func (c *Console) me(w http.ResponseWriter, _ *http.Request, who visitor) {
	writeJSON(w, struct {
		Identity
		Speaks bool `json:"speaks"`
	}{who.Identity, who.Role.Speaks()})
}

// handoffs answers everyone who waits or is with an agent, oldest first, and
// the time here, since a browser's clock may be wrong.
func (c *Console) handoffs(w http.ResponseWriter, r *http.Request, _ visitor) {
	ctx, cancel := context.WithTimeout(r.Context(), boardTimeout)
	defer cancel()
	list, err := c.cfg.Switchboard.Waiting(ctx)
	if err != nil {
		c.fail(w, err)
		return
	}
	if list == nil {
		list = []Summary{}
	}
	writeJSON(w, struct {
		Now      time.Time `json:"now"`
		Handoffs []Summary `json:"handoffs"`
	}{c.cfg.Now(), list})
}

// conversation answers one card and transcript.
func (c *Console) conversation(w http.ResponseWriter, r *http.Request, _ visitor) {
	ctx, cancel := context.WithTimeout(r.Context(), boardTimeout)
	defer cancel()
	conv, err := c.cfg.Switchboard.Conversation(ctx, r.PathValue("session"))
	if err != nil {
		c.fail(w, err)
		return
	}
	if conv.Turns == nil {
		conv.Turns = []Turn{}
	}
	writeJSON(w, conv)
}

// desks answers where conversations can be passed on to.
func (c *Console) desks(w http.ResponseWriter, _ *http.Request, _ visitor) {
	out := struct {
		Desks  []string `json:"desks"`
		Agents []string `json:"agents"` // those who are there
	}{[]string{}, []string{}}
	if p, ok := c.cfg.Switchboard.(Passer); ok {
		out.Desks, out.Agents = append(out.Desks, p.Desks()...), append(out.Agents, p.Agents()...)
	}
	writeJSON(w, out)
}

// action is what an agent asks for, over HTTP or over the socket.
type action struct {
	Type    string `json:"type"` // claim, say, typing, release, return, resolve, transfer; socket only: login, subscribe, unsubscribe, ping
	ID      string `json:"id"`   // socket only: repeated in the answer
	Session string `json:"session"`
	Text    string `json:"text"`    // say
	Verdict string `json:"verdict"` // resolve
	Desk    string `json:"desk"`    // transfer: where to; empty: the same desk
	To      string `json:"to"`      // transfer: whom it is meant for; empty: anybody
	Note    string `json:"note"`    // transfer: for whoever takes it
	Token   string `json:"token"`   // login
}

// act returns the handler of one kind of action.
func (c *Console) act(kind string) handler {
	return func(w http.ResponseWriter, r *http.Request, who visitor) {
		var body struct {
			Text    string `json:"text"`
			Verdict string `json:"verdict"`
			Desk    string `json:"desk"`
			To      string `json:"to"`
			Note    string `json:"note"`
		}
		if status, p := readJSON(w, r, &body); status != 0 {
			writeError(w, status, p)
			return
		}
		a := action{Type: kind, Session: r.PathValue("session"), Text: body.Text, Verdict: body.Verdict, Desk: body.Desk, To: body.To, Note: body.Note}
		if status, p := c.do(r.Context(), who, a); status != 0 {
			writeError(w, status, p)
			return
		}
		w.WriteHeader(http.StatusNoContent)
	}
}

// do carries an action out for somebody who may speak. It returns 0, or the
// status and the problem.
func (c *Console) do(ctx context.Context, who visitor, a action) (int, problem) {
	ctx, cancel := context.WithTimeout(ctx, boardTimeout)
	defer cancel()
	if a.Session == "" {
		return http.StatusBadRequest, problem{Error: "no session"}
	}
	var err error
	switch a.Type {
	case "claim":
		err = c.cfg.Switchboard.Claim(ctx, a.Session, who.Name)
	case "say":
		switch {
		case strings.TrimSpace(a.Text) == "":
			return http.StatusBadRequest, problem{Error: "nothing to say", Hint: "text is empty"}
		case len(a.Text) > maxSay:
			return http.StatusRequestEntityTooLarge, problem{Error: "text too long", Hint: "at most 8 KiB at once"}
		}
		err = c.cfg.Switchboard.Say(ctx, a.Session, who.Name, a.Text)
	case "release":
		err = c.cfg.Switchboard.Release(ctx, a.Session, who.Name)
	case "return":
		err = c.cfg.Switchboard.Return(ctx, a.Session, who.Name)
	case "resolve":
		if !slices.Contains(Verdicts(), a.Verdict) {
			return http.StatusBadRequest, problem{Error: "no such verdict", Hint: "needed, too-early, too-late or wrong-desk"}
		}
		err = c.cfg.Switchboard.Resolve(ctx, a.Session, who.Name, a.Verdict)
	case "typing":
		if t, ok := c.cfg.Switchboard.(Typist); ok {
			err = t.Typing(ctx, a.Session, who.Name)
		}
	case "transfer":
		p, ok := c.cfg.Switchboard.(Passer)
		if !ok {
			return http.StatusNotImplemented, problem{Error: "conversations cannot be passed on here"}
		}
		err = p.Transfer(ctx, a.Session, who.Name, Passing{Desk: a.Desk, Agent: a.To, Note: a.Note})
	default:
		return http.StatusBadRequest, problem{Error: "no such action", Hint: "claim, say, typing, release, return, resolve or transfer"}
	}
	if err != nil {
		return c.explain(err)
	}
	if a.Type != "say" && a.Type != "typing" {
		c.log.Info("handoff action", "action", a.Type, "agent", who.Name, "session", a.Session)
	}
	return 0, problem{}
}

// explain turns an error of the switchboard into what a person is told.
// Errors it does not know are for the log; by house rule no error carries a
// customer's words.
func (c *Console) explain(err error) (int, problem) {
	if taken, ok := errors.AsType[*TakenError](err); ok {
		return http.StatusConflict, problem{Error: "taken by " + taken.By, Hint: "ask them, or take another", By: taken.By}
	}
	switch {
	case errors.Is(err, ErrNotFound):
		return http.StatusNotFound, problem{Error: "no such conversation", Hint: "it has ended"}
	case errors.Is(err, ErrNotYours):
		return http.StatusConflict, problem{Error: "the floor is not yours", Hint: "take the conversation first"}
	case errors.Is(err, ErrAway):
		return http.StatusConflict, problem{Error: "the customer is not connected", Hint: "your words were not sent; try again when they are back"}
	}
	switch {
	case errors.Is(err, ErrNoDesk):
		return http.StatusBadRequest, problem{Error: "no such desk", Hint: "GET /api/v1/desks lists them"}
	case errors.Is(err, ErrNote):
		return http.StatusBadRequest, problem{Error: "note not taken", Hint: "at most 2 KiB, and 20 notes in a conversation"}
	case errors.Is(err, ErrFull):
		return http.StatusConflict, problem{Error: "the desk is full", Hint: "it has as many conversations as it may have; close one first"}
	}
	c.log.Warn("switchboard does not answer", "error", err)
	return http.StatusServiceUnavailable, problem{Error: "not available", Hint: "try again in a moment"}
}

func (c *Console) fail(w http.ResponseWriter, err error) {
	status, p := c.explain(err)
	writeError(w, status, p)
}

// readJSON reads one strict JSON object; no body at all is an empty object.
// It returns 0, or the status and the problem.
func readJSON(w http.ResponseWriter, r *http.Request, into any) (int, problem) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		if _, big := errors.AsType[*http.MaxBytesError](err); big {
			return http.StatusRequestEntityTooLarge, problem{Error: "body too long", Hint: "at most 64 KiB"}
		}
		return http.StatusBadRequest, problem{Error: "body not read"}
	}
	if len(body) == 0 {
		return 0, problem{}
	}
	if media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || media != "application/json" {
		return http.StatusUnsupportedMediaType, problem{Error: "not JSON", Hint: "Content-Type: application/json"}
	}
	if err := decodeStrict(body, into); err != nil {
		return http.StatusBadRequest, problem{Error: "bad JSON", Hint: "one object with only the documented keys"}
	}
	return 0, problem{}
}

func decodeStrict(data []byte, into any) error {
	d := json.NewDecoder(strings.NewReader(string(data)))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("more than one value")
	}
	return nil
}

func writeJSON(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	// The only possible failure is a peer that left.
	_ = json.NewEncoder(w).Encode(v)
}

func writeError(w http.ResponseWriter, status int, p problem) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(p)
}
