package rules

// customerNoThenMore is `customer.no-then-more`: an utterance that begins with "no" and goes on to say what is
// wanted. The strongest cue of task bots (SGD: precision .35, 6 times the base, half of all dissatisfied turns) and
// useless between people. The plain answer to the bot's own yes-or-no question is the main false alarm: "no" to "Do
// you need parking?" or "Anything else?" only counts when a correction or rejection follows, or words of two more.
func customerNoThenMore() detectorSpec {
	return detectorSpec{
		name: "customer.no-then-more", role: Customer,
		doc:    `the customer says "no" and then what they want instead; answers to yes-or-no questions do not count`,
		source: "SGD: precision .35, 6 times the base, half of all dissatisfied turns; MultiWOZ 5.3 (labels of USS); between people 1.1.",
		params: []paramSpec{
			{name: "words", kind: paramCount, standard: "2", low: 1, high: 20, doc: "words that must follow at least"},
		},
		cues: cuesOf(cueNo),
		make: func(p settings) detector {
			words := p.count("words")
			return func(o *observation, h *history) (span, bool) { return noThenMore(o, h, words) }
		},
	}
}

func noThenMore(o *observation, h *history, words int) (span, bool) {
	if !o.cues.has(cueNo) || o.cues.token[cueNo] > 1 || o.cues.has(cueClosing) || o.cues.has(cueThanks) || o.cues.has(cueGoodbye) {
		return span{}, false // also "oh no, …" and "um, no, …", but not a "no" further on
	}
	if len(o.text.tokens)-o.cues.last[cueNo] < words {
		return span{}, false
	}
	if last := h.lastBot(); last&(pastYesNo|pastMore|pastForm) != 0 && !o.cues.has(cueCorrection) && !o.cues.has(cueReject) {
		return span{}, false
	}
	return o.cues.where[cueNo], true
}
