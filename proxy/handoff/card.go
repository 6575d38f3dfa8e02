package handoff

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"
)

// Card is what an agent sees before the first word: why a person is needed and
// what happened so far. The texts in it are the customer's: they are redacted
// (Config.Redact) before they leave this node and never logged.
type Card struct {
	// Reason is the id of the rule that decided, Why its own words.
	Reason string `json:"reason,omitempty"`
	Why    string `json:"why,omitempty"`
	// Explicit: the customer asked for a person. Such a request is kept when
	// Redis is gone.
	Explicit bool `json:"explicit,omitempty"`
	// Crisis: somebody may be in danger.
	Crisis bool `json:"crisis,omitempty"`
	// Feelings are the points by feeling, Score their decayed sum.
	Feelings map[string]float64 `json:"feelings,omitempty"`
	Score    float64            `json:"score,omitempty"`
	// Words are the customer's words that triggered the decision.
	Words []string `json:"words,omitempty"`
	// Goal is what the customer wants, Facts what they have given, Tried what
	// the bot tried.
	Goal  string   `json:"goal,omitempty"`
	Facts []string `json:"facts,omitempty"`
	Tried []string `json:"tried,omitempty"`
	// Promises are what the customer was told to expect when the handoff was
	// asked for.
	Promises []Expectation `json:"promises,omitempty"`
	// Language is the locale of the conversation, Register how the customer is
	// addressed ("formal", "informal", "" where nothing is said about it),
	// Channel "text" or "voice", Touchpoint the place in the journey.
	Language   string `json:"language,omitempty"`
	Register   string `json:"register,omitempty"`
	Channel    string `json:"channel,omitempty"`
	Touchpoint string `json:"touchpoint,omitempty"`
	// Callback: the desk was closed when it was asked for. The bot goes on, and
	// somebody gets back to the customer; such a handoff waits until it is taken.
	Callback bool `json:"callback,omitempty"`
}

// Expectation is what a customer was told, and until when it holds.
type Expectation struct {
	Text string    `json:"text"`
	Due  time.Time `json:"due"`
}

// redact returns the card with its texts cleaned.
func (c Card) redact(f func(string) string) Card {
	if f == nil {
		return c
	}
	list := func(in []string) []string {
		out := slices.Clone(in)
		for i := range out {
			out[i] = f(out[i])
		}
		return out
	}
	if c.Goal != "" {
		c.Goal = f(c.Goal)
	}
	c.Words, c.Facts, c.Tried = list(c.Words), list(c.Facts), list(c.Tried)
	c.Promises = slices.Clone(c.Promises)
	for i := range c.Promises {
		c.Promises[i].Text = f(c.Promises[i].Text)
	}
	return c
}

// Label is what an agent says about a handoff when closing it.
type Label string

// The labels.
const (
	Needed    Label = "needed"
	TooEarly  Label = "too_early"
	TooLate   Label = "too_late"
	WrongDesk Label = "wrong_desk"
)

// Handoff is one process of bringing in a person.
type Handoff struct {
	// Token identifies the handoff. The caller makes it once and keeps it over
	// retries.
	Token string `json:"token"`
	// Session is the id of the conversation.
	Session string `json:"session"`
	// Desk is where it waits; "" = DefaultDesk.
	Desk  string `json:"desk"`
	State State  `json:"state"`
	// Agent is who has it, or had it last.
	Agent string `json:"agent,omitempty"`
	Card  Card   `json:"card"`
	// Epoch is the epoch of the floor that belongs to the handoff: at first the
	// one it was requested under, once active the agent's.
	Epoch uint64 `json:"epoch,omitempty"`
	Label Label  `json:"label,omitempty"`
	// For is the agent whom it was passed on to, while it waits; others may take it.
	For string `json:"for,omitempty"`
	// Notes are what people added, oldest first.
	Notes []Note `json:"notes,omitempty"`

	// RequestedAt is when it was asked for: the caller's time, or now. The other
	// times are set by the board; zero = not yet. All have milliseconds.
	RequestedAt time.Time `json:"requested_at"`
	AcceptedAt  time.Time `json:"accepted_at,omitzero"`
	ActiveAt    time.Time `json:"active_at,omitzero"`
	// RequeuedAt is since when it waits again, after an agent had it.
	RequeuedAt time.Time `json:"requeued_at,omitzero"`
	ClosedAt   time.Time `json:"closed_at,omitzero"`

	// Same, in Config.OnChange, says that the handoff entered no state: it has
	// another card, note or label.
	Same bool `json:"-"`
}

// Wait is how long the customer has waited for an agent, or had to wait; once an
// agent had it, since then.
func (h *Handoff) Wait(now time.Time) time.Duration {
	switch {
	case !h.AcceptedAt.IsZero():
		now = h.AcceptedAt
	case !h.ClosedAt.IsZero():
		now = h.ClosedAt
	}
	return max(0, now.Sub(h.WaitsSince()))
}

// WaitsSince is since when the customer waits, or waited before the last agent came.
func (h *Handoff) WaitsSince() time.Time {
	if !h.RequeuedAt.IsZero() {
		return h.RequeuedAt
	}
	return h.RequestedAt
}

// decode reads a handoff from the fields of its hash. Unknown fields are
// skipped.
func decode(fields map[string]string) (Handoff, error) {
	h := Handoff{
		Token: fields["tk"], Session: fields["se"], Desk: fields["dk"], State: State(fields["st"]), Agent: fields["ag"],
		Label: Label(fields["lb"]), For: fields["fr"], Notes: notesOf(fields["nt"]), RequeuedAt: millis(fields["rq"]),
		RequestedAt: millis(fields["tr"]), AcceptedAt: millis(fields["ta"]),
		ActiveAt: millis(fields["tv"]), ClosedAt: millis(fields["te"]),
	}
	h.Epoch, _ = strconv.ParseUint(fields["ep"], 10, 53)
	if h.Token == "" {
		return Handoff{}, ErrNone
	}
	if err := json.Unmarshal([]byte(fields["cd"]), &h.Card); err != nil {
		return Handoff{}, fmt.Errorf("handoff: decode card: %w", err)
	}
	return h, nil
}

// pairs turns the flat answer of a script into fields.
func pairs(answer any) map[string]string {
	list, _ := answer.([]any)
	out := make(map[string]string, len(list)/2)
	for i := 0; i+1 < len(list); i += 2 {
		k, _ := list[i].(string)
		v, _ := list[i+1].(string)
		out[k] = v
	}
	return out
}

func millis(s string) time.Time {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n == 0 {
		return time.Time{}
	}
	return time.UnixMilli(n)
}
