package rules

// customerAgain is `customer.again`: "again", "still", "keeps …ing": what was to be over goes on. 3.9 times the base
// on SGD, 3.1 on MultiWOZ, 2.2 on support chats; not together with thanks ("thanks again").
func customerAgain() detectorSpec {
	return detectorSpec{
		name: "customer.again", role: Customer,
		doc:    "the customer says that something goes on or happens again (en, de, es, fr)",
		source: "SGD 3.9 times the base, MultiWOZ 3.1 (labels of USS), support chats of MAIA 2.2.",
		cues:   cuesOf(cueAgain),
		make: func(settings) detector {
			return func(o *observation, _ *history) (span, bool) {
				if !o.cues.has(cueAgain) || o.cues.has(cueAgainKindly) || o.cues.has(cueThanks) || o.cues.has(cueGoodbye) {
					return span{}, false
				}
				return o.cues.where[cueAgain], true
			}
		},
	}
}
