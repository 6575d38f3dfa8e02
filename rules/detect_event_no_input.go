package rules

// eventNoInput is `event.no-input`: the caller said nothing, times in a row.
func eventNoInput() detectorSpec {
	return eventSpec("event.no-input", "no_input", "the customer said nothing when asked; times counts in a row",
		"sys.no-input of Dialogflow CX; three tries at most are the rule of telephone menus.",
		func(h *history) uint8 { return h.NoInput })
}
