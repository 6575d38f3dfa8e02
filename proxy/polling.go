package proxy

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"time"

	"attune/metrics"
	"attune/proxy/transport"
	"attune/proxy/wire"
)

// pollMethods are the methods of polling.
var pollMethods = []string{http.MethodGet, http.MethodPost}

// polls reports whether a request is one of Engine.IO's long polling: that is
// told by its query, since the path is the application's.
func (r *Route) polls(req *http.Request) bool {
	if r.Profile.Framing() != "socketio" {
		return false
	}
	q := req.URL.Query()
	return q.Get("transport") == "polling" && version(q.Get("EIO")) != 0
}

// version reads the version of Engine.IO, 0 for one that is not spoken here.
func version(eio string) int {
	if eio == "3" || eio == "4" {
		return int(eio[0] - '0')
	}
	return 0
}

// roll serves a request of long polling.
func (v *visit) roll(ctx context.Context) {
	q := v.r.URL.Query()
	key := pollKey{v.route.Route, q.Get("sid")}
	p := v.s.polls.find(key)
	switch {
	case q.Has("j"): // JSONP, for browsers of another age, passes unread
		v.s.metrics.Unread(metrics.UnreadUnknown)
		v.forward(ctx, inbound{stream: v.r.Body, length: v.r.ContentLength}, time.Now())
	case v.r.Method == http.MethodPost:
		v.postPackets(ctx, p)
	case p != nil:
		v.getPackets(ctx, p)
	case key.sid == "" && v.s.memory.reached(time.Now()): // somebody new, as at the front door
		v.refuse(http.StatusServiceUnavailable, metrics.RequestFull)
	default:
		v.meetPoll(ctx, key)
	}
}

// pollLimit bounds a body of packets, as everything that waits for a peer.
func (v *visit) pollLimit() int64 { return int64(queueFor(v.s.cfg.Limits.Message)) }

// postPackets takes what the widget says. What the bot must not hear is taken
// out; when nothing is left, the widget is told that all went well.
func (v *visit) postPackets(ctx context.Context, p *poll) {
	in := v.take(isPlain(v.r.Header), v.pollLimit())
	defer in.done()
	if in.err != nil {
		v.refuse(http.StatusBadRequest, metrics.RequestAborted)
		return
	}
	began := time.Now()
	if p == nil || in.whole == nil {
		v.forward(ctx, in, began)
		return
	}
	split, ok := wire.SplitPolling(in.whole, p.eio)
	if !ok {
		v.s.metrics.Unread(metrics.UnreadFraming)
		v.forward(ctx, in, began)
		return
	}
	p.posting.Lock()
	defer p.posting.Unlock()
	pass, ok, busy := p.read(transport.Widget, split.Packets)
	switch {
	case busy:
		v.refuse(http.StatusTooManyRequests, metrics.RequestRate)
	case !ok:
		v.forward(ctx, in, began)
	case len(pass) == 0:
		v.s.metrics.Request(metrics.RequestAnswered)
		v.w.Header().Set("Content-Type", "text/html")
		_, _ = io.WriteString(v.w, "ok")
	default:
		split.Packets = pass
		in.whole = split.Append(nil)
		v.forward(ctx, in, began)
	}
}

// fetch is a request for what the backend has to say. It outlives the widget's,
// which is answered when Attune itself has something to say.
type fetch struct {
	done chan struct{} // closed when what follows is there
	resp *http.Response
	body []byte // as much as may be read
	over bool   // the rest of it is still to come, from resp.Body
	err  error

	passed chan struct{} // closed when it was passed on
}

func newFetch() *fetch { return &fetch{done: make(chan struct{}), passed: make(chan struct{})} }

// ask sends the request, once for however many of the widget's it takes.
func (v *visit) ask(p *poll) (*fetch, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.fetched != nil {
		return p.fetched, nil
	}
	ctx, leave := v.s.visits.enter(context.Background(), 0)
	if ctx == nil {
		return nil, context.Canceled
	}
	req, err := v.request(ctx, inbound{})
	if err != nil {
		leave()
		return nil, err
	}
	req.Header.Set("Accept-Encoding", "identity")
	f := newFetch()
	p.fetched = f
	limit := v.pollLimit()
	go func() { // the visits wait for it
		defer leave()
		f.get(v.s.backends, req, limit)
		if f.over {
			wait(ctx, f.passed, pollRest)
		}
		f.close()
	}()
	return f, nil
}

// get asks the backend; then the fetch is to be closed.
func (f *fetch) get(backends *http.Transport, req *http.Request, limit int64) {
	defer close(f.done)
	if f.resp, f.err = backends.RoundTrip(req); f.err == nil {
		f.body, f.over, f.err = readUpTo(f.resp.Body, limit)
	}
}

func (f *fetch) close() {
	if f.resp != nil {
		_ = f.resp.Body.Close()
	}
}

// finished reports whether the backend has answered.
func (f *fetch) finished() bool {
	select {
	case <-f.done:
		return true
	default:
		return false
	}
}

