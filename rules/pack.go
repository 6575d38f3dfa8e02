package rules

import (
	"time"
)

// The spec types hold a pack as it was written, with the place of everything a later step may complain about.
// Compile turns specs into the set that judges.

// spec is one pack file.
type spec struct {
	src         *source
	at          *yamlNode
	name        string
	version     int
	locale      string
	register    string
	importNames []*yamlNode
	imports     []*spec // resolved
	overridden  bool    // another pack has taken the place of one of its rules
	ids         map[string]bool
	scoring     *scoringSpec
	always      []alwaysSpec
	lists       []listSpec
	signals     []*signalSpec
	rewrites    []*rewriteSpec
	asks        []*askSpec
	escalations []*escalationSpec
	crisis      []*crisisSpec
	verbatim    []*verbatimSpec
	touchpoints []*touchpointSpec
	messages    []*messageSpec
	tests       []*testSpec
}

// ruleMode is a rule's own switch.
type ruleMode uint8

const (
	modeOn ruleMode = iota
	modeShadow
	modeOff
)

// head is what every rule has.
type head struct {
	id        string
	at        *yamlNode // the id, for messages about the rule
	written   *yamlNode // the rule as it stands in its file
	what      string
	why       string
	owner     string
	mode      ruleMode
	expires   time.Time // first moment at which the rule no longer holds; zero = never
	priority  int
	overrides *overrideSpec
}

type thresholds struct {
	score    float64 // 0 = none
	feelings [Feelings]float64
}

type bandSpec struct {
	name string
	from float64
}

type scoringSpec struct {
	at       *yamlNode
	halfLife float64
	flag     float64
	offer    thresholds
	escalate thresholds
	rearm    float64
	bands    []bandSpec // ascending
}

type alwaysSpec struct {
	at     *yamlNode
	signal string
	action Decision
}

type listSpec struct {
	at       *yamlNode
	name     string
	patterns []*yamlNode
}

// matchSpec is the condition on the text. Several parts hold together in the same sentence.
type matchSpec struct {
	at      *yamlNode
	text    []*yamlNode // patterns that cover a sentence
	phrases []*yamlNode // list names or inline patterns
	regex   *yamlNode
	detect  *yamlNode
	params  []entry // the detector's own keys
	near    *nearSpec
	not     *matchSpec
	any     []*matchSpec
}

type nearSpec struct {
	at      *yamlNode
	phrases []*yamlNode
	words   int
}

// exprSpec is a condition, as a string or in the short form of a map.
type exprSpec struct {
	at    *yamlNode
	parts []exprPart // joined by and
}

type exprPart struct {
	key    *yamlNode // of the short form: the name
	at     *yamlNode
	source string
	shift  int // how many characters of source stand before the text of at
}

type signalSpec struct {
	head
	from     Role
	anyRole  bool
	match    *matchSpec
	when     *exprSpec
	unless   *exprSpec
	points   float64
	failure  bool
	settles  bool
	feels    []Feeling
	calms    float64 // subtracted
	halves   bool    // calms: half
	desk     string
	examples *examplesSpec
}

// move is the kind of empathetic move a rewrite makes.
type move string

const (
	moveAcknowledge move = "acknowledge"
	moveOwn         move = "own"
	moveSoften      move = "soften"
	moveNextStep    move = "next-step"
	moveWayOut      move = "way-out"
	movePlainWords  move = "plain-words"
	moveStripCheer  move = "strip-cheer"
)

// place is where what is said goes.
type place uint8

const (
	placeSentence place = iota // instead of the matching sentence
	placeWords                 // instead of the matching words
	placeBefore                // before the reply
	placeAfter                 // after the reply
	placeCheer                 // nothing is said: exclamation marks, emoji and cheerful openers go
)

// addition is something authored text brings along beyond the facts of the original.
type addition uint8

const (
	addsApology addition = 1 << iota
	addsPromise
	addsOffer
	addsFact
)

type stepSpec struct {
	at       *yamlNode
	say      []*yamlNode
	adds     addition
	needs    *exprSpec
	asks     *yamlNode
	do       Decision
	drops    []string
	approved *approvalSpec
}

type approvalSpec struct {
	at    *yamlNode
	by    string
	until time.Time
}

type rewriteSpec struct {
	head
	move     move
	place    place
	heard    bool // the match reads the customer's last utterance, not the reply
	match    *matchSpec
	when     *exprSpec
	unless   *exprSpec
	steps    []*stepSpec
	sure     []fact // what every sentence that it matches holds
	endless  bool   // written without steps: the one step never runs out
	examples *rewriteExamples
}

type rewriteExamples struct {
	at   *yamlNode
	list []*rewriteExample
}

type rewriteExample struct {
	at        *yamlNode
	in        string
	before    []*turnSpec // what was said before
	out       *yamlNode
	unchanged bool
	given     []*givenSpec
}

type askSpec struct {
	at       *yamlNode
	id       string
	accept   []*yamlNode
	decline  []*yamlNode
	beside   []*yamlNode
	then     askThen
	turns    int
	desk     string
	accepted *yamlNode // message ids
	declined *yamlNode
}

// askThen is what accepting an ask does.
type askThen uint8

const (
	thenEscalate askThen = iota
	thenRoute
	thenStay
	thenNothing
)

type escalationSpec struct {
	head
	when *exprSpec
	do   Decision
	asks *yamlNode
	desk string
	say  sayByHours
}

// sayByHours picks a message by how things stand at the desk. Each is a message id or nil.
type sayByHours struct {
	normal, closed, busy *yamlNode
}

type crisisSpec struct {
	head
	match    *matchSpec
	country  string
	line     *yamlNode
	verified time.Time
	at       *yamlNode
	desk     string
	closed   *yamlNode
	examples *examplesSpec
}

type verbatimSpec struct {
	head
	match    *matchSpec
	examples *examplesSpec
}

type touchpointSpec struct {
	head
	when     *exprSpec
	story    string
	feel     []string
	offer    *thresholds
	escalate *thresholds
	proxies  []proxySpec
	askText  *yamlNode
	share    float64 // percent
	target   float64 // percent
}

type proxySpec struct {
	name   string
	atMost bool    // want is the most and not the least
	want   float64 // percent
}

type messageSpec struct {
	at       *yamlNode
	id       string
	variants []*yamlNode
}

// examplesSpec are the examples of a signal, a crisis rule or a verbatim block.
type examplesSpec struct {
	at     *yamlNode
	fires  []*exampleSpec
	silent []*exampleSpec
}

// exampleSpec is a conversation; a single string is a conversation of one turn.
type exampleSpec struct {
	at    *yamlNode
	turns []*turnSpec
	plain bool // written as a string: the role is the rule's
}

type turnSpec struct {
	at       *yamlNode
	role     Role
	text     string
	event    string
	value    string
	expected string
	after    time.Duration
	given    *givenSpec  // instead of a turn
	expect   *expectSpec // instead of a turn
}

// givenSpec sets facts of the world; only what is written changes.
type givenSpec struct {
	at  *yamlNode
	set []func(*world)
}

type expectSpec struct {
	at     *yamlNode
	checks []expectation
}

type expectation struct {
	at   *yamlNode
	key  string
	want []string
	op   string
	num  float64
}

type testSpec struct {
	at    *yamlNode
	name  string
	given *givenSpec
	turns []*turnSpec
}
