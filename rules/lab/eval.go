package lab

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"maps"
	"math"
	"slices"

	"attune/rules"
)

// EvalOptions say what is measured.
type EvalOptions struct {
	// Label is the name of the label that alarms are compared with; empty means dissatisfied.
	Label string
	// Except leaves out the dialogues whose own label of that name is yes; empty leaves out none.
	Except string
	// Calm counts dialogues without any label as calm.
	Calm bool
	// Aside reports a fifth of the dialogues, chosen by their ids, apart from the others.
	Aside bool
	// Ablate runs each dialogue once more without each signal that fired in it. It takes about five times as long.
	Ablate bool
	// Minutes is what one conversation costs an agent; 0 means 8.
	Minutes float64
}

// Eval measures a set on labelled dialogues. It keeps numbers about each dialogue, never its words. One caller at a
// time.
type Eval struct {
	set       *rules.Set
	replayer  *Replayer
	options   EvalOptions
	weighings map[string]weighing
	parts     []*evalPart
	seen      map[string]bool // names of labels, as long as the one that is asked for did not come up
	labelled  bool

	// What is known about the dialogue at hand.
	part   *evalPart
	now    tally
	turns  []judgedTurn
	alarms []int // positions of flagged and of due turns
	due    []int
	fired  map[string]int // how often, by signal
	before []string       // signals of the turn before

	without map[string]*Replayer // by the signal that is left out
}

// weighing is rules.Weighing in the whole numbers that everything is kept in here.
type weighing struct {
	flag   int32
	points map[string]int32
	asks   []string
}

// evalPart is what was counted over one part of the dialogues.
type evalPart struct {
	name   string
	turns  int // all that there are
	judged int
	totals sums
	kept   kept

	keywordTurns Counts
	keywordTalks Counts
	moodTurns    Counts
	moodTalks    Counts
	own          ownSignals
	ownTalks     ownSignals
	leads        leads
	// Of the labelled turns; a mood is higher the sadder it is.
	scores, points, moods byValue
	// Of the labelled dialogues, and of the calm ones.
	topScores, topPoints   byValue
	calmScores, calmPoints byValue
	transfer               [2][3]float64 // sums over dialogues with due turns, and over all
	transferred            [2]int
	first                  [alarmKinds]FirstAlarm
	rules                  map[string]*ruleTally
}

// The kinds of alarm, from the most eager one.
const (
	byFlag = iota
	byOffer
	byEscalation
	alarmKinds
)

// tally is what is kept of one dialogue.
type tally struct {
	known, yes, calm bool
	turns            Counts            // labelled turns: flagged or not
	alarms           [alarmKinds]int32 // turns with an alarm
	topScore         int32
	topPoints        int32
}

// NewEval measures set in the world of facts.
func NewEval(set *rules.Set, facts rules.Facts, o EvalOptions) *Eval {
	if o.Label == "" {
		o.Label = "dissatisfied"
	}
	if o.Minutes == 0 {
		o.Minutes = 8
	}
	e := &Eval{
		set: set, replayer: NewReplayer(set, facts), options: o,
		weighings: map[string]weighing{}, seen: map[string]bool{}, fired: map[string]int{},
		without: map[string]*Replayer{},
	}
	names := []string{"all"}
	if o.Aside {
		names = []string{"tuning", "aside"}
	}
	for _, name := range names {
		e.parts = append(e.parts, newEvalPart(name))
	}
	return e
}

func newEvalPart(name string) *evalPart {
	return &evalPart{
		name: name, rules: map[string]*ruleTally{}, scores: byValue{}, points: byValue{}, moods: byValue{},
		topScores: byValue{}, topPoints: byValue{}, calmScores: byValue{}, calmPoints: byValue{},
	}
}

// SetAside tells whether a dialogue belongs to the fifth that is set aside: the first four bytes of the SHA-256 of
// its id, as a big-endian number, are divisible by five.
func SetAside(id string) bool {
	sum := sha256.Sum256([]byte(id))
	return binary.BigEndian.Uint32(sum[:4])%5 == 0
}

// Add judges a dialogue and counts it.
func (e *Eval) Add(d *Dialogue) {
	if e.options.Except != "" {
		if out, _ := Labelled(d.Label, e.options.Except); out {
			return
		}
	}
	e.part = e.parts[0]
	if e.options.Aside && SetAside(d.ID) {
		e.part = e.parts[1]
	}
	e.dialogue(d)
}

// Labels returns the names of the labels that came up, sorted, when the one that was asked for never did; nil when it
// did.
func (e *Eval) Labels() (names []string, found bool) {
	if e.labelled {
		return nil, true
	}
	return slices.Sorted(maps.Keys(e.seen)), false
}

func (e *Eval) label(raw json.RawMessage) (yes, known bool) {
	yes, known = Labelled(raw, e.options.Label)
	if e.labelled = e.labelled || known; !e.labelled && len(e.seen) < 20 {
		var all map[string]json.RawMessage
		if json.Unmarshal(raw, &all) == nil {
			for name := range all {
				e.seen[name] = true
			}
		}
	}
	return yes, known
}

// judgedTurn is what people said about a turn, and whether alarms on it count.
type judgedTurn struct {
	judged, known, yes bool
}

