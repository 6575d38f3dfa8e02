package rules

// eventMisses is `event.misses`: no-input and no-match together, in a row. Three is what Actions on Google allows
// before a conversation has to end.
func eventMisses() detectorSpec {
	return detectorSpec{
		name: "event.misses", role: Event,
		doc:    "no-input and no-match together, in a row",
		source: "Reprompts of Actions on Google, which ended a conversation at the third.",
		params: []paramSpec{
			{name: "times", kind: paramCount, standard: "3", low: 1, high: 100, doc: "fires from this one on"},
		},
		make: func(p settings) detector {
			times := p.count("times")
			return func(o *observation, h *history) (span, bool) {
				missed := o.event == "no_input" || o.event == "no_match"
				return span{}, missed && int(h.NoInput)+int(h.NoMatch)+1 >= times
			}
		},
	}
}
