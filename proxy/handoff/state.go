package handoff

import (
	"errors"
	"fmt"
	"strings"
)

// State is where a handoff stands.
type State string

// The states. Doc.go has the table of transitions.
const (
	// Requested: asked for, but only this node knows it yet (Redis is gone).
	Requested State = "requested"
	// Queued: waits at its desk; every node sees it.
	Queued State = "queued"
	// Offered: shown to one agent or system that has not answered yet.
	Offered State = "offered"
	// Accepted: an agent took it, and does not have the floor yet.
	Accepted State = "accepted"
	// Active: the agent has the floor.
	Active State = "active"
	// Returned: the agent gave the conversation back to the bot.
	Returned State = "returned"
	// Resolved: the agent closed the matter.
	Resolved State = "resolved"
	// Abandoned: the customer went, or chose to stay with the bot.
	Abandoned State = "abandoned"
	// Expired: nobody came in time.
	Expired State = "expired"
	// Failed: the desk could not be reached.
	Failed State = "failed"
)

// States returns the ten states, in the order of a handoff's life.
func States() []State {
	return []State{Requested, Queued, Offered, Accepted, Active, Returned, Resolved, Abandoned, Expired, Failed}
}

// Open reports whether the handoff still goes on.
func (s State) Open() bool { return s.Waiting() || s.Taken() }

// Waiting reports whether nobody has taken the handoff yet.
func (s State) Waiting() bool { return s == Requested || s == Queued || s == Offered }

// Taken reports whether an agent has it.
func (s State) Taken() bool { return s == Accepted || s == Active }

// next returns the states that may follow.
func (s State) next() []State {
	switch s {
	case Requested:
		return []State{Queued, Offered, Accepted, Abandoned, Expired, Failed}
	case Queued:
		return []State{Offered, Accepted, Abandoned, Expired, Failed}
	case Offered:
		return []State{Queued, Accepted, Abandoned, Expired, Failed}
	case Accepted:
		return []State{Queued, Active, Returned, Resolved, Abandoned, Failed}
	case Active:
		return []State{Queued, Returned, Resolved, Abandoned, Failed}
	default:
		return nil
	}
}

// May reports whether a handoff in state s may go to the state to.
func (s State) May(to State) bool {
	for _, n := range s.next() {
		if n == to {
			return true
		}
	}
	return false
}

// before returns the states that may go to a state, each between spaces, as the
// scripts want them.
func before(to State) string {
	var b strings.Builder
	b.WriteByte(' ')
	for _, s := range States() {
		if s.May(to) {
			b.WriteString(string(s) + " ")
		}
	}
	return b.String()
}

var (
	// ErrNone says that the session has no such handoff.
	ErrNone = errors.New("handoff: none")
	// ErrState says that the handoff is in a state from which this cannot be done.
	ErrState = errors.New("handoff: not possible in this state")
	// ErrUnavailable says that Redis cannot be used now.
	ErrUnavailable = errors.New("handoff: redis is not available")
)

// TakenError says that another agent, or the same one elsewhere, has the handoff.
type TakenError struct {
	// By is the agent who has it.
	By string
}

// Error names the agent.
func (e *TakenError) Error() string { return fmt.Sprintf("handoff: taken by %s", e.By) }
