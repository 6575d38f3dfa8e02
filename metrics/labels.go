package metrics

import "strconv"

// Direction is the way a message travels. The values index
// [Metrics.Messages] and [Metrics.AddedLatency].
type Direction uint8

// The two directions.
const (
	Up   Direction = iota // from the widget to the backend
	Down                  // from the backend to the widget
)

var directions = [...]string{Up: "upstream", Down: "downstream"}

// String returns the label value: "upstream" or "downstream".
func (d Direction) String() string { return name(directions[:], d) }

// Role says whose words a message carries. The values index
// [Metrics.Messages].
type Role uint8

// The roles. Nobody stands for messages without words: heartbeats, acks,
// binary messages and everything a profile does not know.
const (
	Nobody Role = iota
	Customer
	Bot
	Agent
	Attune // what Attune itself says
)

var roles = [...]string{Nobody: "nobody", Customer: "customer", Bot: "bot", Agent: "agent", Attune: "attune"}

// String returns the label value, "nobody" to "attune".
func (r Role) String() string { return name(roles[:], r) }

// Upgrade is how a widget's attempt to connect ended.
type Upgrade uint8

// The results of an upgrade.
const (
	UpgradeOK          Upgrade = iota
	UpgradeHandshake           // 400: not a valid WebSocket handshake, path or header
	UpgradeOrigin              // 403
	UpgradeAddress             // 429: too many from one address
	UpgradeFull                // 503: no session left
	UpgradeMemory              // 503: memory is short
	UpgradeDraining            // 503: going away
	UpgradeRefused             // the backend answered with a status of its own
	UpgradeUnreachable         // upgraded without a backend: silence care or close 1013
	UpgradeAborted             // the widget left before it was answered
)

var upgrades = [...]string{
	UpgradeOK: "ok", UpgradeHandshake: "handshake", UpgradeOrigin: "origin", UpgradeAddress: "address", UpgradeFull: "full", UpgradeMemory: "memory",
	UpgradeDraining: "draining", UpgradeRefused: "refused", UpgradeUnreachable: "unreachable", UpgradeAborted: "aborted",
}

// String returns the label value, for example "origin".
func (u Upgrade) String() string { return name(upgrades[:], u) }

// Side says who ended a bridge.
type Side uint8

// The sides of a close.
const (
	SideWidget Side = iota
	SideBackend
	SideAttune
)

var sides = [...]string{SideWidget: "widget", SideBackend: "backend", SideAttune: "attune"}

// String returns the label value: "widget", "backend" or "attune".
func (s Side) String() string { return name(sides[:], s) }

// Decision is what the rules decided on a turn. A turn without a decision is
// not counted.
type Decision uint8

// The decisions.
const (
	Offer Decision = iota
	Escalate
	Route
	Crisis
)

var decisions = [...]string{Offer: "offer", Escalate: "escalate", Route: "route", Crisis: "crisis"}

// String returns the label value, for example "offer".
func (d Decision) String() string { return name(decisions[:], d) }

// AskOutcome is what became of a question that Attune put to the customer.
type AskOutcome uint8

// The outcomes of an ask.
const (
	AskOpened AskOutcome = iota
	AskAccepted
	AskDeclined
	AskExpired
)

var askOutcomes = [...]string{AskOpened: "opened", AskAccepted: "accepted", AskDeclined: "declined", AskExpired: "expired"}

// String returns the label value, for example "accepted".
func (o AskOutcome) String() string { return name(askOutcomes[:], o) }

// Rejoin is what became of looking for a backend that was lost under a living
// widget.
type Rejoin uint8

// The results of looking for a lost backend.
const (
	RejoinOK      Rejoin = iota // it is back, the widget has noticed nothing
	RejoinGivenUp               // it did not come back in time
)

var rejoins = [...]string{RejoinOK: "ok", RejoinGivenUp: "given_up"}

