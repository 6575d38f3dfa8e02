package rules

// Decides is called with every decision that a rule of the set makes by itself, whatever the score: escalations, people
// in danger, and what the packs say of signals under always. A rule may be named more than once.
func (s *Set) Decides(each func(rule string, d Decision)) {
	for _, p := range s.specs {
		for _, a := range p.always {
			each(a.signal, a.action)
		}
		for _, x := range p.escalations {
			each(x.id, x.do)
		}
		for _, x := range p.crisis {
			each(x.id, Crisis)
		}
	}
}
