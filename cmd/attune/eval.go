package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"attune/rules/lab"
)

// evalFlags are what `attune eval` is told.
type evalFlags struct {
	format, dir, svg string
	tone             bool
	lab.EvalOptions
}

func (p *program) evalCommand() *cobra.Command {
	var f evalFlags
	c := &cobra.Command{
		Use:   "eval FILE...",
		Short: "Measure a rule set on labelled transcripts",
		Long: `Runs labelled transcripts through a rule set and prints how often it was right:
precision, recall and F1 of the flagged turns, AUC, offers and escalations by
dialogue, false alarms in calm dialogues, how early the alarm comes, other flag
thresholds, how many turns the alarm leads before the customer asks or leaves,
needless offers and what they cost agents, and what each rule contributes.
Beside it stand a keyword list, VADER (a lexicon of sentiment), an alarm that never
stops, and a logistic regression over the same signals, learnt on four fifths
of the dialogues and tried on the fifth. Intervals hold in 95 of 100 cases.

Transcripts are those of 'attune replay', with labels on turns, dialogues or
both:

  {"id":"c1","turns":[
    {"role":"customer","text":"where is my parcel","label":{"dissatisfied":0}},
    {"role":"bot","text":"Sorry, I did not get that."},
    {"role":"customer","text":"my PARCEL","label":{"dissatisfied":1}}],
    "label":{"dissatisfied":1}}

(on one line). A label is 1 or 0, true or false; null says nothing. All files
are measured together. A dialogue is calm when nothing about it is labelled
yes and something is labelled no. The F1 that is lost without a rule is worked
out from its points on each turn; rules that stand back for it do not step in, but
do with --ablate, which runs each dialogue again without each signal in it.

With --tone no label is read: the moves of replies are counted instead, for
the bot as recorded, as Attune would have sent it, and for human agents.

FILE may be - for standard input. Lines that cannot be read are passed over
and told of at the end, with exit code 2.`,
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				return fail("see '"+c.CommandPath()+" --help'", "name at least one transcript file")
			}
			return p.eval(c.Context(), args, &f)
		},
	}
	c.Flags().StringVar(&f.Label, "label", "dissatisfied", "name of the label to compare with")
	c.Flags().StringVar(&f.Except, "except", "", "leave out dialogues that have this label, say those told to be upset")
	c.Flags().BoolVar(&f.Calm, "calm", false, "take dialogues without any label for calm ones")
	c.Flags().BoolVar(&f.Aside, "aside", false, "report a fifth of the dialogues, chosen by their ids, apart from the others")
	c.Flags().StringVar(&f.format, "format", "text", "text or json")
	c.Flags().StringVar(&f.dir, "rules", "", "directory with rule packs (default: the shipped ones)")
	c.Flags().BoolVar(&f.tone, "tone", false, "count the moves of replies instead: acknowledge, own, next step, way out, plain words, blame, jargon, cheer")
	c.Flags().BoolVar(&f.Ablate, "ablate", false, "also run without each signal (about five times as long)")
	c.Flags().Float64Var(&f.Minutes, "minutes", 8, "how many minutes of an agent a conversation takes")
	c.Flags().StringVar(&f.svg, "chart", "", "also draw precision and recall over the flag threshold, into this SVG file")
	c.Flags().StringVar(&f.svg, "svg", "", "the same as --chart")
	return c
}

func (p *program) eval(ctx context.Context, names []string, f *evalFlags) error {
	if f.format != "text" && f.format != "json" {
		return fail("use text or json", "unknown format %q", f.format)
	}
	if !(f.Minutes > 0 && f.Minutes <= 1e6) {
		return fail("use a number above 0", "--minutes %g is no length of a conversation", f.Minutes)
	}
	if f.Label == "" {
		return fail("leave --label out for dissatisfied", "--label names no label")
	}
	set, found, err := rulesFrom(f.dir)()
	if err != nil || set == nil {
		return &failure{exitFailure, []advise{rulesFault("--rules", f.dir, found, err)}}
	}
	in, err := p.openAll(names)
	defer in.close()
	if err != nil {
		return err
	}
	in.bar = p.newBar("eval", in.size, false)
	if f.tone {
		return p.tone(ctx, set, in, names, f.format)
	}
	e := lab.NewEval(set, lab.Everyday(), f.EvalOptions)
	start, turns := time.Now(), 0
	// Nothing here can fail.
	_ = in.each(ctx, func(d *lab.Dialogue) error {
		turns += len(d.Turns)
		e.Add(d)
		return nil
	})
	if others, found := e.Labels(); !found && !f.Calm {
		return in.fault(p.stderr, noLabel(f.Label, others))
	}
	r := e.Report()
	if took := time.Since(start); turns > 0 {
		fmt.Fprintf(p.stderr, "%d turns in %.1f s, %.0f a second\n", turns, took.Seconds(), float64(turns)/took.Seconds())
	}
	for _, name := range names {
		r.Files = append(r.Files, inputName(name))
	}
	if f.format == "json" {
		err = r.WriteJSON(p.stdout)
	} else {
		err = r.WriteText(p.stdout)
	}
	if err != nil {
		return fail("", "write the result: %v", err)
	}
	return in.fault(p.stderr, draw(r, f.svg))
}

// noLabel says that there is nothing to compare with.
func noLabel(label string, others []string) *failure {
	hint := "label turns or dialogues, or say --calm if nobody in them was unhappy"
	if len(others) > 0 {
		hint = "name another with --label: " + strings.Join(others, ", ")
	}
	return fail(hint, "nothing is labelled %q", label)
}

// draw writes the chart, if one is wanted.
func draw(r *lab.EvalReport, name string) *failure {
	if name == "" {
		return nil
	}
	var b bytes.Buffer
	if err := r.WriteSVG(&b); err != nil {
		return fail("leave --chart out", "draw the chart: %v", err)
	}
	if err := os.WriteFile(name, b.Bytes(), 0o644); err != nil { //nolint:gosec // a chart is no secret
		return fail("name a file that you may write to", "draw the chart: %v", err)
	}
	return nil
}
