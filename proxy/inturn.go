package proxy

import (
	"sync"

	"attune/proxy/session"
)

// inTurn are words on their way to widgets of this node: those of one conversation
// are delivered one after the other, in the order in which this node heard them,
// so that nobody speaks before it was said who comes.
type inTurn struct {
	mu    sync.Mutex
	words map[string][]session.Event // by session; the first is being delivered
}

// deliverInTurn hands words to the widgets once what was said before them has been
// handed over, beside the messages.
func (d *switchboard) deliverInTurn(e session.Event) {
	q := &d.turns
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.words[e.Session] = append(q.words[e.Session], e); len(q.words[e.Session]) > 1 {
		return // whoever delivers the one before goes on with it
	}
	d.s.later(func() {
		for next, more := e, true; more; next, more = q.done(e.Session) {
			d.deliver(next)
		}
	})
}

// done takes out what was delivered and returns what comes next, if anything.
func (q *inTurn) done(id string) (next session.Event, more bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	left := q.words[id][1:]
	if len(left) == 0 {
		delete(q.words, id)
		return session.Event{}, false
	}
	q.words[id] = left
	return left[0], true
}
