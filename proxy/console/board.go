package console

import (
	"context"
	"errors"
	"time"
)

// Switchboard is what the console needs of the rooms behind it: who waits,
// what was said, and the floor. Its methods may be called from many
// goroutines at once. An agent is named by [Identity.Name].
//
// Besides the errors named at each method any other error may come back; it
// is shown to the person as "does not answer, try again" and never quoted.
type Switchboard interface {
	// Waiting returns every conversation that waits for a person or is
	// with one, oldest first.
	Waiting(ctx context.Context) ([]Summary, error)
	// Conversation returns the card and the transcript of one session, or
	// ErrNotFound.
	Conversation(ctx context.Context, session string) (Conversation, error)
	// Claim gives the floor to the agent. When somebody else has it, it
	// returns a *TakenError; claiming what one already has is no error. It returns
	// ErrFull when the desk has all the conversations it may have.
	Claim(ctx context.Context, session, agent string) error
	// Say sends the agent's words to the customer, unaltered. It returns
	// ErrNotYours when the agent does not hold the floor and ErrAway when the
	// customer is not connected: the words were not delivered.
	Say(ctx context.Context, session, agent, text string) error
	// Release lets the customer wait for another agent, at the old place. It
	// returns ErrNotYours when the agent does not hold the conversation.
	Release(ctx context.Context, session, agent string) error
	// Return gives the floor back to the bot. It returns ErrNotYours when
	// the agent does not hold it.
	Return(ctx context.Context, session, agent string) error
	// Resolve closes the handoff with the agent's verdict, one of Verdicts.
	// It returns ErrNotYours when the agent does not hold the floor.
	Resolve(ctx context.Context, session, agent, verdict string) error
	// Present says that the agent's page is open and answering. It is
	// called when the page connects and then at every heartbeat
	// (Config.Heartbeat); an agent not heard of for a few of these is gone.
	Present(ctx context.Context, agent string) error
	// Watch tells of changes until ctx ends, then closes the channel.
	// Changes are coalesced: a slow reader misses repetitions, never the
	// last state. A channel closed earlier ends the page's connection and
	// the page comes back.
	Watch(ctx context.Context) <-chan Event
}

var (
	// ErrNotFound says that there is no such conversation (any more).
	ErrNotFound = errors.New("console: no such conversation")
	// ErrNotYours says that the agent does not hold the floor.
	ErrNotYours = errors.New("console: the floor is not yours")
	// ErrAway says that the customer is not connected at the moment.
	ErrAway = errors.New("console: the customer is not connected")
)

// Passer is a Switchboard on which agents pass conversations on.
type Passer interface {
	// Transfer lets the customer wait for somebody else. It returns ErrNotYours,
	// ErrNoDesk, or ErrNote.
	Transfer(ctx context.Context, session, agent string, to Passing) error
	// Desks and Agents are where a conversation can go: the desks there are, and
	// the agents who are there.
	Desks() []string
	Agents() []string
}

// Typist is a Switchboard that shows customers that an agent is writing.
type Typist interface {
	// Typing is called at most every few seconds while the agent writes. It returns
	// ErrNotYours when the agent does not hold the floor.
	Typing(ctx context.Context, session, agent string) error
}

// Passing is where an agent passes a conversation on to; all of it may be empty.
type Passing struct {
	Desk  string // another desk
	Agent string // whom it is meant for
	Note  string // for whoever takes it
}

var (
	// ErrNoDesk says that there is no such desk.
	ErrNoDesk = errors.New("console: no such desk")
	// ErrNote says that a note is too long, or that there are too many.
	ErrNote = errors.New("console: a note has at most 2 KiB, a conversation at most 20 notes")
	// ErrFull says that the desk has all the conversations it may have.
	ErrFull = errors.New("console: the desk is full")
)

// TakenError says that another agent has the conversation.
type TakenError struct {
	By string // name of the agent who has it
}

// Error says who has it.
func (e *TakenError) Error() string { return "console: taken by " + e.By }

