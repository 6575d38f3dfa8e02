package rules

// eventReconnect is `event.reconnect`: the connection was lost and is back.
func eventReconnect() detectorSpec {
	return eventSpec("event.reconnect", "reconnect", "the customer's connection came back; times counts over the conversation",
		"The session itself; a network's fault says nothing by itself, see customer.returns.",
		func(h *history) uint8 { return h.Lost })
}
