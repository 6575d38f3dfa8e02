package rules

import (
	"slices"
	"strings"
	"sync"
	"time"
)

// Set is a compiled directory of packs. It is immutable and serves any number of goroutines.
type Set struct {
	specs    []*spec
	tongues  map[string]*tongue // by locale
	regional map[string]*tongue // by language, of those that have packs for regions of it only
	other    *tongue            // for locales no pack covers
	standard *tongue            // the default locale's
	digest   string
	off      map[string]bool // rules switched off at run time
	names    []string        // file names, in order
	pool     *sync.Pool      // of *scratch
	readings *readings       // nil: every reply is read anew
	lexicon  *lexicon        // every word of the packs, the cues and the program's own lists
}

// tongue is everything in force for one locale.
type tongue struct {
	locale      string
	register    string             // "" where there is nothing to choose
	registers   map[string]*tongue // of the first tongue of a locale: all of them
	covered     bool               // some pack is written for the locale
	scoring     *scoringSpec
	decay       float64 // what a customer turn leaves of the score: 2^(-1/half_life)
	sides       [3]side // by Role: Customer, Bot, Event
	escalations []escalationUse
	rewrites    []rewriteUse // without a match, in order: considered on every reply
	additions   []*template  // what rewrites add to replies
	asks        map[string]*ask
	messages    map[string]*message
	offers      []*template // every way in which Attune offers a person
	touchpoints []*touchpoint
}

// side is what is looked for in the turns of one role.
type side struct {
	matcher   *matcher
	answers   *matcher // of the customer's side: what answers asks
	regexes   *regexes
	detectors []detectorUse
	leaves    int
	rules     []*rule   // in the order they are considered
	byLeaf    [][]int32 // leaf -> indexes of rules
	live      *live     // of the bot's side
}

// rewriteUse is a rewrite without a match, beside what it cannot speak without, so that most need no look.
type rewriteUse struct {
	needs unrest
	*rule
}

// escalationUse is an escalation, in the same way.
type escalationUse struct {
	needs unrest
	*escalation
}

type detectorUse struct {
	detect detector
	cues   cueSet // see detectorSpec
	leaf   int
}

type ruleKind uint8

const (
	kindSignal ruleKind = iota
	kindCrisis
	kindVerbatim
	kindRewrite
)

// rule is one compiled rule that matches text.
type rule struct {
	head
	kind    ruleKind
	hash    uint32
	steps   uint32  // key of the step counter; those of the steps follow it
	rank    int     // of a rewrite among those that compete
	clause  *clause // nil: holds without looking
	when    *condition
	unless  *condition
	tracked bool // some condition asks about it
	again   bool // a rule of the same id, for another language, is considered before it
	signal  *signal
	crisis  *crisis
	rewrite *rewrite
	locale  string
}

type signal struct {
	points  float64
	feels   []Feeling
	failure bool
	settles bool // the reply brings what was asked for
	halves  bool
	calms   float64
	desk    string
	always  Decision // outside the score
}

type crisis struct {
	line, closed string // message ids
	desk         string
}

type escalation struct {
	head
	hash    uint32
	when    *condition
	do      Decision
	ask     string
	desk    string
	normal  string // message ids
	closed  string
	busy    string
	tracked bool
}

type ask struct {
	id       string
	answers  []answers // those of the own language first, then those of the other packs
	then     askThen
	turns    int
	desk     string
	accepted string // message ids
	declined string
	locale   string
}

// answers are the leaves, on the customer's side, by which an ask is answered in one language; -1 is none.
type answers struct {
	accept  int32
	decline int32
	beside  int32 // what may stand beside an answer and is none itself
}

type message struct {
	id       string
	hash     uint32
	variants []string
}

// Digest names the set: a short hash over the packs' bytes and the rules switched off.
func (s *Set) Digest() string { return s.digest }

// Locales lists the locales the packs are written for, sorted.
func (s *Set) Locales() []string {
	var out []string
	for l, t := range s.tongues {
		if t.covered {
			out = append(out, l)
		}
	}
	slices.Sort(out)
	return out
}

