package proxy

import (
	"log/slog"
	"runtime/metrics"
	"sync"
	"time"
)

// memoryFresh is for how long a reading of the memory in use is good enough: a
// handshake costs less than a look at every one would.
const memoryFresh = 100 * time.Millisecond

// The runtime's names for what the process has from the system, and for what of it
// was given back already.
const (
	memoryTotal    = "/memory/classes/total:bytes"
	memoryReleased = "/memory/classes/heap/released:bytes"
)

// watermark tells whether the process uses so much memory that nobody new is let in:
// those who are there shall not be cut by a system that has run out of it.
type watermark struct {
	limit int64 // bytes; 0: none
	log   *slog.Logger

	mu      sync.Mutex
	samples [2]metrics.Sample
	read    time.Time
	high    bool
}

func newWatermark(limit int64, log *slog.Logger) *watermark {
	return &watermark{limit: limit, log: log, samples: [2]metrics.Sample{{Name: memoryTotal}, {Name: memoryReleased}}}
}

// reached reports whether the limit is reached, as of a moment ago.
func (w *watermark) reached(now time.Time) bool {
	if w.limit <= 0 {
		return false
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if now.Sub(w.read) < memoryFresh {
		return w.high
	}
	w.read = now
	metrics.Read(w.samples[:])
	used := int64(w.samples[0].Value.Uint64() - w.samples[1].Value.Uint64()) //nolint:gosec // far below 2^63
	if high := used >= w.limit; high != w.high {
		w.high = high
		if high {
			w.log.Warn("memory is short: nobody new is let in", "used", used, "limit", w.limit)
		} else {
			w.log.Info("there is memory again", "used", used, "limit", w.limit)
		}
	}
	return w.high
}
