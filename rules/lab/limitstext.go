package lab

import (
	"fmt"
	"strings"
)

// limitsText tells what became of the thresholds of the score, and what that means for agents.
func (f *Fitted) limitsText(b *strings.Builder) {
	if f.Load == nil {
		return
	}
	b.WriteString("\nscore to    before  after  F1 of dialogues  alarms in calm ones  why\n")
	for _, c := range f.Limits {
		f1, calms := "-", "-"
		if x := c.Cross; x != nil {
			f1 = fmt.Sprintf("%.3f -> %.3f", x.Before.F1, x.After.F1)
			calms = fmt.Sprintf("%.1f %% -> %.1f %%", 100*calm(x.Before.Counts), 100*calm(x.After.Counts))
		}
		fmt.Fprintf(b, "%-10s %7g %6g  %-15s  %-19s  %s\n", c.Limit, c.Before, c.After, f1, calms, c.Why)
	}
	l := f.Load
	fmt.Fprintf(b, "per 100 of %d conversations: offers %.1f -> %.1f, persons %.1f -> %.1f; minutes of agents %.0f -> %.0f at %g each, %.0f -> %.0f if every offer is accepted\n",
		l.Dialogues, l.Offers[0], l.Offers[1], l.Persons[0], l.Persons[1], l.Minutes[0], l.Minutes[1], l.Each, l.IfAccepted[0], l.IfAccepted[1])
}
