package proxy

import (
	"attune/proxy/session"
	"attune/rules"
)

// MergeStates is for [session.Config]'s Merge. Two nodes have judged the same
// conversation, each without what the other heard, since the store was late or
// the owner did not answer. What the customer feels cannot be added up, for most
// of it is the same on both (a turn may have been judged on either, when the owner
// answered late); so the one that has more reason to worry stands, and of two that
// have the same the one that has heard more.
func MergeStates(stored, local session.State) session.State {
	s, ok := stored.(*rules.State)
	l, also := local.(*rules.State)
	if ok && also && (l.Score() > s.Score() || l.Score() == s.Score() && l.Turns() > s.Turns()) {
		return l
	}
	return stored
}
