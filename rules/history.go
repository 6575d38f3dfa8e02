package rules

import (
	"encoding/json"
	"fmt"
	"slices"
)

// Bounds of a history. With sketches of at most 180 characters it stays below 1.5 KB as JSON.
const (
	pastCustomer = 4 // customer turns remembered
	pastBot      = 4 // replies remembered
)

// A history is what the detectors remember of a conversation: sketches and flags, no words. The zero value is a new
// conversation. It is part of State and written as JSON.
type history struct {
	Customer []past `json:"c,omitempty"` // last customer turns, newest last
	Bot      []past `json:"b,omitempty"` // last replies, newest last
	Waiting  uint8  `json:"w,omitempty"` // customer messages since somebody answered
	NoInput  uint8  `json:"i,omitempty"` // in a row, since the customer was last understood
	NoMatch  uint8  `json:"m,omitempty"`
	BargeIns uint8  `json:"g,omitempty"` // since the conversation began
	Silences uint8  `json:"q,omitempty"`
	Lost     uint8  `json:"r,omitempty"` // reconnects
	Rejoined bool   `json:"j,omitempty"` // reconnected, and the customer said nothing since
}

// past is one remembered turn.
type past struct {
	Flags  pastFlags `json:"f,omitempty"`
	Sketch sketch    `json:"s,omitzero"`
}

// pastFlags say what a turn was.
type pastFlags uint16

const (
	pastFallback pastFlags = 1 << iota // bot: did not understand
	pastRefusal                        // bot: cannot or will not
	pastTemplate                       // bot: confirmation, menu or closing question, meant to be said again
	pastQuestion                       // bot: ended with a question
	pastYesNo                          // bot: that question asks for a plain yes or no about the customer's wishes
	pastMore                           // bot: asked whether there is anything else
	pastForm                           // bot: expected a form value
)

// lastBot returns the flags of the last reply, 0 when there was none.
func (h *history) lastBot() pastFlags {
	if len(h.Bot) == 0 {
		return 0
	}
	return h.Bot[len(h.Bot)-1].Flags
}

// botFailures counts the replies in a row, from the last one back, that were fallbacks or refusals.
func (h *history) botFailures() int {
	n := 0
	for i := len(h.Bot) - 1; i >= 0 && h.Bot[i].Flags&(pastFallback|pastRefusal) != 0; i-- {
		n++
	}
	return n
}

// add takes the turn into the history, after the detectors have seen it.
func (h *history) add(o *observation) {
	switch o.role {
	case Customer:
		h.Customer = remember(h.Customer, o, pastCustomer)
		bump(&h.Waiting)
		h.NoInput, h.NoMatch = 0, 0
		h.Rejoined = false
	case Bot:
		h.Bot = remember(h.Bot, o, pastBot)
		h.Waiting = 0
	case Agent:
		h.Waiting = 0
	case Event:
		switch o.event {
		case "no_input":
			bump(&h.NoInput)
		case "no_match":
			bump(&h.NoMatch)
		case "barge_in":
			bump(&h.BargeIns)
		case "silence":
			bump(&h.Silences)
		case "reconnect":
			bump(&h.Lost)
			h.Rejoined = true
		}
	}
}

// bump counts up and stays at the top.
func bump(n *uint8) {
	if *n < 255 {
		*n++
	}
}

// remember appends the turn and forgets the oldest beyond most.
func remember(list []past, o *observation, most int) []past {
	if len(list) >= most {
		list = list[:copy(list, list[len(list)-most+1:])]
	}
	return append(list, past{Flags: o.flags, Sketch: o.sketch})
}

// clone returns a copy that shares nothing with h.
func (h *history) clone() history {
	c := *h
	c.Customer, c.Bot = slices.Clone(h.Customer), slices.Clone(h.Bot)
	return c
}

// UnmarshalJSON reads a history and refuses one that is larger than add leaves it.
func (h *history) UnmarshalJSON(b []byte) error {
	type plain history
	var p plain
	if err := json.Unmarshal(b, &p); err != nil {
		return err
	}
	if len(p.Customer) > pastCustomer || len(p.Bot) > pastBot {
		return fmt.Errorf("history of %d and %d turns", len(p.Customer), len(p.Bot))
	}
	*h = history(p)
	return nil
}
