package rules

// customerReturns is `customer.returns`: the connection was lost, and the customer comes back with the question they
// left with. A reconnect alone is a matter of networks and says nothing.
func customerReturns() detectorSpec {
	return detectorSpec{
		name: "customer.returns", role: Customer,
		doc:    "after a reconnect the customer asks what they asked before",
		source: "A wish of desks whose bots forget who was here (Apps.Rasa#26 of Rocket.Chat); corpora have no reconnects to measure it on.",
		params: []paramSpec{
			{name: "same", kind: paramChoice, standard: "mostly", choices: sameNames(), doc: "how alike"},
		},
		make: func(p settings) detector {
			same := levelOf(p["same"])
			return func(o *observation, h *history) (span, bool) {
				return span{}, h.Rejoined && restates(o, h, pastCustomer, same) > 0
			}
		},
	}
}
