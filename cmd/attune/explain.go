package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"attune/rules"
	"attune/rules/lab"
)

func (p *program) explainCommand() *cobra.Command {
	var x explaining
	c := &cobra.Command{
		Use:   "explain [TEXT]",
		Short: "Say what the rules make of a message, or of a conversation, and why",
		Long: `Runs one message, or every turn of recorded conversations, through a rule set
and says what was read, which rules it spoke for and what became of each, how
the score moved, and what a reply became.

With --file and no TEXT every turn of the file is explained. With both, TEXT
comes after the last turn of the file's first conversation. A file of - is
standard input. JSON is one object a turn.`,
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 {
				return fail("put the text in quotes", "'attune rules explain' takes one text, got %d", len(args))
			}
			if len(args) == 0 && x.file == "" {
				return fail("give a text, or --file with a transcript", "nothing to explain")
			}
			return x.run(p, args)
		},
	}
	c.Flags().StringVar(&x.role, "role", "customer", "whose message TEXT is: customer or bot")
	c.Flags().StringVar(&x.file, "file", "", "transcript to explain, or to put TEXT behind")
	c.Flags().StringVar(&x.format, "format", "text", "text or json")
	c.Flags().StringVar(&x.locale, "locale", "", "language of the conversation, like en-GB (default: the transcript's, else en)")
	c.Flags().StringVar(&x.channel, "channel", "", "text or voice (default: the transcript's, else text)")
	c.Flags().StringVar(&x.register, "register", "", "formal or informal, where packs of the language differ in it")
	c.Flags().StringVar(&x.path, "path", "", "page or flow, for touchpoints (default: the transcript's)")
	c.Flags().StringVar(&x.dir, "rules", "", "directory with rule packs (default: the shipped ones)")
	return c
}

// explaining is one call of attune rules explain.
type explaining struct {
	role, file, format, dir string
	locale, channel, path   string // in place of the transcript's
	register                string

	set   *rules.Set
	facts rules.Facts
	state rules.State
	id    string
	turn  int
	now   time.Time // of TEXT: behind a transcript its last turn's, zero where that has none
	write func(*explained) error
}

// explained is one turn as it is printed.
type explained struct {
	Dialogue string `json:"dialogue,omitempty"`
	Turn     int    `json:"turn"`
	*rules.Explanation
	Diff []lab.Change `json:"diff,omitempty"`
}

func (x *explaining) run(p *program, args []string) error {
	role, err := rules.ParseRole(x.role)
	if err != nil || role != rules.Customer && role != rules.Bot {
		return fail("use customer or bot", "unknown role %q", x.role)
	}
	if !slices.Contains([]string{"", "text", "voice"}, x.channel) {
		return fail("use text or voice", "unknown channel %q", x.channel)
	}
	if !slices.Contains([]string{"", "formal", "informal"}, x.register) {
		return fail("use formal or informal", "unknown register %q", x.register)
	}
	switch x.format {
	case "json":
		out := json.NewEncoder(p.stdout)
		out.SetEscapeHTML(false)
		x.write = func(e *explained) error { return out.Encode(e) }
	case "text":
		sheet := &explainSheet{out: p.stdout, colour: isTerminal(p.stdout) && p.environ["NO_COLOR"] == ""}
		x.write = sheet.turn
	default:
		return fail("use text or json", "unknown format %q", x.format)
	}
	set, found, err := rulesFrom(x.dir)()
	if err != nil || set == nil {
		return &failure{exitFailure, []advise{rulesFault("--rules", x.dir, found, err)}}
	}
	x.set = set
	x.begin("", "", "", "")
	x.now = time.Now() // so that rules which have expired say nothing
	if x.file != "" {
		if err := x.transcript(p, len(args) > 0); err != nil {
			return err
		}
	}
	if len(args) == 0 {
		return nil
	}
	return x.explain(&rules.Turn{Role: role, Text: args[0], At: x.now})
}

// begin starts a conversation in an ordinary moment.
func (x *explaining) begin(id, locale, path, channel string) {
	x.facts = lab.Everyday()
	x.facts.Session = id
	x.facts.Locale, x.facts.Register = cmp.Or(x.locale, locale), x.register
	x.facts.Path, x.facts.Channel = cmp.Or(x.path, path), cmp.Or(x.channel, channel)
	x.state, x.id, x.turn = rules.State{}, id, 0
}