// getPackets answers the widget with what the backend has to say, or Attune,
// whoever speaks first.
func (v *visit) getPackets(ctx context.Context, p *poll) {
	p.getting.Lock()
	defer p.getting.Unlock()
	f, err := v.ask(p)
	if err != nil {
		v.unreachable(ctx, err)
		return
	}
	for {
		if words := p.take(transport.Widget); len(words) > 0 {
			v.sendPackets(p.eio, words)
			return
		}
		select {
		case <-f.done:
			p.mu.Lock()
			p.fetched, p.used = nil, time.Now()
			p.mu.Unlock()
			v.relayPackets(ctx, p, f)
			return
		case <-p.said:
		case <-ctx.Done(): // what the backend says then waits for the widget to come again
			v.unreachable(ctx, ctx.Err())
			return
		}
	}
}

// sendPackets answers in the backend's name.
func (v *visit) sendPackets(eio int, words []wire.PollingPacket) {
	v.s.metrics.Request(metrics.RequestAnswered)
	v.w.Header().Set("Content-Type", "text/plain; charset=UTF-8")
	_, _ = v.w.Write(inPoll(noop(eio), words))
}

// noop is a body with the packet that means nothing.
func noop(eio int) wire.Polling {
	body := "6"
	if eio == 3 {
		body = "1:6"
	}
	p, _ := wire.SplitPolling([]byte(body), eio)
	return p
}

// inPoll puts packets into a body of the same make as another one; without any,
// one that means nothing, since there is no empty body.
func inPoll(like wire.Polling, packets []wire.PollingPacket) []byte {
	if len(packets) == 0 {
		packets = []wire.PollingPacket{{Data: []byte("6")}}
	}
	like.Packets = packets
	return like.Append(nil)
}

// relayPackets passes on what the backend said, as far as the widget is to hear
// it.
func (v *visit) relayPackets(ctx context.Context, p *poll, f *fetch) {
	defer close(f.passed)
	switch {
	case f.err != nil:
		v.unreachable(ctx, f.err)
		return
	case f.over:
		v.s.metrics.Unread(metrics.UnreadTooBig)
		v.passOn(f)
		return
	}
	body := f.body
	if split, ok := wire.SplitPolling(body, p.eio); ok && f.resp.StatusCode == http.StatusOK && isPlain(f.resp.Header) {
		if pass, ok, _ := p.read(transport.Backend, split.Packets); ok {
			body = inPoll(split, pass)
		}
	}
	v.respond(f.resp, body)
}

// passOn passes on an answer of the backend as it is.
func (v *visit) passOn(f *fetch) {
	var body io.Reader = bytes.NewReader(f.body)
	if f.over {
		body = io.MultiReader(body, f.resp.Body)
	}
	v.head(f.resp)
	v.w.WriteHeader(f.resp.StatusCode)
	if v.pass(body, false) != nil {
		panic(http.ErrAbortHandler)
	}
}

// meetPoll passes a handshake on, or a poll of a connection that this node does
// not know: from its answer on it does.
func (v *visit) meetPoll(ctx context.Context, key pollKey) {
	req, err := v.request(ctx, inbound{})
	if err != nil {
		v.refuse(http.StatusBadRequest, metrics.RequestMalformed)
		return
	}
	req.Header.Set("Accept-Encoding", "identity")
	f := newFetch()
	f.get(v.s.backends, req, v.pollLimit())
	defer f.close()
	if f.err != nil {
		v.unreachable(ctx, f.err)
		return
	}
	eio := version(v.r.URL.Query().Get("EIO"))
	split, ok := wire.SplitPolling(f.body, eio)
	if !ok || f.over || f.resp.StatusCode != http.StatusOK {
		v.passOn(f)
		return
	}
	if key.sid == "" {
		key.sid = sidOf(split.Packets[0].Data)
	}
	bind := bind(v.r, v.c)
	p := v.s.newPoll(v.route.Route, upgradeOf(v.r, v.route.Route), bind, eio)
	if key.sid == "" || !v.s.polls.add(key, p, v.s.cfg.Limits.Sessions) {
		v.passOn(f)
		return
	}
	if bind.set != nil {
		f.resp.Header.Add("Set-Cookie", bind.set.String())
	}
	v.relayPackets(ctx, p, f)
}

// sidOf is the id that a handshake gives to a connection, "" when it is none.
func sidOf(packet []byte) string {
	var open struct{ SID string }
	if len(packet) == 0 || packet[0] != '0' || json.Unmarshal(packet[1:], &open) != nil {
		return ""
	}
	return open.SID
}

func (s *Server) newPoll(route *Route, up wire.Upgrade, bind binding, eio int) *poll {
	p := &poll{s: s, route: route, up: up, eio: eio, said: make(chan struct{}, 1), used: time.Now()}
	p.b = s.newBridge(route, up, bind, time.Now())
	p.b.link, p.b.poll = p, p
	return p
}
