package metrics

import (
	"maps"
	"sync"
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
)

// MaxIDs is how many distinct ids of one kind (rules, asks, profiles, desks,
// store operations) are shown; later ones are counted together under
// [OtherID]. Rule sets come and go while a process runs, and a label must
// not grow with them for ever.
const MaxIDs = 1000

// OtherID is the label value of ids beyond [MaxIDs].
const OtherID = "other"

// Profile counts what belongs to one protocol profile.
type Profile struct {
	Sessions    prometheus.Gauge    // open sessions
	Bridges     prometheus.Gauge    // open bridges; a session may have several
	Dial        prometheus.Observer // seconds until the backend's handshake was done
	Missing     prometheus.Gauge    // bridges whose backend is gone while the widget is there
	Reply       prometheus.Observer // seconds from an utterance to the first reply
	LateDropped prometheus.Counter  // bot messages that came after the floor had changed

	rejoins [len(rejoins)]prometheus.Counter
}

// Rejoin counts a backend that was lost under a living widget, by what became
// of looking for it.
func (p *Profile) Rejoin(r Rejoin) { p.rejoins[r].Inc() }

// Profile returns the handles of a profile, always the same for a name. Keep
// them for as long as they are needed.
func (m *Metrics) Profile(name string) *Profile { return m.profiles.get(name) }

// Ask counts one of Attune's own questions, by outcome.
type Ask struct {
	outcomes [len(askOutcomes)]prometheus.Counter
}

// Ask returns the handles of an ask, always the same for an id.
func (m *Metrics) Ask(id string) *Ask { return m.asks.get(id) }

// Inc counts an outcome.
func (a *Ask) Inc(o AskOutcome) { a.outcomes[o].Inc() }

// Store measures one operation on the store.
type Store struct {
	Seconds prometheus.Observer
	Errors  prometheus.Counter
}

// Store returns the handles of an operation, for example "flush", always the
// same for a name.
func (m *Metrics) Store(op string) *Store { return m.stores.get(op) }

// Desk counts the handoffs of one desk.
type Desk struct {
	Depth      prometheus.Gauge // handoffs waiting now
	OldestWait prometheus.Gauge // seconds the longest of them has waited

	states [len(handoffs)]prometheus.Counter
	waits  [len(waits)]prometheus.Observer

	verdicts [len(verdicts)]prometheus.Counter
}

// Desk returns the handles of a desk, always the same for an id.
func (m *Metrics) Desk(id string) *Desk { return m.desks.get(id) }

// Handoff counts a handoff that entered a state.
func (d *Desk) Handoff(h Handoff) { d.states[h].Inc() }

// Waited records how long, in seconds, a customer waited and how it ended.
func (d *Desk) Waited(w Wait, seconds float64) { d.waits[w].Observe(seconds) }

// Verdict counts what an agent said of a handoff.
func (d *Desk) Verdict(v Verdict) { d.verdicts[v].Inc() }

// Rule counts what one rule did. A rule shows only what it has been asked
// for, since a signal has no rewrites and a rewrite decides nothing; calling
// a method once, without Inc, shows its counter as 0.
type Rule struct {
	id        string
	signals   *prometheus.CounterVec
	decisions *prometheus.CounterVec
	rewrites  *prometheus.CounterVec

	signal   atomic.Pointer[prometheus.Counter]
	decision [len(decisions)]atomic.Pointer[prometheus.Counter]
	rewrite  [len(rewrites)]atomic.Pointer[prometheus.Counter]
}

// Rule returns the handles of a rule, always the same for an id. The lookup
// is cheap enough for every time that a rule fires.
func (m *Metrics) Rule(id string) *Rule { return m.rules.get(id) }

// Signal is the counter of the turns on which the rule fired.
func (r *Rule) Signal() prometheus.Counter {
	if c := r.signal.Load(); c != nil {
		return *c
	}
	return keep(&r.signal, r.signals.WithLabelValues(r.id))
}

// Decision is the counter of one kind of decision that the rule was behind.
func (r *Rule) Decision(d Decision) prometheus.Counter {
	if c := r.decision[d].Load(); c != nil {
		return *c
	}
	return keep(&r.decision[d], r.decisions.WithLabelValues(d.String(), r.id))
}

// Rewrite is the counter of one outcome of the rule's rewrites.
func (r *Rule) Rewrite(o Rewrite) prometheus.Counter {
	if c := r.rewrite[o].Load(); c != nil {
		return *c
	}
	return keep(&r.rewrite[o], r.rewrites.WithLabelValues(r.id, o.String()))
}

// Fires is how often a rule did something since the process began: signals
// seen, decisions made, replies reworded. It is for people who ask, not for
// messages.
func (m *Metrics) Fires(id string) float64 {
	r := m.rules.peek(id)
	if r == nil {
		return 0
	}
	sum := 0.0
	add := func(at *atomic.Pointer[prometheus.Counter]) {
		var d dto.Metric
		if c := at.Load(); c != nil && (*c).Write(&d) == nil {
			sum += d.GetCounter().GetValue()
		}
	}
	add(&r.signal)
	for i := range r.decision {
		add(&r.decision[i])
	}
	add(&r.rewrite[RewriteApplied])
	return sum
}

// keep remembers a resolved child. Two callers at once resolve the same one,
// so the race between them does not matter.
func keep(at *atomic.Pointer[prometheus.Counter], c prometheus.Counter) prometheus.Counter {
	at.Store(&c)
	return c
}

