package rules

// customerCheckAgain is `customer.check-again`: the customer does not believe the answer ("are you sure?", "check
// again"). 4.8 times the base on MultiWOZ, 3.3 on SGD.
func customerCheckAgain() detectorSpec {
	return detectorSpec{
		name: "customer.check-again", role: Customer,
		doc:    "the customer doubts the answer or asks to check again (en, de, es, fr)",
		source: "MultiWOZ 4.8 times the base, SGD 3.3 (labels of USS).",
		cues:   cuesOf(cueCheck),
		make:   func(settings) detector { return onCue(cueCheck) },
	}
}
