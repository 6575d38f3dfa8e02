package lab

import (
	"fmt"
	"math"
	"slices"

	"attune/rules"
)

// Bounds of the thresholds that are learnt.
const (
	// A threshold moves at most so far from where it is, and never below the flag.
	leastLimit, mostLimit = 0.6, 2.0
	// A person is brought in at a score at least so far above that from which one is offered.
	limitGap = 1.0
	// A gain in F1 that is smaller moves nothing.
	limitGain = 0.001
	// A score that a threshold can have, and that conversations do not come to.
	outOfReach = 100.0
	// What one conversation is taken to cost an agent, in minutes.
	minutesEach = 8.0
)

// calmShare is the share of calm dialogues that may be offered, or brought to, a person where no more are now.
var calmShare = map[string]float64{"offer": calmOffers, "escalate": 0.005}

// Limits learns from which score a person is offered, and from which one is brought in. It looks at whole dialogues:
// how high their score comes, and what else leads to a person there whatever the score. One caller at a time.
type Limits struct {
	fit      *Fit
	replayer *Replayer
	before   map[string]float64
	alike    map[limitCase]int
	cases    []limitCase // the keys of alike, in order, once learning begins
}

// limitCase is a dialogue as far as thresholds are concerned. There are few different ones, so memory does not grow with
// the files.
type limitCase struct {
	fold       int32
	peak       int32 // of the score, in grains, rounded down
	offered    bool  // a person is offered or brought in whatever the score
	brought    bool  // a person is brought in whatever the score
	known, yes bool
}

// LimitChange is what became of a threshold of the score.
type LimitChange struct {
	Limit  string  `json:"limit"` // "offer" or "escalate"
	Before float64 `json:"before"`
	After  float64 `json:"after"`
	Why    string  `json:"why"`
	// Cross is what the dialogues of each fold make of a threshold that was chosen on the others; nil where none was
	// sought.
	Cross *CrossValidation `json:"cross_validation,omitempty"`
}

// LimitLoad is what thresholds mean for agents, over the dialogues that were learnt from, labelled or not: before and after.
type LimitLoad struct {
	Dialogues int `json:"dialogues"`
	// Offers and Persons are per 100 dialogues: in how many a person is offered or brought in, and in how many brought in.
	Offers  [2]float64 `json:"offers_per_100"`
	Persons [2]float64 `json:"persons_per_100"`
	// Minutes are those of agents per 100 dialogues, at Each for a conversation, if no offer is accepted; IfAccepted if all are.
	Each       float64    `json:"minutes_each"`
	Minutes    [2]float64 `json:"minutes_per_100"`
	IfAccepted [2]float64 `json:"minutes_if_accepted_per_100"`
}

// Limits begins to learn the thresholds, under the points that were learnt. files are those the set was compiled from. It
// fails where a threshold is not written in a pack as a number.
func (f *Fit) Limits(fitted *Fitted, files []rules.File) (*Limits, error) {
	set, err := fitted.withoutLimits(files, f.weighing)
	if err != nil {
		return nil, err
	}
	l := &Limits{fit: f, replayer: NewReplayer(set, f.facts), before: map[string]float64{}, alike: map[limitCase]int{}}
	l.before["offer"], l.before["escalate"] = f.weighing.Offer, f.weighing.Escalate
	return l, nil
}

// Add looks at a dialogue, unless it is set aside.
func (l *Limits) Add(d *Dialogue) {
	if SetAside(d.ID) || !l.fit.takes(d.Lang) {
		return
	}
	c := limitCase{fold: sampling(d.ID).fold}
	c.yes, c.known = Labelled(d.Label, l.fit.options.Label)
	for i := range d.Turns {
		if yes, known := Labelled(d.Turns[i].Label, l.fit.options.Label); known {
			c.yes, c.known = c.yes || yes, true
		}
	}
	top := 0.0
	// Nothing here can fail.
	_ = l.replayer.Run(d, func(x *Line) error {
		top = max(top, x.Score)
		c.offered = c.offered || x.Decision != "none"
		c.brought = c.brought || x.Decision != "none" && x.Decision != "offer"
		return nil
	})
	c.peak = int32(math.Floor(top/grain + 1e-9))
	l.alike[c]++
}

