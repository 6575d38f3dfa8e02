package rules

// customerCorrection is `customer.correction`: the customer corrects what the bot made of their words ("no, I said
// Tuesday", "that's not what I asked"). 7.8 times the base on SGD, 4.9 on MultiWOZ, 3.2 on support chats.
func customerCorrection() detectorSpec {
	return detectorSpec{
		name: "customer.correction", role: Customer,
		doc:    "the customer corrects what the bot understood (en, de, es, fr)",
		source: "SGD 7.8 times the base, MultiWOZ 4.9 (labels of USS), support chats of MAIA 3.2.",
		cues:   cuesOf(cueCorrection),
		make:   func(settings) detector { return onCue(cueCorrection) },
	}
}
