package rules

// What Attune says when no pack says it. Packs override a message by its id, in their locale.
var builtinMessages = map[string][]string{
	// An explicit request, or an accepted offer. {wait} is wait.moment, wait.minute or wait.minutes.
	"handoff.requested": {"I'm bringing in a colleague. It takes {wait}; say 'stay' to go on with me."},
	// The same outside opening hours.
	"handoff.closed": {"Our people are not here right now. I have passed your request on, and they will get back to you."},
	// An agent took the conversation.
	"handoff.accepted": {"{agent} is here now and has read what you wrote."},
	// The conversation is put through to people elsewhere, by the protocol's own message.
	"handoff.passed": {"I'm putting you through now."},
	// The agent gave the conversation back to the bot.
	"handoff.returned": {"You are back with the assistant."},
	// To the bot, where the protocol can tell it: what a person did who gave the conversation back, or closed the matter.
	"handoff.summary": {"{agent}, a person, talked with the customer for {minutes} min and gave the conversation back. Their last words: {words}"},
	"handoff.settled": {"{agent}, a person, talked with the customer for {minutes} min and settled the matter. Their last words: {words}"},
	// The agent left without giving it back.
	"handoff.left": {"My colleague had to leave. I'm looking for someone else for you."},
	// The agent passed the conversation on.
	"handoff.transferred": {"I'm passing you on to a colleague, who can read everything so far. Please stay with me."},
	// Nobody took the conversation within its time; the bot goes on.
	"handoff.expired": {"Nobody is free after all. Let's go on here; say 'person' to try again."},
	// The desk of the handoff could not be reached; the bot goes on.
	"handoff.failed": {"I cannot reach my colleagues right now, I'm sorry. Let's go on here; say 'person' to try again."},
	// The customer chose to go on with the bot.
	"handoff.stayed": {"All right, let's go on. Say 'person' whenever you want a colleague."},
	// The conversation goes to a desk because of what was said.
	"handoff.routed": {"This is for a colleague. I'm passing it on now; it takes {wait}."},
	// What a colleague was told, where the packs have an ask named card; {goal} is in the customer's own words. Then the
	// answers: to a yes, to a no, and to words of theirs.
	"card.confirm": {"I told my colleague: “{goal}”. Is that right?"},
	"card.right":   {"Good. They will be here soon."},
	"card.what":    {"What shall I tell them instead?"},
	"card.noted":   {"Thank you, I have added that."},
	// Offers that are made by score, and how things stand at the desk.
	"offer":        {"Would you rather talk to a colleague? Just say yes.", "I can bring a colleague in. Shall I?"},
	"offer.closed": {"Our people are not here right now. Shall they get back to you?"},
	"offer.busy":   {"All colleagues are talking to someone right now. Shall I put you in the queue?"},
	// An offer in a reply that asks for a yes or no itself: it must not take the same answer.
	"offer.beside":        {"Or say 'person' and I'll bring a colleague in."},
	"offer.beside.closed": {"Or say 'person' and I leave my colleagues a note."},
	// An offer was declined.
	"ask.declined": {"All right. What else can I do for you?"},
	// The question of a touchpoint was answered.
	"survey.yes": {"Thank you."},
	"survey.no":  {"Thank you for telling me. Say 'person' whenever you want a colleague."},
	// A crisis rule fired and someone is there.
	"crisis.person": {"I am bringing a person in right now. Please stay with me."},
	// The bot keeps the customer waiting: it is slow, and then slower still.
	"silence.slow":        {"One moment, I'm still on it.", "I'm still on it, one moment please."},
	"silence.slow.voice":  {"One moment, please.", "I'm still here. One moment."},
	"silence.still":       {"This takes longer than it should. I'm still waiting for the answer; there is nothing you have to do."},
	"silence.still.voice": {"This takes longer than it should. Please hold on."},
	// It cannot be reached, and still not. What the customer says is kept.
	"silence.gone":             {"The assistant can't be reached right now. I keep trying, and nothing you write gets lost."},
	"silence.gone.voice":       {"The assistant can't be reached right now. Please stay on the line, I keep trying."},
	"silence.gone.still":       {"The assistant is still not back. I keep trying."},
	"silence.gone.still.voice": {"Still no luck. Please stay on the line, I keep trying."},
	// It is back, and gets what was kept; or what it was told just before it went is lost.
	"silence.back":        {"The assistant is back and reads what you wrote."},
	"silence.back.voice":  {"The assistant is back."},
	"silence.again":       {"The assistant is back, but your last message may not have arrived. Please send it again."},
	"silence.again.voice": {"The assistant is back. Please say that again."},
	// It did not come back; the connection is closed.
	"silence.over":       {"The assistant can't be reached at the moment. Please try again later."},
	"silence.over.voice": {"The assistant can't be reached at the moment. Please call again later."},
	// What was promised did not happen in time: the customer still waits, or it was something else.
	"promise.late":   {"This takes longer than I said, I'm sorry. It now looks like {wait}; say 'stay' to go on with me."},
	"promise.missed": {"What I promised you has not happened in time, I'm sorry. Say 'person' and I'll bring a colleague in."},
	// How long it takes.
	"wait.moment":  {"a moment"},
	"wait.minute":  {"about a minute"},
	"wait.minutes": {"about {minutes} minutes"},
}

