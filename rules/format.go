package rules

// The table of the format. Order is the order of the documentation.

var packShape = &shape{
	name: "pack", what: "One pack: rules for a locale, with their examples and tests. A directory of packs forms one set.",
	keys: []key{
		{"pack", "The name of the pack, one of its kind in a set.", anID, true},
		{"version", "The version of the pack, for its readers.", whole(1, 1<<30).or("1"), false},
		{"locale", "The language, and perhaps the region, the pack is written for: en, pt-BR.", plainText.or(`"en"`), false},
		{"register", "How customers are addressed. Two packs of a locale may differ in it; the session chooses.", choice("informal", "formal"), false},
		{"imports", "Names of packs whose rules, lists, asks and messages are used here too.", listOf(anID), false},
		{"owner", "Who answers for the pack.", plainText, false},
		{"what", "What the pack is for.", plainText, false},
		{"why", "Why it is so.", plainText, false},
		{"scoring", "How points become an offer or an escalation. One pack of a locale scores.", mappingOf(scoringShape), false},
		{"always", "Signals that decide at once, outside the score.", namesOf(choice("escalate", "route", "offer")), false},
		{"phrases", "Named lists of patterns. Patterns have words, an emoji by itself, (a | b), [optional], <list>, {capture} and ... for a gap; {name:type} and {type} take a word (captures only), number, ordinal or duration.", namesOf(listOf(word)), false},
		{"signals", "What is noticed.", sectionOf(mappingOf(signalShape)), false},
		{"rewrites", "How replies are reworded.", sectionOf(mappingOf(rewriteShape)), false},
		{"asks", "Questions that Attune itself puts to the customer, by id.", namesOf(mappingOf(askShape)), false},
		{"escalations", "When a person is offered or brought in.", sectionOf(mappingOf(escalationShape)), false},
		{"crisis", "People in danger. Bypasses score, budgets and hours.", sectionOf(mappingOf(crisisShape)), false},
		{"verbatim", "Text that must reach the customer byte for byte.", sectionOf(mappingOf(verbatimShape)), false},
		{"touchpoints", "Places of the journey, and how they should feel.", sectionOf(mappingOf(touchpointShape)), false},
		{"messages", "What Attune itself says, by id. Variants rotate.", namesOf(listOf(word)), false},
		{"tests", "Conversations with what is expected of them.", sectionOf(mappingOf(testShape)), false},
	},
}

var scoringShape = &shape{
	name: "scoring", what: "How points become decisions.",
	keys: []key{
		{"half_life", "Customer turns after which half the score is left.", number(0.1, 1000).by(defaultScoring().halfLife), false},
		{"flag", "Points of one turn from which it is flagged.", number(0.01, 1000).by(defaultScoring().flag), false},
		{"offer", "When a person is offered.", mappingOf(limitsShape), false},
		{"escalate", "When a person is brought in.", mappingOf(limitsShape), false},
		{"rearm_below", "The score below which a threshold that was crossed may fire again.", number(0, 1000).by(defaultScoring().rearm), false},
		{"bands", "Names for ranges of the score: each with where it begins, ascending from 0.", namesOf(number(0, 1000)), false},
	},
}

var limitsShape = &shape{
	name: "limits", what: "Thresholds of the decayed score and of single feelings; reaching any of them counts.",
	keys: []key{
		{"score", "Of the score.", number(0.01, 1000), false},
		{"frustrated", "Of frustration.", number(0.01, 1000), false},
		{"angry", "Of anger.", number(0.01, 1000), false},
		{"dominated", "Of being forced.", number(0.01, 1000), false},
		{"ignored", "Of not being heard.", number(0.01, 1000), false},
		{"unfulfilled", "Of a goal that stays open.", number(0.01, 1000), false},
	},
}

// ruleShape is a rule: the keys every rule has, then its own.
func ruleShape(name, what string, needWhat, needWhy bool, own ...key) *shape {
	return &shape{name: name, what: what, keys: append([]key{
		{"id", "The id of the rule, one of its kind in a locale.", anID, true},
		{"what", "What the rule notices or does, in one sentence.", plainText, needWhat},
		{"why", "Why that is right; shown to the people it is about.", plainText, needWhy},
		{"owner", "Who answers for the rule.", plainText, false},
		{"mode", "on; shadow: counted, not acted on; off.", choice("on", "shadow", "off").or(`"on"`), false},
		{"expires", "The last day on which the rule holds.", date, false},
		{"priority", "Among rules that compete, the higher one is taken.", whole(-1000, 1000).or("0"), false},
		{"overrides", "The rule of the same id that this one replaces. What is not written here stays as it is there.", mappingOf(overridesShape), false},
	}, own...)}
}