// String returns the label value, "ok" or "given_up".
func (r Rejoin) String() string { return name(rejoins[:], r) }

// Silence is what Attune said about a bot that kept the customer waiting. The
// label value, behind "silence.", is the id of the message.
type Silence uint8

// What is said about silence.
const (
	SilenceSlow      Silence = iota // the bot is at it
	SilenceStill                    // and still is
	SilenceGone                     // it cannot be reached
	SilenceGoneStill                // and still not
	SilenceBack                     // it is back
	SilenceAgain                    // it is back, and what was on its way to it is lost
	SilenceOver                     // it did not come back
	SilenceOffer                    // an offer of a person
)

var silences = [...]string{
	SilenceSlow: "slow", SilenceStill: "still", SilenceGone: "gone", SilenceGoneStill: "gone.still", SilenceBack: "back", SilenceAgain: "again",
	SilenceOver: "over", SilenceOffer: "offer",
}

// String returns the label value, for example "gone".
func (s Silence) String() string { return name(silences[:], s) }

// Held is what became of a message that was held while a reply came in pieces.
type Held uint8

// The outcomes of holding; they index [Metrics.StreamHeld].
const (
	HeldKept     Held = iota // it left as it was
	HeldReworded             // it left with other words
	HeldOverdue              // it had waited as long as it may
	HeldFlushed              // the customer spoke over it: it was thrown away
)

var helds = [...]string{HeldKept: "kept", HeldReworded: "reworded", HeldOverdue: "overdue", HeldFlushed: "flushed"}

// String returns the label value.
func (h Held) String() string { return name(helds[:], h) }

// Answer is what became of the question of a touchpoint.
type Answer uint8

// The answers. Everybody who is asked is counted once as asked and, when they
// go on, once more.
const (
	AnswerAsked Answer = iota
	AnswerYes
	AnswerNo
	AnswerNone // something else was said
)

const yes, no = "yes", "no"

var answers = [...]string{AnswerAsked: "asked", AnswerYes: yes, AnswerNo: no, AnswerNone: "none"}

// String returns the label value: "asked", "yes", "no" or "none".
func (a Answer) String() string { return name(answers[:], a) }

// Rewrite is what became of one rewrite of one reply.
type Rewrite uint8

// The outcomes of a rewrite. Everything but RewriteApplied means that the
// bot's own words went out.
const (
	RewriteApplied  Rewrite = iota
	RewriteFacts            // rejected: a fact would have changed
	RewriteGrowth           // rejected: the reply would have grown too long
	RewriteVerbatim         // rejected: the text must reach the customer byte for byte
	RewriteShadow           // the rule is in shadow mode
	RewriteSpent            // the budget of the conversation was used up
)

var rewrites = [...]string{
	RewriteApplied: "applied", RewriteFacts: "facts", RewriteGrowth: "growth", RewriteVerbatim: "verbatim", RewriteShadow: "shadow", RewriteSpent: "spent",
}

// String returns the label value, for example "applied".
func (r Rewrite) String() string { return name(rewrites[:], r) }

// ParseRewrite finds the outcome with the given label value.
func ParseRewrite(s string) (Rewrite, bool) {
	for i, v := range rewrites {
		if v == s {
			return Rewrite(i), true //nolint:gosec // the table has six entries
		}
	}
	return 0, false
}

// Ending is how a session stood when it ended.
type Ending uint8

// The endings of a session.
const (
	EndedWithBot   Ending = iota // never asked for or given a person
	EndedWithAgent               // an agent spoke at some time
	EndedWaiting                 // left while waiting for a person
)

var endings = [...]string{EndedWithBot: "bot", EndedWithAgent: "agent", EndedWaiting: "waiting"}

// String returns the label value: "bot", "agent" or "waiting".
func (e Ending) String() string { return name(endings[:], e) }

// Floor is who may speak to the customer.
type Floor uint8

// The holders of the floor.
const (
	FloorBot Floor = iota
	FloorAttune
	FloorAgent
	FloorNobody
)

