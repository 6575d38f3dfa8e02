package lab

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

// WriteJSON writes the report as JSON, indented for people.
func (r *EvalReport) WriteJSON(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(r); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	return nil
}

// WriteText writes the report for people.
func (r *EvalReport) WriteText(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "label %s, rules %s", r.Label, r.Rules)
	if r.Except != "" {
		fmt.Fprintf(&b, ", without dialogues labelled %s", r.Except)
	}
	b.WriteString("\n")
	if len(r.Files) > 0 {
		b.WriteString("measured on " + strings.Join(r.Files, ", ") + "\n")
	}
	b.WriteString("[from to] holds the true figure in 95 of 100 cases, as far as these dialogues stand for others\n")
	for i := range r.Parts {
		r.Parts[i].text(&b)
	}
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	return nil
}

func (p *EvalPart) text(b *strings.Builder) {
	fmt.Fprintf(b, "\n== %s: %d dialogues, %d turns\n", p.Part, p.Dialogues, p.Turns)
	fmt.Fprintf(b, "labelled turns      %6d, yes %6d%s\n", p.LabelledTurns, p.YesTurns, share(p.YesTurns, p.LabelledTurns))
	fmt.Fprintf(b, "labelled dialogues  %6d, yes %6d%s\n", p.LabelledDialogues, p.YesDialogues, share(p.YesDialogues, p.LabelledDialogues))
	if t := p.ByTurn; t != nil {
		measureHead(b, "turns")
		t.Flagged.text(b, "flagged")
		t.Keywords.text(b, "keywords")
		t.Vader.text(b, "vader")
		t.Always.text(b, "always yes")
		if t.Regression != nil {
			t.Regression.text(b, "regression")
		}
		fmt.Fprintf(b, "AUC: score %s, points %s, keywords %s, vader %s, regression %s\n",
			t.Score.text(), t.Points.text(), t.KeywordArea.text(), t.VaderArea.text(), t.RegressionArea.text())
	}
	if d := p.ByDialogue; d != nil {
		measureHead(b, "dialogues")
		d.Flagged.text(b, "flagged")
		d.Offer.text(b, "offer")
		d.Escalate.text(b, "escalate")
		d.Keywords.text(b, "keywords")
		d.Vader.text(b, "vader")
		d.Always.text(b, "always yes")
		if d.Regression != nil {
			d.Regression.text(b, "regression")
		}
		fmt.Fprintf(b, "AUC: highest score %s, highest points %s, regression %s\n", d.Score.text(), d.Points.text(), d.RegressionArea.text())
	}
	if c := p.Calm; c != nil {
		fmt.Fprintf(b, "\n%d calm dialogues\nfalse alarms  dialogues    share           95 %%  turns each\n", c.Dialogues)
		c.Flagged.text(b, "flagged")
		c.Offer.text(b, "offer")
		c.Escalate.text(b, "escalate")
	}
	p.Cost.text(b)
	p.Timing.text(b)
	p.Leads.text(b)
	sweepText(b, p.Sweep)
	scoreSweepText(b, p.ScoreSweep)
	rulesText(b, p.Rules)
	ablationText(b, p.Rules)
}

func measureHead(b *strings.Builder, what string) {
	fmt.Fprintf(b, "\n%-12s %-20s %-20s %-20s %-8s %s\n", what, "precision", "recall", "F1", "paperF1", "alarms")
}

func (m *Measure) text(b *strings.Builder, name string) {
	var in Intervals
	if m.Intervals != nil {
		in = *m.Intervals
	}
	fmt.Fprintf(b, "%-12s %-20s %-20s %-20s %-8s %d\n",
		name, ranged(m.Precision, in.Precision), ranged(m.Recall, in.Recall), ranged(m.F1, in.F1), ranged(m.PaperF1, nil), m.Said())
}

// ranged writes a share with its interval.
func ranged(v float64, in *Interval) string {
	if in == nil {
		return fmt.Sprintf("%.3f", v)
	}
	return fmt.Sprintf("%.3f %s", v, in.text())
}

