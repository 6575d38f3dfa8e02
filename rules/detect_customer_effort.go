package rules

// customerEffort is `customer.effort`: the customer says how often or how long they have tried ("third time", "already
// told you", "been waiting an hour"). Effort predicts leaving better than satisfaction does (Dixon et al., Stop
// Trying to Delight Your Customers, HBR 2010).
func customerEffort() detectorSpec {
	return detectorSpec{
		name: "customer.effort", role: Customer,
		doc:    "the customer says how often or how long they have tried (en, de, es, fr)",
		source: "Dixon, Freeman and Toman, Stop Trying to Delight Your Customers, HBR 2010: effort predicts leaving better than satisfaction does.",
		cues:   cuesOf(cueEffort),
		make:   func(settings) detector { return onCue(cueEffort) },
	}
}