var floors = [...]string{FloorBot: "bot", FloorAttune: "attune", FloorAgent: "agent", FloorNobody: "nobody"}

// String returns the label value, for example "agent".
func (f Floor) String() string { return name(floors[:], f) }

// Handoff is a state that a handoff has entered.
type Handoff uint8

// The states of a handoff.
const (
	HandoffRequested Handoff = iota
	HandoffQueued
	HandoffOffered
	HandoffAccepted
	HandoffActive
	HandoffReturned
	HandoffResolved
	HandoffAbandoned
	HandoffExpired
	HandoffFailed
)

var handoffs = [...]string{
	HandoffRequested: "requested", HandoffQueued: "queued", HandoffOffered: "offered", HandoffAccepted: "accepted", HandoffActive: "active",
	HandoffReturned: "returned", HandoffResolved: "resolved", HandoffAbandoned: "abandoned", HandoffExpired: "expired", HandoffFailed: "failed",
}

// String returns the label value, for example "queued".
func (h Handoff) String() string { return name(handoffs[:], h) }

// ParseHandoff finds the state with the given label value.
func ParseHandoff(s string) (Handoff, bool) {
	for i, v := range handoffs {
		if v == s {
			return Handoff(i), true //nolint:gosec // the table has ten entries
		}
	}
	return 0, false
}

// Wait is how a customer's wait for a person ended.
type Wait uint8

// The ends of a wait.
const (
	WaitAccepted  Wait = iota // an agent took the conversation
	WaitAbandoned             // the customer left or chose the bot
	WaitExpired
	WaitFailed
)

var waits = [...]string{WaitAccepted: "accepted", WaitAbandoned: "abandoned", WaitExpired: "expired", WaitFailed: "failed"}

// String returns the label value, for example "abandoned".
func (w Wait) String() string { return name(waits[:], w) }

// Verdict is what an agent says of a handoff when closing it.
type Verdict uint8

// The verdicts.
const (
	VerdictNeeded Verdict = iota
	VerdictTooEarly
	VerdictTooLate
	VerdictWrongDesk
)

var verdicts = [...]string{VerdictNeeded: "needed", VerdictTooEarly: "too_early", VerdictTooLate: "too_late", VerdictWrongDesk: "wrong_desk"}

// String returns the label value, for example "too_early".
func (v Verdict) String() string { return name(verdicts[:], v) }

// ParseVerdict finds the verdict with the given label value.
func ParseVerdict(s string) (Verdict, bool) {
	for i, v := range verdicts {
		if v == s {
			return Verdict(i), true //nolint:gosec // the table has four entries
		}
	}
	return 0, false
}

// Promise is what became of a promise made to a customer.
type Promise uint8

// The outcomes of a promise. Every promise is counted once as made and once
// more when its fate is known: void is that of a customer who waits no more.
const (
	PromiseMade Promise = iota
	PromiseKept
	PromiseBroken
	PromiseVoid
)

var promises = [...]string{PromiseMade: "made", PromiseKept: "kept", PromiseBroken: "broken", PromiseVoid: "void"}

// String returns the label value: "made", "kept", "broken" or "void".
func (p Promise) String() string { return name(promises[:], p) }

// Slot is a place where a rule set is in force.
type Slot uint8

// The slots.
const (
	Active Slot = iota
	Shadow
	Canary
)

var slots = [...]string{Active: "active", Shadow: "shadow", Canary: "canary"}

// String returns the label value: "active", "shadow" or "canary".
func (s Slot) String() string { return name(slots[:], s) }

// FailOpen is why a message went on without what Attune would have done
// with it.
type FailOpen uint8

