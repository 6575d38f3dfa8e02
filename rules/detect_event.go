package rules

import "strings"

// The event detectors fire on what happens without words. Platforms count the same things (no-input and no-match of
// Dialogflow CX and Actions on Google, dtmf and interrupt of ConversationRelay).

// eventSpec describes a detector that fires on one event, from the times-th in a row or in all, as tally counts.
func eventSpec(name, event, doc, source string, tally func(h *history) uint8) detectorSpec {
	return detectorSpec{
		name: name, role: Event, doc: doc, source: source,
		params: []paramSpec{
			{name: "times", kind: paramCount, standard: "1", low: 1, high: 100, doc: "fires from this one on"},
		},
		make: func(p settings) detector {
			times := p.count("times")
			return func(o *observation, h *history) (span, bool) {
				return span{}, o.event == event && int(tally(h))+1 >= times
			}
		},
	}
}

// eventNoInput is `event.no-input`: the caller said nothing, times in a row.
func eventNoInput() detectorSpec {
	return eventSpec("event.no-input", "no_input", "the customer said nothing when asked; times counts in a row",
		"sys.no-input of Dialogflow CX; three tries at most are the rule of telephone menus.",
		func(h *history) uint8 { return h.NoInput })
}

// eventNoMatch is `event.no-match`: what the caller said was not understood, times in a row.
func eventNoMatch() detectorSpec {
	return eventSpec("event.no-match", "no_match", "the platform did not understand the customer; times counts in a row",
		"sys.no-match of Dialogflow CX; three tries at most are the rule of telephone menus.",
		func(h *history) uint8 { return h.NoMatch })
}

// eventBargeIn is `event.barge-in`: the caller talks over the bot.
func eventBargeIn() detectorSpec {
	return eventSpec("event.barge-in", "barge_in", "the customer talks over the bot; times counts over the conversation",
		"interrupt of Twilio's ConversationRelay.",
		func(h *history) uint8 { return h.BargeIns })
}

// eventSilence is `event.silence`: a long silence after a reply.
func eventSilence() detectorSpec {
	return eventSpec("event.silence", "silence", "a long silence; times counts over the conversation",
		"The no-input timers of telephone menus, for text.",
		func(h *history) uint8 { return h.Silences })
}

// eventReconnect is `event.reconnect`: the connection was lost and is back.
func eventReconnect() detectorSpec {
	return eventSpec("event.reconnect", "reconnect", "the customer's connection came back; times counts over the conversation",
		"The session itself; a network's fault says nothing by itself, see customer.returns.",
		func(h *history) uint8 { return h.Lost })
}

// eventMisses is `event.misses`: no-input and no-match together, in a row. Three is what Actions on Google allows
// before a conversation has to end.
func eventMisses() detectorSpec {
	return detectorSpec{
		name: "event.misses", role: Event,
		doc:    "no-input and no-match together, in a row",
		source: "Reprompts of Actions on Google, which ended a conversation at the third.",
		params: []paramSpec{
			{name: "times", kind: paramCount, standard: "3", low: 1, high: 100, doc: "fires from this one on"},
		},
		make: func(p settings) detector {
			times := p.count("times")
			return func(o *observation, h *history) (span, bool) {
				missed := o.event == "no_input" || o.event == "no_match"
				return span{}, missed && int(h.NoInput)+int(h.NoMatch)+1 >= times
			}
		},
	}
}

// eventDTMF is `event.dtmf`: the caller pressed a key; 0 has meant a person since there are telephones with keys.
func eventDTMF() detectorSpec {
	return detectorSpec{
		name: "event.dtmf", role: Event,
		doc:    "the customer pressed one of some keys",
		source: "dtmf of Twilio's ConversationRelay; 0 has meant a person since there are telephones with keys.",
		params: []paramSpec{
			{name: "value", kind: paramText, standard: "0", doc: "the keys, one after another: 0, *0#"},
		},
		make: func(p settings) detector {
			keys := p["value"]
			return func(o *observation, _ *history) (span, bool) {
				return span{}, o.event == "dtmf" && len(o.value) == 1 && strings.Contains(keys, o.value)
			}
		},
	}
}