func (in *Interval) text() string {
	return fmt.Sprintf("[%.3f %.3f]", in[0], in[1])
}

func (a Area) text() string {
	if a.AUC == nil {
		return "-"
	}
	return ranged(*a.AUC, a.Interval)
}

func (f *FalseAlarms) text(b *strings.Builder, name string) {
	in := ""
	if f.Interval != nil {
		in = fmt.Sprintf("[%.1f %.1f]", 100*f.Interval[0], 100*f.Interval[1])
	}
	fmt.Fprintf(b, "%-12s %10d %6.1f %% %14s %11.3f\n", name, f.Dialogues, 100*f.Share, in, f.PerDialogue)
}

func (t *Timing) text(b *strings.Builder) {
	if t == nil {
		return
	}
	fmt.Fprintf(b, "\nGT-I/II/III of flagged turns  ")
	if t.GT != nil {
		fmt.Fprintf(b, "%.1f %.1f %.1f (%d dialogues with a yes), ", 100*t.GT[0], 100*t.GT[1], 100*t.GT[2], t.Dialogues)
	}
	fmt.Fprintf(b, "%.1f %.1f %.1f (all)\n", 100*t.GTAll[0], 100*t.GTAll[1], 100*t.GTAll[2])
	if t.Dialogues == 0 {
		return
	}
	fmt.Fprintf(b, "first alarm against the first yes  before   same  after  never  median turns late\n")
	for _, x := range []struct {
		name  string
		first FirstAlarm
	}{{"flagged", t.Flagged}, {"offer", t.Offer}, {"escalate", t.Escalate}} {
		median := "-"
		if x.first.Median != nil {
			median = fmt.Sprintf("%.1f", *x.first.Median)
		}
		fmt.Fprintf(b, "%-34s %6d %6d %6d %6d  %s\n", x.name, x.first.Before, x.first.Same, x.first.After, x.first.Never, median)
	}
}

func sweepText(b *strings.Builder, steps []SweepStep) {
	b.WriteString("\nflag  alarms  precision  recall     F1  paperF1  calm dialogues\n")
	for _, s := range steps {
		line := fmt.Sprintf("%4.1f", s.Flag)
		if m := s.Turns; m != nil {
			line += fmt.Sprintf("  %6d  %9.3f  %6.3f  %5.3f  %7.3f", m.Said(), m.Precision, m.Recall, m.F1, m.PaperF1)
		} else {
			line += fmt.Sprintf("  %6s  %9s  %6s  %5s  %7s", "-", "-", "-", "-", "-")
		}
		if s.CalmDialogues != nil {
			line += fmt.Sprintf("  %12.1f %%", 100**s.CalmDialogues)
		} else {
			line += fmt.Sprintf("  %14s", "-")
		}
		b.WriteString(line + "\n")
	}
}

func rulesText(b *strings.Builder, all []RuleWorth) {
	if len(all) == 0 {
		return
	}
	width := len("rule")
	for i := range all {
		width = max(width, len(all[i].Rule))
	}
	fmt.Fprintf(b, "\n%-*s          on labelled turns                            in labelled dialogues\n", width, "")
	fmt.Fprintf(b, "%-*s   fires   fired    yes  precision   lift  lost F1   fired    yes  precision   lift\n", width, "rule")
	for i := range all {
		r := &all[i]
		fmt.Fprintf(b, "%-*s %7d %s  %s %s\n", width, r.Rule, r.Fires,
			worth(r.Labelled, r.Yes, r.Precision, r.Lift), lost(r), worth(r.Dialogues, r.DialoguesYes, r.DialoguePrecision, r.DialogueLift))
	}
}

func worth(fires, yes int, precision, lift float64) string {
	if fires == 0 {
		return fmt.Sprintf("%7d %6s  %9s %6s", 0, "-", "-", "-")
	}
	return fmt.Sprintf("%7d %6d  %9.3f %6.2f", fires, yes, precision, lift)
}

func lost(r *RuleWorth) string {
	if r.Labelled == 0 {
		return fmt.Sprintf("%7s", "-")
	}
	return fmt.Sprintf("%7.4f", r.LostF1)
}
