package rules

// eventNoMatch is `event.no-match`: what the caller said was not understood, times in a row.
func eventNoMatch() detectorSpec {
	return eventSpec("event.no-match", "no_match", "the platform did not understand the customer; times counts in a row",
		"sys.no-match of Dialogflow CX; three tries at most are the rule of telephone menus.",
		func(h *history) uint8 { return h.NoMatch })
}
