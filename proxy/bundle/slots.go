package bundle

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"
)

// Changed is the kind of the event by which nodes hear that a slot has changed.
const Changed = "bundles"

// Slot is a place where a bundle is in force.
type Slot string

// The slots.
const (
	Active Slot = "active"
	Canary Slot = "canary"
	Shadow Slot = "shadow"
)

// ParseSlot reads the name of a slot.
func ParseSlot(name string) (Slot, error) {
	switch s := Slot(name); s {
	case Active, Canary, Shadow:
		return s, nil
	}
	return "", fmt.Errorf("unknown slot %q: want active, canary or shadow", name)
}

// Placed is a bundle in a slot: since when and by whom.
type Placed struct {
	Digest string    `json:"digest"`
	At     time.Time `json:"at"`
	By     string    `json:"by"`
	// Share is how many of a hundred sessions a canary judges, more than 0 and
	// less than 100; 0 in the other slots.
	Share float64 `json:"share,omitempty"`
}

// Slots says what is in force where; an empty slot is nil.
type Slots struct {
	Active *Placed `json:"active,omitempty"`
	Canary *Placed `json:"canary,omitempty"`
	Shadow *Placed `json:"shadow,omitempty"`
	// Before are the bundles that were active, the latest first.
	Before []Placed `json:"before,omitempty"`

	stored string // as Redis has them
}

// keepBefore is how many formerly active bundles can be gone back to.
const keepBefore = 10

// Same tells whether two answers of a shelf are of the same slots.
func (s Slots) Same(other Slots) bool { return s.stored == other.stored }

// In returns what is in a slot, nil for nothing.
func (s Slots) In(slot Slot) *Placed {
	switch slot {
	case Active:
		return s.Active
	case Canary:
		return s.Canary
	case Shadow:
		return s.Shadow
	}
	return nil
}

func (s *Slots) put(slot Slot, p *Placed) {
	switch slot {
	case Active:
		if s.Active != nil && p != nil && s.Active.Digest != p.Digest {
			s.Before = slices.Insert(s.Before, 0, *s.Active)
			s.Before = s.Before[:min(len(s.Before), keepBefore)]
		}
		s.Active = p
	case Canary:
		s.Canary = p
	case Shadow:
		s.Shadow = p
	}
}

// digests lists what is referred to, each once.
func (s Slots) digests() []string {
	var all []string
	for _, p := range []*Placed{s.Active, s.Canary, s.Shadow} {
		if p != nil {
			all = append(all, p.Digest)
		}
	}
	for _, p := range s.Before {
		all = append(all, p.Digest)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// errSlots says that what is stored cannot be understood.
var errSlots = errors.New("bundle: the slots in Redis cannot be read; a newer attune may have written them")

func decodeSlots(stored string) (Slots, error) {
	s := Slots{stored: stored}
	if stored == "" {
		return s, nil
	}
	if err := json.Unmarshal([]byte(stored), &s); err != nil {
		return Slots{}, errSlots
	}
	for _, p := range []*Placed{s.Active, s.Canary, s.Shadow} {
		if p != nil && (p.Digest == "" || p != s.Canary && p.Share != 0) {
			return Slots{}, errSlots
		}
	}
	if c := s.Canary; c != nil && !(c.Share > 0 && c.Share < 100) {
		return Slots{}, errSlots
	}
	return s, nil
}
