// Package metrics holds every Prometheus collector of Attune.
//
// [New] builds them all and registers them; the other packages receive the
// resulting [*Metrics] and count through it. The package owns names, labels,
// buckets and the closed sets that label values come from, and imports
// nothing else of Attune. It never sees words, sessions or customers: label
// values are rule ids, profile names, desk ids and the constants of this
// package, and the number of distinct ids is capped (see [MaxIDs]).
//
// All methods may be called by any number of goroutines at once. What is
// counted per message is resolved beforehand and costs an atomic addition:
//
//	m := metrics.New(prometheus.NewRegistry())
//	m.Messages[metrics.Up][metrics.Customer].Inc()
//	m.AddedLatency[metrics.Up].Observe(0.000_04)
//	m.Rule("bot-fallback").Signal().Inc()
//
// README.md beside this file lists every metric; a test keeps it true.
package metrics
