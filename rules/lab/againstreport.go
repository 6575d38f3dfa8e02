package lab

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"
)

// AgainstReport tells what another set would do to the same dialogues.
type AgainstReport struct {
	Before, After SetResult
	// Different counts dialogues with a turn that differs.
	Different int
	// Moves counts dialogues by what came of them, before and after: nothing, an offer, a person.
	Moves [endings][endings]int
	// Earlier and Later count dialogues in which both sets decide something, by when the later set first does.
	Earlier, Later int
	// NewlyFlagged and NoLongerFlagged count turns.
	NewlyFlagged, NoLongerFlagged int
	// OtherWords counts replies that the sets would send in different words.
	OtherWords int
	// Outcomes are the first dialogues of which something else came, MoreOutcomes how many more there are.
	Outcomes     []Outcome
	MoreOutcomes int
	// Wordings are the different words, the most frequent first; MoreWordings counts replies beyond the list.
	Wordings     []Wording
	MoreWordings int
	// Hours is the load by the hour of the day; nil where no times are recorded. Timed dialogues have times, and
	// CalendarHours is how many different hours they lie in.
	Hours                []HourLoad
	Timed, CalendarHours int
	// Busiest is how many people the busiest single hour takes, before and after.
	Busiest [2]int
	// Minutes is what one conversation is taken to cost an agent.
	Minutes float64
}

// SetResult is one of the sets, and what it made of the dialogues.
type SetResult struct {
	// Name is for the reader, Digest names the set.
	Name, Digest string
	Summary      Summary
}

// Outcome is a dialogue of which something else came.
type Outcome struct {
	Dialogue string
	// Turn is that of the more urgent of the two decisions, Text what was said there.
	Turn int
	Text string
	// Before and After are nothing, offer or person, with the rules behind them.
	Before, BeforeReason, After, AfterReason string
}

// Wording is a reply that the sets would send in different words.
type Wording struct {
	Times int
	// Original is what the bot said the first time, in Dialogue at Turn.
	Original                string
	Dialogue                string
	Turn                    int
	BeforeRules, AfterRules []string
	Diff                    []Change
}

// Report works out the report. minutes is what one conversation costs an agent. It may be called once.
func (a *Against) Report(minutes float64) *AgainstReport {
	r := &a.report
	r.Minutes = minutes
	slices.SortStableFunc(r.Wordings, func(x, y Wording) int { return y.Times - x.Times })
	if a.hours.timed > 0 {
		r.Timed, r.CalendarHours, r.Busiest = a.hours.timed, len(a.hours.seen), a.hours.busiest
		for i := range a.hours.of {
			a.hours.of[i].Hour = i
		}
		r.Hours = a.hours.of[:]
	}
	return r
}

// Load is what reaches agents, before and after: dialogues offered a person and no more, and given one.
func (r *AgainstReport) Load() (before, after Load) {
	for i := range endings {
		for j := range endings {
			before.add(i, r.Moves[i][j])
			after.add(j, r.Moves[i][j])
		}
	}
	return before, after
}

// Newly counts dialogues that are offered or given a person and were not, NoLonger the other way round.
func (r *AgainstReport) Newly() (offer, people int) {
	return r.Moves[nothing][offered], r.Moves[nothing][person] + r.Moves[offered][person]
}

// NoLonger counts dialogues that were offered or given a person and no longer are.
func (r *AgainstReport) NoLonger() (offer, people int) {
	return r.Moves[offered][nothing], r.Moves[person][nothing] + r.Moves[person][offered]
}

// RuleDifference is what a rule does in both sets.
type RuleDifference struct {
	Rule          string
	Before, After RuleCount
}

// change is how much it differs.
func (d *RuleDifference) change() int {
	n := 0
	for _, x := range [...]int{d.After.Fired - d.Before.Fired, d.After.Decided - d.Before.Decided, d.After.Applied - d.Before.Applied} {
		n += max(x, -x)
	}
	return n
}

// Rules lists the rules that do not do as much in both sets, those that differ most first.
func (r *AgainstReport) Rules() []RuleDifference {
	byID := map[string]*RuleDifference{}
	at := func(id string) *RuleDifference {
		if byID[id] == nil {
			byID[id] = &RuleDifference{Rule: id}
		}
		return byID[id]
	}
	for id, c := range r.Before.Summary.Rules {
		at(id).Before = *c
	}
	for id, c := range r.After.Summary.Rules {
		at(id).After = *c
	}
	var out []RuleDifference
	for _, id := range sortedKeys(byID) {
		if byID[id].change() > 0 {
			out = append(out, *byID[id])
		}
	}
	slices.SortStableFunc(out, func(a, b RuleDifference) int { return cmp.Compare(b.change(), a.change()) })
	return out
}

// textRows is how many rows of each list the text shows; the HTML report and JSON Lines have more.
const textRows = 20

// WriteText writes the report for people.
func (r *AgainstReport) WriteText(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "before  %s (%s)\nafter   %s (%s)\n", r.Before.Name, r.Before.Digest, r.After.Name, r.After.Digest)
	s := &r.Before.Summary
	fmt.Fprintf(&b, "%d dialogues, %d turns; %d dialogues differ%s\n", s.Dialogues, s.Turns, r.Different, share(r.Different, s.Dialogues))
	r.movesText(&b)
	fmt.Fprintf(&b, "flagged turns   %d -> %d, %d newly and %d no longer\n", s.Flagged, r.After.Summary.Flagged, r.NewlyFlagged, r.NoLongerFlagged)
	fmt.Fprintf(&b, "reworded        %d -> %d replies of %d, %d in other words\n", s.Reworded, r.After.Summary.Reworded, s.ByRole["bot"], r.OtherWords)
	r.loadText(&b)
	r.hoursText(&b)
	r.rulesText(&b)
	r.listsText(&b)
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	return nil
}

