package proxy

import (
	"context"
	"crypto/rand"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"attune/metrics"
	"attune/proxy/wire"
)

// visit is one HTTP request of a widget on a route of its profile, beside the
// socket: what the customer says travels this way in some protocols.
type visit struct {
	s     *Server
	w     http.ResponseWriter
	r     *http.Request
	route route
	at    *wire.Route    // nil for polling
	x     *wire.Exchange // the same
	who   visitor
	c     caller
	// heard: what the customer says in it was judged, or there was nothing to judge.
	heard bool
}

// beside answers a request that is for the HTTP side of a profile, and reports
// whether it is one.
func (s *Server) beside(w http.ResponseWriter, r *http.Request, c caller) bool {
	if websocket.IsWebSocketUpgrade(r) {
		return false
	}
	route, ok := s.route(r.URL.Path, c.host)
	if !ok {
		return false
	}
	v := &visit{s: s, w: w, r: r, c: c, route: route, heard: true}
	methods := route.Profile.Methods(r.URL.Path)
	polls := route.polls(r)
	if polls {
		methods = pollMethods
	}
	serve := v.serve
	switch {
	case isPreflight(r) && len(methods) > 0:
		v.permit(methods)
		return true
	case !slices.Contains(methods, r.Method):
		return false
	case polls:
		serve = v.roll
	default:
		v.at, _ = route.Profile.Route(r.Method, r.URL.Path)
		v.x = v.at.Open(upgradeOf(r, route.Route))
	}
	v.receive(serve)
	return true
}

// receive checks a request as the front door checks a socket, and has it served.
func (v *visit) receive(serve func(context.Context)) {
	s := v.s
	if status := badRequest(v.r); status != 0 {
		v.refuse(status, metrics.RequestMalformed)
		return
	}
	if !v.route.origins.admitPage(v.r, v.c.host) {
		v.refuse(http.StatusForbidden, metrics.RequestOrigin)
		return
	}
	v.share(v.w.Header())
	if !s.callers.enter(v.c.addr, s.cfg.Limits.PerAddress) {
		v.refuse(http.StatusTooManyRequests, metrics.RequestAddress)
		return
	}
	defer s.callers.leave(v.c.addr)
	ctx, leave := s.visits.enter(v.r.Context(), s.cfg.Limits.Sessions)
	if ctx == nil {
		v.refuse(http.StatusServiceUnavailable, metrics.RequestFull)
		return
	}
	defer leave()
	v.who = visitorOf(v.r, v.c, v.route.Route)
	serve(ctx)
}

// badRequest returns the status for a request that is refused whoever sends it,
// 0 for none.
func badRequest(r *http.Request) int {
	switch {
	case len(r.RequestURI) > maxURI:
		return http.StatusRequestURITooLong
	case lines(r.Header) > maxHeaders:
		return http.StatusRequestHeaderFieldsTooLarge
	case folded(r), twoLengths(r), !plainPath(r.RequestURI):
		return http.StatusBadRequest
	}
	return 0
}

// refuse answers in Attune's name; the page may read it when its origin is
// admitted.
func (v *visit) refuse(status int, result metrics.Request) {
	v.s.metrics.Request(result)
	h := v.w.Header()
	h.Set("Connection", "close") // what is left of the request is not read
	if status == http.StatusServiceUnavailable || status == http.StatusTooManyRequests {
		h.Set("Retry-After", retryAfter)
	}
	h.Set("Content-Type", "text/plain; charset=utf-8")
	v.w.WriteHeader(status)
	_, _ = io.WriteString(v.w, "refused\n")
}

// serve listens to what the customer says and passes the request on, unless it
// is answered here.
func (v *visit) serve(ctx context.Context) {
	in := v.take(v.at.ReadsRequest() && isJSON(v.r.Header), v.s.cfg.Limits.Message)
	defer in.done()
	if in.err != nil {
		v.refuse(http.StatusBadRequest, metrics.RequestAborted)
		return
	}
	began := time.Now()
	if in.whole != nil {
		said, found := utterance(v.x.Request(in.whole))
		v.who.external = v.x.Session()
		if found && v.listen(ctx, said, in.whole) {
			return
		}
	}
	v.who.external = v.x.Session()
	v.forward(ctx, in, began)
}

// listen lets the conversation judge what the customer says, and reports whether
// the request is answered.
func (v *visit) listen(ctx context.Context, said wire.Item, body []byte) (answered bool) {
	h := &hearing{x: v.x, said: said, external: v.who.external, answer: make(chan verdict, 1)}
	answer := v.s.hear(ctx, v.who, h, letter{Token: rand.Text(), Method: v.r.Method, Path: v.r.URL.Path, Body: body, External: h.external})
	v.heard = answer.heard
	switch {
	case answer.busy:
		v.refuse(http.StatusTooManyRequests, metrics.RequestRate)
	case answer.kept:
		v.s.metrics.Request(metrics.RequestAnswered)
		v.w.Header().Set("Content-Type", "application/json; charset=utf-8")
		v.w.WriteHeader(v.at.Status())
		_, _ = v.w.Write(answer.body)
	default:
		v.s.metrics.Messages[metrics.Up][metrics.Customer].Inc()
		return false
	}
	return true
}

// isJSON reports whether a body is JSON, by its type.
func isJSON(h http.Header) bool {
	kind, _, _ := strings.Cut(h.Get("Content-Type"), ";")
	kind = strings.ToLower(strings.TrimSpace(kind))
	return kind == "application/json" || strings.HasPrefix(kind, "application/") && strings.HasSuffix(kind, "+json")
}

// isPlain reports whether a body is not compressed.
func isPlain(h http.Header) bool {
	encoding := strings.TrimSpace(h.Get("Content-Encoding"))
	return encoding == "" || strings.EqualFold(encoding, "identity")
}

// visits are the requests on their way. The zero value takes some.
type visits struct {
	mu      sync.Mutex
	stopped bool
	next    int
	open    map[int]context.CancelFunc
	wg      sync.WaitGroup
}

// enter begins a visit, unless there are limit already (0: no limit) or no more
// are taken; then the context is nil. The visit ends by calling leave.
func (v *visits) enter(ctx context.Context, limit int) (_ context.Context, leave func()) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.stopped || limit > 0 && len(v.open) >= limit {
		return nil, nil
	}
	if v.open == nil {
		v.open = map[int]context.CancelFunc{}
	}
	ctx, cancel := context.WithCancel(ctx)
	v.next++
	id := v.next
	v.open[id] = cancel
	v.wg.Add(1)
	return ctx, func() {
		cancel()
		v.mu.Lock()
		delete(v.open, id)
		v.mu.Unlock()
		v.wg.Done()
	}
}

// stop takes no more visits, breaks those off that are on their way, and waits
// for them.
func (v *visits) stop() {
	v.mu.Lock()
	v.stopped = true
	for _, cancel := range v.open {
		cancel()
	}
	v.mu.Unlock()
	v.wg.Wait()
}
