package proxy

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"attune/metrics"
	"attune/proxy/bundle"
	"attune/rules"
)

// bundles follows the rule sets in Redis.
type bundles struct {
	shelf *bundle.Shelf // nil: the rules are those of Config.Rules alone

	// following keeps what was read first from coming into force last. Whoever
	// needs both takes it before reloading.
	following sync.Mutex
	slots     bundle.Slots // in force
	// refused are slots that were not put in force. There is no use in trying them
	// again when spoilt: what is stored is at fault.
	refused bundle.Slots
	spoilt  bool
}

// slotNames are the slots by where their sets stand in inForce.
var slotNames = [slotCount]bundle.Slot{metrics.Active: bundle.Active, metrics.Shadow: bundle.Shadow, metrics.Canary: bundle.Canary}

// syncRules does as the nodes have agreed in Redis: which bundles are in force
// and which rules are off. It runs when they say that something has changed,
// and every few seconds, since events may be missed.
func (s *Server) syncRules() {
	s.syncSwitches()
	if s.bundles.shelf != nil {
		_, _ = s.follow(false) // has been logged, and the sets in force stay
	}
}

// follow puts in force what the slots in Redis name, all or nothing: on any
// error the sets in force stay. What is there already, or could not be used
// before, is left alone unless it is to be done anew.
func (s *Server) follow(anew bool) (rules.Diagnostics, error) {
	b := &s.bundles
	b.following.Lock()
	defer b.following.Unlock()
	ctx, cancel := s.within(context.Background(), storeWait)
	defer cancel()
	slots, err := b.shelf.Slots(ctx)
	if err != nil {
		if b.slots.Active == nil {
			s.lack(noBundle)
		}
		return nil, fmt.Errorf("proxy: %w", err)
	}
	again := slots.Same(b.refused)
	switch {
	case slots.Same(bundle.Slots{}): // never filled, or lost: what judges goes on
		if b.slots.Active == nil {
			s.lack(noBundle)
		} else {
			s.lack("Redis has lost the bundles of rules, the sets in force stay; see 'attune rules push'")
		}
		return nil, nil
	case anew:
	case slots.Same(b.slots):
		b.refused = bundle.Slots{}
		s.follows(slots)
		return nil, nil
	case again && b.spoilt:
		return nil, nil
	}
	sets, found, err := s.loadSlots(ctx, slots)
	if err == nil {
		b.slots, b.refused = slots, bundle.Slots{}
		s.putInForce(sets, slots)
		s.metrics.Reloaded(true, time.Now())
		s.follows(slots)
		return found, nil
	}
	s.lacking.Store(true)
	b.refused, b.spoilt = slots, errors.Is(err, bundle.ErrFaulty)
	if anew || !again {
		s.metrics.Reloaded(false, time.Now())
		s.log.Error("bundles of rules not put in force, the sets in force stay", "error", err, "faults", len(found))
	}
	return found, err
}

const noBundle = "no active bundle of rules: the packs that come with this program judge until there is one; see 'attune rules push'"

// lack takes note, once, that this node cannot judge as Redis says.
func (s *Server) lack(why string) {
	if !s.lacking.Swap(true) {
		s.log.Error(why)
	}
}

// follows takes note that the slots in Redis are in force.
func (s *Server) follows(slots bundle.Slots) {
	if slots.Active == nil {
		s.lack(noBundle)
	} else if s.lacking.Swap(false) {
		s.log.Info("the rules in force are those that Redis says")
	}
}

// loadSlots brings in the sets of all slots; those in force already are not
// compiled again.
func (s *Server) loadSlots(ctx context.Context, slots bundle.Slots) (sets [slotCount]*rules.Set, found rules.Diagnostics, err error) {
	known := map[string]*rules.Set{}
	s.reloading.Lock()
	for _, set := range s.switches.base {
		if set != nil {
			known[set.Digest()] = set
		}
	}
	s.reloading.Unlock()
	for at, name := range slotNames {
		placed := slots.In(name)
		if placed == nil {
			continue
		}
		set := known[placed.Digest]
		if set == nil {
			var more rules.Diagnostics
			set, more, err = s.bundles.shelf.Load(ctx, placed.Digest)
			found = append(found, more...)
			if err != nil {
				return sets, found, fmt.Errorf("proxy: slot %s: %w", name, err)
			}
			known[placed.Digest] = set
		}
		sets[at] = set
	}
	return sets, found, nil
}

// putInForce puts the sets of the slots in force. Where no bundle is active,
// what was active stays.
func (s *Server) putInForce(sets [slotCount]*rules.Set, slots bundle.Slots) {
	s.reloading.Lock()
	defer s.reloading.Unlock()
	if sets[metrics.Active] == nil {
		sets[metrics.Active] = s.switches.base[metrics.Active]
	}
	if sets[metrics.Shadow] != s.switches.base[metrics.Shadow] {
		defer s.shadows.clear()
	}
	s.switches.base, s.switches.share = sets, 0
	if slots.Canary != nil {
		s.switches.share = slots.Canary.Share
	}
	set := s.enforce()
	s.metrics.Aims(aims(set))
	s.log.Info("rules in force", "digest", set.Digest(), "canary", digestOf(slots.Canary), "share", s.switches.share, "shadow", digestOf(slots.Shadow))
}

func digestOf(p *bundle.Placed) string {
	if p == nil {
		return ""
	}
	return p.Digest
}