// transcript explains every turn of a file, or only plays its first
// conversation when something is to be explained behind it.
func (x *explaining) transcript(p *program, quietly bool) error {
	in := p.stdin
	if x.file != "-" {
		f, err := os.Open(x.file)
		if err != nil {
			return fileFailure("read the transcript", err)
		}
		defer func() { _ = f.Close() }()
		in = f
	}
	reader := lab.NewReader(in)
	for n := 0; ; n++ {
		d, err := next(reader)
		switch {
		case errors.Is(err, io.EOF) && n == 0:
			return fail("write one conversation a line", "%s holds no conversation", inputName(x.file))
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return fail("see 'attune replay --help' for the format", "%s: %v", inputName(x.file), err)
		}
		x.begin(d.ID, d.Lang, d.Path, d.Channel)
		for i := range d.Turns {
			x.now = d.Turns[i].At
			if quietly {
				x.set.Explain(&x.state, &d.Turns[i].Turn, &x.facts)
				x.turn++
			} else if err := x.explain(&d.Turns[i].Turn); err != nil {
				return err
			}
		}
		if quietly {
			return nil
		}
	}
}

func (x *explaining) explain(t *rules.Turn) error {
	e := &explained{Dialogue: x.id, Turn: x.turn, Explanation: x.set.Explain(&x.state, t, &x.facts)}
	if e.Sent != "" && e.Sent != e.Text {
		e.Diff = lab.Diff(e.Text, e.Sent)
	}
	x.turn++
	if err := x.write(e); err != nil {
		return fmt.Errorf("write the explanation: %w", err)
	}
	return nil
}

// explainSheet prints explanations for people.
type explainSheet struct {
	out    io.Writer
	colour bool
	begun  bool
	err    error
}

func (s *explainSheet) printf(format string, args ...any) {
	if s.err == nil {
		_, s.err = fmt.Fprintf(s.out, format, args...)
	}
}

// The styles, as terminals know them.
const (
	bold      = "1"
	faint     = "2"
	underline = "4"
	red       = "31"
	green     = "32"
	yellow    = "33"
)

func (s *explainSheet) style(code, text string) string {
	if !s.colour || text == "" {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

// row prints a name in the margin and a text beside it.
func (s *explainSheet) row(name, text string) {
	s.printf("  %s %s\n", s.style(faint, fmt.Sprintf("%-10s", name)), text)
}

func (s *explainSheet) turn(e *explained) error {
	if s.begun {
		s.printf("\n")
	}
	s.begun = true
	where := fmt.Sprintf("turn %d", e.Turn)
	if e.Dialogue != "" {
		where = printable(e.Dialogue) + ", " + where
	}
	s.printf("%s %s\n", s.style(bold, e.Role), s.style(faint, "("+where+")"))
	s.text(e)
	if e.Words != "" {
		s.row("read as", e.Words)
	}
	if e.Touchpoint != "" {
		s.row("touchpoint", e.Touchpoint)
	}
	s.fired(e)
	s.score(e)
	s.decision(e)
	s.reply(e)
	s.refused(e)
	return s.err
}

// text prints what was said with the words underlined that rules acted on.
func (s *explainSheet) text(e *explained) {
	marked := make([]bool, len(e.Text))
	for _, c := range e.Considered {
		if c.Outcome != rules.OutcomeFired && c.Outcome != rules.OutcomeApplied {
			continue
		}
		for _, span := range c.Spans {
			for i := span[0]; i < span[1]; i++ {
				marked[i] = true
			}
		}
	}
	var line, marks strings.Builder
	for from := 0; from < len(e.Text); {
		to := from + 1
		for to < len(e.Text) && marked[to] == marked[from] {
			to++
		}
		part := printable(e.Text[from:to])
		if marked[from] {
			line.WriteString(s.style(underline, part))
			marks.WriteString(strings.Repeat("~", len([]rune(part))))
		} else {
			line.WriteString(part)
			marks.WriteString(strings.Repeat(" ", len([]rune(part))))
		}
		from = to
	}
	if e.Event != "" {
		s.row("event", strings.TrimSpace(e.Event+" "+printable(e.Value)))
		return
	}
	s.row("said", line.String())
	if under := strings.TrimRight(marks.String(), " "); under != "" && !s.colour {
		s.row("", under)
	}
}

// printable shows a text on one line: what would move the cursor is escaped.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n', r == '\r', r == '\t':
			return ' '
		case r < 0x20, r == 0x7F, r >= 0x80 && r < 0xA0, r >= 0x202A && r <= 0x202E, r >= 0x2066 && r <= 0x2069:
			return '\uFFFD'
		}
		return r
	}, text)
}

// quoted are the words that spoke for a rule, and how those with a slip were
// read.
func quoted(c rules.Considered) string {
	out := make([]string, len(c.Quotes))
	for i, q := range c.Quotes {
		out[i] = "“" + printable(q) + "”"
		if len(c.Meant) > i && c.Meant[i] != "" {
			out[i] += ", read as “" + c.Meant[i] + "”"
		}
	}
	return strings.Join(out, " ")
}