func (r *AgainstReport) movesText(b *strings.Builder) {
	fmt.Fprintf(b, "\ndialogues        after: %s", endingNames[nothing])
	for _, name := range endingNames[offered:] {
		fmt.Fprintf(b, " %8s", name)
	}
	b.WriteString("\n")
	for i, name := range endingNames {
		fmt.Fprintf(b, "before: %-8s %14d", name, r.Moves[i][nothing])
		for j := offered; j < endings; j++ {
			fmt.Fprintf(b, " %8d", r.Moves[i][j])
		}
		b.WriteString("\n")
	}
	offer, people := r.Newly()
	lessOffer, lessPeople := r.NoLonger()
	fmt.Fprintf(b, "newly offered   %d, newly given a person %d\nno longer       %d offered, %d given a person\n", offer, people, lessOffer, lessPeople)
	fmt.Fprintf(b, "first decision  earlier in %d, later in %d dialogues\n", r.Earlier, r.Later)
}

func (r *AgainstReport) loadText(b *strings.Builder) {
	before, after := r.Load()
	fmt.Fprintf(b, "agents          %d -> %d conversations, %.0f -> %.0f minutes at %g each", before.Persons, after.Persons,
		r.Minutes*float64(before.Persons), r.Minutes*float64(after.Persons), r.Minutes)
	fmt.Fprintf(b, "; up to %.0f -> %.0f more if every offer is accepted\n", r.Minutes*float64(before.Offers), r.Minutes*float64(after.Offers))
}

func (r *AgainstReport) hoursText(b *strings.Builder) {
	if r.Hours == nil {
		b.WriteString("by the hour     no times are recorded\n")
		return
	}
	before, after := Load{}, Load{}
	for _, h := range r.Hours {
		before.Persons, before.Offers = before.Persons+h.Before.Persons, before.Offers+h.Before.Offers
		after.Persons, after.Offers = after.Persons+h.After.Persons, after.Offers+h.After.Offers
	}
	fmt.Fprintf(b, "by the hour     %.2f -> %.2f handoffs an hour over %d hours of recordings; the busiest hour takes %d -> %d\n",
		ratio(before.Persons, r.CalendarHours), ratio(after.Persons, r.CalendarHours), r.CalendarHours, r.Busiest[0], r.Busiest[1])
	b.WriteString("\nhour  dialogues       offers      persons\n")
	for _, h := range r.Hours {
		if h.Dialogues+h.Before.Offers+h.Before.Persons+h.After.Offers+h.After.Persons > 0 {
			fmt.Fprintf(b, "%4d %10d %12s %12s\n", h.Hour, h.Dialogues, arrow(h.Before.Offers, h.After.Offers), arrow(h.Before.Persons, h.After.Persons))
		}
	}
}

func arrow(before, after int) string {
	if before == after {
		return fmt.Sprint(before)
	}
	return fmt.Sprintf("%d -> %d", before, after)
}

func (r *AgainstReport) rulesText(b *strings.Builder) {
	all := r.Rules()
	if len(all) == 0 {
		return
	}
	width := len("rule")
	for i := range all {
		width = max(width, len(all[i].Rule))
	}
	fmt.Fprintf(b, "\n%-*s  %14s  %14s  %14s\n", width, "rule", "fired", "decided", "applied")
	for i := range all {
		x := &all[i]
		fmt.Fprintf(b, "%-*s  %14s  %14s  %14s\n", width, x.Rule,
			arrow(x.Before.Fired, x.After.Fired), arrow(x.Before.Decided, x.After.Decided), arrow(x.Before.Applied, x.After.Applied))
	}
}

func (r *AgainstReport) listsText(b *strings.Builder) {
	if n := len(r.Outcomes); n > 0 {
		b.WriteString("\nof these dialogues something else comes\n")
		for _, o := range r.Outcomes[:min(n, textRows)] {
			fmt.Fprintf(b, "%s turn %d: %s -> %s\n", shown(o.Dialogue), o.Turn, because(o.Before, o.BeforeReason), because(o.After, o.AfterReason))
		}
		more(b, max(n-textRows, 0)+r.MoreOutcomes)
	}
	if n := len(r.Wordings); n > 0 {
		b.WriteString("\nthese replies are worded otherwise: [-before-] {+after+}\n")
		for _, x := range r.Wordings[:min(n, textRows)] {
			fmt.Fprintf(b, "%4d x  %s\n", x.Times, marked(x.Diff))
		}
		left := r.MoreWordings
		for _, x := range r.Wordings[min(n, textRows):] {
			left += x.Times
		}
		more(b, left)
	}
}

func because(ending, reason string) string {
	if reason == "" {
		return ending
	}
	return ending + " (" + reason + ")"
}

func more(b *strings.Builder, n int) {
	if n > 0 {
		fmt.Fprintf(b, "and %d more\n", n)
	}
}

// marked writes a diff on one line of plain text.
func marked(diff []Change) string {
	var b strings.Builder
	for _, c := range diff {
		switch c.Kind {
		case Removed:
			b.WriteString("[-" + c.Text + "-]")
		case Added:
			b.WriteString("{+" + c.Text + "+}")
		default:
			b.WriteString(c.Text)
		}
	}
	return shown(b.String())
}

// shown brings a text onto one line and takes out what a terminal would obey.
func shown(text string) string {
	return strings.Join(strings.FieldsFunc(text, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }), " ")
}
