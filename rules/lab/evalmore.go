package lab

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

func (c *Cost) text(b *strings.Builder) {
	if c == nil {
		return
	}
	fmt.Fprintf(b, "\nneedless, per 100 of %d conversations: %.1f offers, %.1f persons, %.0f minutes of agents at %g each, %.0f if every offer is accepted\n",
		c.Dialogues, c.Offers, c.Persons, c.Minutes[0], c.Each, c.Minutes[1])
}

func (l *Leads) text(b *strings.Builder) {
	if l == nil {
		return
	}
	b.WriteString("\nthe customer           dialogues  flagged before  median turns  offered before  median turns\n")
	l.Asked.text(b, "asks for a person")
	l.Left.text(b, "leaves, labelled yes")
}

func (l *LeadTo) text(b *strings.Builder, name string) {
	if l.Dialogues == 0 {
		return
	}
	median := func(m *float64) string {
		if m == nil {
			return "-"
		}
		return fmt.Sprintf("%.1f", *m)
	}
	fmt.Fprintf(b, "%-21s %10d %15d %13s %15d %13s\n", name, l.Dialogues, l.Flagged.Before, median(l.Flagged.Median), l.Offer.Before, median(l.Offer.Median))
}

// scoreSweepText is left out where no dialogue is labelled or calm.
func scoreSweepText(b *strings.Builder, steps []ScoreStep) {
	if steps[0].Dialogues == nil && steps[0].CalmDialogues == nil {
		return
	}
	b.WriteString("\nif a score alone decided\nscore  dialogues  precision  recall     F1  calm dialogues\n")
	for _, s := range steps {
		line := fmt.Sprintf("%5.0f", s.Score)
		if m := s.Dialogues; m != nil {
			line += fmt.Sprintf("  %9d  %9.3f  %6.3f  %5.3f", m.Said(), m.Precision, m.Recall, m.F1)
		} else {
			line += fmt.Sprintf("  %9s  %9s  %6s  %5s", "-", "-", "-", "-")
		}
		if s.CalmDialogues != nil {
			line += fmt.Sprintf("  %12.1f %%", 100**s.CalmDialogues)
		} else {
			line += fmt.Sprintf("  %14s", "-")
		}
		b.WriteString(line + "\n")
	}
}

// ablationText lists the rules by what would be lost without them.
func ablationText(b *strings.Builder, all []RuleWorth) {
	all = slices.DeleteFunc(slices.Clone(all), func(r RuleWorth) bool { return r.Ablation == nil })
	if len(all) == 0 {
		return
	}
	slices.SortStableFunc(all, func(x, y RuleWorth) int {
		a, b := x.Ablation, y.Ablation
		return cmp.Or(cmp.Compare(b.LostF1, a.LostF1), cmp.Compare(b.LostOfferF1, a.LostOfferF1), cmp.Compare(b.Offers, a.Offers))
	})
	width := len("without")
	for i := range all {
		width = max(width, len(all[i].Rule))
	}
	fmt.Fprintf(b, "\n%-*s            F1 lost by            dialogues fewer (calm)\n", width, "measured")
	fmt.Fprintf(b, "%-*s   flagged    offer  escalate     offered       person\n", width, "without")
	for i := range all {
		a := all[i].Ablation
		fmt.Fprintf(b, "%-*s  %8.4f %8.4f  %8.4f %11s  %11s\n", width, all[i].Rule, a.LostF1, a.LostOfferF1, a.LostEscalateF1,
			fmt.Sprintf("%d (%d)", a.Offers, a.CalmOffers), fmt.Sprintf("%d (%d)", a.Persons, a.CalmPersons))
	}
}
