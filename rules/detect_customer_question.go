package rules

// customerQuestionAfterRefusal is `customer.question-after-refusal`: the bot has just refused, and the customer asks
// on. 3.2 times the base on SGD, 2.1 on MultiWOZ, where people mostly look for a way round.
func customerQuestionAfterRefusal() detectorSpec {
	return detectorSpec{
		name: "customer.question-after-refusal", role: Customer,
		doc:    "the customer answers a refusal of the bot with a question (en, de, es, fr)",
		source: "SGD 3.2 times the base, MultiWOZ 2.1 (labels of USS).",
		make: func(settings) detector {
			return func(o *observation, h *history) (span, bool) {
				if h.lastBot()&pastRefusal == 0 || content(o) {
					return span{}, false
				}
				if o.cues.has(cueAsking) && o.cues.token[cueAsking] <= 2 {
					return o.cues.where[cueAsking], true
				}
				return span{}, asks(o.text)
			}
		},
	}
}

// content reports whether the customer thanks, takes leave or wants nothing more: whatever else is said, it is friendly.
func content(o *observation) bool {
	return o.cues.has(cueThanks) || o.cues.has(cueGoodbye) || o.cues.has(cueClosing)
}
