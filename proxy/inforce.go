package proxy

import (
	"hash/crc32"
	"slices"
	"strings"

	"attune/metrics"
	"attune/rules"
)

// inForce is what judges: the active set and, where rules come in bundles, those
// beside it. It is replaced as a whole and never changed.
type inForce struct {
	sets  [slotCount]*rules.Set // by metrics.Slot; only the active one is always there
	share float64               // of a hundred sessions, those that the canary judges
}

const slotCount = metrics.Canary + 1

// of is the set that judges a session, and its slot. It follows from the id
// alone: a session stays with its set for as long as the slots stay as they are,
// on every node, and a canary that grows keeps those it has.
func (f *inForce) of(session string) (*rules.Set, metrics.Slot) {
	if set := f.sets[metrics.Canary]; set != nil && lot(session) < f.share {
		return set, metrics.Canary
	}
	return f.sets[metrics.Active], metrics.Active
}

// tellStrangeDesks says in the log, once, which desks the rules in force name and the
// file of desks does not have. reloading is held.
func (s *Server) tellStrangeDesks(f *inForce) {
	var names []string
	for _, set := range f.sets {
		if set != nil {
			names = append(names, set.Desks()...)
		}
	}
	slices.Sort(names)
	strange := strings.Join(s.cfg.Desks.strange(slices.Compact(names)), ", ")
	if strange != "" && strange != s.switches.strange {
		s.log.Warn("rules name desks that ATTUNE_DESKS does not have: the default one answers", "desks", strange, "default", s.cfg.Desks.Default())
	}
	s.switches.strange = strange
}

// compares tells whether there is more than one set.
func (f *inForce) compares() bool {
	return f.sets[metrics.Shadow] != nil || f.sets[metrics.Canary] != nil
}

// lot is where a session stands between 0 and 100. It is no function of the
// session's shard.
func lot(session string) float64 {
	return 100 * float64(crc32.ChecksumIEEE([]byte(session))) / (1 << 32)
}

// ruleSet is the set that judges the bridge's session.
func (b *bridge) ruleSet() *rules.Set {
	id := ""
	if b.sess != nil {
		id = b.sess.ID()
	}
	set, _ := b.s.rules.Load().of(id)
	return set
}
