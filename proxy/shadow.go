package proxy

import (
	"sync"

	"attune/metrics"
	"attune/rules"
)

// maxShadowed is how many sessions of this node a shadow set judges at a time;
// with some 4 KiB of state each they take 40 MiB at most.
const maxShadowed = 10_000

// shadows are the states in which a shadow set keeps the sessions that have a
// bridge on this node. One begins as a copy of the session's own state and goes
// its own way from there. The state of a session is used under the session's
// lock only.
type shadows struct {
	mu     sync.Mutex
	states map[string]*rules.State // by session id
}

// state returns the shadow's state of a session; own is the session's, as it is
// before the turn. nil when there are too many.
func (h *shadows) state(id string, own *rules.State) *rules.State {
	h.mu.Lock()
	defer h.mu.Unlock()
	state := h.states[id]
	if state == nil && len(h.states) < maxShadowed {
		if h.states == nil {
			h.states = map[string]*rules.State{}
		}
		state = own.Clone()
		h.states[id] = state
	}
	return state
}

// get returns the shadow's state of a session, nil when there is none.
func (h *shadows) get(id string) *rules.State {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.states[id]
}

// drop forgets a session that has gone or ended.
func (h *shadows) drop(id string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.states, id)
}

// clear forgets all of them: they belong to another set.
func (h *shadows) clear() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.states = nil
}

// shadow judges the turn in sc by the shadow set as well, and counts what comes
// of it. Nothing of it is acted on, sent, or written down. A shadow that fails
// takes nothing along.
func (b *bridge) shadow(set *rules.Set, state *rules.State, sc *scratch) {
	defer func() {
		if recover() != nil {
			b.s.metrics.FailOpen(metrics.FailShadow)
		}
	}()
	beside := b.s.scratch()
	beside.turn, beside.facts = sc.turn, sc.facts
	beside.facts.Shown = nil // what has left already was another set's doing
	set.Judge(state, &beside.turn, &beside.facts, &beside.j)
	if sc.asked {
		sc.tally.Shadow = tallyOf(&beside.j)
	} else {
		b.s.countSlot(metrics.Shadow, &beside.j)
	}
	b.s.putScratch(beside)
}
