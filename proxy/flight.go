package proxy

import (
	"bytes"
	"math"
	"net/http"
	"runtime/trace"
	"sync"
	"sync/atomic"
	"time"

	"attune/metrics"
)

const (
	// flightAge and flightSize bound the trace that is held ready: the last
	// seconds, or less of them when much happens. The runtime treats both as
	// hints.
	flightAge  = 5 * time.Second
	flightSize = 16 << 20
	// flightEvery is the least time between two traces that are kept, since
	// writing one costs some of what it looks for.
	flightEvery = time.Minute

	never = math.MaxInt64
)

// flight holds the last seconds of the runtime's trace ready, and keeps them
// when a message stayed too long: what ran, what waited and for what, with
// the time of each. A trace names goroutines, functions and lines of code. No
// memory is in it, so no words either, as long as nobody writes into it by
// trace.Log, which Attune does not.
//
// It may be used from any goroutine.
type flight struct {
	over     time.Duration // added latency from which a trace is kept; 0 = never
	recorder *trace.FlightRecorder
	next     atomic.Int64 // no trace before then, in Unix nanoseconds; never while nothing is recorded

	mu    sync.Mutex
	trace []byte // the latest, nil while there is none
	at    time.Time
}

func newFlight(over time.Duration) *flight {
	f := &flight{over: over}
	f.next.Store(never)
	if over > 0 {
		f.recorder = trace.NewFlightRecorder(trace.FlightRecorderConfig{MinAge: flightAge, MaxBytes: flightSize})
	}
	return f
}

// start begins to record. A process has one recorder: it fails when another
// Server records.
func (f *flight) start() error {
	if f.recorder == nil {
		return nil
	}
	if err := f.recorder.Start(); err != nil {
		return err
	}
	f.next.Store(0)
	return nil
}

// stop ends recording. The caller has seen to it that keep is not running and
// is not called any more.
func (f *flight) stop() {
	if f.recorder != nil {
		f.recorder.Stop()
	}
}

// breached reports whether a message that stayed so long is a reason to
// keep a trace now. It says so at most once in flightEvery.
func (f *flight) breached(stay time.Duration) bool {
	if f.over == 0 || stay <= f.over {
		return false
	}
	now, next := time.Now().UnixNano(), f.next.Load()
	return now >= next && f.next.CompareAndSwap(next, now+int64(flightEvery))
}

// keep writes down what has happened until now; it takes some milliseconds.
// breached allows one call at a time.
func (f *flight) keep() error {
	var b bytes.Buffer
	if _, err := f.recorder.WriteTo(&b); err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.trace, f.at = b.Bytes(), time.Now()
	return nil
}

// ServeHTTP hands out the latest trace, for `go tool trace`.
func (f *flight) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	f.mu.Lock()
	latest, at := f.trace, f.at
	f.mu.Unlock()
	switch {
	case f.over == 0:
		answer(w, http.StatusNotFound, "not recording: set ATTUNE_TRACE_OVER")
	case latest == nil:
		answer(w, http.StatusNotFound, "no message stayed longer than "+f.over.String())
	default:
		w.Header().Set("Content-Type", "application/octet-stream")
		w.Header().Set("Content-Disposition", `attachment; filename="attune.trace"`)
		w.Header().Set("Last-Modified", at.UTC().Format(http.TimeFormat))
		_, _ = w.Write(latest)
	}
}

// stayed takes note of how long a message was inside, and has a trace kept
// when that was too long.
func (s *Server) stayed(d metrics.Direction, inside time.Duration) {
	s.metrics.AddedLatency[d].Observe(inside.Seconds())
	if !s.flight.breached(inside) {
		return
	}
	s.later(func() {
		if err := s.flight.keep(); err != nil {
			s.log.Warn("trace not kept", "error", err)
			return
		}
		s.log.Warn("a message stayed too long; the trace is at /debug/flight", "stay", inside)
	})
}