// fired lists what the turn was taken for.
func (s *explainSheet) fired(e *explained) {
	for _, c := range e.Considered {
		if c.Outcome != rules.OutcomeFired || c.Kind == "escalation" {
			continue
		}
		weight := ""
		if c.Points > 0 {
			weight = fmt.Sprintf(" +%g", c.Points)
		}
		switch c.Calms {
		case "":
		case "half":
			weight += " halves the score"
		default:
			weight += " takes " + c.Calms + " off"
		}
		if len(c.Feels) > 0 {
			weight += " " + strings.Join(c.Feels, ", ")
		}
		s.row(c.Kind, strings.TrimSpace(s.style(bold, c.Rule)+s.style(yellow, weight)+" "+quoted(c)))
		s.row("", s.style(faint, c.What+" "+c.Why))
	}
}

func (s *explainSheet) score(e *explained) {
	sum := fmt.Sprintf("%.2f", e.Score)
	calmed := ""
	if e.Calmed > 0 {
		calmed = fmt.Sprintf(" - %.2f calmed", e.Calmed)
	}
	if e.Left != e.Before {
		sum += fmt.Sprintf(" = %.2f, of which time has left %.2f,%s + %g", e.Before, e.Left, calmed, e.Points)
	} else if e.Points > 0 || e.Calmed > 0 {
		sum += fmt.Sprintf(" = %.2f%s + %g", e.Before, calmed, e.Points)
	}
	sum += "; " + e.Band
	if e.Flagged {
		sum += fmt.Sprintf("; flagged, %g or more in one turn", e.Flag)
	}
	s.row("score", sum)
	var below []string
	for _, t := range e.Thresholds {
		if t.State == "below" {
			below = append(below, fmt.Sprintf("%s at %s %g", t.Decision, t.Of, t.At))
			continue
		}
		s.row("", fmt.Sprintf("%s at %s %g: %s", t.Decision, t.Of, t.At, t.State))
	}
	if len(below) > 0 {
		s.row("", s.style(faint, "not reached: "+strings.Join(below, ", ")))
	}
}

func (s *explainSheet) decision(e *explained) {
	if e.Decision != rules.None.String() {
		live := ""
		if !e.Live {
			live = ", not acted on in this mode"
		}
		s.row("decision", fmt.Sprintf("%s, by %s%s", s.style(bold, e.Decision), e.Reason, live))
		s.row("", s.style(faint, e.Why))
	}
	if e.Ask != "" {
		s.row("ask", e.Ask+" "+e.AskOutcome)
	}
	if e.Withhold {
		s.row("", "the bot does not get to read it")
	}
	for _, say := range e.Say {
		s.row("attune", say)
	}
}

// reply shows what became of a reply.
func (s *explainSheet) reply(e *explained) {
	if e.Role != rules.Bot.String() {
		return
	}
	if len(e.Diff) > 0 {
		s.row("sent", printable(e.Sent))
		var diff strings.Builder
		for _, c := range e.Diff {
			switch text := printable(c.Text); c.Kind {
			case lab.Removed:
				diff.WriteString(s.style(red, "[-"+text+"-]"))
			case lab.Added:
				diff.WriteString(s.style(green, "{+"+text+"+}"))
			default:
				diff.WriteString(text)
			}
		}
		s.row("diff", diff.String())
	} else {
		s.row("sent", "as it is")
	}
	for _, c := range e.Considered {
		if c.Outcome == rules.OutcomeApplied {
			s.row("rewrite", strings.TrimSpace(s.style(bold, c.Rule)+" "+quoted(c)))
			s.row("", s.style(faint, c.What+" "+c.Why))
		}
	}
	if len(e.Facts) > 0 {
		kept := make([]string, len(e.Facts))
		for i, f := range e.Facts {
			kept[i] = f.Kind + " " + printable(f.Text)
		}
		s.row("facts", "kept, in order: "+strings.Join(kept, ", "))
	}
}

// outcomes say why a rule was not taken.
var outcomes = map[string]string{
	rules.OutcomeMatch: "something it looks for is there, but not all of it, or an exception is there too", rules.OutcomeOff: "switched off or expired",
	rules.OutcomeUnused: "another rule had the sentence, or nothing was left to change",
	rules.ByShadow:      "it, or the mode, only watches", rules.ByGrowth: "the reply would have grown too much",
	rules.ByVerbatim: "the reply must go out word for word", rules.BySpent: "its words are used up",
}

// refused lists the rules that something spoke for and that were not taken.
func (s *explainSheet) refused(e *explained) {
	for _, c := range e.Considered {
		why := outcomes[c.Outcome]
		switch c.Outcome {
		case rules.OutcomeFired, rules.OutcomeApplied:
			continue
		case rules.OutcomeWhen:
			why = "does not hold: when " + c.Because
		case rules.OutcomeUnless:
			why = "holds: unless " + c.Because
		case rules.BySpent:
			switch {
			case c.Kind == "escalation":
				why = "its condition held before, and fires again once it was false: " + c.Because
			case c.Because != "":
				why = c.Because
			}
		case rules.ByFacts:
			why = "the fact lock refuses it"
			if c.Because != "" {
				why += ": a " + c.Because + " would be lost, moved or added"
			}
		}
		s.row("not taken", c.Rule+": "+why)
	}
}
