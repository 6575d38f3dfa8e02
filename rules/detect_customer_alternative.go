package rules

// customerAlternative is `customer.alternative`: the customer asks for something other than what was offered. 3.6
// times the base on SGD, 3.0 on MultiWOZ, no signal between people; it needs an offer before it.
func customerAlternative() detectorSpec {
	return detectorSpec{
		name: "customer.alternative", role: Customer,
		doc:    "the customer asks for an alternative to what the bot offered (en, de, es, fr)",
		source: "SGD 3.6 times the base, MultiWOZ 3.0 (labels of USS); between people none.",
		cues:   cuesOf(cueAlternative),
		make: func(settings) detector {
			return func(o *observation, h *history) (span, bool) {
				if !o.cues.has(cueAlternative) || len(h.Bot) == 0 || o.cues.has(cueClosing) || o.cues.has(cueThanks) {
					return span{}, false
				}
				return o.cues.where[cueAlternative], true
			}
		},
	}
}
