package rules

// customerRejects is `customer.rejects`: the customer turns down what the bot came up with ("not that one", "that
// doesn't help"). It needs a reply to turn down, and a plain answer to "Anything else?" is none.
func customerRejects() detectorSpec {
	return detectorSpec{
		name: "customer.rejects", role: Customer,
		doc:    "the customer turns down the bot's answer (en, de, es, fr)",
		source: "Fallback and human handoff in the manual of Rasa 2: an answer that is denied counts as a miss.",
		cues:   cuesOf(cueReject),
		make: func(settings) detector {
			return func(o *observation, h *history) (span, bool) {
				if !o.cues.has(cueReject) || len(h.Bot) == 0 || o.cues.has(cueClosing) {
					return span{}, false
				}
				return o.cues.where[cueReject], true
			}
		},
	}
}
