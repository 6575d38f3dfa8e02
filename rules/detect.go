package rules

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// A detector finds a pattern in how a conversation goes rather than in words alone: repetition, refusals, attempts.
// It looks at the turn at hand and at the history before it (the turn is not part of it yet) and returns the raw
// bytes of the turn that show it; an empty span with ok means the turn as a whole.
//
// Detectors are pure functions of their arguments and may be shared.
type detector func(o *observation, h *history) (where span, ok bool)

// detectorSpec describes a detector for packs: `match: {detect: NAME, PARAM: VALUE}`.
type detectorSpec struct {
	name   string
	role   Role // whose turns it looks at
	doc    string
	source string // where the idea and its figures come from
	params []paramSpec
	cues   cueSet // it finds nothing where none of them is met; 0: it looks at every turn
	make   func(p settings) detector
}

// paramKind is what a parameter takes.
type paramKind uint8

const (
	paramCount  paramKind = iota // a whole number between low and high
	paramChoice                  // one of choices
	paramShare                   // a fraction between low and high
	paramText                    // any text
)

type paramSpec struct {
	name      string
	kind      paramKind
	standard  string // value when not given
	low, high float64
	choices   []string
	doc       string
}

// settings are checked parameters, with defaults filled in.
type settings map[string]string

func (s settings) count(name string) int {
	n, _ := strconv.Atoi(s[name]) // checked by newDetector
	return n
}

func (s settings) share(name string) float64 {
	f, _ := strconv.ParseFloat(s[name], 64) // checked by newDetector
	return f
}

// detectorFault says what is wrong with the use of a detector.
type detectorFault struct {
	Param string // the parameter at fault; "" when it is the detector's name
	Msg   string
	Hint  string // what may have been meant; "" when nothing is near

	unknown bool // the detector has no such parameter
}

// detectorList returns every detector, sorted by name.
func detectorList() []detectorSpec {
	list := []detectorSpec{
		botFallback(), botRefusal(), botRepeat(),
		customerAgain(), customerAlternative(), customerBurst(), customerCheckAgain(), customerCorrection(), customerEffort(),
		customerFailure(), customerNegationAfterRefusal(), customerNoThenMore(), customerPoliteButFailing(),
		customerQuestionAfterRefusal(), customerRejects(), customerRepeat(), customerReturns(), customerShouting(), customerWords(),
		eventBargeIn(), eventDTMF(), eventMisses(), eventNoInput(), eventNoMatch(), eventReconnect(), eventSilence(),
	}
	slices.SortFunc(list, func(a, b detectorSpec) int { return strings.Compare(a.name, b.name) })
	return list
}

// newDetector looks a detector up by name and sets its parameters, given as they are written in a pack. The faults
// are all that there are.
func newDetector(name string, params map[string]string) (d detector, spec detectorSpec, errs []*detectorFault) {
	list := detectorList()
	i := slices.IndexFunc(list, func(s detectorSpec) bool { return s.name == name })
	if i < 0 {
		names := make([]string, len(list))
		for i := range list {
			names[i] = list[i].name
		}
		return nil, spec, []*detectorFault{{Msg: fmt.Sprintf("no detector is named %q", name), Hint: nearest(name, names)}}
	}
	spec = list[i]
	set := settings{}
	known := make([]string, len(spec.params))
	for i, p := range spec.params {
		set[p.name], known[i] = p.standard, p.name
	}
	names := make([]string, 0, len(params))
	for k := range params {
		names = append(names, k)
	}
	slices.Sort(names)
	for _, k := range names {
		at := slices.Index(known, k)
		if at < 0 {
			errs = append(errs, &detectorFault{Param: k, Msg: unknownParam(spec.name, k, known), Hint: nearest(k, known), unknown: true})
			continue
		}
		if msg := spec.params[at].check(params[k]); msg != "" {
			errs = append(errs, &detectorFault{Param: k, Msg: msg})
			continue
		}
		set[k] = params[k]
	}
	if len(errs) > 0 {
		return nil, spec, errs
	}
	return spec.make(set), spec, nil
}

