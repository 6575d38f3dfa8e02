package metrics

import (
	"runtime/debug"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Buckets of the classic histograms; the native ones beside them need none.
// Seconds, but for the score, which is in points.
var (
	latencyBuckets = []float64{1e-5, 2.5e-5, 5e-5, 1e-4, 2.5e-4, 5e-4, 1e-3, 2.5e-3, 5e-3, 1e-2, 2.5e-2, 5e-2, 0.1, 0.25, 1}
	dialBuckets    = []float64{1e-3, 2.5e-3, 5e-3, 1e-2, 2.5e-2, 5e-2, 0.1, 0.25, 0.5, 1, 2.5, 5, 10}
	replyBuckets   = []float64{0.01, 0.05, 0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60}
	waitBuckets    = []float64{1, 5, 15, 30, 60, 120, 180, 300, 600, 1200, 1800, 3600}
	storeBuckets   = []float64{1e-4, 2.5e-4, 5e-4, 1e-3, 2.5e-3, 5e-3, 1e-2, 2.5e-2, 5e-2, 0.1, 0.25, 0.5, 1}
	scoreBuckets   = []float64{0, 1, 2, 3, 4, 5, 6, 8, 10, 13, 16, 20}
)

// builder makes collectors and registers them.
type builder struct{ reg prometheus.Registerer }

func (b builder) register(cs ...prometheus.Collector) {
	if b.reg != nil {
		b.reg.MustRegister(cs...)
	}
}

func (b builder) counters(name, help string, labels ...string) *prometheus.CounterVec {
	v := prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, labels)
	b.register(v)
	return v
}

func (b builder) gauges(name, help string, labels ...string) *prometheus.GaugeVec {
	v := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: name, Help: help}, labels)
	b.register(v)
	return v
}

// histograms makes one metric that is both: classic buckets for servers that
// know no other, native ones (10 % wide, at most 160) for those that do.
func (b builder) histograms(name, help string, buckets []float64, labels ...string) *prometheus.HistogramVec {
	v := prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: name, Help: help, Buckets: buckets,
		NativeHistogramBucketFactor:     1.1,
		NativeHistogramMaxBucketNumber:  160,
		NativeHistogramMinResetDuration: time.Hour,
	}, labels)
	b.register(v)
	return v
}

// preset resolves one child for each value, which also shows it as 0 from
// the start: a rate over a counter that appears late misses its first event.
func preset(into []prometheus.Counter, values []string, from *prometheus.CounterVec) {
	for i, v := range values {
		into[i] = from.WithLabelValues(v)
	}
}

func list(values []string) string { return strings.Join(values, ", ") }

// Build returns the version of the running binary as the Go toolchain
// recorded it ("v1.2.3", or a commit with "-dirty" when it was built from a
// changed tree, or "devel") and the version of the toolchain.
func Build() (version, goversion string) {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "devel", "unknown"
	}
	version = strings.Trim(info.Main.Version, "()")
	if version == "" {
		version = "devel"
	}
	if version != "devel" {
		return version, info.GoVersion
	}
	revision, dirty := "", false
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			revision = s.Value
		case "vcs.modified":
			dirty = s.Value == "true"
		}
	}
	if len(revision) > 12 {
		version = revision[:12]
		if dirty {
			version += "-dirty"
		}
	}
	return version, info.GoVersion
}
