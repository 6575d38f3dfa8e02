package metrics

import "github.com/prometheus/client_golang/prometheus"

// Touchpoint counts how conversations go at one place of the journey. Its
// methods may be used concurrently.
type Touchpoint struct {
	id       string
	sessions prometheus.Counter
	answers  [len(answers)]prometheus.Counter
	feelings *prometheus.CounterVec
	proxies  *prometheus.CounterVec
}

// Touchpoint returns the handles of a touchpoint, always the same for an id.
func (m *Metrics) Touchpoint(id string) *Touchpoint { return m.touchpoints.get(id) }

// Answer counts a customer who was asked, or what they answered.
func (t *Touchpoint) Answer(a Answer) { t.answers[a].Inc() }

// Ended counts a conversation that is over and came by here.
func (t *Touchpoint) Ended() { t.sessions.Inc() }

// Feeling counts whether a feeling aimed for, one of the pack format's closed
// list, held in a conversation.
func (t *Touchpoint) Feeling(name string, held bool) {
	t.feelings.WithLabelValues(t.id, name, yesNo(held)).Inc()
}

// Proxy counts whether what a proxy, one of the pack format's closed list,
// looks for came to pass in a conversation.
func (t *Touchpoint) Proxy(name string, held bool) {
	t.proxies.WithLabelValues(t.id, name, yesNo(held)).Inc()
}

func yesNo(held bool) string {
	if held {
		return yes
	}
	return no
}

// Aim is what a touchpoint aims for. Shares are from 0 to 1.
type Aim struct {
	Touchpoint string
	Target     float64 // share of yes among the answers; 0 = none
	Feelings   []string
	Proxies    []ProxyAim
}

// ProxyAim is the share of conversations that is wanted of a proxy.
type ProxyAim struct {
	Name   string
	AtMost bool // Share is the most and not the least
	Share  float64
}

// Aims says what the touchpoints of the rules in force aim for, in place of
// what was said before, and shows their counters.
func (m *Metrics) Aims(aims []Aim) {
	m.targets.Reset()
	m.proxyTargets.Reset()
	for _, a := range aims {
		t := m.Touchpoint(a.Touchpoint)
		for _, f := range a.Feelings {
			t.feelings.WithLabelValues(t.id, f, yes)
			t.feelings.WithLabelValues(t.id, f, no)
		}
		for _, p := range a.Proxies {
			t.proxies.WithLabelValues(t.id, p.Name, yes)
			t.proxies.WithLabelValues(t.id, p.Name, no)
			if t.id == a.Touchpoint {
				m.proxyTargets.WithLabelValues(t.id, p.Name, bound(p.AtMost)).Set(p.Share)
			}
		}
		if a.Target > 0 && t.id == a.Touchpoint { // those counted together aim for different things
			m.targets.WithLabelValues(t.id).Set(a.Target)
		}
	}
}

func bound(most bool) string {
	if most {
		return "most"
	}
	return "least"
}

func (b builder) touchpoints() func(string) *Touchpoint {
	sessions := b.counters("attune_touchpoint_sessions_total", "Conversations that are over and came by a touchpoint, by its id.", "touchpoint")
	answered := b.counters("attune_touchpoint_answers_total", "Customers who were put the question of a touchpoint, by its id and by outcome ("+list(answers[:])+").", "touchpoint", "outcome")
	feelings := b.counters("attune_touchpoint_feelings_total", "Conversations in which a feeling that a touchpoint aims for held (yes) or not (no).", "touchpoint", "feeling", "outcome")
	proxies := b.counters("attune_touchpoint_proxies_total", "Conversations in which what a proxy of a touchpoint looks for came to pass (yes) or not (no).", "touchpoint", "proxy", "outcome")
	return func(id string) *Touchpoint {
		t := &Touchpoint{id: id, sessions: sessions.WithLabelValues(id), feelings: feelings, proxies: proxies}
		for i, v := range answers {
			t.answers[i] = answered.WithLabelValues(id, v)
		}
		return t
	}
}
