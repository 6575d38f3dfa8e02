package lab

import "slices"

// Leads tell how many of the customer's turns an alarm comes before it is too late to be the one who offers.
type Leads struct {
	// Asked are the dialogues in which the customer asks for a person; the alarm has to come before that.
	Asked LeadTo `json:"asked"`
	// Left are those labelled yes that end without such a question; the alarm has to come before the end.
	Left LeadTo `json:"left"`
}

// LeadTo is how alarms lead up to something.
type LeadTo struct {
	Dialogues int  `json:"dialogues"`
	Flagged   Lead `json:"flagged"`
	Offer     Lead `json:"offer"`
}

// Lead counts dialogues with an alarm before, and by how many of the customer's turns: the median.
type Lead struct {
	Before int      `json:"before"`
	Median *float64 `json:"median_turns"`

	turns map[int]int // dialogues by lead
}

func (l *Lead) add(turns int) {
	if turns < 0 {
		return
	}
	if l.turns == nil {
		l.turns = map[int]int{}
	}
	l.Before++
	l.turns[turns]++
}

func (l Lead) done() Lead {
	l.Median = median(l.turns)
	return l
}

// leadOf is what one dialogue says: at which of the customer's turns it was asked, flagged, offered; never if it was not.
type leadOf struct {
	turns, asked, flagged, offered int
}

func newLead() leadOf { return leadOf{asked: never, flagged: never, offered: never} }

// see reads a turn. An alarm on the very turn on which the customer asks is no lead.
func (o *leadOf) see(l *Line, w *weighing) {
	if l.Role == "customer" {
		o.turns++
	}
	if o.asked != never {
		return
	}
	for _, id := range l.Signals {
		if slices.Contains(w.asks, id) {
			o.asked = o.turns
			return
		}
	}
	if l.Flagged && o.flagged == never {
		o.flagged = o.turns
	}
	if l.Decision != "none" && o.offered == never {
		o.offered = o.turns
	}
}

// leads are those of all dialogues.
type leads struct{ asked, left LeadTo }

func (s *leads) add(o *leadOf, yes bool) {
	to, end := &s.asked, o.asked
	switch {
	case o.asked != never:
	case yes:
		to, end = &s.left, o.turns
	default:
		return
	}
	to.Dialogues++
	if o.flagged != never {
		to.Flagged.add(end - o.flagged)
	}
	if o.offered != never {
		to.Offer.add(end - o.offered)
	}
}

// report is nil when nobody asked or left.
func (s *leads) report() *Leads {
	if s.asked.Dialogues+s.left.Dialogues == 0 {
		return nil
	}
	r := &Leads{Asked: s.asked, Left: s.left}
	for _, to := range []*LeadTo{&r.Asked, &r.Left} {
		to.Flagged, to.Offer = to.Flagged.done(), to.Offer.done()
	}
	return r
}

// Cost is what alarms cost that nobody needed, over the dialogues that are labelled or calm: those not labelled yes in
// which a person is offered, or brought in.
type Cost struct {
	Dialogues int `json:"dialogues"`
	// Offers and Persons are per 100 dialogues.
	Offers  float64 `json:"needless_offers_per_100"`
	Persons float64 `json:"needless_persons_per_100"`
	// Minutes are those of agents per 100 dialogues, at Each for a conversation: if no needless offer is accepted, and if
	// all are.
	Each    float64    `json:"minutes_each"`
	Minutes [2]float64 `json:"needless_minutes_per_100"`
}

// costs is nil when nothing is labelled or calm.
func costs(all *sums, each float64) *Cost {
	if all.judged == 0 {
		return nil
	}
	offers, persons := 100*ratio(all.wasted[byOffer], all.judged), 100*ratio(all.wasted[byEscalation], all.judged)
	return &Cost{
		Dialogues: all.judged, Offers: round(offers), Persons: round(persons), Each: each,
		Minutes: [2]float64{round(each * persons), round(each * offers)},
	}
}
