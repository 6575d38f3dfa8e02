package webhook

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

const (
	// maxAnswer bounds what is read of an answer, in bytes; nobody looks at it,
	// but a connection is only used again when it was read.
	maxAnswer = 16 << 10
	// maxAfter is the longest Retry-After that is heeded: a customer waits.
	maxAfter = 2 * time.Minute
)

// Config is what a Client needs.
type Config struct {
	// Address is where messages go (ParseAddress).
	Address *url.URL
	// Secrets sign, each for itself: with two of them the receiver can change
	// over from one to the other.
	Secrets []Secret
	// Timeout bounds an attempt as a whole.
	Timeout time.Duration
	// AllowPrivate admits loopback and private addresses, and plain http to them.
	AllowPrivate bool
	// TLS is used towards the receiver; nil = Go's defaults.
	TLS *tls.Config
}

// Message is what is told.
type Message struct {
	// ID is the same over all attempts. It has no dot.
	ID string
	// Body is JSON, below 20 kB.
	Body []byte
}

// StatusError says that the receiver answered, but not with 2xx.
type StatusError struct {
	Code int
	// After is what Retry-After asks for, at most two minutes; 0 = nothing.
	After time.Duration
}

// Error gives the status.
func (e *StatusError) Error() string { return fmt.Sprintf("webhook: status %d", e.Code) }

// Client sends messages to one receiver.
type Client struct {
	cfg  Config
	http *http.Client
}

// NewClient returns a client. It uses no proxy: the guard must see the
// receiver's own address.
func NewClient(cfg Config) *Client {
	g := guard{private: cfg.AllowPrivate, public: cfg.Address.Scheme == "https"}
	dialer := &net.Dialer{Timeout: cfg.Timeout, ControlContext: g.control}
	return &Client{cfg: cfg, http: &http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			DialContext: dialer.DialContext, TLSClientConfig: cfg.TLS, ForceAttemptHTTP2: true, TLSHandshakeTimeout: cfg.Timeout,
			MaxIdleConnsPerHost: 32, IdleConnTimeout: time.Minute, MaxResponseHeaderBytes: maxAnswer, DisableCompression: true,
		},
	}}
}

// Close closes the connections that wait for the next message.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// Send makes one attempt; only 2xx is success. Errors are a *StatusError, wrap
// ErrAddress, or tell how the network failed; none quotes address or body.
func (c *Client) Send(ctx context.Context, m Message) error {
	ctx, cancel := context.WithTimeout(ctx, c.cfg.Timeout)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, c.cfg.Address.String(), bytes.NewReader(m.Body))
	if err != nil {
		return errors.New("webhook: request not made")
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("User-Agent", "attune")
	sign(r.Header, m, time.Now(), c.cfg.Secrets)
	resp, err := c.http.Do(r)
	if err != nil {
		if e, ok := errors.AsType[*url.Error](err); ok {
			err = e.Err // the address may hold a token
		}
		return fmt.Errorf("webhook: %w", err)
	}
	defer func() { _ = resp.Body.Close() }()
	_, _ = io.CopyN(io.Discard, resp.Body, maxAnswer)
	if resp.StatusCode/100 == 2 {
		return nil
	}
	return &StatusError{Code: resp.StatusCode, After: after(resp.Header.Get("Retry-After"), time.Now())}
}

// after reads a Retry-After: seconds, or a date.
func after(s string, now time.Time) time.Duration {
	var d time.Duration
	if n, err := strconv.Atoi(s); err == nil {
		d = time.Duration(min(n, int(maxAfter/time.Second))) * time.Second
	} else if at, err := http.ParseTime(s); err == nil {
		d = at.Sub(now)
	}
	return min(max(d, 0), maxAfter)
}
