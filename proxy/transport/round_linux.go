package transport

import "time"

const (
	readLimit = 32 << 10 // what one read may bring
	roundRoom = 4 * readLimit
	// writeAfter is how many departures may wait, so that the first of many does
	// not wait for all.
	writeAfter = 32
)

// round is what a loop has at hand while it goes through what sockets have become
// ready for. It does so in three stages: it reads from all of them, hands over what
// came, side by side, and writes what came of that. Each stage finds its code and
// its data in the processor's caches, where bridges one by one, from reading to
// writing, drive each other's out. And a peer that the first write wakes is awake
// for those that follow, where it had gone to sleep again meanwhile.
//
// Bridges at rest hold none of it.
type round struct {
	now        time.Time // when the events at hand were met
	in         *[roundRoom]byte
	filled     int // of in
	arrivals   [2][]arrival
	out        []byte
	departures []departure
	writing    bool
}

// arrival is what one read has brought.
type arrival struct {
	from       *socket
	start, end int // in round.in
}

// departure is what one call of a bridge has for one socket.
type departure struct {
	to             *socket
	end            int // in round.out, where the one before it ends
	closing, abort bool
}

// room returns where the next read puts what it brings.
func (l *loop) room() []byte {
	if roundRoom-l.filled < readLimit {
		l.handOver()
	}
	return l.in[l.filled : l.filled+readLimit]
}

// arrived notes n bytes in the room.
func (l *loop) arrived(k *socket, n int) {
	l.arrivals[k.side] = append(l.arrivals[k.side], arrival{from: k, start: l.filled, end: l.filled + n})
	l.filled += n
}

// handOver hands the bridges what has arrived.
func (l *loop) handOver() {
	for s := range l.arrivals {
		for i, a := range l.arrivals[s] {
			l.arrivals[s][i].from = nil
			if k := a.from; k.fd >= 0 { // else it was closed since
				k.of.receive(k.side, l.in[a.start:a.end])
			}
		}
		l.arrivals[s] = l.arrivals[s][:0]
	}
	l.filled = 0
}

// dispatch notes what a bridge has for a socket. The caller has it delivered.
func (l *loop) dispatch(k *socket, p []byte, closing, abort bool) {
	if len(p) == 0 && !closing && !abort {
		return
	}
	l.out = append(l.out, p...)
	l.departures = append(l.departures, departure{to: k, end: len(l.out), closing: closing, abort: abort})
}

// pressing reports whether what was dispatched should not wait for more.
func (l *loop) pressing() bool {
	if len(l.departures) == 0 {
		return false
	}
	last := l.departures[len(l.departures)-1]
	return last.closing || last.abort || len(l.departures) >= writeAfter || len(l.out) > pauseAt
}

// deliver writes what was dispatched, and what bridges dispatch when they hear
// what came of it.
func (l *loop) deliver() {
	if l.writing {
		return
	}
	l.writing = true
	start := 0
	for i := 0; i < len(l.departures); i++ {
		d := l.departures[i]
		d.to.put(l.out[start:d.end], d.closing, d.abort)
		start = d.end
		d.to.of.bury()
	}
	clear(l.departures)
	l.departures, l.out = l.departures[:0], l.out[:0]
	if cap(l.out) > 2*pauseAt {
		l.out = nil
	}
	l.writing = false
}
