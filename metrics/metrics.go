package metrics

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
)

// Metrics counts everything that Attune does. Make one with [New]; the zero
// value is of no use. All fields and methods may be used concurrently.
type Metrics struct {
	// Messages counts whole messages, by direction and by whose words they
	// carry; it is indexed by [Direction] and [Role].
	Messages [len(directions)][len(roles)]prometheus.Counter
	// AddedLatency takes the seconds between the last byte of a message read
	// from one peer and its first byte offered to the other.
	AddedLatency [len(directions)]prometheus.Observer
	// StreamHeld takes the seconds that a message of a stream, or one behind it,
	// had to wait for what came after it.
	StreamHeld [len(helds)]prometheus.Observer
	// OutboxDepth is how much desks of other systems are still to be told, over all
	// nodes; OutboxOldest the age of the oldest of it, in seconds, 0 = nothing.
	OutboxDepth, OutboxOldest prometheus.Gauge
	// Degraded is 1 while Redis does not answer or a rule set could not be
	// loaded, and else 0.
	Degraded prometheus.Gauge

	upgrades   [len(upgrades)]prometheus.Counter
	endings    [len(endings)]prometheus.Observer
	floors     [len(floors)]prometheus.Counter
	promises   [len(promises)]prometheus.Counter
	silences   [len(silences)]prometheus.Counter
	failOpens  [len(failOpens)]prometheus.Counter
	unreads    [len(unreads)]prometheus.Counter
	requests   [len(requests)]prometheus.Counter
	openings   [len(openings)]prometheus.Counter
	closes     *prometheus.CounterVec
	rulesInfo  *prometheus.GaugeVec
	reloads    *prometheus.CounterVec
	reloadTime *prometheus.GaugeVec
	storeInfo  *prometheus.GaugeVec
	panics     prometheus.Counter
	rulesOff   prometheus.Gauge

	targets      *prometheus.GaugeVec
	proxyTargets *prometheus.GaugeVec

	profiles cache[Profile]
	rules    cache[Rule]
	asks     cache[Ask]
	desks    cache[Desk]
	stores   cache[Store]
	couriers cache[Courier]

	touchpoints cache[Touchpoint]
	slots       [len(slots)]SlotCounts
}

