package rules

// customerBurst is `customer.burst`: several messages before anybody answers. Some people split their lines, so it
// says little by itself.
func customerBurst() detectorSpec {
	return detectorSpec{
		name: "customer.burst", role: Customer,
		doc:    "the customer sends several messages before the bot answers; fires once a burst",
		source: "General knowledge of chat desks; corpora have one message a turn, so it is not measured.",
		params: []paramSpec{
			{name: "messages", kind: paramCount, standard: "3", low: 2, high: 100, doc: "messages in a row"},
		},
		make: func(p settings) detector {
			messages := p.count("messages")
			return func(_ *observation, h *history) (span, bool) { return span{}, int(h.Waiting)+1 == messages }
		},
	}
}
