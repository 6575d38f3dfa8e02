package rules

// botFallback is `bot.fallback`: the bot says that it did not understand. Two of these and people prefer a person,
// whatever the bot says (Ashktorab et al., CHI 2019; Rasa's two-stage fallback counts the same way). Backends that
// flag their fallbacks do it through events; the wording covers those that do not, which are most.
func botFallback() detectorSpec {
	return detectorSpec{
		name: "bot.fallback", role: Bot,
		doc:    "the bot says that it did not understand (en, de, es, fr)",
		source: "Ashktorab et al., Resilient Chatbots, CHI 2019, and Rasa's two-stage fallback: after the second one people prefer a person.",
		make:   func(settings) detector { return onCue(cueFallback) },
	}
}