// alarms tells which alarms are raised on the turn. Only a judged turn counts as flagged.
func (x *judgedTurn) alarms(l *Line) [alarmKinds]bool {
	decided := l.Decision != "none"
	return [alarmKinds]bool{byFlag: x.judged && l.Flagged, byOffer: decided, byEscalation: decided && l.Decision != "offer"}
}

// dialogue judges a dialogue. Where turns are labelled the labelled ones are judged, otherwise the customer's.
func (e *Eval) dialogue(d *Dialogue) {
	p, t := e.part, &e.now
	*t = tally{}
	e.alarms, e.due = e.alarms[:0], e.due[:0]
	clear(e.fired)
	e.turns = e.turns[:0]
	labelled := false
	for i := range d.Turns {
		yes, known := e.label(d.Turns[i].Label)
		e.turns = append(e.turns, judgedTurn{known: known, yes: yes})
		labelled = labelled || known
	}
	t.yes, t.known = e.label(d.Label)
	anyYes, keyword, sad, mood := false, false, false, 0.0
	position := -1 // of the turn at hand among those that are judged
	first := [alarmKinds]int{never, never, never}
	w := e.weighing(d.Lang)
	sample := sampling(d.ID)
	lead := newLead()
	e.before = e.before[:0]
	p.kept.begin(sample)
	// Nothing here can fail.
	_ = e.replayer.Run(d, func(l *Line) error {
		x := &e.turns[l.Turn]
		x.judged = x.known || !labelled && d.Turns[l.Turn].Role == rules.Customer
		alarmed := x.alarms(l)
		if x.judged {
			position++
			p.judged++
			score, points := units(l.Score), units(l.Points)
			t.topScore, t.topPoints = max(t.topScore, score), max(t.topPoints, points)
			said := hasKeyword(l.Text)
			keyword = keyword || said
			if x.known || t.known && !sad { // a mood that nothing is compared with would only take time
				mood = vader(l.Text)
				sad = sad || mood <= sadAt
			}
			if x.known {
				anyYes = anyYes || x.yes
				t.turns.add(l.Flagged, x.yes, 1)
				p.keywordTurns.add(said, x.yes, 1)
				p.moodTurns.add(mood <= sadAt, x.yes, 1)
				p.moods.add(-units(mood), x.yes)
				p.own.add(sample, l.Signals, e.before, x.yes)
				p.scores.add(score, x.yes)
				p.points.add(points, x.yes)
				p.kept.turn(score, points, x.yes)
				if l.Flagged {
					e.alarms = append(e.alarms, position)
				}
				if x.yes {
					e.due = append(e.due, position)
				}
			}
		}
		for kind, yes := range alarmed {
			if yes {
				t.alarms[kind]++
				if first[kind] == never {
					first[kind] = position
				}
			}
		}
		for _, id := range l.Signals {
			e.fired[id]++
			p.rule(id).turn(l, x, w, w.points[id])
		}
		lead.see(l, &w)
		e.before = append(e.before[:0], l.Signals...)
		return nil
	})
	p.turns += len(d.Turns)
	if labelled {
		e.timing(first)
	}
	if !t.known && labelled {
		t.yes, t.known = anyYes, true
	}
	t.calm = !t.yes && !anyYes && (t.known || e.options.Calm)
	if t.known {
		p.keywordTalks.add(keyword, t.yes, 1)
		p.moodTalks.add(sad, t.yes, 1)
		p.ownTalks.talk(sample, e.fired, t.yes)
		for id := range e.fired {
			p.rule(id).talks.add(true, t.yes, 1)
		}
	}
	p.leads.add(&lead, t.known && t.yes)
	p.count(t)
	p.kept.end(t)
	if e.options.Ablate {
		e.ablate(d)
	}
}

func (e *Eval) timing(first [alarmKinds]int) {
	p := e.part
	for which := range p.transfer {
		if which == 0 && len(e.due) == 0 {
			continue // dialogues with due turns only
		}
		p.transferred[which]++
		for i := range p.transfer[which] {
			p.transfer[which][i] += transfer(e.alarms, e.due, float64(i+1))
		}
	}
	if len(e.due) == 0 {
		return
	}
	for kind, at := range first {
		if at != never {
			at -= e.due[0]
		}
		p.first[kind].add(at)
	}
}

func (e *Eval) weighing(locale string) weighing {
	w, ok := e.weighings[locale]
	if !ok {
		from := e.set.Weighing(locale)
		w = weighing{flag: units(from.Flag), points: map[string]int32{}, asks: from.Asks}
		for id, points := range from.Points {
			w.points[id] = units(points)
		}
		e.weighings[locale] = w
	}
	return w
}

// count adds a dialogue to what is known of all.
func (p *evalPart) count(t *tally) {
	p.totals.add(t, 1)
	p.totals.dialogues++
	if t.known {
		p.topScores.add(t.topScore, t.yes)
		p.topPoints.add(t.topPoints, t.yes)
	}
	if t.calm {
		p.calmScores.add(t.topScore, false)
		p.calmPoints.add(t.topPoints, false)
	}
}

// units turns points into whole numbers: ten thousand are one point, as precise as replay is.
func units(v float64) int32 {
	return int32(math.Round(v * 1e4))
}
