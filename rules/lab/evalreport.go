package lab

import (
	"cmp"
	"maps"
	"slices"
)

// EvalReport is what a set is worth on labelled dialogues. Its JSON is the output of `attune eval --format json`.
type EvalReport struct {
	Label  string `json:"label"`
	Except string `json:"except,omitempty"`
	// Rules is the digest of the set.
	Rules string `json:"rules"`
	// Files names what was measured, for the reader.
	Files []string   `json:"files"`
	Parts []EvalPart `json:"parts"`
}

// EvalPart is the report on one part: "all", or "tuning" and "aside". Sections that nothing is labelled for are left
// out.
type EvalPart struct {
	Part string `json:"part"`
	// Dialogues and Turns count everything, Labelled what has the label, Yes where it is true.
	Dialogues         int `json:"dialogues"`
	Turns             int `json:"turns"`
	LabelledTurns     int `json:"labelled_turns"`
	YesTurns          int `json:"yes_turns"`
	LabelledDialogues int `json:"labelled_dialogues"`
	YesDialogues      int `json:"yes_dialogues"`

	ByTurn     *ByTurn     `json:"by_turn,omitempty"`
	ByDialogue *ByDialogue `json:"by_dialogue,omitempty"`
	Calm       *Calm       `json:"calm,omitempty"`
	Cost       *Cost       `json:"cost,omitempty"`
	Timing     *Timing     `json:"timing,omitempty"`
	Leads      *Leads      `json:"leads,omitempty"`
	Sweep      []SweepStep `json:"sweep"`
	ScoreSweep []ScoreStep `json:"score_sweep"`
	Rules      []RuleWorth `json:"rules"`
}

// Measure compares alarms with labels. Intervals are there for what the set does, not for baselines.
type Measure struct {
	Counts
	Precision float64    `json:"precision"`
	Recall    float64    `json:"recall"`
	F1        float64    `json:"f1"`
	PaperF1   float64    `json:"paper_f1"`
	Intervals *Intervals `json:"intervals,omitempty"`
}

// Intervals are 95 % intervals by dialogue; nil where the figure is never defined.
type Intervals struct {
	Precision *Interval `json:"precision,omitempty"`
	Recall    *Interval `json:"recall,omitempty"`
	F1        *Interval `json:"f1,omitempty"`
}

// Area is an area under the ROC curve; nil when only one of yes and no came up.
type Area struct {
	AUC      *float64  `json:"auc"`
	Interval *Interval `json:"interval,omitempty"`
}

// ByTurn is about the labelled turns.
type ByTurn struct {
	Flagged Measure `json:"flagged"`
	// Keywords, Vader (a lexicon of sentiment) and Always are baselines. Regression is a logistic regression over the signals of
	// the turn and of the one before, learnt on four fifths of the same dialogues and tried on the fifth, at the
	// threshold that turned out best: about what the signals could do if their points suited these dialogues alone. It is
	// nil when only one of yes and no came up.
	Keywords   Measure  `json:"keywords"`
	Vader      Measure  `json:"vader"`
	Always     Measure  `json:"always"`
	Regression *Measure `json:"regression,omitempty"`
	Score      Area     `json:"score"`
	Points     Area     `json:"points"`
	// KeywordArea is the area of the keyword baseline, which has one threshold only.
	KeywordArea    Area `json:"keyword_area"`
	VaderArea      Area `json:"vader_area"`
	RegressionArea Area `json:"regression_area"`
}

// ByDialogue is about the dialogues: an alarm is at least one turn flagged, offered a person or more, escalated or
// more. The truth is the dialogue's label; where it has none, whether a turn is labelled yes.
type ByDialogue struct {
	Flagged  Measure `json:"flagged"`
	Offer    Measure `json:"offer"`
	Escalate Measure `json:"escalate"`
	Keywords Measure `json:"keywords"`
	Vader    Measure `json:"vader"`
	Always   Measure `json:"always"`
	// Regression is that of ByTurn over the signals that fired in the dialogue, once or more often. It knows the whole
	// dialogue, where an offer knows what was said so far.
	Regression *Measure `json:"regression,omitempty"`
	// Score and Points rank the dialogues by their highest.
	Score          Area `json:"score"`
	Points         Area `json:"points"`
	RegressionArea Area `json:"regression_area"`
}

// Calm is about the dialogues in which nothing is labelled yes.
type Calm struct {
	Dialogues int         `json:"dialogues"`
	Flagged   FalseAlarms `json:"flagged"`
	Offer     FalseAlarms `json:"offer"`
	Escalate  FalseAlarms `json:"escalate"`
}

