package proxy

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"attune/metrics"
	"attune/proxy/wire"
)

// answer passes the backend's answer on. Addresses of the backend in it become
// Attune's, and what the bot said before reads as the customer was told it.
func (v *visit) answer(ctx context.Context, resp *http.Response) {
	whole, rest, err := v.readable(ctx, resp)
	if err != nil {
		v.unreachable(ctx, err)
		return
	}
	h := v.w.Header()
	if whole == nil {
		v.head(resp)
		v.w.WriteHeader(resp.StatusCode)
		flush := resp.ContentLength < 0 || strings.HasPrefix(h.Get("Content-Type"), "text/event-stream")
		if v.pass(rest, flush) != nil {
			panic(http.ErrAbortHandler) // so that the widget does not take half an answer for a whole one
		}
		return
	}
	began := time.Now()
	sent := v.retell(whole, resp.StatusCode < 300)
	v.s.stayed(metrics.Down, time.Since(began))
	v.respond(resp, sent)
}

// respond sends an answer of the backend with a body that was read.
func (v *visit) respond(resp *http.Response, body []byte) {
	v.head(resp)
	v.w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	v.w.WriteHeader(resp.StatusCode)
	_ = v.pass(bytes.NewReader(body), false)
}

// head passes on the head of an answer, and counts it.
func (v *visit) head(resp *http.Response) {
	h := v.w.Header()
	own := h.Clone()
	clear(h)
	copyHeader(h, resp.Header)
	h.Del("Alt-Svc") // an address of the backend, past Attune
	if h.Get("Access-Control-Allow-Origin") == "" {
		for name, values := range own {
			h[name] = append(h[name], values...)
		}
	}
	v.redirect(h)
	result := metrics.RequestPassed
	if !v.heard {
		result = metrics.RequestUnheard
	}
	v.s.metrics.Request(result)
}

// readable takes the body in where there is something to read in it. whole is
// nil when it passes as it comes.
func (v *visit) readable(ctx context.Context, resp *http.Response) (whole []byte, rest io.Reader, err error) {
	limit := v.s.cfg.Limits.Message
	switch {
	case v.at == nil || !v.at.ReadsAnswer() || !isJSON(resp.Header) || resp.ContentLength == 0:
		return nil, resp.Body, nil
	case !isPlain(resp.Header):
		v.s.metrics.Unread(metrics.UnreadEncoded)
		return nil, resp.Body, nil
	case limit > 0 && resp.ContentLength > limit:
		v.s.metrics.Unread(metrics.UnreadTooBig)
		return nil, resp.Body, nil
	}
	if wait := v.s.cfg.Limits.MessageTimeout; wait > 0 {
		slow := time.AfterFunc(wait, func() { _ = resp.Body.Close() })
		defer slow.Stop()
	}
	read, over, err := readUpTo(resp.Body, limit)
	if err != nil {
		return nil, nil, err
	}
	if over {
		v.s.metrics.Unread(metrics.UnreadTooBig)
		return nil, io.MultiReader(bytes.NewReader(read), resp.Body), nil
	}
	if read == nil {
		read = []byte{}
	}
	return read, nil, ctx.Err()
}

// retell reads the answer and returns what the widget gets. good says that the
// backend did what it was asked.
func (v *visit) retell(body []byte, good bool) []byte {
	items := v.x.Answer(body)
	v.who.external = v.x.Session()
	if good {
		v.learn()
	}
	var changes []wire.Edit
	sessions := v.s.ties.sessions(v.who)
	for i, item := range items {
		switch {
		case i == 0 && v.at.RewritesURLs() && item.Kind == wire.Control:
			changes = v.rehost(changes, i, item.Texts, good)
		case item.Role == wire.Bot && len(item.Texts) > 0 && item.Kind.Editable():
			said := item.Texts[0].Value
			if sent, ok := v.s.told.before(sessions, item); ok && sent != said {
				changes = edits(changes, i, item, said, sent)
			}
		}
	}
	if len(changes) == 0 {
		return body
	}
	return v.x.Splice(nil, body, changes)
}

// learn takes note of what an answer says about who the widget is: the id of its
// message, by which its socket may be found, and what it will show from now on.
func (v *visit) learn() {
	if id := v.x.ID(); id != "" {
		v.s.answered(message{v.route.name(), id}, v.who, v.heard)
	}
	token := v.x.Credential()
	if token == "" {
		return
	}
	renewed := v.who
	renewed.bindings = []string{bearerBinding(token)}
	tied := ""
	for _, id := range v.s.ties.sessions(v.who) { // the last is the likeliest of a socket on another node
		if tied == "" || v.s.oldest(tied) == nil {
			tied = id
		}
	}
	if tied != "" {
		v.s.tie(renewed.own(), tied)
	}
	v.who.bindings = append(v.who.bindings, renewed.bindings...)
}

// rehost lets addresses of the backend lead to where the widget called, and
// remembers to whom they were given.
func (v *visit) rehost(changes []wire.Edit, item int, addresses []wire.Text, good bool) []wire.Edit {
	for i, address := range addresses {
		at := v.c.place(v.base(address.Value))
		to, ok := at.Rehost(address.Value)
		if !ok {
			continue
		}
		changes = append(changes, wire.Edit{Item: item, Text: i, With: to})
		if _, path, ok := strings.Cut(to, "://"+at.Host); ok && good {
			path, _, _ = strings.Cut(path, "#")
			v.s.hand(path, v.who)
		}
	}
	return changes
}

// redirect lets a redirection within the backend lead to where the widget called.
func (v *visit) redirect(h http.Header) {
	location := h.Get("Location")
	if !strings.Contains(location, "://"+v.route.BackendHTTP.Host) {
		return
	}
	if to, ok := v.c.place(v.base(location)).Rehost(location); ok {
		h.Set("Location", to)
	}
}

// base is the path under which the backend of an address lies, and Attune does
// not.
func (v *visit) base(address string) string {
	if len(address) > 1 && strings.EqualFold(address[:2], "ws") {
		return v.route.Backend.EscapedPath()
	}
	return v.route.BackendHTTP.EscapedPath()
}
