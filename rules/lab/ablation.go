package lab

// ruleTally is what one signal did.
type ruleTally struct {
	fired int    // turns of any kind
	turns Counts // labelled turns it fired on, as alarms
	talks Counts // dialogues with a truth it fired in, as alarms
	// changed is what is counted without it, less what is counted with it; kept in dialogues in which it fired, since
	// nothing else changes.
	changed ablated
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

// ablated are the counts of some dialogues.
type ablated struct {
	turns Counts
	talks [alarmKinds]Counts
	// alarms are dialogues, and calm those of them that are calm.
	alarms, calm [alarmKinds]int
}

func (a *ablated) plus(o *ablated, n int) {
	a.turns.plus(&o.turns, n)
	for kind := range alarmKinds {
		a.talks[kind].plus(&o.talks[kind], n)
		a.alarms[kind] += n * o.alarms[kind]
		a.calm[kind] += n * o.calm[kind]
	}
}

// ablated are the counts of one dialogue.
func (t *tally) ablated() ablated {
	a := ablated{turns: t.turns}
	for kind, alarms := range t.alarms {
		if t.known {
			a.talks[kind].add(alarms > 0, t.yes, 1)
		}
		if alarms > 0 {
			a.alarms[kind]++
			if t.calm {
				a.calm[kind]++
			}
		}
	}
	return a
}

// ablate runs the dialogue at hand without each signal that fired in it.
func (e *Eval) ablate(d *Dialogue) {
	with := e.now.ablated()
	for _, id := range sortedKeys(e.fired) {
		r, ok := e.without[id]
		if !ok {
			r = NewReplayer(e.set.Without(id), e.replayer.facts)
			e.without[id] = r
		}
		t := tally{known: e.now.known, yes: e.now.yes, calm: e.now.calm}
		// Nothing here can fail.
		_ = r.Run(d, func(l *Line) error {
			x := &e.turns[l.Turn]
			if x.known {
				t.turns.add(l.Flagged, x.yes, 1)
			}
			for kind, alarmed := range x.alarms(l) {
				if alarmed {
					t.alarms[kind]++
				}
			}
			return nil
		})
		without := t.ablated()
		changed := &e.part.rule(id).changed
		changed.plus(&without, 1)
		changed.plus(&with, -1)
	}
}

// Ablation is what would be without a signal, in real runs without it. Lost is by how much F1 would fall; below 0 it
// would rise.
type Ablation struct {
	LostF1         float64 `json:"lost_f1"`
	LostOfferF1    float64 `json:"lost_offer_f1"`
	LostEscalateF1 float64 `json:"lost_escalate_f1"`
	// Offers and Persons are how many dialogues fewer would be offered or given a person, CalmOffers and CalmPersons how
	// many of them are calm.
	Offers      int `json:"fewer_offers"`
	Persons     int `json:"fewer_persons"`
	CalmOffers  int `json:"fewer_calm_offers"`
	CalmPersons int `json:"fewer_calm_persons"`
}

func (r *ruleTally) ablation(all *sums) *Ablation {
	turns, talks := all.turns, all.talks
	turns.plus(&r.changed.turns, 1)
	for kind := range talks {
		talks[kind].plus(&r.changed.talks[kind], 1)
	}
	return &Ablation{
		LostF1:         round(all.turns.F1() - turns.F1()),
		LostOfferF1:    round(all.talks[byOffer].F1() - talks[byOffer].F1()),
		LostEscalateF1: round(all.talks[byEscalation].F1() - talks[byEscalation].F1()),
		Offers:         -r.changed.alarms[byOffer], Persons: -r.changed.alarms[byEscalation],
		CalmOffers: -r.changed.calm[byOffer], CalmPersons: -r.changed.calm[byEscalation],
	}
}
