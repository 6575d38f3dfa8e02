package rules

// customerFailure is `customer.failure`: the customer reports that something does not work. Rare in booking dialogues,
// the most frequent cue of support chats (precision .35, 2.5 times the base, 27 % of dissatisfied turns).
func customerFailure() detectorSpec {
	return detectorSpec{
		name: "customer.failure", role: Customer,
		doc:    "the customer reports a failure: does not work, error, broken (en, de, es, fr)",
		source: "Support chats of MAIA: precision .35, 2.5 times the base, 27 % of dissatisfied turns; rare in booking dialogues.",
		cues:   cuesOf(cueFailure),
		make:   func(settings) detector { return onCue(cueFailure) },
	}
}
