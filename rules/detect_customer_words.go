package rules

// customerWords is `customer.words`: an utterance of a certain length. By itself it says little. Few words after many
// are impatience, or a mobile phone; in calm talks people who go on for more than a few words without one of agreement
// are, in any case, not done.
func customerWords() detectorSpec {
	return detectorSpec{
		name: "customer.words", role: Customer,
		doc:    "the customer says so many words",
		source: "MultiWOZ and SGD (labels of USS): turns of four words or more without agreement, thanks or leave have 1.4 times the base.",
		params: []paramSpec{
			{name: "least", kind: paramCount, standard: "1", low: 1, high: 1000, doc: "words at least"},
			{name: "most", kind: paramCount, standard: "1000", low: 1, high: 1000, doc: "words at most"},
		},
		make: func(p settings) detector {
			least, most := p.count("least"), p.count("most")
			return func(o *observation, _ *history) (span, bool) {
				n := len(o.text.tokens)
				return span{}, n >= least && n <= most
			}
		},
	}
}