// New builds every collector, the Go runtime's and the process's among them,
// and registers them. It panics when reg already has one of these names: a
// registry serves one Metrics. A nil reg leaves them unregistered.
func New(reg prometheus.Registerer) *Metrics {
	b := builder{reg: reg}
	b.register(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	m := &Metrics{}

	messages := b.counters("attune_messages_total", "Whole messages relayed or said, by direction (upstream, downstream) and by whose words they carry (nobody, customer, bot, agent, attune).", "direction", "role")
	latency := b.histograms("attune_added_latency_seconds", "Seconds a message spent inside Attune, by direction (upstream, downstream).", latencyBuckets, "direction")
	for d, direction := range directions {
		for r, role := range roles {
			m.Messages[d][r] = messages.WithLabelValues(direction, role)
		}
		m.AddedLatency[d] = latency.WithLabelValues(direction)
	}
	m.Degraded = b.gauges("attune_degraded", "1 while Attune works without its store or with an older rule set than it should, else 0.").WithLabelValues()

	held := b.histograms("attune_stream_held_seconds", "Seconds that messages of streamed replies were held, those that had to wait, by outcome ("+list(helds[:])+").", latencyBuckets, "outcome")
	for i, v := range helds {
		m.StreamHeld[i] = held.WithLabelValues(v)
	}

	preset(m.upgrades[:], upgrades[:], b.counters("attune_upgrades_total", "Attempts of widgets to connect, by result ("+list(upgrades[:])+").", "result"))
	scores := b.histograms("attune_session_score", "Score of a session at its end, by outcome ("+list(endings[:])+").", scoreBuckets, "outcome")
	for i, v := range endings {
		m.endings[i] = scores.WithLabelValues(v)
	}
	preset(m.floors[:], floors[:], b.counters("attune_floor_changes_total", "Changes of the floor, by who may speak now ("+list(floors[:])+").", "to"))
	preset(m.promises[:], promises[:], b.counters("attune_promises_total", "Promises to customers, by outcome ("+list(promises[:])+").", "outcome"))
	preset(m.silences[:], silences[:], b.counters("attune_silence_total", "What was said about bots that kept customers waiting, by what it was ("+list(silences[:])+").", "said"))
	preset(m.failOpens[:], failOpens[:], b.counters("attune_fail_open_total", "Messages or state changes that went on without Attune's part, by reason ("+list(failOpens[:])+").", "reason"))
	preset(m.unreads[:], unreads[:], b.counters("attune_wire_unread_total", "Messages passed untouched because their words could not be read, by reason ("+list(unreads[:])+").", "reason"))
	preset(m.requests[:], requests[:], b.counters("attune_http_requests_total", "HTTP requests of widgets beside their sockets, by result ("+list(requests[:])+").", "result"))
	preset(m.openings[:], openings[:], b.counters("attune_sessions_opened_total", "Sessions begun or found again, by outcome ("+list(openings[:])+").", "outcome"))
	m.panics = b.counters("attune_panics_total", "Bridges closed because of a fault in Attune's own code.").WithLabelValues()

	m.closes = b.counters("attune_closes_total", "Bridges ended, by close code (a number, 3xxx, 4xxx or other) and by the side that ended them ("+list(sides[:])+").", "code", "side")
	for _, side := range sides {
		m.closes.WithLabelValues("1000", side)
	}
	m.rulesInfo = b.gauges("attune_rules_info", "1 for each rule set in force, by digest and slot ("+list(slots[:])+").", "digest", "slot")
	m.rulesOff = b.gauges("attune_rules_off", "Rules that operators have switched off at run time.").WithLabelValues()
	m.reloads = b.counters("attune_rules_reloads_total", "Loads of rule sets, by result (ok, error).", "result")
	m.reloadTime = b.gauges("attune_rules_last_reload_timestamp_seconds", "Unix time of the last load of a rule set, by result (ok, error); 0 when there was none.", "result")
	for _, result := range reloadResults {
		m.reloads.WithLabelValues(result)
		m.reloadTime.WithLabelValues(result)
	}
	m.storeInfo = b.gauges("attune_store_info", "1 for the kind of store in use (embedded, single, sentinel, cluster).", "mode")

	m.profiles.make = b.profiles()
	m.rules.make = b.rules()
	m.asks.make = b.asks()
	m.desks.make = b.desks()
	m.stores.make = b.stores()
	m.couriers.make = b.couriers()
	m.OutboxDepth = b.gauges("attune_outbox_depth", "What desks of other systems are still to be told, over all nodes.").WithLabelValues()
	m.OutboxOldest = b.gauges("attune_outbox_oldest_seconds", "Age of the oldest of what desks of other systems are still to be told, in seconds; 0 when there is nothing.").WithLabelValues()
	m.touchpoints.make = b.touchpoints()
	b.slots(&m.slots)
	m.targets = b.gauges("attune_touchpoint_target_ratio", "Share of yes among the answers that a touchpoint aims for, 0 to 1.", "touchpoint")
	m.proxyTargets = b.gauges("attune_touchpoint_proxy_target_ratio", "Share of conversations that is wanted of a proxy, 0 to 1: at most or at least, by bound (most, least).", "touchpoint", "proxy", "bound")

	version, goversion := Build()
	b.gauges("attune_build_info", "1, with the version of Attune and of the Go toolchain it was built with.", "version", "goversion").
		WithLabelValues(version, goversion).Set(1)
	return m
}

// Upgrade counts a widget's attempt to connect.
func (m *Metrics) Upgrade(u Upgrade) { m.upgrades[u].Inc() }

// Close counts the end of a bridge with the code that went out or came in.
func (m *Metrics) Close(code uint16, side Side) {
	m.closes.WithLabelValues(codeLabel(code), side.String()).Inc()
}

// Ended records the score of a session that is over.
func (m *Metrics) Ended(e Ending, score float64) { m.endings[e].Observe(score) }

// Floor counts a change of the floor.
func (m *Metrics) Floor(to Floor) { m.floors[to].Inc() }

// Promise counts a promise made, kept or broken.
func (m *Metrics) Promise(p Promise) { m.promises[p].Inc() }

// Silence counts words about a bot that kept the customer waiting.
func (m *Metrics) Silence(s Silence) { m.silences[s].Inc() }

// FailOpen counts a message or state change that went on without Attune's
// part.
func (m *Metrics) FailOpen(f FailOpen) { m.failOpens[f].Inc() }

// Unread counts a message whose words could not be read.
func (m *Metrics) Unread(u Unread) { m.unreads[u].Inc() }

// Request counts an HTTP request beside the sockets.
func (m *Metrics) Request(r Request) { m.requests[r].Inc() }

// Opened counts a session begun or found again.
func (m *Metrics) Opened(o Opening) { m.openings[o].Inc() }

// Panic counts a bridge closed because of a fault in Attune's own code.
func (m *Metrics) Panic() { m.panics.Inc() }

// Rules says which set, by digest, is in force in a slot from now on. An
// empty digest means that the slot is empty.
func (m *Metrics) Rules(s Slot, digest string) {
	m.rulesInfo.DeletePartialMatch(prometheus.Labels{"slot": s.String()})
	if digest != "" {
		m.rulesInfo.WithLabelValues(digest, s.String()).Set(1)
	}
}

// RulesOff says how many rules are switched off at run time.
func (m *Metrics) RulesOff(n int) { m.rulesOff.Set(float64(n)) }

// Reloaded counts an attempt to load a rule set, at the given time.
func (m *Metrics) Reloaded(ok bool, at time.Time) {
	result := reloadResults[0]
	if !ok {
		result = reloadResults[1]
	}
	m.reloads.WithLabelValues(result).Inc()
	m.reloadTime.WithLabelValues(result).Set(float64(at.UnixMilli()) / 1000)
}

// StoreMode says which kind of store is in use: embedded, single, sentinel
// or cluster.
func (m *Metrics) StoreMode(mode string) {
	m.storeInfo.Reset()
	m.storeInfo.WithLabelValues(mode).Set(1)
}

var reloadResults = [...]string{"ok", "error"}
