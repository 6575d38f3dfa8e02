package rules

import "strings"

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
