package proxy

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"attune/metrics"
)

// How long HTTP may take. Answers to polls come when there is something to say,
// so the wait for one is long.
const (
	answerWait = 2 * time.Minute
	restWait   = 90 * time.Second // an unused connection to a backend is kept so long
	restMost   = 64               // and so many of them for one backend
	stallWait  = 10 * time.Second // a widget that takes no byte of its answer is cut
)

// newBackends makes the way to HTTP backends: HTTP/1.1, with connections that
// are used again, and bodies left as they come.
func newBackends(d *dialer, handshake time.Duration, tlsConfig *tls.Config) *http.Transport {
	return &http.Transport{
		DialContext: d.tcp.DialContext, TLSClientConfig: tlsConfig, TLSHandshakeTimeout: handshake,
		DisableCompression: true, MaxIdleConnsPerHost: restMost, IdleConnTimeout: restWait, ResponseHeaderTimeout: answerWait,
		MaxResponseHeaderBytes: 64 << 10,
	}
}

// overHTTP is the address of a backend's HTTP side, when it is that of its
// sockets.
func overHTTP(backend *url.URL) *url.URL {
	u := *backend
	u.Scheme = "http"
	if backend.Scheme == "wss" {
		u.Scheme = "https"
	}
	return &u
}

// inbound is the body of a request: whole where it is read, else a stream.
type inbound struct {
	whole  []byte // nil for a stream
	stream io.Reader
	length int64 // of the stream, -1 when unknown
	err    error // the body did not come
	done   func()
}

// take takes the body in, where there is something to read in it, up to limit
// bytes (0: all).
func (v *visit) take(readable bool, limit int64) inbound {
	body := &patient{r: v.r.Body, control: http.NewResponseController(v.w), wait: v.s.cfg.Limits.MessageTimeout}
	in := inbound{stream: body, length: v.r.ContentLength, done: body.rest}
	switch {
	case !readable || in.length == 0:
		return in
	case !isPlain(v.r.Header):
		v.s.metrics.Unread(metrics.UnreadEncoded)
		return in
	case limit > 0 && in.length > limit:
		v.s.metrics.Unread(metrics.UnreadTooBig)
		return in
	}
	if body.wait > 0 {
		body.by = time.Now().Add(body.wait)
	}
	read, over, err := readUpTo(body, limit)
	body.by = time.Time{}
	switch {
	case err != nil:
		in.err = err
	case over:
		v.s.metrics.Unread(metrics.UnreadTooBig)
		in.stream = io.MultiReader(bytes.NewReader(read), body)
	default:
		in.whole = read
	}
	return in
}

// readUpTo reads what there is, up to limit bytes (0: all); over reports that
// there is more, of which at least the first byte was read, too.
func readUpTo(r io.Reader, limit int64) (read []byte, over bool, err error) {
	if limit > 0 {
		r = io.LimitReader(r, limit+1)
	}
	read, err = io.ReadAll(r)
	return read, limit > 0 && int64(len(read)) > limit, err
}

// patient reads the body of a request as long as something comes in time.
type patient struct {
	r       io.Reader
	control *http.ResponseController
	wait    time.Duration // 0: for ever
	by      time.Time     // all must have come by then, however steadily it comes; zero: no matter
}

// Read implements io.Reader.
func (p *patient) Read(b []byte) (int, error) {
	if by := p.by; p.wait > 0 {
		if by.IsZero() {
			by = time.Now().Add(p.wait)
		}
		_ = p.control.SetReadDeadline(by)
	}
	n, err := p.r.Read(b)
	if err != nil {
		p.rest()
	}
	return n, err
}

// rest lets the connection be quiet: whether the widget is still there is no
// question of time.
func (p *patient) rest() {
	if p.wait > 0 {
		_ = p.control.SetReadDeadline(time.Time{})
	}
}

