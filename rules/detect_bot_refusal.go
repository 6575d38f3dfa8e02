package rules

// botRefusal is `bot.refusal`: the bot says that it cannot, may not, or has nothing. Measured before dissatisfied
// turns: precision .125, 2.2 times the base, 40 % of them (MultiWOZ with the satisfaction labels of USS); two in a
// row 2.9 times.
func botRefusal() detectorSpec {
	return detectorSpec{
		name: "bot.refusal", role: Bot,
		doc:    "the bot refuses, finds nothing or cannot help (en, de, es, fr)",
		source: "Before dissatisfied turns of MultiWOZ and SGD (labels: Sun et al., USS, SIGIR 2021): 2.2 and 2.4 times the base; two in a row 2.9 in support chats (MAIA).",
		make: func(settings) detector {
			return func(o *observation, _ *history) (span, bool) { return o.cues.where[cueRefusal], refuses(o) }
		},
	}
}

// refuses reports whether a reply is a refusal and not only worded like one.
func refuses(o *observation) bool {
	if !o.cues.has(cueRefusal) {
		return false
	}
	if !o.cues.has(cueNoRefusal) {
		return true
	}
	a, b := o.cues.where[cueRefusal], o.cues.where[cueNoRefusal]
	return a.start >= b.end || b.start >= a.end // "no problem" is no refusal; "no problem, but I can't" is
}