// Learn proposes thresholds and tells what they mean for agents. It may be called once.
func (l *Limits) Learn() ([]LimitChange, *LimitLoad) {
	for c := range l.alike {
		l.cases = append(l.cases, c)
	}
	yes, no := 0, 0
	for c, n := range l.alike {
		switch {
		case c.known && c.yes:
			yes += n
		case c.known:
			no += n
		}
	}
	after := map[string]float64{"offer": l.before["offer"], "escalate": l.before["escalate"]}
	var out []LimitChange
	for _, name := range []string{"offer", "escalate"} {
		c := LimitChange{Limit: name, Before: l.before[name], After: l.before[name]}
		switch {
		case c.Before == 0:
			c.Why = "the packs have no such threshold"
		case yes < wantCases || no < wantCases:
			c.Why = fmt.Sprintf("%d dialogues are labelled yes and %d no; at least %d of each are wanted", yes, no, wantCases)
		default:
			l.propose(&c, after)
		}
		after[name] = c.After
		out = append(out, c)
	}
	return out, l.load(after)
}

// propose seeks a threshold, and takes it when thresholds that are sought like it hold on other dialogues.
func (l *Limits) propose(c *LimitChange, at map[string]float64) {
	var was, would Counts
	for fold := range int32(folds) {
		now := l.counts(c.Limit, c.Before, fold, false)
		was.plus(&now, 1)
		then := l.counts(c.Limit, l.best(c, at, fold), fold, false)
		would.plus(&then, 1)
	}
	c.Cross = &CrossValidation{Folds: folds, Before: *measured(was), After: *measured(would)}
	best := l.best(c, at, -1)
	switch {
	case best == c.Before:
		c.Why = "no other finds more without bringing people to more calm dialogues"
	case would.F1() <= was.F1():
		c.Why = fmt.Sprintf("%g did not hold on other dialogues", best)
	case best > c.Before:
		c.After, c.Why = best, "fewer calm dialogues come so far, and hardly fewer of the others"
	default:
		c.After, c.Why = best, "more of the dialogues labelled yes come so far, and hardly more of the calm ones"
	}
}

// best is the threshold under which most is right outside a fold, those that are near first.
func (l *Limits) best(c *LimitChange, at map[string]float64, without int32) float64 {
	best, now := c.Before, l.counts(c.Limit, c.Before, without, true)
	f1, most := now.F1(), max(calm(now), calmShare[c.Limit])
	for _, v := range candidates(c, at, l.fit.weighing.Flag) {
		x := l.counts(c.Limit, v, without, true)
		if calm(x) <= most && x.F1() > f1+limitGain {
			best, f1 = v, x.F1()
		}
	}
	return best
}

// calm is the share of dialogues labelled no in which the alarm is raised.
func calm(c Counts) float64 { return ratio(c.FalsePositives, c.No()) }

// candidates are the thresholds within the bounds, the nearest first and of two as near the higher, more cautious one.
func candidates(c *LimitChange, at map[string]float64, flag float64) []float64 {
	low, high := max(leastLimit*c.Before, flag), mostLimit*c.Before
	switch e := at["escalate"]; {
	case c.Limit == "escalate":
		low = max(low, at["offer"]+limitGap)
	case e > 0:
		high = min(high, e-limitGap)
	}
	var out []float64
	for v := math.Ceil(low/grain) * grain; v <= high; v += grain {
		out = append(out, v)
	}
	slices.SortStableFunc(out, func(a, b float64) int {
		if x, y := math.Abs(a-c.Before), math.Abs(b-c.Before); x != y {
			return int(math.Copysign(1, x-y))
		}
		return int(math.Copysign(1, b-a))
	})
	return out
}

// raised tells whether a threshold of the score, or anything else, raises an alarm in a dialogue.
func (c *limitCase) raised(limit string, score float64) bool {
	return c.offered && limit == "offer" || c.brought || score > 0 && float64(c.peak)*grain >= score
}

// counts are the labelled dialogues of a fold, -1 for all, with an alarm or without.
func (l *Limits) counts(limit string, score float64, fold int32, learning bool) Counts {
	var all Counts
	for i := range l.cases {
		c := &l.cases[i]
		if c.known && (fold < 0 || (c.fold == fold) != learning) {
			all.add(c.raised(limit, score), c.yes, l.alike[*c])
		}
	}
	return all
}

// load is what the old and the new thresholds mean for agents.
func (l *Limits) load(after map[string]float64) *LimitLoad {
	x := &LimitLoad{Each: minutesEach}
	for _, n := range l.alike {
		x.Dialogues += n
	}
	for i, at := range []map[string]float64{l.before, after} {
		offers, persons := 0, 0
		for c, n := range l.alike {
			brought := c.raised("escalate", at["escalate"])
			if brought {
				persons += n
			}
			if brought || c.raised("offer", at["offer"]) {
				offers += n
			}
		}
		x.Offers[i], x.Persons[i] = round(100*ratio(offers, x.Dialogues)), round(100*ratio(persons, x.Dialogues))
		x.Minutes[i], x.IfAccepted[i] = round(minutesEach*x.Persons[i]), round(minutesEach*x.Offers[i])
	}
	return x
}
