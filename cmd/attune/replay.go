package main

import (
	"bufio"
	"context"
	"time"

	"github.com/spf13/cobra"

	"attune/rules/lab"
)

func (p *program) replayCommand() *cobra.Command {
	var format, dir string
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
touchpoints). FILE may be - for standard input. Lines that cannot be read are
passed over and told of at the end, with exit code 2.`,
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				return fail("see '"+c.CommandPath()+" --help'", "name at least one transcript file")
			}
			return p.replay(c.Context(), args, format, dir)
		},
	}
	c.Flags().StringVar(&format, "format", "summary", "summary or jsonl")
	c.Flags().StringVar(&dir, "rules", "", "directory with rule packs (default: the shipped ones)")
	return c
}

func (p *program) replay(ctx context.Context, names []string, format, dir string) error {
	if format != "summary" && format != "jsonl" {
		return fail("use summary or jsonl", "unknown format %q", format)
	}
	set, found, err := rulesFrom(dir)()
	if err != nil || set == nil {
		return &failure{exitFailure, []advise{rulesFault("--rules", dir, found, err)}}
	}
	r := &replaying{
		replayer: lab.NewReplayer(set, lab.Everyday()),
		jsonl:    format == "jsonl", out: bufio.NewWriterSize(p.stdout, 64<<10),
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
		err = r.summary.Write(r.out, took)
	}
	if err == nil {
		err = r.out.Flush()
	}
	if err != nil {
		return fail("", "write the result: %v", err)
	}
	return in.fault(p.stderr, nil)
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
