package proxy

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log/slog"
	"net"
	"sync"
	"time"
)

// outageEvery is how often a backend that cannot be reached is told of: every widget
// that comes meanwhile finds the same.
const outageEvery = time.Minute

// outages tells in the log why backends cannot be reached, and when they can again.
type outages struct {
	log *slog.Logger

	mu      sync.Mutex
	gone    map[string]outage // by host and port, which routes and desks name
	refuses map[string]outage // the same of backends that let nobody in
}

type outage struct {
	since, told time.Time
	tries       int
}

func newOutages(log *slog.Logger) *outages {
	return &outages{log: log, gone: map[string]outage{}, refuses: map[string]outage{}}
}

// failed notes an attempt that led to no answer.
func (o *outages) failed(host string, err error, now time.Time) {
	if errors.Is(err, context.Canceled) { // the widget did not wait
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	out, known := o.gone[host]
	if !known {
		out.since = now
	}
	if out.tries++; !known || now.Sub(out.told) >= outageEvery {
		out.told = now
		o.log.Warn("backend cannot be reached", "backend", host, "error", causeOf(err), "attempts", out.tries, "since", out.since)
	}
	o.gone[host] = out
}

// refused notes a backend's answer that was no upgrade. One about the request (4xx) shows that the backend is there.
// Any other comes from something that stands where the bot should be, like a balancer without a bot behind it.
func (o *outages) refused(host string, status int, now time.Time) {
	if status >= 400 && status < 500 {
		o.answered(host, now)
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	out := o.refuses[host]
	if out.tries++; now.Sub(out.told) >= outageEvery {
		o.log.Warn("backend refuses to upgrade", "backend", host, "status", status, "attempts", out.tries)
		out = outage{told: now}
	}
	o.refuses[host] = out
}

// answered notes that a backend is there.
func (o *outages) answered(host string, now time.Time) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if out, gone := o.gone[host]; gone {
		delete(o.gone, host)
		o.log.Info("backend can be reached again", "backend", host, "attempts", out.tries, "after", now.Sub(out.since).Round(time.Millisecond).String())
	}
}

// causeOf is what an error of dialling says of the network, of names and of
// certificates. Whatever else went wrong is not quoted: it may hold what a widget sent.
func causeOf(err error) string {
	var op *net.OpError
	var name *net.DNSError
	var cert *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	var wait net.Error
	switch {
	case errors.As(err, &cert):
		return cert.Error()
	case errors.As(err, &op):
		return op.Error()
	case errors.As(err, &name):
		return name.Error()
	case errors.As(err, &record):
		return "it does not speak TLS"
	case errors.As(err, &wait) && wait.Timeout(), errors.Is(err, context.DeadlineExceeded):
		return "no answer in time"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "it closed the connection"
	}
	return "its answer to the handshake cannot be read"
}