// FalseAlarms are alarms in calm dialogues.
type FalseAlarms struct {
	// Dialogues have at least one alarm; Share is their part of the calm ones, PerDialogue the mean number of turns
	// with an alarm.
	Dialogues   int       `json:"dialogues"`
	Share       float64   `json:"share"`
	PerDialogue float64   `json:"per_dialogue"`
	Interval    *Interval `json:"interval,omitempty"`
}

// Timing is about when flagged turns come, against the turns labelled yes. The three figures are Golden Transfer
// within Tolerance of one, two and three turns.
type Timing struct {
	// Dialogues have a turn labelled yes; GT is over them, GTAll over all with labelled turns.
	Dialogues int         `json:"dialogues"`
	GT        *[3]float64 `json:"gt,omitempty"`
	GTAll     [3]float64  `json:"gt_all"`
	Flagged   FirstAlarm  `json:"first_flagged"`
	Offer     FirstAlarm  `json:"first_offer"`
	Escalate  FirstAlarm  `json:"first_escalate"`
}

// RuleWorth is what one signal contributes.
type RuleWorth struct {
	Rule string `json:"rule"`
	// Fires counts turns of any kind.
	Fires int `json:"fires"`
	// Labelled are those with a label, Yes where it is true. Precision is Yes of Labelled, and Lift how many times
	// the share among all labelled turns that is.
	Labelled  int     `json:"labelled"`
	Yes       int     `json:"yes"`
	Precision float64 `json:"precision"`
	Lift      float64 `json:"lift"`
	// LostF1 is by how much F1 of the flagged turns would fall without the rule's points; below 0 it would rise. It is
	// worked out from the turns as they were judged: a rule that stands back for this one does not step in, so that
	// the loss of a rule with such a stand-in is overstated.
	LostF1 float64 `json:"lost_f1"`
	// The same about the dialogues in which it fired.
	Dialogues         int     `json:"dialogues"`
	DialoguesYes      int     `json:"dialogues_yes"`
	DialoguePrecision float64 `json:"dialogue_precision"`
	DialogueLift      float64 `json:"dialogue_lift"`
	// Ablation is measured without the rule; nil unless that was asked for.
	Ablation *Ablation `json:"ablation,omitempty"`
}

// Report works out the figures. It may be called once.
func (e *Eval) Report() *EvalReport {
	r := &EvalReport{Label: e.options.Label, Except: e.options.Except, Rules: e.set.Digest(), Files: []string{}}
	for _, p := range e.parts {
		r.Parts = append(r.Parts, p.report(&e.options))
	}
	return r
}

func measured(c Counts) *Measure {
	return &Measure{
		Counts: c, Precision: round(c.Precision()), Recall: round(c.Recall()), F1: round(c.F1()), PaperF1: round(c.PaperF1()),
	}
}

// always are the counts of an alarm that never stops.
func always(c Counts) Counts {
	return Counts{TruePositives: c.Yes(), FalsePositives: c.No()}
}

// binaryArea is the area of a yes or no: half a win for each tie.
func binaryArea(c Counts) Area {
	if c.Yes() == 0 || c.No() == 0 {
		return Area{}
	}
	v := round((1 + c.Recall() - ratio(c.FalsePositives, c.No())) / 2)
	return Area{AUC: &v}
}

// sums are the counts over a sample of the dialogues.
type sums struct {
	turns     Counts
	talks     [alarmKinds]Counts
	calm      int
	alarms    [alarmKinds]int // calm dialogues with an alarm
	number    [alarmKinds]int // turns with an alarm in calm dialogues
	dialogues int             // all
	judged    int             // dialogues that are labelled or calm
	wasted    [alarmKinds]int // of them, not labelled yes and with an alarm
}

func (s *sums) add(d *tally, n int) {
	s.turns.plus(&d.turns, n)
	if d.known || d.calm {
		s.judged += n
	}
	for kind, alarms := range d.alarms {
		if d.known {
			s.talks[kind].add(alarms > 0, d.yes, n)
		}
		if (d.known || d.calm) && !d.yes && alarms > 0 {
			s.wasted[kind] += n
		}
		if d.calm {
			s.number[kind] += n * int(alarms)
			if alarms > 0 {
				s.alarms[kind] += n
			}
		}
	}
	if d.calm {
		s.calm += n
	}
}