var overridesShape = &shape{
	name: "overrides", what: "Which rule is replaced, and why.",
	keys: []key{
		{"pack", "The pack whose rule is replaced.", anID, true},
		{"digest", "Pins what is replaced; rules check says the right one.", word, true},
		{"why", "Why the rule is not right here.", plainText, true},
	},
}

var matchShape = &shape{
	name: "match", what: "What is looked for. Several keys hold together in the same sentence.", open: "detect",
	keys: []key{
		{"text", "Patterns that cover a whole sentence.", listOf(word), false},
		{"phrases", "Named lists, or patterns written in place, anywhere on word boundaries.", listOf(word), false},
		{"regex", "A regular expression (RE2), anywhere.", plainText, false},
		{"near", "Words near each other.", mappingOf(nearShape), false},
		{"not", "What must not hold in the same sentence.", aMatch, false},
		{"any", "At least one of these.", sectionOf(aMatch), false},
		{"detect", "A structural detector; all further keys are its parameters.", choice(detectorNames()...), false},
	},
}

var nearShape = &shape{
	name: "near", what: "Words that stand near each other, or near the other words of the match.",
	keys: []key{
		{"phrases", "Lists or patterns in place.", listOf(word), true},
		{"words", "How many words may stand between.", whole(1, 50).or("6"), false},
	},
}

func detectorNames() []string {
	var out []string
	for _, d := range detectorList() {
		out = append(out, d.name)
	}
	return out
}

// aCondition is what when, unless and needs take.
var aCondition = either(plainText, flag, conditions)

var signalShape = ruleShape("signal", "Something that is noticed in a turn.", true, true,
	key{"from", "Whose turns are read.", choice("customer", "bot", "event", "any"), true},
	key{"match", "What is looked for.", aMatch, true},
	key{"when", "A condition that must hold.", aCondition, false},
	key{"unless", "A condition that must not hold.", aCondition, false},
	key{"points", "What it adds to the score, once a turn.", number(0, maxPoints).or("0"), false},
	key{"failure", "On replies: the bot has failed.", flag.or("false"), false},
	key{"settles", "On replies: they bring what was asked for. An offer that the score has led to waits for one that does not, and lapses with the next turn of the customer that is not flagged.", flag.or("false"), false},
	key{"feels", "The feelings that receive the points.", listOf(choice(feelingNames[:]...)), false},
	key{"calms", "What it takes off the score and the feelings: half, or a number.", either(choice("half"), number(0, maxPoints)), false},
	key{"desk", "The desk that is asked for when it decides.", plainText, false},
	key{"examples", "Messages that fire it and messages that do not.", mappingOf(examplesShape), true},
)

// stepKeys stand in the steps of a rewrite, or beside its match when there is one step only.
var stepKeys = []key{
	{"say", "What is said instead, with the captures of the match. Variants rotate.", listOf(word), false},
	{"do", "What is decided.", choice("offer", "escalate", "route"), false},
	{"adds", "What the text brings along beyond the facts of the reply.", listOf(choice("apology", "promise", "offer", "fact")), false},
	{"needs", "A condition without which the step is passed over.", aCondition, false},
	{"asks", "The ask the text puts to the customer.", anID, false},
	{"drops", "Captures that are left out on purpose.", listOf(word), false},
	{"approved", "Who approved a promise, or an apology that admits fault.", mappingOf(approvedShape), false},
}

var approvedShape = &shape{
	name: "approved", what: "Who approved what is said, and until when.",
	keys: []key{{"by", "Who approved it.", plainText, true}, {"until", "The last day on which it is said.", date, true}},
}

var stepShape = &shape{name: "step", what: "One of the answers that are given in turn.", keys: stepKeys}

var rewriteShape = ruleShape("rewrite", "How a reply is reworded.", true, true, append([]key{
	{"move", "The kind of move it makes.", choice(append(moves, "next step", "way out", "plain words", "strip cheer")...), false},
	{"match", "What is looked for.", aMatch, false},
	{"from", "Whose words the match reads: the reply's, or the customer's before it.", choice("bot", "customer").or(`"bot"`), false},
	{"when", "A condition that must hold.", aCondition, false},
	{"unless", "A condition that must not hold.", aCondition, false},
	{"place", "Where it goes; follows from the move and the match when it is left out.", choice("sentence", "words", "before", "after"), false},
	{"steps", "Answers that are given in turn, each once.", sectionOf(mappingOf(stepShape)), false},
	{"examples", "Replies with what becomes of them.", sectionOf(mappingOf(rewriteExampleShape)), true},
}, stepKeys...)...)