// messageSlots are the slots that Attune fills in messages of its own.
var messageSlots = map[string][]string{
	"handoff.requested": {"wait"},
	"handoff.closed":    {"wait"},
	"handoff.routed":    {"wait"},
	"handoff.accepted":  {"agent"},
	"handoff.returned":  {"agent"},
	"handoff.summary":   {"agent", "minutes", "words"},
	"handoff.settled":   {"agent", "minutes", "words"},
	"handoff.left":      {"agent"},
	"wait.minutes":      {"minutes"},
	"card.confirm":      {"goal"},
	"promise.late":      {"wait"},
}

// builtinAsks are the asks that are open without a pack: stay while the customer waits, connect for offers by score,
// survey for the questions of touchpoints.
var builtinAsks = []struct {
	id              string
	accept, decline []string
	then            askThen
	turns           int
	accepted        string // message ids
	declined        string
}{
	{
		id: askConnect,
		accept: []string{
			"(yes | yeah | yep | sure | ok | okay | please) [please]", "yes [please] (do | connect me)", "please do",
			"that would be (good | great | nice)", "go ahead",
		},
		decline: []string{"(no | nope | nah) [thanks | thank you]", "not now", "no need", "never mind", "not [really] necessary"},
		then:    thenEscalate,
		turns:   1,
	},
	{
		id:     askStay,
		accept: []string{"stay", "[i] [will | want to] stay [here] [with you]", "[let's | i'd rather] (go on | continue) with (you | the bot)"},
		then:   thenStay,
		turns:  1,
	},
	{
		id: askSurvey,
		accept: []string{
			"(yes | yeah | yep | yup) [thanks | thank you | please | very much]", "[yes] [very much | really] (i did | it did | absolutely | definitely | totally)",
			"of course", "sure", "very much [so]", "mostly", "👍",
		},
		decline: []string{
			"(no | nope | nah) [thanks | thank you | sorry]", "[no] [i | it] (did not | didn't)", "[no] not (really | at all | much)", "hardly", "👎",
		},
		then:     thenNothing,
		turns:    1,
		accepted: "survey.yes", declined: "survey.no",
	},
}

// The ids of the asks Attune puts by itself.
const (
	askConnect = "connect"
	askStay    = "stay"
	askSurvey  = "survey"
	// askCard is not built in: packs that have it let customers correct what people are told.
	askCard = "card"
)

// defaultScoring is used where no pack scores.
func defaultScoring() scoringSpec {
	return scoringSpec{
		halfLife: 4, flag: 2, rearm: 3,
		offer: thresholds{score: 5}, escalate: thresholds{score: 8},
		bands: []bandSpec{{"calm", 0}, {"uneasy", 2}, {"upset", 5}, {"urgent", 8}},
	}
}