func (p *evalPart) report(o *EvalOptions) EvalPart {
	all, certain := &p.totals, p.kept.grouped().certainty()
	share := ratio(len(p.kept.tallies), all.dialogues)
	out := EvalPart{
		Part: p.name, Dialogues: all.dialogues, Turns: p.turns,
		LabelledTurns: all.turns.Yes() + all.turns.No(), YesTurns: all.turns.Yes(),
		LabelledDialogues: all.talks[byFlag].Yes() + all.talks[byFlag].No(), YesDialogues: all.talks[byFlag].Yes(),
		Sweep: p.swept(), ScoreSweep: p.sweptScores(), Rules: p.worths(all, o.Ablate), Cost: costs(all, o.Minutes), Leads: p.leads.report(),
	}
	if out.LabelledTurns > 0 {
		out.ByTurn = &ByTurn{
			Flagged: certain.turns.with(all.turns, share), Keywords: *measured(p.keywordTurns), Vader: *measured(p.moodTurns), Always: *measured(always(all.turns)),
			Score: p.scores.area(certain.score, share), Points: p.points.area(certain.points, share), KeywordArea: binaryArea(p.keywordTurns),
		}
		out.ByTurn.VaderArea = p.moods.area(nil, 1)
		out.ByTurn.Regression, out.ByTurn.RegressionArea = p.own.regression()
		out.Timing = p.timing()
	}
	if out.LabelledDialogues > 0 {
		out.ByDialogue = &ByDialogue{
			Flagged: certain.talks[byFlag].with(all.talks[byFlag], share), Offer: certain.talks[byOffer].with(all.talks[byOffer], share),
			Escalate: certain.talks[byEscalation].with(all.talks[byEscalation], share),
			Keywords: *measured(p.keywordTalks), Vader: *measured(p.moodTalks), Always: *measured(always(all.talks[byFlag])),
			Score: p.topScores.area(certain.topScore, share), Points: p.topPoints.area(certain.topPoints, share),
		}
		out.ByDialogue.Regression, out.ByDialogue.RegressionArea = p.ownTalks.regression()
	}
	if all.calm > 0 {
		alarms := func(kind int) FalseAlarms {
			part := round(ratio(all.alarms[kind], all.calm))
			return FalseAlarms{
				Dialogues: all.alarms[kind], Share: part,
				PerDialogue: round(ratio(all.number[kind], all.calm)), Interval: certain.calm[kind].interval(part, share),
			}
		}
		out.Calm = &Calm{Dialogues: all.calm, Flagged: alarms(byFlag), Offer: alarms(byOffer), Escalate: alarms(byEscalation)}
	}
	return out
}

func (p *evalPart) timing() *Timing {
	t := &Timing{
		Dialogues: p.transferred[0],
		Flagged:   p.first[byFlag].done(), Offer: p.first[byOffer].done(), Escalate: p.first[byEscalation].done(),
	}
	for i := range t.GTAll {
		t.GTAll[i] = round(p.transfer[1][i] / float64(p.transferred[1]))
	}
	if t.Dialogues > 0 {
		t.GT = &[3]float64{}
		for i := range t.GT {
			t.GT[i] = round(p.transfer[0][i] / float64(t.Dialogues))
		}
	}
	return t
}

// worths lists the signals that fired, those on most labelled turns first.
func (p *evalPart) worths(all *sums, ablate bool) []RuleWorth {
	out := []RuleWorth{}
	lift := func(precision float64, base Counts) float64 {
		if base.Yes() == 0 {
			return 0
		}
		return round(precision / ratio(base.Yes(), base.Yes()+base.No()))
	}
	for _, id := range sortedKeys(p.rules) {
		r := p.rules[id]
		out = append(out, RuleWorth{
			Rule: id, Fires: r.fired,
			Labelled: r.turns.Said(), Yes: r.turns.TruePositives,
			Precision: round(r.turns.Precision()), Lift: lift(r.turns.Precision(), all.turns),
			LostF1:    round(all.turns.F1() - r.without(all.turns).F1()),
			Dialogues: r.talks.Said(), DialoguesYes: r.talks.TruePositives,
			DialoguePrecision: round(r.talks.Precision()), DialogueLift: lift(r.talks.Precision(), all.talks[byFlag]),
		})
		if ablate {
			out[len(out)-1].Ablation = r.ablation(all)
		}
	}
	slices.SortStableFunc(out, func(a, b RuleWorth) int {
		return cmp.Or(b.Labelled-a.Labelled, b.Fires-a.Fires)
	})
	return out
}

func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K {
	return slices.Sorted(maps.Keys(m))
}
