package metrics

import "github.com/prometheus/client_golang/prometheus"

// SlotCounts counts what the set of one slot made of the turns it judged, while
// there is another to compare it with. What a shadow does is counted here only;
// what the others do also where it belongs ([Metrics.Rule]).
type SlotCounts struct {
	Turns prometheus.Counter // judged

	rules cache[Rule]
}

// Slot returns the counts of a slot.
func (m *Metrics) Slot(s Slot) *SlotCounts { return &m.slots[s] }

// Rule returns the handles of a rule of the slot's set, always the same for an
// id.
func (c *SlotCounts) Rule(id string) *Rule { return c.rules.get(id) }

func (b builder) slots(into *[len(slots)]SlotCounts) {
	of := list(slots[:])
	turns := b.counters("attune_slot_turns_total", "Turns judged while there was a shadow or a canary, by slot ("+of+").", "slot")
	signals := b.counters("attune_slot_signals_total", "Signals seen on those turns, by slot ("+of+") and by the id of the rule.", "slot", "rule")
	decided := b.counters("attune_slot_decisions_total", "Decisions on those turns, by slot ("+of+"), by kind ("+list(decisions[:])+") and by the id of the rule behind them.", "slot", "decision", "rule")
	rewritten := b.counters("attune_slot_rewrites_total", "Rewrites of replies on those turns, by slot ("+of+"), by the id of the rule and by outcome ("+list(rewrites[:])+").", "slot", "rule", "outcome")
	for i, slot := range slots {
		only := prometheus.Labels{"slot": slot}
		into[i].Turns = turns.WithLabelValues(slot)
		into[i].rules.make = func(id string) *Rule {
			return &Rule{
				id: id, signals: signals.MustCurryWith(only), decisions: decided.MustCurryWith(only), rewrites: rewritten.MustCurryWith(only),
			}
		}
	}
}
