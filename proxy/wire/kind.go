package wire

// Direction is the way a message travels.
type Direction uint8

// The two directions. Whoever dialled, Up is from the customer to the bot.
const (
	// Up is upstream: from the widget (or IVR platform) to the backend.
	Up Direction = iota
	// Down is downstream: from the backend to the widget.
	Down
)

// String returns "up" or "down", the words of profiles and metric labels.
func (d Direction) String() string {
	if d == Down {
		return "down"
	}
	return "up"
}

// Kind says what a message is for.
type Kind uint8

// The kinds a profile can give to a message.
const (
	// Unknown is the zero Kind; Read never returns it.
	Unknown Kind = iota
	// Message is whole text, said once.
	Message
	// Delta is a piece of a stream (append) or the text so far (replace).
	Delta
	// Final repeats the text of a stream whose deltas went before.
	Final
	// Partial is a hypothesis (speech) that a later message replaces; never a turn.
	Partial
	// Echo is the customer's own words coming back downstream; never rewritten.
	Echo
	// Typing says that somebody is writing.
	Typing
	// Heartbeat keeps the conn alive; it must never be delayed.
	Heartbeat
	// Handoff is the protocol's own way of asking for a person; it may carry text.
	Handoff
	// DTMF is a key pressed on a telephone.
	DTMF
	// Interrupt says that the customer spoke over the bot.
	Interrupt
	// NoInput says that the customer said nothing when asked (voice).
	NoInput
	// NoMatch says that the platform did not understand what the customer said (voice).
	NoMatch
	// TurnEnd says that the bot has said all it has to say for now.
	TurnEnd
	// End ends the conversation; it may carry text.
	End
	// Error reports a failure of the backend.
	Error
	// Control belongs to the protocol and to nobody's speech.
	Control
	// Observe is read and never edited, since it was already spoken.
	Observe
)

var kindNames = [...]string{
	Unknown: "unknown", Message: "message", Delta: "delta", Final: "final", Partial: "partial", Echo: "echo",
	Typing: "typing", Heartbeat: "heartbeat", Handoff: "handoff", DTMF: "dtmf", Interrupt: "interrupt",
	NoInput: "no_input", NoMatch: "no_match", TurnEnd: "turn_end", End: "end", Error: "error", Control: "control", Observe: "observe",
}

// String returns the word of the profile format, such as "turn_end".
func (k Kind) String() string { return name(kindNames[:], int(k)) }

// Editable reports whether the texts of such a message may be reworded: nobody has seen or heard them yet.
func (k Kind) Editable() bool {
	return k == Message || k == Delta || k == Final || k == Handoff || k == End
}

// Role says who speaks.
type Role uint8

// The roles. Nobody is for messages that are not speech.
const (
	Nobody Role = iota
	Customer
	Bot
	Agent
)

var roleNames = [...]string{Nobody: "nobody", Customer: "customer", Bot: "bot", Agent: "agent"}

// String returns the word of the profile format, such as "customer".
func (r Role) String() string { return name(roleNames[:], int(r)) }

// Syntax is the mark-up of a text.
type Syntax uint8

// The syntaxes a profile can declare for a text; Plain is the default.
const (
	Plain Syntax = iota
	Markdown
	HTML
	SSML
	XML
)

var syntaxNames = [...]string{Plain: "plain", Markdown: "markdown", HTML: "html", SSML: "ssml", XML: "xml"}

// String returns the word of the profile format, such as "ssml".
func (s Syntax) String() string { return name(syntaxNames[:], int(s)) }

func name(names []string, i int) string {
	if i < len(names) {
		return names[i]
	}
	return "invalid"
}
