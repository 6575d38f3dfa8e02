package lab

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"attune/rules"
)

// Summary counts what a set made of many dialogues. The zero value is ready; one caller at a time.
type Summary struct {
	Dialogues int
	Turns     int
	// ByRole counts turns by role name.
	ByRole map[string]int
	// Flagged counts turns whose points reach the flag, FlaggedDialogues the dialogues with at least one.
	Flagged, FlaggedDialogues int
	// Decisions counts turns by decision name, DecidedDialogues the dialogues in which it came up.
	Decisions        map[string]int
	DecidedDialogues map[string]int
	// Reworded counts replies that were changed.
	Reworded int
	// Rules counts by rule id.
	Rules map[string]*RuleCount
	// Journeys counts by touchpoint; Touchpoints are those of the set, whose aims are printed beside.
	Journeys    map[string]*JourneyCount
	Touchpoints []rules.Touchpoint

	last string
	seen map[string]bool
	open bool
}

// RuleCount is what one rule did.
type RuleCount struct {
	// Fired counts turns on which it fired as a signal, Decided those on which it was the reason of a decision.
	Fired, Decided int
	// Applied counts replies it changed, Rejected those it was kept from, by what.
	Applied  int
	Rejected map[string]int
}

// Add counts one line. The lines of a dialogue come one after the other.
func (s *Summary) Add(l *Line) {
	if s.Rules == nil {
		s.Rules, s.ByRole = map[string]*RuleCount{}, map[string]int{}
		s.Decisions, s.DecidedDialogues = map[string]int{}, map[string]int{}
		s.seen = map[string]bool{}
	}
	if !s.open || l.Dialogue != s.last || l.Turn == 0 {
		s.Dialogues++
		s.last, s.open = l.Dialogue, true
		clear(s.seen)
	}
	s.Turns++
	s.ByRole[l.Role]++
	if l.Flagged {
		s.Flagged++
		if !s.seen["flagged"] {
			s.seen["flagged"] = true
			s.FlaggedDialogues++
		}
	}
	if l.Decision != "none" {
		s.Decisions[l.Decision]++
		if !s.seen[l.Decision] {
			s.seen[l.Decision] = true
			s.DecidedDialogues[l.Decision]++
		}
		s.rule(l.Reason).Decided++
	}
	for _, id := range l.Signals {
		s.rule(id).Fired++
	}
	s.answer(l)
	if l.Reply == nil {
		return
	}
	if l.Sent != l.Text {
		s.Reworded++
	}
	for _, id := range l.Rules {
		s.rule(id).Applied++
	}
	for _, x := range l.Rejected {
		c := s.rule(x.Rule)
		if c.Rejected == nil {
			c.Rejected = map[string]int{}
		}
		c.Rejected[x.By]++
	}
}

func (s *Summary) rule(id string) *RuleCount {
	c, ok := s.Rules[id]
	if !ok {
		c = &RuleCount{}
		s.Rules[id] = c
	}
	return c
}

// Write prints the summary for people. It depends on nothing but what was added, so that two replays of one file can be
// compared byte for byte.
func (s *Summary) Write(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%d dialogues, %d turns (%d customer, %d bot, %d agent, %d events)\n",
		s.Dialogues, s.Turns, s.ByRole["customer"], s.ByRole["bot"], s.ByRole["agent"], s.ByRole["event"])
	fmt.Fprintf(&b, "flagged      %6d turns in %d dialogues%s\n", s.Flagged, s.FlaggedDialogues, share(s.FlaggedDialogues, s.Dialogues))
	for _, d := range []string{"offer", "escalate", "route", "crisis"} {
		fmt.Fprintf(&b, "%-12s %6d turns in %d dialogues%s\n", d, s.Decisions[d], s.DecidedDialogues[d], share(s.DecidedDialogues[d], s.Dialogues))
	}
	fmt.Fprintf(&b, "reworded     %6d replies of %d%s\n", s.Reworded, s.ByRole["bot"], share(s.Reworded, s.ByRole["bot"]))
	s.journeys(&b)
	ids := make([]string, 0, len(s.Rules))
	width := len("rule")
	for id := range s.Rules {
		ids = append(ids, id)
		width = max(width, len(id))
	}
	slices.SortFunc(ids, func(x, y string) int {
		a, b := s.Rules[x], s.Rules[y]
		if d := (b.Fired + b.Applied + b.Decided) - (a.Fired + a.Applied + a.Decided); d != 0 {
			return d
		}
		return strings.Compare(x, y)
	})
	if len(ids) > 0 {
		fmt.Fprintf(&b, "\n%-*s  %8s %8s %8s  rejected\n", width, "rule", "fired", "decided", "applied")
	}
	for _, id := range ids {
		c := s.Rules[id]
		row := fmt.Sprintf("%-*s  %8d %8d %8d  %s", width, id, c.Fired, c.Decided, c.Applied, rejections(c.Rejected))
		b.WriteString(strings.TrimRight(row, " ") + "\n")
	}
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("write summary: %w", err)
	}
	return nil
}

func share(part, of int) string {
	if of == 0 {
		return ""
	}
	return " (" + percent(part, of) + ")"
}

func percent(part, of int) string {
	if of == 0 {
		return ""
	}
	return fmt.Sprintf("%.1f %%", 100*float64(part)/float64(of))
}

func rejections(m map[string]int) string {
	by := make([]string, 0, len(m))
	for k := range m {
		by = append(by, k)
	}
	slices.Sort(by)
	for i, k := range by {
		by[i] = fmt.Sprintf("%s %d", k, m[k])
	}
	return strings.Join(by, ", ")
}
