package proxy

import (
	"attune/metrics"
	"attune/rules"
)

// surveyed are the outcomes of an ask as answers to the question of a
// touchpoint.
var surveyed = map[string]metrics.Answer{
	"opened": metrics.AnswerAsked, "accepted": metrics.AnswerYes, "declined": metrics.AnswerNo, "expired": metrics.AnswerNone,
}

// aims says what the touchpoints of a set aim for, as metrics show it.
func aims(set *rules.Set) []metrics.Aim {
	var all []metrics.Aim
	for _, t := range set.Touchpoints() {
		a := metrics.Aim{Touchpoint: t.ID, Target: t.Target, Feelings: t.Feel}
		for _, p := range t.Proxies {
			a.Proxies = append(a.Proxies, metrics.ProxyAim{Name: p.Name, AtMost: p.AtMost, Share: p.Share})
		}
		all = append(all, a)
	}
	return all
}

// ended counts a conversation that is over: its score and how it went at the
// touchpoints it came by.
func (s *Server) ended(d departed) {
	s.metrics.Ended(d.ending, d.score)
	for _, c := range d.cards {
		t := s.metrics.Touchpoint(c.Touchpoint)
		t.Ended()
		for _, f := range c.Feelings {
			t.Feeling(f.Name, f.Held)
		}
		for _, p := range c.Proxies {
			t.Proxy(p.Name, p.Held)
		}
	}
}