// The verdicts: an agent's one-tap judgement, at the end, of the decision to
// bring in a person. They are the best labels there are for the rules.
const (
	Needed    = "needed"
	TooEarly  = "too-early"
	TooLate   = "too-late"
	WrongDesk = "wrong-desk"
)

// Verdicts returns every verdict in the order in which they are offered.
func Verdicts() []string { return []string{Needed, TooEarly, TooLate, WrongDesk} }

// The kinds of an Event.
const (
	KindQueue = "queue" // who waits, or how long a list it is
	KindTurn  = "turn"  // something was said in Session
	KindFloor = "floor" // the floor of Session changed hands
	// KindTyping: the customer of Session, who talks with an agent, is writing.
	KindTyping = "typing"
)

// Event says that something changed; the reader asks for the new state.
type Event struct {
	Kind    string `json:"kind"`              // queue, turn, floor or typing
	Session string `json:"session,omitempty"` // empty for queue
}

// Summary is one line of the waiting list.
type Summary struct {
	Session  string             `json:"session"`         // opaque id
	Desk     string             `json:"desk,omitempty"`  // where the handoff went
	State    string             `json:"state"`           // requested, queued, offered, accepted, active
	Agent    string             `json:"agent,omitempty"` // who has it, empty while it waits
	Reason   string             `json:"reason"`          // id of the rule behind the handoff
	Why      string             `json:"why"`             // that rule's why
	Feelings map[string]float64 `json:"feelings"`        // points by feeling, 0 and up; absent = 0
	Score    float64            `json:"score"`           // 0 and up
	Since    time.Time          `json:"since"`           // when the customer began to wait
	Language string             `json:"language,omitempty"`
	Channel  string             `json:"channel,omitempty"`  // text or voice
	Last     string             `json:"last"`               // what led here, else what they want; in a Conversation their last words
	Crisis   bool               `json:"crisis,omitempty"`   // somebody may be in danger
	Explicit bool               `json:"explicit,omitempty"` // they asked for a person
	Callback bool               `json:"callback,omitempty"` // the desk was closed: they wait for a call
	For      string             `json:"for,omitempty"`      // whom it was passed on to, while it waits
}

// Conversation is a summary with the rest of the card and the transcript.
type Conversation struct {
	Summary

	Goal     string    `json:"goal"`               // what the customer wants, in one line
	Words    []string  `json:"words"`              // the customer's words that triggered the handoff
	Tried    []string  `json:"tried"`              // what the bot tried
	Facts    []string  `json:"facts,omitempty"`    // what the customer already gave: order, dates
	Promises []Promise `json:"promises,omitempty"` // what was promised and is still due
	Notes    []Note    `json:"notes,omitempty"`    // what agents, or the customer, added
	Turns    []Turn    `json:"turns"`              // oldest first
}

// Note is something that a person added to the card.
type Note struct {
	By   string    `json:"by"` // an agent, or customer
	Text string    `json:"text"`
	At   time.Time `json:"at"`
}

// Promise is something the customer was told to expect.
type Promise struct {
	Text string    `json:"text"`
	Due  time.Time `json:"due"`
}

// Turn is one entry of a transcript.
type Turn struct {
	ID      string    `json:"id,omitempty"`      // unique within the session
	Role    string    `json:"role"`              // customer, bot, attune, agent or event
	Text    string    `json:"text"`              // what was said; for bot turns what the bot wrote
	Sent    string    `json:"sent,omitempty"`    // bot turns: what the customer saw when that differs
	Rules   []string  `json:"rules,omitempty"`   // rewrites applied
	Signals []string  `json:"signals,omitempty"` // rules that fired on this turn
	Agent   string    `json:"agent,omitempty"`   // agent turns: who spoke
	Event   string    `json:"event,omitempty"`   // event turns: dtmf, no_input, no_match, barge_in, reconnect, silence, …
	Value   string    `json:"value,omitempty"`   // event turns: the key pressed
	At      time.Time `json:"at,omitzero"`       // zero = unknown
	Late    bool      `json:"late,omitempty"`    // bot turns: came too late and was not sent
}