func (b builder) profiles() func(string) *Profile {
	sessions := b.gauges("attune_sessions", "Open sessions, by profile.", "profile")
	bridges := b.gauges("attune_bridges", "Open bridges (a widget's conn and a backend's), by profile.", "profile")
	missing := b.gauges("attune_bridges_missing_backend", "Bridges whose backend is gone while the widget is there, by profile.", "profile")
	dial := b.histograms("attune_backend_dial_seconds", "Seconds until the backend's WebSocket handshake was done, by profile.", dialBuckets, "profile")
	reply := b.histograms("attune_backend_reply_seconds", "Seconds from an utterance to the backend's first reply, by profile.", replyBuckets, "profile")
	late := b.counters("attune_late_frames_dropped_total", "Bot messages dropped because somebody else had the floor, by profile.", "profile")
	again := b.counters("attune_backend_reconnects_total", "Backends lost under a living widget, by profile and by what became of looking for them ("+list(rejoins[:])+").", "profile", "result")
	return func(name string) *Profile {
		p := &Profile{
			Sessions: sessions.WithLabelValues(name), Bridges: bridges.WithLabelValues(name), Missing: missing.WithLabelValues(name),
			Dial: dial.WithLabelValues(name), Reply: reply.WithLabelValues(name), LateDropped: late.WithLabelValues(name),
		}
		for i, v := range rejoins {
			p.rejoins[i] = again.WithLabelValues(name, v)
		}
		return p
	}
}

func (b builder) rules() func(string) *Rule {
	signals := b.counters("attune_signals_total", "Signals seen, by the id of the rule.", "rule")
	decided := b.counters("attune_decisions_total", "Decisions, by kind ("+list(decisions[:])+") and by the id of the rule behind them.", "decision", "rule")
	rewritten := b.counters("attune_rewrites_total", "Rewrites of replies, by the id of the rule and by outcome ("+list(rewrites[:])+").", "rule", "outcome")
	return func(id string) *Rule {
		return &Rule{id: id, signals: signals, decisions: decided, rewrites: rewritten}
	}
}

func (b builder) asks() func(string) *Ask {
	asks := b.counters("attune_asks_total", "Attune's own questions to customers, by id and by outcome ("+list(askOutcomes[:])+").", "ask", "outcome")
	return func(id string) *Ask {
		a := &Ask{}
		for i, v := range askOutcomes {
			a.outcomes[i] = asks.WithLabelValues(id, v)
		}
		return a
	}
}

func (b builder) desks() func(string) *Desk {
	states := b.counters("attune_handoffs_total", "Handoffs that entered a state, by desk and by state ("+list(handoffs[:])+").", "desk", "state")
	depth := b.gauges("attune_handoff_queue_depth", "Customers waiting for a person, by desk.", "desk")
	oldest := b.gauges("attune_handoff_oldest_wait_seconds", "Seconds that the customer who has waited longest has waited, by desk.", "desk")
	waited := b.histograms("attune_handoff_wait_seconds", "Seconds that customers waited for a person, by desk and by outcome ("+list(waits[:])+").", waitBuckets, "desk", "outcome")
	said := b.counters("attune_handoff_verdicts_total", "Handoffs of which the agent said, when closing them, whether they were right, by desk and by verdict ("+list(verdicts[:])+").", "desk", "verdict")
	return func(id string) *Desk {
		d := &Desk{Depth: depth.WithLabelValues(id), OldestWait: oldest.WithLabelValues(id)}
		for i, v := range handoffs {
			d.states[i] = states.WithLabelValues(id, v)
		}
		for i, v := range waits {
			d.waits[i] = waited.WithLabelValues(id, v)
		}
		for i, v := range verdicts {
			d.verdicts[i] = said.WithLabelValues(id, v)
		}
		return d
	}
}

func (b builder) stores() func(string) *Store {
	seconds := b.histograms("attune_store_seconds", "Seconds that calls to the store took, by operation.", storeBuckets, "op")
	errors := b.counters("attune_store_errors_total", "Calls to the store that failed, by operation.", "op")
	return func(op string) *Store {
		return &Store{Seconds: seconds.WithLabelValues(op), Errors: errors.WithLabelValues(op)}
	}
}

// cache holds the handles made so far. Readers take no lock: the map is
// copied when an id is added, which is rare.
type cache[T any] struct {
	make func(id string) *T

	entries atomic.Pointer[map[string]*T]
	mu      sync.Mutex // held while adding
}

func (c *cache[T]) get(id string) *T {
	if m := c.entries.Load(); m != nil {
		if h, ok := (*m)[id]; ok {
			return h
		}
	}
	return c.add(id)
}

// peek returns what was made for an id, nil when it was never asked for.
func (c *cache[T]) peek(id string) *T {
	if m := c.entries.Load(); m != nil {
		return (*m)[id]
	}
	return nil
}

func (c *cache[T]) add(id string) *T {
	c.mu.Lock()
	defer c.mu.Unlock()
	old := map[string]*T{}
	if m := c.entries.Load(); m != nil {
		old = *m
	}
	if h, ok := old[id]; ok {
		return h
	}
	if len(old) >= MaxIDs {
		id = OtherID
		if h, ok := old[id]; ok {
			return h
		}
	}
	h := c.make(id)
	next := maps.Clone(old)
	next[id] = h
	c.entries.Store(&next)
	return h
}
