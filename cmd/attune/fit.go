package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"attune/rules"
	"attune/rules/lab"
)

// fitFlags are what `attune fit` is told.
type fitFlags struct {
	format, dir, out string
	tests            []string
	limits           bool // the thresholds of the score are proposed, too
	lab.FitOptions
}

func (p *program) fitCommand() *cobra.Command {
	var f fitFlags
	c := &cobra.Command{
		Use:   "fit FILE...",
		Short: "Learn the points of rules from labelled transcripts",
		Long: `Learns from labelled transcripts how many points the signals of a rule set
should weigh, and writes the packs with other points into a new directory. In
them nothing but these numbers changes. What is in the directory already is
never overwritten.

Points begin as they are and move as far as the labels bear out: a logistic
regression over what fired on a turn and what is left of earlier turns, held
to the old points by a penalty that cross-validation by dialogue chooses. No
points go below 0, what calms stays as it is, and all are rounded to halves. A
rule that fired on few labelled cases is left alone. The same files give the
same points every time.

With --limits the scores from which a person is offered and brought in are
sought as well, in halves, between 0.6 and twice what they are: whichever finds
most of the conversations labelled yes without bringing people to more calm ones
than now (or than 1 % with offers, 0.5 % with persons), and only if thresholds
chosen so hold on conversations they were not chosen on. The report shows what
that means for agents. Thresholds of feelings, escalations and what customers
ask for themselves are left alone.

A fifth of the dialogues, chosen by their ids, is never learnt from. The report
says what changed and why, and what both sets are worth on either part, and on
other files named with --test.

Transcripts and labels are those of 'attune eval'. The files are read several
times, so standard input will not do.`,
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				return fail("see '"+c.CommandPath()+" --help'", "name at least one transcript file")
			}
			return p.fit(c.Context(), args, &f)
		},
	}
	c.Flags().StringVar(&f.Label, "label", "dissatisfied", "name of the label to learn from")
	c.Flags().StringVar(&f.out, "out", "fitted", "directory that the packs are written into; it must be new or empty")
	c.Flags().StringVar(&f.dir, "rules", "", "directory with rule packs (default: the shipped ones)")
	c.Flags().StringVar(&f.Locale, "locale", "en", "language whose packs are fitted")
	c.Flags().BoolVar(&f.Flag, "flag", false, "also move the points from which a turn is flagged")
	c.Flags().BoolVar(&f.limits, "limits", false, "also propose the scores from which a person is offered and brought in")
	c.Flags().StringSliceVar(&f.tests, "test", nil, "measure both sets on this file too; may be named several times")
	c.Flags().StringVar(&f.format, "format", "text", "text or json")
	return c
}

func (p *program) fit(ctx context.Context, names []string, f *fitFlags) error {
	switch {
	case f.format != "text" && f.format != "json":
		return fail("use text or json", "unknown format %q", f.format)
	case f.Label == "":
		return fail("leave --label out for dissatisfied", "--label names no label")
	case slices.Contains(names, "-") || slices.Contains(f.tests, "-"):
		return fail("write it into a file first", "standard input cannot be read twice")
	}
	if err := vacant(f.out); err != nil {
		return err
	}
	set, found, err := rulesFrom(f.dir)()
	if err != nil || set == nil {
		return &failure{exitFailure, []advise{rulesFault("--rules", f.dir, found, err)}}
	}
	files, err := rulesIn(f.dir)
	if err != nil {
		return &failure{exitFailure, []advise{rulesFault("--rules", f.dir, nil, err)}}
	}
	for i := range files {
		files[i].Name = filepath.Base(files[i].Name)
	}
	start := time.Now()
	fit := lab.NewFit(set, lab.Everyday(), f.FitOptions)
	unread, err := p.learn(ctx, names, fit)
	if err != nil {
		return err
	}
	fitted, err := fit.Learn()
	if tooLittle := (*lab.TooLittleError)(nil); errors.As(err, &tooLittle) {
		return unread.fault(p.stderr, fail("label more conversations, or name more files", "%v", err))
	} else if err != nil {
		return fail("", "%v", err)
	}
	packs, after, err := fitted.Amend(files)
	if err != nil {
		return fail("write points as plain numbers in the packs", "%v", err)
	}
	if f.limits {
		if err := p.limits(ctx, names, fit, fitted, files); err != nil {
			return err
		}
		if packs, after, err = fitted.Amend(files); err != nil {
			return fail("write the thresholds as plain numbers in the packs", "%v", err)
		}
	}
	fitted.Files = names
	if err := p.compare(ctx, names, set, after, f.Label, true, fitted); err != nil {
		return err
	}
	if len(f.tests) > 0 {
		if err := p.compare(ctx, f.tests, set, after, f.Label, false, fitted); err != nil {
			return err
		}
	}
	if err := writePacks(f.out, packs); err != nil {
		return err
	}
	fmt.Fprintf(p.stderr, "the packs are in %s; it took %.1f s\n", f.out, time.Since(start).Seconds())
	write := fitted.WriteText
	if f.format == "json" {
		write = fitted.WriteJSON
	}
	if err := write(p.stdout); err != nil {
		return fail("", "write the result: %v", err)
	}
	return unread.fault(p.stderr, nil)
}

