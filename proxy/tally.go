package proxy

import (
	"slices"

	"attune/metrics"
	"attune/rules"
)

// What the rules make of a turn is counted once, on the node where it was said: that
// one knows whether the owner of the conversation has judged it in time, or it has
// judged itself. So the owner tells it with its finding what there is to count, and
// counts nothing.

// tally is what there is to count of an utterance that another node brought.
type tally struct {
	Signals    []string       `json:"signals,omitempty"`
	Decision   rules.Decision `json:"decision,omitempty"`
	Reason     string         `json:"reason,omitempty"`
	Ask        string         `json:"ask,omitempty"`
	AskOutcome string         `json:"ask_outcome,omitempty"`
	Survey     string         `json:"survey,omitempty"`
	Words      int            `json:"words,omitempty"` // messages of Attune's own
	// Shadow is what the shadow set made of it, nil without one.
	Shadow *tally `json:"shadow,omitempty"`
}

func tallyOf(j *rules.Judgement) *tally {
	return &tally{
		Signals: slices.Clone(j.Signals), Decision: j.Decision, Reason: j.Reason,
		Ask: j.Ask, AskOutcome: j.AskOutcome, Survey: j.Survey, Words: len(j.Say),
	}
}

// judgement is as much of it as is counted.
func (t *tally) judgement() *rules.Judgement {
	return &rules.Judgement{Signals: t.Signals, Decision: t.Decision, Reason: t.Reason, Ask: t.Ask, AskOutcome: t.AskOutcome, Survey: t.Survey}
}

// countAll counts what the owner of a session found.
func (s *Server) countAll(session string, list []*tally) {
	force := s.rules.Load()
	_, slot := force.of(session)
	for _, t := range list {
		if t == nil { // a click is not judged
			continue
		}
		s.metrics.Messages[metrics.Down][metrics.Attune].Add(float64(t.Words))
		s.count(force, slot, t.judgement())
		if t.Shadow != nil {
			s.countSlot(metrics.Shadow, t.Shadow.judgement())
		}
	}
}

// count counts what the set in a slot made of a turn.
func (s *Server) count(force *inForce, slot metrics.Slot, j *rules.Judgement) {
	s.countTurn(j)
	if force.compares() {
		s.countSlot(slot, j)
	}
}

// countSlot counts it for the comparison of the slots.
func (s *Server) countSlot(slot metrics.Slot, j *rules.Judgement) {
	counts := s.metrics.Slot(slot)
	counts.Turns.Inc()
	countRules(counts, j)
}

// countTurn counts what the rules made of a turn, or of silence.
func (s *Server) countTurn(j *rules.Judgement) {
	m := s.metrics
	countRules(m, j)
	if j.Ask != "" {
		if o, ok := askOutcomes[j.AskOutcome]; ok {
			m.Ask(j.Ask).Inc(o)
		}
	}
	if j.Survey != "" {
		m.Touchpoint(j.Survey).Answer(surveyed[j.AskOutcome])
	}
}

// ruleCounts finds the counters of a rule: of the whole, or of a slot.
type ruleCounts interface {
	Rule(id string) *metrics.Rule
}

func countRules(m ruleCounts, j *rules.Judgement) {
	for _, id := range j.Signals {
		m.Rule(id).Signal().Inc()
	}
	for _, id := range j.Rules {
		m.Rule(id).Rewrite(metrics.RewriteApplied).Inc()
	}
	for _, r := range j.Rejected {
		if o, ok := metrics.ParseRewrite(r.By); ok {
			m.Rule(r.Rule).Rewrite(o).Inc()
		}
	}
	if j.Decision != rules.None {
		m.Rule(j.Reason).Decision(decisionOf(j.Decision)).Inc()
	}
}

// decisionOf is a decision other than none, as it is counted.
func decisionOf(d rules.Decision) metrics.Decision { return metrics.Decision(d - rules.Offer) }

var askOutcomes = map[string]metrics.AskOutcome{
	"opened": metrics.AskOpened, "accepted": metrics.AskAccepted, "declined": metrics.AskDeclined, "expired": metrics.AskExpired,
}
