package rules

import "slices"

// Weighing is how the signals of a locale become points. Measuring and fitting look at it; Judge does not.
type Weighing struct {
	// Flag is how many points a turn must have to be flagged.
	Flag float64
	// Offer is the score from which a person is offered, Escalate that from which one is brought in; 0 is never.
	Offer, Escalate float64
	// Points are what each signal adds, by id. Signals that add none, are only watched or are switched off are not in
	// it.
	Points map[string]float64
	// Asks are the signals that stand for the customer asking for a person: those that always bring one in.
	Asks []string
}

// Weighing returns the weighing in force for a locale. The caller may change the map.
func (s *Set) Weighing(locale string) Weighing {
	t := s.tongue(locale)
	w := Weighing{
		Flag: t.scoring.flag, Offer: t.scoring.offer.score, Escalate: t.scoring.escalate.score, Points: map[string]float64{},
	}
	for i := range t.sides {
		for _, r := range t.sides[i].rules {
			if r.kind != kindSignal || s.modeOf(&r.head) != modeOn {
				continue
			}
			if r.signal.points != 0 {
				w.Points[r.id] = r.signal.points
			}
			if r.signal.always == Escalate && !slices.Contains(w.Asks, r.id) {
				w.Asks = append(w.Asks, r.id)
			}
		}
	}
	return w
}
