package rules

import (
	"fmt"
	"time"
)

// Role says whose turn it is.
type Role uint8

// The roles of a conversation. Event is something that happened without words (a key press, a silence).
const (
	Customer Role = iota
	Bot
	Agent
	Event
)

var roleNames = [...]string{"customer", "bot", "agent", "event"}

// String returns the role's name in transcripts.
func (r Role) String() string {
	if int(r) < len(roleNames) {
		return roleNames[r]
	}
	return fmt.Sprintf("role(%d)", uint8(r))
}

// ParseRole is the inverse of Role.String.
func ParseRole(name string) (Role, error) {
	for i, n := range roleNames {
		if n == name {
			return Role(i), nil
		}
	}
	return 0, fmt.Errorf("unknown role %q: want customer, bot, agent or event", name)
}

// Decision is what a turn led to. A larger one is the more urgent one.
type Decision uint8

// The decisions, in order of urgency.
const (
	None     Decision = iota
	Offer             // the customer is offered a person
	Escalate          // a person is brought in
	Route             // the conversation goes to a desk, without being asked for
	Crisis            // someone may be in danger: a person now, past every budget
)

var decisionNames = [...]string{"none", "offer", "escalate", "route", "crisis"}

// String returns the decision's name in transcripts and metrics.
func (d Decision) String() string {
	if int(d) < len(decisionNames) {
		return decisionNames[d]
	}
	return fmt.Sprintf("decision(%d)", uint8(d))
}

// ParseDecision is the inverse of Decision.String.
func ParseDecision(name string) (Decision, error) {
	for i, n := range decisionNames {
		if n == name {
			return Decision(i), nil
		}
	}
	return 0, fmt.Errorf("unknown decision %q: want none, offer, escalate, route or crisis", name)
}

// Mode switches tone and escalation apart (ATTUNE_MODE).
type Mode uint8

// The modes. The zero value acts on everything.
const (
	Full       Mode = iota
	Tone            // replies are reworded; nothing is offered or escalated, but for a crisis
	Escalation      // offers and escalations; no reply is reworded
	Observe         // everything is counted; only explicit requests and crisis are acted on
	ObserveAll      // everything is counted, nothing is acted on
)

var modeNames = [...]string{"full", "tone", "escalation", "observe", "observe-all"}

// String returns the mode's name as in ATTUNE_MODE.
func (m Mode) String() string {
	if int(m) < len(modeNames) {
		return modeNames[m]
	}
	return fmt.Sprintf("mode(%d)", uint8(m))
}

// ParseMode is the inverse of Mode.String; the empty string is Full.
func ParseMode(name string) (Mode, error) {
	if name == "" {
		return Full, nil
	}
	for i, n := range modeNames {
		if n == name {
			return Mode(i), nil
		}
	}
	return 0, fmt.Errorf("unknown mode %q: want full, tone, escalation, observe or observe-all", name)
}

// Feeling is one of the five feelings that points are about; it indexes Judgement.Feelings.
type Feeling uint8

// The five feelings.
const (
	Frustrated  Feeling = iota
	Angry               // hard words
	Dominated           // exit refused, forced through menus
	Ignored             // repeating themselves, unanswered, looped
	Unfulfilled         // the goal is open and the bot cannot
)

// Feelings is the number of feelings.
const Feelings = 5

var feelingNames = [Feelings]string{"frustrated", "angry", "dominated", "ignored", "unfulfilled"}

// String returns the feeling's name in packs and transcripts.
func (f Feeling) String() string {
	if int(f) < len(feelingNames) {
		return feelingNames[f]
	}
	return fmt.Sprintf("feeling(%d)", uint8(f))
}

// Syntax is the markup of a reply.
type Syntax uint8

// The markups that survive a rewrite.
const (
	Plain Syntax = iota
	Markdown
	HTML
	SSML
)

// Turn is one thing said or one thing that happened.
type Turn struct {
	Role Role
	// Text is the utterance or reply. Empty for events.
	Text string
	// Event names what happened when Role is Event: dtmf, no_input, no_match, barge_in, reconnect or silence.
	Event string
	// Value belongs to the event: the digits pressed.
	Value string
	// Expected, on bot turns, says what the question just asked expects ("form"). It holds until the next bot turn.
	Expected string
	// At is when the turn happened; the zero time means unknown. Nothing reads the wall clock.
	At time.Time
}

