package session

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

// Floor says who may speak to the customer now.
type Floor uint8

// The floors. The zero value is the bot's.
const (
	Bot    Floor = iota
	Attune       // Attune itself, while a person is being brought in
	Agent        // a person
	Nobody
)

var floorNames = [...]string{"bot", "attune", "agent", "nobody"}

// String returns the floor's name in metrics, events and Redis.
func (f Floor) String() string {
	if int(f) < len(floorNames) {
		return floorNames[f]
	}
	return fmt.Sprintf("floor(%d)", uint8(f))
}

// ParseFloor is the inverse of Floor.String.
func ParseFloor(name string) (Floor, error) {
	for i, n := range floorNames {
		if n == name {
			return Floor(i), nil
		}
	}
	return 0, fmt.Errorf("unknown floor %q: want bot, attune, agent or nobody", name)
}

// MarshalText returns the floor's name.
func (f Floor) MarshalText() ([]byte, error) { return []byte(f.String()), nil }

// UnmarshalText reads a floor's name.
func (f *Floor) UnmarshalText(text []byte) error {
	got, err := ParseFloor(string(text))
	if err != nil {
		return err
	}
	*f = got
	return nil
}

// MaxTurns is how many turns of a conversation are kept.
const MaxTurns = 200

// maxText bounds a stored text, in bytes. A longer one is cut; what went over
// the wire is not affected.
const maxText = 4 << 10

// Turn is one thing said, or one thing that happened, as it is kept.
type Turn struct {
	// ID is unique within the session. Append makes one, unless the caller has: of the
	// turns that several nodes write down under one ID the first stands.
	ID string
	// Role is "customer", "bot", "agent", "attune" or "event".
	Role string
	// Text is what was said: for the bot what it sent, before Attune's hand.
	Text string
	// Sent is what the customer was shown instead of Text. Empty: the same.
	Sent string
	// Agent names the person, when Role is "agent".
	Agent string
	// Event names what happened, when Role is "event".
	Event string
	// At is when; the zero time is replaced by now. Kept in milliseconds.
	At time.Time
	// Rules are the ids of the rewrites and moves that were applied.
	Rules []string
	// Signals are the ids of the rules that noticed something.
	Signals []string
	// Late: the bot said it while somebody else had the floor; the customer was
	// not shown it.
	Late bool
}

// turnJSON is a turn in Redis and in events. The keys are short because they
// are stored with every turn: i id, r role, x text, s sent, a agent, e event,
// t Unix milliseconds, u rules, g signals, l late. Unknown keys are skipped.
type turnJSON struct {
	ID      string   `json:"i,omitempty"`
	Role    string   `json:"r"`
	Text    string   `json:"x,omitempty"`
	Sent    string   `json:"s,omitempty"`
	Agent   string   `json:"a,omitempty"`
	Event   string   `json:"e,omitempty"`
	At      int64    `json:"t"`
	Rules   []string `json:"u,omitempty"`
	Signals []string `json:"g,omitempty"`
	Late    bool     `json:"l,omitempty"`
}

// MarshalJSON writes the stored form.
func (t Turn) MarshalJSON() ([]byte, error) {
	return appendTurn(nil, &t), nil
}

// UnmarshalJSON reads the stored form.
func (t *Turn) UnmarshalJSON(data []byte) error {
	var j turnJSON
	if err := json.Unmarshal(data, &j); err != nil {
		return fmt.Errorf("session: decode turn: %w", err)
	}
	*t = Turn{
		ID: j.ID, Role: j.Role, Text: j.Text, Sent: j.Sent, Agent: j.Agent, Event: j.Event,
		At: time.UnixMilli(j.At), Rules: j.Rules, Signals: j.Signals, Late: j.Late,
	}
	return nil
}

// cut bounds a redacted text. It also drops digits that stand at the cut: the
// head of a long number may read as another number.
func cut(s string) string {
	if len(s) <= maxText {
		return s
	}
	end := maxText
	for end > 0 && !utf8.RuneStart(s[end]) {
		end--
	}
	head := strings.TrimRightFunc(s[:end], func(r rune) bool {
		_, digit := digitOf(r)
		return digit || separator(r)
	})
	return head + "…"
}