// tongue returns what is in force for a locale: its own packs, those of its base language, or the few rules that
// listen everywhere. A language without packs of its own is served by those of a region of it, the first by name; a
// region never by those of another.
func (s *Set) tongue(locale string) *tongue {
	if s.standard.locale == locale && locale != "" { // of most conversations
		return s.standard
	}
	if t, ok := s.tongues[locale]; ok {
		return t
	}
	if locale == "" {
		return s.tongue("en")
	}
	l := canonicalLocale(locale)
	if t, ok := s.regional[l]; ok {
		return t
	}
	for {
		if t, ok := s.tongues[l]; ok {
			return t
		}
		at := strings.LastIndexByte(l, '-')
		if at < 0 {
			return s.other
		}
		l = l[:at]
	}
}

// tongueFor is the tongue of a locale in a register, where packs are written for both.
func (s *Set) tongueFor(locale, register string) *tongue {
	t := s.tongue(locale)
	if t.register == register {
		return t
	}
	if other := t.registers[register]; other != nil {
		return other
	}
	return t
}

// home is the tongue a pack was written for.
func (s *Set) home(p *spec) *tongue { return s.tongueFor(p.locale, p.register) }

// Rule describes one rule of a set, for consoles and docs.
type Rule struct {
	ID, Kind, Pack, Locale string
	What, Why, Owner       string
	// Mode is on, shadow or off.
	Mode string
	// Expires is the last day plus one on which the rule holds; zero = never.
	Expires time.Time
	// Overrides is the pack whose rule of the same id this one replaces, Reason why; empty for most rules.
	Overrides, Reason string
	// File and Line tell where it is written.
	File string
	Line int
}

// Rules lists all rules in the order of the packs.
func (s *Set) Rules() []Rule {
	var out []Rule
	for _, p := range s.specs {
		add := func(kind string, h *head) {
			r := Rule{
				ID: h.id, Kind: kind, Pack: p.name, Locale: p.locale, What: h.what, Why: h.why, Owner: h.owner,
				Mode: s.modeOf(h).String(), Expires: h.expires, File: p.src.name, Line: h.at.line,
			}
			if o := h.overrides; o != nil {
				r.Overrides, r.Reason = o.pack, o.why
			}
			out = append(out, r)
		}
		for _, x := range p.signals {
			add("signal", &x.head)
		}
		for _, x := range p.rewrites {
			add("rewrite", &x.head)
		}
		for _, x := range p.escalations {
			add("escalation", &x.head)
		}
		for _, x := range p.crisis {
			add("crisis", &x.head)
		}
		for _, x := range p.verbatim {
			add("verbatim", &x.head)
		}
		for _, x := range p.touchpoints {
			add("touchpoint", &x.head)
		}
	}
	return out
}

// String returns on, shadow or off.
func (m ruleMode) String() string {
	return [...]string{"on", "shadow", "off"}[m]
}

func (s *Set) modeOf(h *head) ruleMode {
	if s.off[h.id] {
		return modeOff
	}
	return h.mode
}

// Without returns the set with some rules switched off, by id, at once and without compiling. Ids that no rule has
// are ignored. The digest changes with them.
func (s *Set) Without(ids ...string) *Set {
	if len(ids) == 0 {
		return s
	}
	out := *s
	out.off = map[string]bool{}
	for id := range s.off {
		out.off[id] = true
	}
	for _, id := range ids {
		out.off[id] = true
	}
	list := make([]string, 0, len(out.off))
	for id := range out.off {
		list = append(list, id)
	}
	slices.Sort(list)
	base, _, _ := strings.Cut(s.digest, "-")
	out.digest = base + "-" + shortHash([]byte(strings.Join(list, "\n")))[:8]
	return &out
}

// silentRule tells whether a rule takes no part in a turn: switched off or expired. Without a time nothing expires.
func (s *Set) silentRule(h *head, at time.Time) bool {
	if h.mode == modeOff || len(s.off) > 0 && s.off[h.id] {
		return true
	}
	return !h.expires.IsZero() && !at.IsZero() && !at.Before(h.expires)
}
