package rules

// The event detectors fire on what happens without words. Platforms count the same things (no-input and no-match of
// Dialogflow CX and Actions on Google, dtmf and interrupt of ConversationRelay).

// eventSpec describes a detector that fires on one event, from the times-th in a row or in all, as tally counts.
func eventSpec(name, event, doc, source string, tally func(h *history) uint8) detectorSpec {
	return detectorSpec{
		name: name, role: Event, doc: doc, source: source,
		params: []paramSpec{
			{name: "times", kind: paramCount, standard: "1", low: 1, high: 100, doc: "fires from this one on"},
		},
		make: func(p settings) detector {
			times := p.count("times")
			return func(o *observation, h *history) (span, bool) {
				return span{}, o.event == event && int(tally(h))+1 >= times
			}
		},
	}
}