var askShape = &shape{
	name: "ask", what: "A question that Attune puts to the customer. The next utterance is held against it, whole.",
	keys: []key{
		{"accept", "Lists or patterns that accept.", listOf(word), true},
		{"decline", "Lists or patterns that decline; they have priority.", listOf(word), false},
		{"beside", "Lists or patterns of sentences that may stand beside an answer and are none themselves, like thanks.", listOf(word), false},
		{"then", "What accepting does.", choice("escalate", "route", "stay", "nothing"), true},
		{"expires", "How many customer turns it stays open: 1 turn, 3 turns.", plainText.or(`"1 turn"`), false},
		{"desk", "The desk that is asked for.", plainText, false},
		{"accepted", "The message said when it is accepted.", plainText, false},
		{"declined", "The message said when it is declined.", plainText, false},
	},
}

var escalationShape = ruleShape("escalation", "When a person is offered or brought in, whatever the score.", true, true,
	key{"when", "Fires when this turns true, and again only after it was false.", aCondition, true},
	key{"do", "What is decided.", choice("offer", "escalate", "route"), true},
	key{"asks", "The ask an offer puts to the customer.", anID, false},
	key{"desk", "The desk that is asked for.", plainText, false},
	key{"say", "The message that is said, or one for each state of the desk.", either(plainText, mappingOf(sayShape)), false},
)

var sayShape = &shape{
	name: "say", what: "Messages by how things stand at the desk.",
	keys: []key{
		{"default", "When someone is there.", plainText, false},
		{"closed", "Outside opening hours.", plainText, false},
		{"busy", "When nobody is free.", plainText, false},
	},
}

var crisisShape = ruleShape("crisis", "A person may be in danger.", true, true,
	key{"match", "What is looked for.", aMatch, true},
	key{"country", "The country of the helpline; a language is not a country.", plainText, false},
	key{"line", "The message that names a helpline.", plainText, true},
	key{"verified", "The day on which somebody last called the helpline.", date, false},
	key{"desk", "The desk that is asked for.", plainText, false},
	key{"closed", "The message said when nobody is there.", plainText, false},
	key{"examples", "Messages that fire it and messages that do not.", mappingOf(examplesShape), true},
)

var verbatimShape = ruleShape("verbatim", "Text that must not be changed.", false, true,
	key{"match", "What is looked for.", aMatch, true},
	key{"examples", "Replies that hold it and replies that do not.", mappingOf(examplesShape), true},
)

var touchpointShape = ruleShape("touchpoint", "A place of the journey.", false, false,
	key{"when", "Where it is.", aCondition, true},
	key{"story", "How it should have felt, in the customer's words.", plainText, true},
	key{"feel", "The feelings aimed for.", listOf(choice(goodFeelingNames()...)), false},
	key{"offer", "When a person is offered here.", mappingOf(limitsShape), false},
	key{"escalate", "When a person is brought in here.", mappingOf(limitsShape), false},
	key{"proxies", "What is measured in place of asking, with the share of conversations that is wanted.", mappingOf(proxiesShape()), false},
	key{"ask", "What customers are asked afterwards.", mappingOf(surveyShape), false},
	key{"target", "The share of good answers that is aimed for.", share, false},
)

// proxiesShape lists what can be measured in place of asking.
func proxiesShape() *shape {
	s := &shape{name: "proxies", what: "What is measured in place of asking: a share of the conversations, like <= 10% or >= 95%."}
	for _, p := range proxyMeanings {
		k := key{p.name, p.what, share, false}
		if p.unmeasured != "" {
			k.what += " Not measured: " + p.unmeasured + "."
		}
		s.keys = append(s.keys, k)
	}
	return s
}

var surveyShape = &shape{
	name: "survey", what: "A question to a share of the customers.",
	keys: []key{{"text", "The message that asks.", plainText, true}, {"share", "How many of the sessions are asked.", share.or(`"100%"`), false}},
}

// messageOrTalk is an example: a message, or a conversation whose last turn counts.
var messageOrTalk = either(word, sectionOf(mappingOf(turnShape)))

var examplesShape = &shape{
	name: "examples", what: "What the rule is tested with.",
	keys: []key{
		{"fires", "Messages, or conversations, that fire the rule.", listOf(messageOrTalk), true},
		{"silent", "The nearest ones that must not.", listOf(messageOrTalk), false},
	},
}

