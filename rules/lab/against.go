package lab

import (
	"slices"
	"time"

	"attune/rules"
)

// Difference is a turn on which two sets do not do the same; its JSON is the format of `attune replay --against DIR
// --format jsonl`. Scores that lead to nothing else are no difference.
type Difference struct {
	Dialogue string `json:"dialogue"`
	Turn     int    `json:"turn"`
	Role     string `json:"role"`
	// At is when the turn happened; nil where that is not known.
	At   *time.Time `json:"at,omitempty"`
	Text string     `json:"text"`
	// Changes names what differs: flagged, decision (the decision or its reason), sent.
	Changes []string `json:"changes"`
	Before  Verdict  `json:"before"`
	After   Verdict  `json:"after"`
	// Diff tells the replies apart, word by word; empty unless sent differs.
	Diff []Change `json:"diff,omitempty"`
}

// Verdict is what one set makes of a turn, as in Line.
type Verdict struct {
	Score    float64  `json:"score"`
	Points   float64  `json:"points"`
	Flagged  bool     `json:"flagged"`
	Decision string   `json:"decision"`
	Reason   string   `json:"reason"`
	Signals  []string `json:"signals"`
	// Sent and Rules are about replies.
	Sent  string   `json:"sent,omitempty"`
	Rules []string `json:"rules,omitempty"`
}

// Against runs dialogues through two sets and counts what differs: Before is in force, After would be. It keeps
// numbers, the first dialogues that differ, and wordings, all of them bounded. One caller at a time.
type Against struct {
	before, after *Replayer
	lines         []Line
	report        AgainstReport
	hours         hours
	wordings      map[wording]int // index in report.Wordings
}

// The bounds of what is listed. What is beyond is counted.
const (
	maxOutcomes = 200
	maxWordings = 500
)

// wording is a reply in the words of both sets.
type wording struct{ before, after string }

// NewAgainst compares two sets in the world of facts.
func NewAgainst(before, after *rules.Set, facts rules.Facts) *Against {
	return &Against{
		before: NewReplayer(before, facts), after: NewReplayer(after, facts), wordings: map[wording]int{},
		report: AgainstReport{
			Before: SetResult{Digest: before.Digest()}, After: SetResult{Digest: after.Digest()}, Outcomes: []Outcome{}, Wordings: []Wording{},
		},
	}
}

// Run judges a dialogue by both sets and hands out the turns that differ. A Difference is valid during the call; emit
// may be nil. It stops at the first error of emit.
func (a *Against) Run(d *Dialogue, emit func(*Difference) error) error {
	r := &a.report
	a.lines = a.lines[:0]
	// Neither keeping nor counting can fail.
	_ = a.before.Run(d, func(l *Line) error {
		r.Before.Summary.Add(l)
		a.lines = append(a.lines, l.clone())
		return nil
	})
	var was, is ending
	different := false
	err := a.after.Run(d, func(l *Line) error {
		r.After.Summary.Add(l)
		old := &a.lines[l.Turn]
		was.see(old)
		is.see(l)
		diff := a.differs(d, old, l)
		if diff == nil {
			return nil
		}
		different = true
		if emit == nil {
			return nil
		}
		return emit(diff)
	})
	if err != nil {
		return err
	}
	if different {
		r.Different++
	}
	a.end(d, &was, &is)
	return nil
}

// differs compares a turn, and counts and keeps what is different about it; nil when nothing is.
func (a *Against) differs(d *Dialogue, old, now *Line) *Difference {
	r := &a.report
	diff := &Difference{
		Dialogue: d.ID, Turn: now.Turn, Role: now.Role, Text: now.Text, Changes: []string{},
		Before: verdict(old), After: verdict(now),
	}
	if at := d.Turns[now.Turn].At; !at.IsZero() {
		diff.At = &at
	}
	if old.Flagged != now.Flagged {
		diff.Changes = append(diff.Changes, "flagged")
		if now.Flagged {
			r.NewlyFlagged++
		} else {
			r.NoLongerFlagged++
		}
	}
	if old.Decision != now.Decision || old.Reason != now.Reason {
		diff.Changes = append(diff.Changes, "decision")
	}
	if diff.Before.Sent != diff.After.Sent {
		diff.Changes = append(diff.Changes, "sent")
		diff.Diff = Diff(diff.Before.Sent, diff.After.Sent)
		r.OtherWords++
		a.word(diff, now.Text)
	}
	if len(diff.Changes) == 0 {
		return nil
	}
	return diff
}

func verdict(l *Line) Verdict {
	v := Verdict{Score: l.Score, Points: l.Points, Flagged: l.Flagged, Decision: l.Decision, Reason: l.Reason, Signals: slices.Clone(l.Signals)}
	if l.Reply != nil {
		v.Sent, v.Rules = l.Sent, slices.Clone(l.Rules)
	}
	return v
}

// word counts a wording.
func (a *Against) word(d *Difference, original string) {
	w := wording{d.Before.Sent, d.After.Sent}
	if i, ok := a.wordings[w]; ok {
		a.report.Wordings[i].Times++
		return
	}
	if len(a.wordings) == maxWordings {
		a.report.MoreWordings++
		return
	}
	a.wordings[w] = len(a.report.Wordings)
	a.report.Wordings = append(a.report.Wordings, Wording{
		Times: 1, Original: original, Dialogue: d.Dialogue, Turn: d.Turn,
		BeforeRules: d.Before.Rules, AfterRules: d.After.Rules, Diff: d.Diff,
	})
}

// ending is what came of a dialogue under one set: the most urgent decision, and the first turn with any.
type ending struct {
	level   int
	decided bool
	first   int    // turn of the first decision
	turn    int    // turn of the decision behind level
	reason  string // of it
	text    string // what was said there
}

// The levels of an ending.
const (
	nothing = iota
	offered
	person // escalated, routed, or a crisis
	endings
)

var endingNames = [endings]string{"nothing", "offer", "person"}

func (e *ending) see(l *Line) {
	if l.Decision == "none" {
		return
	}
	level := person
	if l.Decision == "offer" {
		level = offered
	}
	if !e.decided {
		e.decided, e.first = true, l.Turn
	}
	if level > e.level {
		e.level, e.turn, e.reason, e.text = level, l.Turn, l.Reason, l.Text
	}
}

// end counts what came of a dialogue under both.
func (a *Against) end(d *Dialogue, was, is *ending) {
	r := &a.report
	r.Moves[was.level][is.level]++
	if was.decided && is.decided {
		switch {
		case is.first < was.first:
			r.Earlier++
		case is.first > was.first:
			r.Later++
		}
	}
	a.hours.add(d, was, is)
	if was.level == is.level {
		return
	}
	if len(r.Outcomes) == maxOutcomes {
		r.MoreOutcomes++
		return
	}
	// The more urgent decision is the one to look at.
	at := is
	if was.level > is.level {
		at = was
	}
	r.Outcomes = append(r.Outcomes, Outcome{
		Dialogue: d.ID, Turn: at.turn, Text: at.text,
		Before: endingNames[was.level], BeforeReason: was.reason, After: endingNames[is.level], AfterReason: is.reason,
	})
}