// learn gathers what all files say.
func (p *program) learn(ctx context.Context, names []string, fit *lab.Fit) (*transcripts, error) {
	in, err := p.openAll(names)
	defer in.close()
	if err != nil {
		return in, err
	}
	in.bar = p.newBar("learn", in.size, false)
	in.next = fit.Source
	// Nothing here can fail.
	_ = in.each(ctx, func(d *lab.Dialogue) error {
		fit.Add(d)
		return nil
	})
	return in, nil
}

// limits proposes the thresholds of the score, under the points that were learnt.
func (p *program) limits(ctx context.Context, names []string, fit *lab.Fit, fitted *lab.Fitted, files []rules.File) error {
	limits, err := fit.Limits(fitted, files)
	if err != nil {
		return fail("write the thresholds as plain numbers in the packs", "%v", err)
	}
	in, err := p.openAll(names)
	defer in.close()
	if err != nil {
		return err
	}
	in.bar = p.newBar("weigh", in.size, false)
	// Nothing here can fail.
	_ = in.each(ctx, func(d *lab.Dialogue) error {
		limits.Add(d)
		return nil
	})
	fitted.Limits, fitted.Load = limits.Learn()
	return nil
}

// compare measures the set before and after on files.
func (p *program) compare(ctx context.Context, names []string, before, after *rules.Set, label string, aside bool, fitted *lab.Fitted) error {
	in, err := p.openAll(names)
	defer in.close()
	if err != nil {
		return err
	}
	in.bar = p.newBar("measure", in.size, false)
	o := lab.EvalOptions{Label: label, Aside: aside}
	was, is := lab.NewEval(before, lab.Everyday(), o), lab.NewEval(after, lab.Everyday(), o)
	// Nothing here can fail.
	_ = in.each(ctx, func(d *lab.Dialogue) error {
		was.Add(d)
		is.Add(d)
		return nil
	})
	fitted.Compare("test", was.Report(), is.Report())
	return nil
}

// vacant refuses a directory that holds something.
func vacant(dir string) error {
	entries, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return fileFailure("write packs", err)
	case len(entries) > 0:
		return fail("name a new directory with --out", "write packs: %s is not empty", dir)
	}
	return nil
}

// writePacks writes new files only.
func writePacks(dir string, files []rules.File) error {
	if err := os.MkdirAll(dir, 0o755); err != nil { //nolint:gosec // packs are no secret
		return fileFailure("write packs", err)
	}
	for _, f := range files {
		out, err := os.OpenFile(filepath.Join(dir, f.Name), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644) //nolint:gosec // packs are no secret
		if err != nil {
			return fileFailure("write packs", err)
		}
		_, err = out.Write(f.Data)
		if err = errors.Join(err, out.Close()); err != nil {
			return fileFailure("write packs", err)
		}
	}
	return nil
}
