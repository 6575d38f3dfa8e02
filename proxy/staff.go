package proxy

import (
	"time"

	"attune/proxy/handoff"
)

// handleTime is what a conversation with a person takes on average, for the
// wait that is told to customers: an assumption, until desks say better.
const handleTime = 4 * time.Minute

// available is the number of free seats at a desk ("": the default one), as last
// seen: those of the agents who are there, and no more than the desk may have.
// Who is behind a desk of another kind is not known here: there a seat is free
// until its capacity is reached.
func (d *switchboard) available(desk string) int {
	o := d.board.Overview()
	id := d.nameOf(desk)
	kind, capacity := d.s.cfg.Desks.staff(id)
	free := o.Available
	if kind != deskConsole {
		free = 1
	}
	if capacity > 0 {
		free = min(free, max(0, capacity-o.Desks[id].Taken))
	}
	return free
}

// expected is the wait for a person at a desk: as long as the first in its queue
// has waited already, and at least the queue's share of the agents' time.
func (d *switchboard) expected(desk string, now time.Time) time.Duration {
	o := d.board.Overview()
	id := d.nameOf(desk)
	if depth := o.Desks[id].Depth; d.available(desk) <= depth {
		return d.turn(id, depth+1, now)
	}
	return time.Minute
}

// turn is how long it takes until the customer at a place in a desk's queue, from
// 1, has a person.
func (d *switchboard) turn(desk string, place int, now time.Time) time.Duration {
	o := d.board.Overview()
	q := o.Desks[desk]
	_, capacity := d.s.cfg.Desks.staff(desk)
	hands := max(o.Agents, 1)
	if capacity > 0 {
		hands = min(hands, capacity)
	}
	var oldest time.Duration
	if !q.Oldest.IsZero() {
		oldest = max(0, now.Sub(q.Oldest))
	}
	return max(oldest, handleTime*time.Duration(place)/time.Duration(hands))
}

// full reports whether a desk has all the conversations that it may have.
func (d *switchboard) full(h handoff.Handoff, open []handoff.Handoff) bool {
	_, capacity := d.s.cfg.Desks.staff(h.Desk)
	if capacity == 0 || h.Card.Crisis {
		return false
	}
	taken := 0
	for i := range open {
		if open[i].Desk == h.Desk && open[i].State.Taken() {
			taken++
		}
	}
	return taken >= capacity
}

// nameOf is the id of the desk that answers to a name.
func (d *switchboard) nameOf(desk string) string { return d.s.cfg.Desks.answers(desk) }

// open reports whether somebody is at a desk ("": the default one) at a time.
func (d *switchboard) open(desk string, at time.Time) bool {
	return d.s.cfg.Desks.Open(d.nameOf(desk), at)
}

// staff is who is behind a desk and how many conversations it may have at once
// (0: no limit).
func (d *Desks) staff(id string) (deskKind, int) {
	if d == nil {
		return deskConsole, 0
	}
	k, ok := d.byID[id]
	if !ok {
		return deskConsole, 0
	}
	return k.kind, k.capacity
}
