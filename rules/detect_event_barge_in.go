package rules

// eventBargeIn is `event.barge-in`: the caller talks over the bot.
func eventBargeIn() detectorSpec {
	return eventSpec("event.barge-in", "barge_in", "the customer talks over the bot; times counts over the conversation",
		"interrupt of Twilio's ConversationRelay.",
		func(h *history) uint8 { return h.BargeIns })
}
