package lab

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"attune/rules"
)

// FitOptions say what is learnt.
type FitOptions struct {
	// Label is the name of the label to learn from; empty means dissatisfied.
	Label string
	// Locale is the language whose packs are fitted; empty means en. Dialogues in a language that other packs are
	// written for are left out.
	Locale string
	// Flag also moves the threshold from which a turn is flagged.
	Flag bool
}

// Bounds of what is learnt.
const (
	// What is learnt from must have as many cases labelled yes, as many labelled no, and as many dialogues.
	wantCases = 30
	// A rule that fired on fewer labelled cases keeps its points.
	wantEvidence = 10
	// No rule gets more points: by itself this offers a person.
	mostPoints = 5.0
	// What is learnt may not bring offers to more calm dialogues than get one now, or than this share.
	calmOffers = 0.01
	// grain is what points are rounded to.
	grain = 0.5
)

// The kinds of case. Points are read in two ways, so a labelled turn counts twice with half the weight: by what the
// turn itself holds, which the flag reads, and by what the conversation has come to, which the score reads. A dialogue
// that is labelled as a whole counts where its score was highest.
const (
	ofTurn = iota
	ofScore
	ofTalk
	caseKinds
)

// penalties are tried from the most cautious one. A penalty is one over the variance, in points, with which the points
// are believed to be right as they are.
var penalties = []float64{1000, 300, 100, 30, 10, 3, 1}

// Fit learns the points of rules from labelled dialogues. It begins with the points as they are and leaves them only
// as far as the labels bear that out. One caller at a time.
type Fit struct {
	set      *rules.Set
	facts    rules.Facts
	replayer *Replayer
	options  FitOptions
	weighing rules.Weighing
	rules    []fitRule
	index    map[string]int32
	taken    map[string]bool // by language: whether its dialogues are learnt from
	source   int32
	seen     FitSeen
	gathered gathering
	calm     gathering // calm dialogues where their score is highest

	// Of the dialogue at hand.
	carried, peak []float64
	now, features []feature
	turns         []judgedTurn
}

type fitRule struct {
	id     string
	points float64
}

// FitSeen counts what was learnt from.
type FitSeen struct {
	Dialogues int `json:"dialogues"`
	// LabelledTurns have a label themselves; LabelledDialogues only as a whole. Yes of them are labelled yes.
	LabelledTurns     int `json:"labelled_turns"`
	LabelledDialogues int `json:"labelled_dialogues"`
	Yes               int `json:"yes"`
	// Aside were set aside, and OtherLanguages are in languages that other packs are written for.
	Aside          int `json:"aside"`
	OtherLanguages int `json:"other_languages"`
	// Sample is the part of the dialogues that was learnt from; below 1 where there are too many.
	Sample float64 `json:"sample"`
}

// NewFit learns the points of set in the world of facts.
func NewFit(set *rules.Set, facts rules.Facts, o FitOptions) *Fit {
	if o.Label == "" {
		o.Label = "dissatisfied"
	}
	if o.Locale == "" {
		o.Locale = "en"
	}
	f := &Fit{set: set, facts: facts, replayer: NewReplayer(set, facts), options: o, index: map[string]int32{}, taken: map[string]bool{}}
	w := set.Weighing(o.Locale)
	f.weighing = w
	for _, id := range sortedKeys(w.Points) {
		f.index[id] = int32(len(f.rules)) //nolint:gosec // a set has few rules
		f.rules = append(f.rules, fitRule{id, w.Points[id]})
	}
	f.carried, f.peak = make([]float64, len(f.rules)), make([]float64, len(f.rules))
	return f
}

// Source begins another file: dialogues of different origin differ in how often people are dissatisfied at all, which
// is not learnt from.
func (f *Fit) Source() { f.source++ }

// Add gathers what a dialogue says, unless it is set aside.
func (f *Fit) Add(d *Dialogue) {
	if !f.takes(d.Lang) {
		f.seen.OtherLanguages++
		return
	}
	if SetAside(d.ID) {
		f.seen.Aside++
		return
	}
	f.turns = f.turns[:0]
	labelled := false
	for i := range d.Turns {
		yes, known := Labelled(d.Turns[i].Label, f.options.Label)
		f.turns = append(f.turns, judgedTurn{known: known, yes: yes})
		labelled = labelled || known
	}
	yes, known := Labelled(d.Label, f.options.Label)
	calm := !yes
	if !labelled && !known {
		return
	}
	f.seen.Dialogues++
	clear(f.carried)
	clear(f.peak)
	s, before, top := sampling(d.ID), 0.0, -1.0
	// Nothing here can fail.
	_ = f.replayer.Run(d, func(l *Line) error {
		f.turn(l, before)
		before = l.Score
		if l.Score > top {
			top = l.Score
			copy(f.peak, f.carried)
		}
		if x := f.turns[l.Turn]; x.known {
			f.seen.count(&f.seen.LabelledTurns, x.yes)
			calm = calm && !x.yes
			f.gathered.add(s, f.intercept(ofTurn), f.now, x.yes, 0.5)
			f.gathered.add(s, f.intercept(ofScore), f.speaking(f.carried), x.yes, 0.5)
		}
		return nil
	})
	if !labelled {
		f.seen.count(&f.seen.LabelledDialogues, yes)
		f.gathered.add(s, f.intercept(ofTalk), f.speaking(f.peak), yes, 1)
	}
	if calm {
		f.calm.add(s, 0, f.speaking(f.peak), false, 1)
	}
}

