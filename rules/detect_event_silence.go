package rules

// eventSilence is `event.silence`: a long silence after a reply.
func eventSilence() detectorSpec {
	return eventSpec("event.silence", "silence", "a long silence; times counts over the conversation",
		"The no-input timers of telephone menus, for text.",
		func(h *history) uint8 { return h.Silences })
}
