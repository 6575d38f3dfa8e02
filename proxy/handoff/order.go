package handoff

import "time"

// The order in which people wait. A crisis goes before everything else. All
// others go by the time of their request, minus a head start: five minutes for
// who asked for a person, and half a minute for each point of the score, five
// minutes at most. So whoever has waited five minutes longer than somebody goes
// before them in any case, and nobody starves.
const (
	headStart      = 5 * time.Minute
	headStartPoint = 30 * time.Second
)

// due is the time that a handoff is ordered by.
func (h *Handoff) due() time.Time {
	ahead := headStart
	if !h.Card.Explicit {
		ahead = min(headStart, time.Duration(max(0, h.Card.Score)*float64(headStartPoint)))
	}
	return h.RequestedAt.Add(-ahead)
}

// sooner orders handoffs: the one to take first comes first.
func sooner(x, y Handoff) int {
	switch {
	case x.Card.Crisis && !y.Card.Crisis:
		return -1
	case y.Card.Crisis && !x.Card.Crisis:
		return 1
	}
	if c := x.due().Compare(y.due()); c != 0 {
		return c
	}
	return older(x, y)
}