// forward sends the request to the backend and its answer to the widget.
func (v *visit) forward(ctx context.Context, in inbound, began time.Time) {
	req, err := v.request(ctx, in)
	if err != nil {
		v.refuse(http.StatusBadRequest, metrics.RequestMalformed)
		return
	}
	if in.whole != nil && v.at != nil { // packets are measured one by one
		v.s.stayed(metrics.Up, time.Since(began))
	}
	resp, err := v.s.backends.RoundTrip(req)
	if err != nil {
		v.unreachable(ctx, err)
		return
	}
	defer func() { _ = resp.Body.Close() }()
	v.s.outages.answered(v.route.BackendHTTP.Host, time.Now())
	v.answer(ctx, resp)
}

// unreachable answers a request that the backend did not.
func (v *visit) unreachable(ctx context.Context, err error) {
	if ctx.Err() != nil { // nobody is there to read it
		v.s.metrics.Request(metrics.RequestAborted)
		v.w.Header().Set("Connection", "close")
		v.w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	status := http.StatusBadGateway
	var timeout net.Error
	if errors.As(err, &timeout) && timeout.Timeout() {
		status = http.StatusGatewayTimeout // it may be at work still
	} else {
		v.s.outages.failed(v.route.BackendHTTP.Host, err, time.Now())
	}
	v.refuse(status, metrics.RequestUnreachable)
}

// request builds the request to the backend afresh: canonical path, no header
// that is about this connection, and none that tells what only Attune can know.
func (v *visit) request(ctx context.Context, in inbound) (*http.Request, error) {
	body, length := in.stream, in.length
	switch {
	case in.whole != nil:
		body, length = bytes.NewReader(in.whole), int64(len(in.whole))
	case length == 0:
		body = http.NoBody
	}
	req, err := http.NewRequestWithContext(ctx, v.r.Method, target(v.route.BackendHTTP, v.r), body)
	if err != nil {
		return nil, err
	}
	req.ContentLength = length
	copyHeader(req.Header, v.r.Header)
	for name := range req.Header {
		if claims(name) {
			req.Header.Del(name)
		}
	}
	req.Header.Del("Cookie")
	if cookies := foreignCookies(v.r); cookies != "" {
		req.Header.Set("Cookie", cookies)
	}
	if v.at != nil && v.at.ReadsAnswer() {
		req.Header.Set("Accept-Encoding", "identity")
	}
	if req.Header.Get("User-Agent") == "" {
		req.Header["User-Agent"] = nil // not Go's
	}
	forwarded(req.Header, v.r, v.c)
	return req, nil
}

// claims reports whether a header says about its sender what only Attune, or a
// proxy that it trusts, can know.
func claims(name string) bool {
	return strings.HasPrefix(name, "X-Forwarded-") || strings.HasPrefix(name, "X-User-") && name != "X-User-Key" ||
		strings.HasPrefix(name, "Sec-Websocket-") || name == "X-Real-Ip" || name == "Forwarded" || name == "Expect"
}

// ofConnection are the headers that are about one connection.
var ofConnection = []string{
	"Connection", "Proxy-Connection", "Keep-Alive", "Proxy-Authenticate", "Proxy-Authorization", "Te", "Trailer", "Transfer-Encoding", "Upgrade",
}

// copyHeader adds the headers of from that go from end to end.
func copyHeader(to, from http.Header) {
	for name, values := range from {
		to[name] = append(to[name], values...)
	}
	for _, line := range from.Values("Connection") {
		for name := range strings.SplitSeq(line, ",") {
			to.Del(strings.TrimSpace(name))
		}
	}
	for _, name := range ofConnection {
		to.Del(name)
	}
}

// pass copies the rest of an answer to the widget at the widget's pace.
func (v *visit) pass(body io.Reader, flush bool) error {
	control := http.NewResponseController(v.w)
	defer func() { _ = control.SetWriteDeadline(time.Time{}) }()
	buf := make([]byte, 16<<10)
	for {
		n, err := body.Read(buf)
		if n > 0 {
			_ = control.SetWriteDeadline(time.Now().Add(stallWait))
			if _, err := v.w.Write(buf[:n]); err != nil {
				return err
			}
			if flush {
				if err := control.Flush(); err != nil {
					return err
				}
			}
		}
		if err != nil {
			if errors.Is(err, io.EOF) {
				return nil
			}
			return err
		}
	}
}