func (s *FitSeen) count(of *int, yes bool) {
	*of++
	if yes {
		s.Yes++
	}
}

func (f *Fit) intercept(kind int32) int32 { return f.source*caseKinds + kind }

// takes tells whether dialogues in a language are learnt from: those of the locale, and those no pack is written for,
// in which its structural rules listen.
func (f *Fit) takes(lang string) bool {
	taken, ok := f.taken[lang]
	if !ok {
		own := language(f.options.Locale)
		taken = lang == "" && own == "en" || language(lang) == own || lang != "" && !slices.ContainsFunc(f.set.Locales(), func(l string) bool {
			return language(l) == language(lang)
		})
		f.taken[lang] = taken
	}
	return taken
}

// language is a locale without its region.
func language(locale string) string {
	l, _, _ := strings.Cut(strings.ToLower(locale), "-")
	return l
}

// turn takes note of what fired on a turn. What earlier turns left of the score, in whatever way (time, thanks), they
// left of what each rule gave to it.
func (f *Fit) turn(l *Line, before float64) {
	left := 0.0
	if before > 0 {
		left = bounded((l.Score-l.Points)/before, 0, 1)
	}
	for i := range f.carried {
		f.carried[i] *= left
	}
	f.now = f.now[:0]
	for _, id := range l.Signals {
		if i, ok := f.index[id]; ok {
			f.carried[i]++
			f.now = append(f.now, feature{i, 1})
		}
	}
	slices.SortFunc(f.now, func(a, b feature) int { return int(a.rule - b.rule) })
}

// speaking lists what is left of rules, to a sixteenth, so that alike cases can be merged.
func (f *Fit) speaking(carried []float64) []feature {
	f.features = f.features[:0]
	for i, v := range carried {
		if v = math.Round(v*16) / 16; v > 0 {
			f.features = append(f.features, feature{int32(i), v})
		}
	}
	return f.features
}

// TooLittleError says that there is too little to learn from, and how much is wanted.
type TooLittleError struct {
	Label              string
	Dialogues, Yes, No int
}

// Error names what there is and what is wanted.
func (e *TooLittleError) Error() string {
	return fmt.Sprintf("too little to learn from: %d dialogues labelled %q, with %d times yes and %d times no; at least %d of each are wanted, besides the fifth that is set aside",
		e.Dialogues, e.Label, e.Yes, e.No, wantCases)
}

// Learn works out the points. It may be called once.
func (f *Fit) Learn() (*Fitted, error) {
	seen := f.seen
	no := seen.LabelledTurns + seen.LabelledDialogues - seen.Yes
	if seen.Dialogues < wantCases || seen.Yes < wantCases || no < wantCases {
		return nil, &TooLittleError{f.options.Label, seen.Dialogues, seen.Yes, no}
	}
	seen.Sample = f.gathered.share()
	l := f.lesson()
	fitted := &Fitted{Label: f.options.Label, Before: f.set.Digest(), Seen: seen, Flag: FlagChange{Before: f.weighing.Flag, After: f.weighing.Flag}}
	var before, after Counts
	fitted.Penalty, before, after = l.choose()
	t := l.learn(-1, fitted.Penalty)
	fitted.Flag.After = t.flag
	if before != (Counts{}) {
		fitted.Cross = &CrossValidation{Folds: folds, Before: *measured(before), After: *measured(after)}
	}
	fitted.Rules = f.changes(l, t.points, fitted.Penalty)
	return fitted, nil
}

// changes tells what became of each rule.
func (f *Fit) changes(l *lesson, points []float64, penalty float64) []RuleChange {
	var out []RuleChange
	where := map[string]rules.Rule{}
	for _, r := range f.set.Rules() {
		// One that replaces another is the one in force.
		if r.Kind == "signal" && language(r.Locale) == language(f.options.Locale) && where[r.ID].Overrides == "" {
			where[r.ID] = r
		}
	}
	for i, r := range f.rules {
		c := RuleChange{Rule: r.id, Pack: where[r.id].Pack, Fired: l.evidence[i].fired, Yes: l.evidence[i].yes, Before: r.points, After: points[i]}
		switch {
		case c.Pack == "":
			c.After, c.Why = r.points, "it is not written in a pack of this language"
		case c.Fired < wantEvidence:
			c.Why = fmt.Sprintf("fired on fewer than %d labelled cases", wantEvidence)
		case penalty == 0:
			c.Why = "nothing learnt held on other dialogues without more offers to calm ones"
		case c.After == r.points:
			c.Why = "the labels bear its points out"
		case c.After > r.points:
			c.Why = "where it fires people are less satisfied than its points said"
		case c.After == 0:
			c.Why = "where it fires people are not less satisfied than elsewhere"
		default:
			c.Why = "where it fires people are more satisfied than its points said"
		}
		out = append(out, c)
	}
	return out
}
