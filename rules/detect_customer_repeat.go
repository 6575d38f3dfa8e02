package rules

// customerRepeat is `customer.repeat`: the customer says again, or in other words, what was not solved. Compared are
// the content words and trigrams of the last customer turns (similar.go); the same measure at one half has 4.6 times
// the base on MultiWOZ, 4.1 on ReDial, 2.2 on SGD. One-word answers and thanks repeat nothing.
func customerRepeat() detectorSpec {
	return detectorSpec{
		name: "customer.repeat", role: Customer,
		doc:    "the customer repeats or rephrases one of their last utterances",
		source: "Jaccard index of at least one half with an earlier turn: MultiWOZ 4.6 times the base, SGD 2.2 (labels of USS), ReDial 4.1.",
		params: []paramSpec{
			{name: "window", kind: paramCount, standard: "3", low: 1, high: pastCustomer, doc: "customer turns looked back at"},
			{name: "same", kind: paramChoice, standard: "mostly", choices: sameNames(), doc: "how alike"},
			{name: "times", kind: paramCount, standard: "1", low: 1, high: pastCustomer, doc: "how many of them must be alike"},
			{name: "words", kind: paramCount, standard: "1", low: 1, high: sketchWords, doc: "content words at least, each counted once"},
		},
		make: func(p settings) detector {
			window, same, times, words := p.count("window"), levelOf(p["same"]), p.count("times"), p.count("words")
			return func(o *observation, h *history) (span, bool) {
				return span{}, int(o.sketch.words) >= words && restates(o, h, window, same) >= times
			}
		},
	}
}

// restates counts how many of the last customer turns o is like. Few words of thanks or leave repeat nothing.
func restates(o *observation, h *history, window int, same level) int {
	if o.sketch.words < 2 && content(o) {
		return 0
	}
	return repeats(o, h.Customer, window, same)
}