// The reasons for failing open.
const (
	FailRules  FailOpen = iota // judging failed or took too long
	FailWire                   // the text could not be put back into its message
	FailStore                  // Redis did not answer: state is kept in memory only
	FailFloor                  // the floor was unknown, so the bot spoke
	FailInject                 // Attune's or an agent's words have no shape in this protocol
	FailDesk                   // a desk did not take a handoff
	FailShadow                 // judging by the shadow set failed: nothing was compared
	FailOwner                  // the node that owns the conversation did not answer: it was judged elsewhere
)

var failOpens = [...]string{
	FailRules: "rules", FailWire: "wire", FailStore: "store", FailFloor: "floor", FailInject: "inject", FailDesk: "desk",
	FailShadow: "shadow", FailOwner: "owner",
}

// String returns the label value, for example "store".
func (f FailOpen) String() string { return name(failOpens[:], f) }

// Unread is why the words of a message could not be read.
type Unread uint8

// The reasons for an unread message.
const (
	UnreadUnknown Unread = iota // no part of the profile describes this message
	UnreadFraming               // it is not what the profile's framing demands
	UnreadJSON                  // its framing is right and what it holds is not JSON
	UnreadLimits                // deeper, or of more parts, than is worth reading
	UnreadBinary
	UnreadTooBig  // an HTTP body beyond the message limit
	UnreadEncoded // an HTTP body that is compressed
)

var unreads = [...]string{
	UnreadUnknown: "unknown", UnreadFraming: "framing", UnreadJSON: "json", UnreadLimits: "limits", UnreadBinary: "binary",
	UnreadTooBig: "size", UnreadEncoded: "encoding",
}

// String returns the label value, for example "framing".
func (u Unread) String() string { return name(unreads[:], u) }

// Request is what became of an HTTP request beside the sockets.
type Request uint8

// The results of an HTTP request.
const (
	RequestPassed      Request = iota // to the backend, and its answer back
	RequestUnheard                    // the same, with words that nobody judged: the conversation has no socket on this node
	RequestAnswered                   // by Attune: it answers Attune, or somebody else than the bot has the floor
	RequestPreflight                  // answered by Attune: may the page send the real one
	RequestMalformed                  // 400, 414, 431
	RequestOrigin                     // 403
	RequestRate                       // 429: the customer says too much at once
	RequestAddress                    // 429: too many from one address
	RequestFull                       // 503: too many, or going away
	RequestUnreachable                // 502 or 504: no answer of the backend
	RequestAborted                    // the widget left before it was answered
)

var requests = [...]string{
	RequestPassed: "passed", RequestUnheard: "unheard", RequestAnswered: "answered", RequestPreflight: "preflight",
	RequestMalformed: "malformed", RequestOrigin: "origin", RequestRate: "rate", RequestAddress: "address", RequestFull: "full",
	RequestUnreachable: "unreachable", RequestAborted: "aborted",
}

// String returns the label value, for example "answered".
func (r Request) String() string { return name(requests[:], r) }

// Opening is how a session began.
type Opening uint8

// The openings of a session.
const (
	OpenedFresh   Opening = iota // new
	OpenedResumed                // known and bound: score, floor and history go on
	OpenedUnbound                // the id was known but its binding did not match, so it is fresh
)

var openings = [...]string{OpenedFresh: "fresh", OpenedResumed: "resumed", OpenedUnbound: "unbound"}

// String returns the label value: "fresh", "resumed" or "unbound".
func (o Opening) String() string { return name(openings[:], o) }

// codeLabel keeps the label "code" closed: registered codes by number,
// applications' own by their thousand.
func codeLabel(code uint16) string {
	switch {
	case code >= 1000 && code <= 1015 && code != 1004:
		return strconv.Itoa(int(code))
	case code >= 3000 && code <= 3999:
		return "3xxx"
	case code >= 4000 && code <= 4999:
		return "4xxx"
	}
	return "other"
}

// name looks up a label value. A value outside the set is a programming
// error that must not cost a conversation, so it reads "other".
func name[K ~uint8](table []string, k K) string {
	if int(k) < len(table) {
		return table[k]
	}
	return "other"
}
