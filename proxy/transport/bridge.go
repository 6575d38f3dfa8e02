package transport

import (
	"errors"
	"net"
	"time"
)

// Side is one end of a bridge.
type Side uint8

// The two ends. An IVR platform that dials in is a widget too.
const (
	Widget Side = iota
	Backend
)

// String returns "widget" or "backend", the values of the metric label side.
func (s Side) String() string {
	if s == Widget {
		return "widget"
	}
	return "backend"
}

// Other returns the opposite end.
func (s Side) Other() Side { return 1 - s }

// Bridge is what a transport runs. Every method is handed the time and must
// return at once; none may wait, start a goroutine or keep p or out.
type Bridge interface {
	// Receive hands over bytes as they came from one side. The bridge may
	// change p in place.
	Receive(from Side, p []byte, now time.Time, out *Output)
	// Lost says that nothing more will come from a side and nothing more can
	// be sent to it. It is called at most once a socket. The error is io.EOF for
	// an orderly end of the stream and [ErrSlow] for a peer that was cut off
	// because it took nothing for too long.
	Lost(side Side, err error, now time.Time, out *Output)
	// Tell hands over an event from elsewhere: an agent's words, an answer of
	// the store, a change of the floor, the order to drain. One that brings bytes
	// to work through has a method Weight, as the bridge itself has.
	Tell(event any, now time.Time, out *Output)
	// Weight is how many bytes the bridge holds that its next call may have to
	// work through: unfinished and held messages. A transport that serves many
	// bridges with one goroutine gives a heavy call another one.
	Weight() int
	// Tick is called when the deadline that the bridge asked for has passed.
	Tick(now time.Time, out *Output)
}

// Output is what a bridge wants done. Bytes for a side go out in the order of
// the calls that produced them.
type Output struct {
	// Send holds the bytes to write to each side; the bridge appends to it.
	Send [2][]byte
	// Close asks for the end of a side once everything sent to it is written:
	// the writing direction is shut, what still arrives is read and thrown
	// away for a moment, so that the peer sees our last words, then the socket
	// is closed.
	Close [2]bool
	// Abort closes a side's socket at once.
	Abort [2]bool
	// Next is the next deadline at which Tick is wanted, zero for none. It
	// stands until the next call of any method.
	Next time.Time
}

func (o *Output) reset() {
	o.Send[Widget], o.Send[Backend] = o.Send[Widget][:0], o.Send[Backend][:0]
	o.Close, o.Abort = [2]bool{}, [2]bool{}
	o.Next = time.Time{}
}

// shrink gives room back that an unusual event has taken.
func (o *Output) shrink() {
	for s := range o.Send {
		if cap(o.Send[s]) > pauseAt {
			o.Send[s] = nil
		}
	}
}

// ErrSlow is the loss of a peer that took no byte for the time allowed, or
// let its queue grow past the bound.
var ErrSlow = errors.New("transport: peer takes nothing")

// ErrPanic is the loss of both peers after the bridge panicked.
var ErrPanic = errors.New("transport: bridge panicked")

// End is one socket of a bridge, with the bytes that were read from it before
// the transport took over (a backend may speak right behind its handshake).
type End struct {
	Conn  net.Conn
	Early []byte
}

// Drop closes the socket of an end that is not needed after all.
func (e End) Drop() {
	if e.Conn != nil {
		_ = e.Conn.Close()
	}
}

// Link is a running bridge.
type Link interface {
	// Tell hands an event to the bridge and returns when it has heard it. It may
	// be called by any goroutine, though not by a bridge nor with a lock that a
	// bridge takes, never waits for a peer, and does nothing once the bridge has
	// ended.
	Tell(event any)
	// Replace puts a new socket in the place of a side that was lost, which
	// the link owns from then on, and hands the event to the bridge before
	// anything is read from it. It reports false, and leaves the socket alone,
	// when the bridge has ended.
	Replace(s Side, end End, event any) bool
}