func unknownParam(detector, name string, known []string) string {
	if len(known) == 0 {
		return fmt.Sprintf("%s takes no parameters, not %q", detector, name)
	}
	return fmt.Sprintf("%s has no parameter %q; it takes %s", detector, name, strings.Join(known, ", "))
}

// check returns what is wrong with a value, "" when nothing is.
func (p *paramSpec) check(value string) string {
	switch p.kind {
	case paramCount:
		n, err := strconv.Atoi(value)
		if err != nil || float64(n) < p.low || float64(n) > p.high {
			return fmt.Sprintf("%s is a whole number from %g to %g", p.name, p.low, p.high)
		}
	case paramShare:
		f, err := strconv.ParseFloat(value, 64)
		if err != nil || !(f >= p.low && f <= p.high) { // also refuses NaN
			return fmt.Sprintf("%s is a number from %g to %g", p.name, p.low, p.high)
		}
	case paramChoice:
		if !slices.Contains(p.choices, value) {
			return fmt.Sprintf("%s is one of %s", p.name, strings.Join(p.choices, ", "))
		}
	case paramText:
		if value == "" {
			return p.name + " is empty"
		}
	}
	return ""
}

// An observation is one turn made ready for the detectors. The zero value is ready for observer.read; it keeps its
// memory. It refers to the Text it was read from.
type observation struct {
	role     Role
	text     *Text
	event    string
	value    string
	expected string
	apart    []int32 // sentences that somebody else says: no cues are looked for there
	cues     cueHits
	sketch   sketch
	flags    pastFlags
	words    markBits                            // of the sketch, once likeness was asked for
	likeness [max(pastCustomer, pastBot)]float64 // to the turns of the same role that are remembered; see like
	likened  uint8                               // those that were found out, by bit
	emit     func(*hit)                          // take, made once: a closure for each turn would be memory
	add      func(*hit)                          // while read looks
}

// like tells how alike the turn is to one of the remembered turns of the same role. Several detectors ask.
func (o *observation) like(list []past, i int) float64 {
	if o.likened == 0 {
		o.words = bitsOf(o.sketch.said())
	}
	if o.likened&(1<<i) == 0 {
		o.likened |= 1 << i
		o.likeness[i] = similarity(&o.sketch, &list[i].Sketch, &o.words)
	}
	return o.likeness[i]
}

// spokenCues are the cues of all locales, compiled once for all sets.
type spokenCues struct {
	lexicon       *lexicon // with the words of the cues
	customer, bot []sought
}

var theCues = sync.OnceValue(func() *spokenCues {
	lists, c := cueLists(), newPhraseCompiler(ownWords.extend())
	return &spokenCues{
		lexicon:  c.lexicon,
		customer: compileCues(lists, cueThanks, cueAsking, c),
		bot:      compileCues(lists, cueFallback, cues-1, c),
	}
})

// begin makes o the observation of a turn whose words are in t.
func (o *observation) begin(turn *Turn, t *Text) {
	o.role, o.text, o.event, o.value, o.expected, o.flags = turn.Role, t, turn.Event, turn.Value, turn.Expected, 0
	o.likened = 0
	o.cues.reset()
	o.sketch = sketch{}
}

// read fills o from a turn whose words are in t, and gives add what rules look for in them. locale chooses stop words and
// endings.
func (o *observation) read(turn *Turn, t *Text, locale string, s *side, add func(*hit)) {
	o.begin(turn, t)
	if o.emit == nil {
		o.emit = o.take
	}
	o.add = add
	s.scan(t, o.emit)
	o.add = nil
	sketchOf(t, locale, &o.sketch)
	if turn.Role == Bot {
		o.flags = botFlags(o)
	}
}

// take sorts what was found into cues and what rules look for.
func (o *observation) take(h *hit) {
	if k, ok := h.asCue(); !ok {
		o.add(h)
	} else if len(o.apart) == 0 || !slices.Contains(o.apart, int32(h.sentence)) {
		o.cues.add(k, h)
	}
}

// onCue returns the detector of a cue alone.
func onCue(c cue) detector {
	return func(o *observation, _ *history) (span, bool) { return o.cues.where[c], o.cues.has(c) }
}