// Facts is the world around a turn, as far as rules may ask for it. The zero value is an English text conversation
// with nobody at the desks.
type Facts struct {
	// Session picks the first variant of each message, so that two conversations do not sound alike.
	Session string
	// Locale is the language of the conversation, a BCP 47 tag. Empty means en.
	Locale string
	// Register is formal or informal, where packs of the locale are written for both. Empty, or one that no pack is
	// written for: the first pack's.
	Register string
	// Channel is text or voice. Empty means text.
	Channel string
	// Path is the page or flow the conversation is on; touchpoints read it.
	Path string
	// Floor says who may speak: bot, attune, agent or nobody. Empty means bot.
	Floor string
	// Mode switches tone and escalation apart.
	Mode Mode
	// AgentsAvailable is the number of free seats, 0 or more, and QueueWait the expected wait for a person: what
	// conditions read, and what holds for every desk unless Desk says otherwise.
	AgentsAvailable int
	QueueWait       time.Duration
	// Desk tells the same of the desk that a decision leads to. Nil: AgentsAvailable and QueueWait.
	Desk func(desk string) (available int, wait time.Duration)
	// Goal is what the customer wants, in their own words, as the card for a person says; "" when that is not known. Nil: it
	// is not shown to them.
	Goal func() string
	// DeskOpen tells whether a desk has opening hours now. Nil: every desk is open.
	DeskOpen func(desk string) bool
	// ASRConfidence is the speech recogniser's confidence in the utterance, 0 to 1. Zero means unknown.
	ASRConfidence float64
	// Syntax is the markup of the reply.
	Syntax Syntax
	// Fixed says that the reply cannot be edited (it is a payload, or already shown). What Attune would have added to
	// it goes to Judgement.Say.
	Fixed bool
	// Shown is what has left of a reply that came piece by piece. Nil: nothing has.
	Shown *Shown
}

// Rejection is a rewrite or addition that was not used.
type Rejection struct {
	// Rule is the id of the rule.
	Rule string
	// By is facts, growth, verbatim, shadow or spent.
	By string
}

// The reasons of a Rejection, as in metrics.
const (
	ByFacts    = "facts"    // a fact of the original would have been lost, moved or added
	ByGrowth   = "growth"   // the text would have grown too much
	ByVerbatim = "verbatim" // the sentence must reach the customer byte for byte
	ByShadow   = "shadow"   // the rule, or the mode, only watches
	BySpent    = "spent"    // the budget for such a move is used up, or no step was left
)

// Judgement is what Judge makes of one turn. Judge overwrites every field and reuses the slices, so a caller that
// keeps one Judgement per conversation allocates nothing in the steady state; slices and strings are valid until the
// next Judge with the same Judgement.
type Judgement struct {
	// Score is the decayed score after this turn; Points is what this turn added. Both are 0 or more.
	Score, Points float64
	// Feelings are the decayed feelings after this turn, indexed by Feeling, 0 or more.
	Feelings [Feelings]float64
	// Band is the named range the score lies in.
	Band string
	// Flagged tells that the points of this turn reach the pack's flag.
	Flagged bool
	// Signals are the ids of the rules that fired on this turn, in the order of the packs.
	Signals []string
	// Words are the customer's words that matched, for the card. They are never logged.
	Words []string
	// Decision is what follows, whether or not the mode lets it be acted on.
	Decision Decision
	// Live tells that the mode lets Decision be acted on. In observe only explicit requests and crisis
	// are live, in tone only crisis.
	Live bool
	// Reason is the id of the rule behind Decision, Why its motivation, Desk the desk it asks for (may be empty).
	Reason, Why, Desk string
	// Sent is what goes out on a bot turn; it equals Text when the reply is untouched. Empty on other turns.
	Sent string
	// Rules are the ids of the rewrites and additions in Sent.
	Rules []string
	// Rejected are the rewrites and additions that were considered and not used.
	Rejected []Rejection
	// Withhold, on a customer turn, tells that the utterance answers Attune and must not go upstream.
	Withhold bool
	// Correction, on a customer turn, tells that the utterance says what is wrong with the card that was shown to them.
	Correction bool
	// Ask is the ask this turn is about; AskOutcome is opened, accepted, declined or expired.
	Ask, AskOutcome string
	// Touchpoint is the id of the touchpoint the turn is at; empty for none. Survey is the one whose question Ask is about;
	// empty for other asks.
	Touchpoint, Survey string
	// Stay tells that the customer, waiting for a person, chose to go on with the bot: cancel the handoff.
	Stay bool
	// Say is what Attune itself says to the customer now, apart from the reply.
	Say []string
	// Promises are what Sent or Say make the customer expect within some time.
	Promises []Promised
}

// reset empties j and keeps its storage.
func (j *Judgement) reset() {
	*j = Judgement{
		Signals:  j.Signals[:0],
		Words:    j.Words[:0],
		Rules:    j.Rules[:0],
		Rejected: j.Rejected[:0],
		Say:      j.Say[:0],
		Promises: j.Promises[:0],
	}
}