var rewriteExampleShape = &shape{
	name: "rewrite example", what: "A reply and what becomes of it: out, or unchanged.",
	keys: []key{
		{"in", "The reply of the bot.", plainText, true},
		{"out", "What is sent.", plainText, false},
		{"unchanged", "The reply is left alone.", flag, false},
		{"before", "What was said before.", sectionOf(mappingOf(turnShape)), false},
		{"given", "Facts of the world.", mappingOf(givenShape), false},
	},
}

var turnShape = &shape{
	name: "turn", what: "One turn of a conversation: exactly one of customer, bot, agent, event, given and expect.",
	keys: []key{
		{"customer", "What the customer says.", word, false},
		{"bot", "What the bot replies.", word, false},
		{"agent", "What a person at the desk says.", word, false},
		{"event", "What happens without words.", choice(eventNames...), false},
		{"given", "Facts of the world from here on.", mappingOf(givenShape), false},
		{"expect", "In tests: what is expected of the turn before.", mappingOf(expectShape), false},
		{"expected", "Of the bot: what its question expects, like form.", plainText, false},
		{"value", "Of an event: the digits pressed.", word, false},
		{"after", "How long after the turn before: 30s.", plainText, false},
	},
}

var givenShape = &shape{
	name: "given", what: "Facts of the world; agents.available: 0 and agents: {available: 0} mean the same.",
	keys: []key{
		{"agents.available", "Free people at the desks.", number(0, 1e6).or("1"), false},
		{"asr.confidence", "How sure the speech recogniser is.", number(0, 1), false},
		{"channel", "How the conversation is led.", choice("text", "voice").or(`"text"`), false},
		{"desk.open", "Whether the desks are open: all, or by name.", either(flag, anyMapping), false},
		{"fixed", "The reply cannot be edited.", flag, false},
		{"floor", "Who may speak.", choice("bot", "attune", "agent", "nobody").or(`"bot"`), false},
		{"locale", "The language of the conversation.", plainText, false},
		{"mode", "What Attune may do.", choice(modeNames[:]...).or(`"full"`), false},
		{"path", "The page or flow.", plainText, false},
		{"queue.wait", "The expected wait: 6m.", plainText, false},
		{"register", "How customers are addressed.", choice("formal", "informal"), false},
		{"session", "Picks the variants.", plainText, false},
		{"syntax", "The markup of replies.", choice("plain", "markdown", "html", "ssml").or(`"plain"`), false},
		{"agents", "Holds available.", anyMapping, false},
		{"asr", "Holds confidence.", anyMapping, false},
		{"desk", "Holds open.", anyMapping, false},
		{"queue", "Holds wait.", anyMapping, false},
	},
}

// comparison is a number, or a comparison with one in quotes.
var comparison = either(plainText, number(-1e9, 1e9))

var expectShape = &shape{
	name: "expect", what: "What is expected of the turn before.",
	keys: []key{
		{"ask", "What becomes of an ask.", choice("opened", "accepted", "declined", "expired", "none"), false},
		{"band", "The band of the score.", plainText, false},
		{"decision", "What is decided.", choice(decisionNames[:]...), false},
		{"desk", "The desk that is asked for.", plainText, false},
		{"flagged", "Whether the turn is flagged.", flag, false},
		{"live", "Whether the decision is acted on.", flag, false},
		{"points", "The points of the turn: 2, or \">= 2\".", comparison, false},
		{"reason", "The rule behind the decision.", plainText, false},
		{"rejected", "Rewrites that were considered and not used.", listOf(word), false},
		{"rules", "Rewrites in what is sent.", listOf(word), false},
		{"say", "What Attune says: texts, or ids of messages.", listOf(word), false},
		{"score", "The score after the turn: 5, or \">= 3\".", comparison, false},
		{"sent", "The reply as it goes out.", listOf(word), false},
		{"signals", "Signals that fire.", listOf(word), false},
		{"silent", "Signals that do not.", listOf(word), false},
		{"stay", "Whether the customer goes on with the bot.", flag, false},
		{"touchpoint", "The touchpoint the turn is at.", plainText, false},
		{"upstream", "Whether the utterance reaches the bot.", choice("nothing", "message"), false},
	},
}

var testShape = &shape{
	name: "test", what: "A conversation with expectations.",
	keys: []key{
		{"name", "What the test shows.", plainText, true},
		{"given", "Facts of the world at the beginning.", mappingOf(givenShape), false},
		{"turns", "The turns, each expectation after the turn it is about.", sectionOf(mappingOf(turnShape)), true},
	},
}
