package rules

// customerPoliteButFailing is `customer.polite-but-failing`: the customer thanks or says goodbye although the bot's last
// replies were failures. In MultiWOZ and support chats the unhappy ends hide here: people are polite to the last, and
// a lexicon of feelings takes them for content.
func customerPoliteButFailing() detectorSpec {
	return detectorSpec{
		name: "customer.polite-but-failing", role: Customer,
		doc:    "the customer thanks or leaves right after failures of the bot (en, de, es, fr)",
		source: "MultiWOZ and support chats of MAIA: thanks and goodbye right behind refusals hide the unhappy ends.",
		params: []paramSpec{
			{name: "failures", kind: paramCount, standard: "2", low: 1, high: pastBot, doc: "failed replies in a row before it"},
		},
		cues: cuesOf(cueThanks, cueGoodbye, cueClosing),
		make: func(p settings) detector {
			failures := p.count("failures")
			return func(o *observation, h *history) (span, bool) {
				if h.botFailures() < failures {
					return span{}, false
				}
				for _, c := range [...]cue{cueThanks, cueGoodbye, cueClosing} {
					if o.cues.has(c) {
						return o.cues.where[c], true
					}
				}
				return span{}, false
			}
		},
	}
}
