package lab

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
)

// WriteJSON writes the report as JSON, indented for people.
func (f *Fitted) WriteJSON(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(f); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	return nil
}

// WriteText writes the report for people.
func (f *Fitted) WriteText(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "label %s, rules %s -> %s\n", f.Label, f.Before, f.After)
	if len(f.Files) > 0 {
		b.WriteString("learnt from " + strings.Join(f.Files, ", ") + "\n")
	}
	s := f.Seen
	fmt.Fprintf(&b, "%d dialogues, %d labelled turns, %d dialogues labelled as a whole, %d times yes\n",
		s.Dialogues, s.LabelledTurns, s.LabelledDialogues, s.Yes)
	if s.Aside > 0 {
		fmt.Fprintf(&b, "%d dialogues were set aside\n", s.Aside)
	}
	if s.OtherLanguages > 0 {
		fmt.Fprintf(&b, "%d dialogues are in the languages of other packs and were left out\n", s.OtherLanguages)
	}
	if s.Sample < 1 {
		fmt.Fprintf(&b, "there are so many that a part of %.4g was learnt from, chosen by id\n", s.Sample)
	}
	if f.Flag.After != f.Flag.Before {
		fmt.Fprintf(&b, "flag %g -> %g\n", f.Flag.Before, f.Flag.After)
	}
	f.limitsText(&b)
	f.rulesText(&b)
	if f.Cross != nil {
		fmt.Fprintf(&b, "\nturns of each fifth, with points learnt from the other four%s\n", held(f.Penalty))
		measureHead(&b, "flagged")
		f.Cross.Before.text(&b, "before")
		f.Cross.After.text(&b, "after")
	}
	for i := range f.Measured {
		f.Measured[i].text(&b)
	}
	if f.Findings > 0 {
		fmt.Fprintf(&b, "\n%d examples or tests of the packs do not hold with the new points: run 'attune rules check' on them\n", f.Findings)
	}
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	return nil
}

// held says how strongly the points are held to what they were.
func held(penalty float64) string {
	if penalty == 0 {
		return ": nothing held"
	}
	return fmt.Sprintf(" (penalty %g)", penalty)
}

// rulesText lists the rules that changed, then those that did not.
func (f *Fitted) rulesText(b *strings.Builder) {
	all := slices.Clone(f.Rules)
	kept := func(c RuleChange) int {
		if c.After == c.Before {
			return 1
		}
		return 0
	}
	slices.SortStableFunc(all, func(x, y RuleChange) int { return cmp.Or(kept(x)-kept(y), y.Fired-x.Fired) })
	width := len("rule")
	for i := range all {
		width = max(width, len(all[i].Rule))
	}
	fmt.Fprintf(b, "\n%-*s   fired    yes  precision  points         why\n", width, "rule")
	var alone []string
	for _, c := range all {
		if c.Fired < wantEvidence && c.After == c.Before {
			alone = append(alone, c.Rule)
			continue
		}
		points := fmt.Sprintf("%g", c.Before)
		if c.After != c.Before {
			points = fmt.Sprintf("%g -> %g", c.Before, c.After)
		}
		fmt.Fprintf(b, "%-*s %7d %6d  %9.3f  %-13s  %s\n", width, c.Rule, c.Fired, c.Yes, ratio(c.Yes, c.Fired), points, c.Why)
	}
	if len(alone) > 0 {
		fmt.Fprintf(b, "left alone, since they fired on fewer than %d labelled cases: %s\n", wantEvidence, strings.Join(alone, ", "))
	}
}

var partTitles = map[string]string{
	"tuning": "the dialogues that were learnt from",
	"aside":  "the fifth that was set aside",
	"test":   "other files",
}

func (m *FitMeasure) text(b *strings.Builder) {
	fmt.Fprintf(b, "\n== %s: %d dialogues\n", partTitles[m.Part], m.Before.Dialogues)
	if t, u := m.Before.ByTurn, m.After.ByTurn; t != nil && u != nil {
		measureHead(b, "turns")
		t.Flagged.text(b, "before")
		u.Flagged.text(b, "after")
		fmt.Fprintf(b, "AUC of the score   %s -> %s\nAUC of the points  %s -> %s\n", t.Score.text(), u.Score.text(), t.Points.text(), u.Points.text())
	}
	if d, e := m.Before.ByDialogue, m.After.ByDialogue; d != nil && e != nil {
		measureHead(b, "dialogues")
		d.Offer.text(b, "offer")
		e.Offer.text(b, "  after")
		d.Escalate.text(b, "escalate")
		e.Escalate.text(b, "  after")
	}
	if c, e := m.Before.Calm, m.After.Calm; c != nil && e != nil {
		fmt.Fprintf(b, "\nof %d calm dialogues, offers %.1f %% -> %.1f %%, escalations %.1f %% -> %.1f %%\n",
			c.Dialogues, 100*c.Offer.Share, 100*e.Offer.Share, 100*c.Escalate.Share, 100*e.Escalate.Share)
	}
}
