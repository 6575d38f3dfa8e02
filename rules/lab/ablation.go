package lab

// ruleTally is what one signal did.
type ruleTally struct {
	fired int    // turns of any kind
	turns Counts // labelled turns it fired on, as alarms
	talks Counts // dialogues with a truth it fired in, as alarms
	// lost are the flagged turns that would not be flagged without its points.
	lost Counts
}

// turn counts one turn it fired on. Its points are taken off those of the turn; what other rules would have made of
// a turn on which this one had not fired is not looked at.
func (r *ruleTally) turn(l *Line, x *judgedTurn, w weighing, points int32) {
	r.fired++
	if !x.known {
		return
	}
	r.turns.add(true, x.yes, 1)
	left := units(l.Points) - points
	if l.Flagged && (left <= 0 || left < w.flag) {
		r.lost.add(true, x.yes, 1)
	}
}

// without are the counts of all turns as they would be without the rule.
func (r *ruleTally) without(all Counts) Counts {
	all.TruePositives -= r.lost.TruePositives
	all.FalseNegatives += r.lost.TruePositives
	all.FalsePositives -= r.lost.FalsePositives
	all.TrueNegatives += r.lost.FalsePositives
	return all
}

func (p *evalPart) rule(id string) *ruleTally {
	r, ok := p.rules[id]
	if !ok {
		r = &ruleTally{}
		p.rules[id] = r
	}
	return r
}
