package main

import (
	"bufio"
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"attune/rules/lab"
)

// replayFlags are what `attune replay` is told.
type replayFlags struct {
	format, dir, against, html string
	minutes                    float64
}

func (p *program) replayCommand() *cobra.Command {
	var f replayFlags
	c := &cobra.Command{
		Use:   "replay FILE...",
		Short: "Run recorded transcripts through a rule set",
		Long: `Runs recorded transcripts through a rule set and prints what the set makes of
them: a summary for people, or one line of JSON for each turn. A transcript
file has one conversation a line:

  {"id":"c1","lang":"en","turns":[
    {"role":"customer","text":"where is my parcel"},
    {"role":"bot","text":"Sorry, I did not get that."}]}

(on one line; "path":"/billing" beside "lang" says where it was, for
touchpoints; "channel":"voice", or the "profile" of a telephone platform, that
it was a call).

With --against DIR it tells instead what the packs in DIR would do otherwise
than those in force (--rules): who would newly be offered or given a person and
who no longer, which replies would have other words, rule by rule and, where
turns have times ("at"), hour by hour, with the load on agents. --format jsonl
gives the turns that differ, --format html or --html FILE a page with charts
that needs nothing else. That page and the lines quote the recordings.

FILE may be - for standard input. Lines that cannot be read are
passed over and told of at the end, with exit code 2.`,
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				return fail("see '"+c.CommandPath()+" --help'", "name at least one transcript file")
			}
			return p.replay(c.Context(), args, &f)
		},
	}
	c.Flags().StringVar(&f.format, "format", "summary", "summary or jsonl; with --against also html")
	c.Flags().StringVar(&f.dir, "rules", "", "directory with rule packs (default: the shipped ones)")
	c.Flags().StringVar(&f.against, "against", "", "directory with packs that would take their place: tell what differs")
	c.Flags().StringVar(&f.html, "html", "", "with --against, also write the report as a page into this file")
	c.Flags().Float64Var(&f.minutes, "minutes", 8, "with --against, how many minutes of an agent a conversation takes")
	return c
}

func (p *program) replay(ctx context.Context, names []string, f *replayFlags) error {
	switch {
	case f.format == "html" && f.against == "" || f.html != "" && f.against == "":
		return fail("name the other set with --against DIR", "the page compares two sets")
	case f.format != "summary" && f.format != "jsonl" && f.format != "html":
		return fail("use summary or jsonl", "unknown format %q", f.format)
	case f.minutes < 0 || f.minutes > 1e6:
		return fail("use a number from 0 up", "--minutes %g is no length of a conversation", f.minutes)
	}
	set, found, err := rulesFrom(f.dir)()
	if err != nil || set == nil {
		return &failure{exitFailure, []advise{rulesFault("--rules", f.dir, found, err)}}
	}
	if f.against != "" {
		return p.against(ctx, names, set, f)
	}
	r := &replaying{
		replayer: lab.NewReplayer(set, lab.Everyday()),
		jsonl:    f.format == "jsonl", out: bufio.NewWriterSize(p.stdout, 64<<10),
		summary: lab.Summary{Touchpoints: set.Touchpoints()},
	}
	in, err := p.openAll(names)
	defer in.close()
	if err != nil {
		return err
	}
	start := time.Now()
	in.bar = p.newBar("replay", in.size, r.jsonl)
	err = in.each(ctx, func(d *lab.Dialogue) error {
		err := r.replayer.Run(d, r.emit)
		r.summary.Journey(r.replayer.Scorecards())
		return err
	})
	took := time.Since(start)
	if err == nil && !r.jsonl {
		err = r.summary.Write(r.out)
	}
	if err == nil {
		err = r.out.Flush()
	}
	if err != nil {
		return fail("", "write the result: %v", err)
	}
	if err := in.fault(p.stderr, nil); err != nil {
		return err
	}
	if !r.jsonl && r.summary.Turns > 0 {
		fmt.Fprintf(p.stderr, "%.1f s, %.0f turns a second\n", took.Seconds(), float64(r.summary.Turns)/took.Seconds())
	}
	return nil
}

// replaying is one run over all files.
type replaying struct {
	replayer *lab.Replayer
	jsonl    bool
	out      *bufio.Writer

	summary lab.Summary
	lines   lab.LineWriter
	buf     []byte
}

func (r *replaying) emit(l *lab.Line) (err error) {
	if !r.jsonl {
		r.summary.Add(l)
		return nil
	}
	if r.buf, err = r.lines.Append(r.buf[:0], l); err != nil {
		return err
	}
	_, err = r.out.Write(r.buf)
	return err
}
