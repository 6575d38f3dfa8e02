package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"attune/rules/lab"
)

// maxBadLines is how many lines that cannot be read are told of one by one.
const maxBadLines = 20

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

(on one line). FILE may be - for standard input. Lines that cannot be read are
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
	inputs, size, err := p.openAll(names)
	defer func() {
		for _, in := range inputs {
			_ = in.Close()
		}
	}()
	if err != nil {
		return err
	}
	r := &replaying{
		replayer: lab.NewReplayer(set, lab.Everyday()),
		jsonl:    format == "jsonl", out: bufio.NewWriterSize(p.stdout, 64<<10),
		bar: p.newBar("replay", size, format == "jsonl"),
	}
	start := time.Now()
	for i, in := range inputs {
		if err = r.file(ctx, inputName(names[i]), in); err != nil {
			break
		}
	}
	took := time.Since(start)
	r.bar.end()
	if err == nil && !r.jsonl {
		err = r.summary.Write(r.out, took)
	}
	if err == nil {
		err = r.out.Flush()
	}
	if err != nil {
		return fail("", "write the result: %v", err)
	}
	for _, name := range r.empty {
		warn(p.stderr, advise{name + " holds no conversation", ""})
	}
	return r.fault()
}

// inputName is how messages call a file.
func inputName(name string) string {
	if name == "-" {
		return "standard input"
	}
	return name
}

// openAll opens the files, standard input for "-". The size is -1 when it is
// not known beforehand.
func (p *program) openAll(names []string) (all []io.ReadCloser, size int64, err error) {
	stdin := false
	for _, name := range names {
		if name == "-" {
			if stdin {
				return all, 0, fail("name - once", "read transcripts: standard input can be read only once")
			}
			all, size, stdin = append(all, io.NopCloser(p.stdin)), -1, true
			continue
		}
		f, err := os.Open(name) //nolint:gosec // the caller named it
		if err != nil {
			return all, 0, fileFailure("read transcripts", err)
		}
		all = append(all, f)
		switch info, err := f.Stat(); {
		case err != nil:
			return all, 0, fileFailure("read transcripts", err)
		case info.IsDir():
			return all, 0, fail("name the files in it", "read transcripts: %s is a directory", name)
		case !info.Mode().IsRegular():
			size = -1
		case size >= 0:
			size += info.Size()
		}
	}
	return all, size, nil
}

// replaying is one run over all files.
type replaying struct {
	replayer *lab.Replayer
	jsonl    bool
	out      *bufio.Writer
	bar      bar

	summary lab.Summary
	lines   lab.LineWriter
	buf     []byte
	empty   []string // files without a conversation
	unread  []advise // files that broke off
	bad     []advise // lines that were passed over
	badMore int      // beyond maxBadLines
}

// dialogue is one step of reading a file.
type dialogue struct {
	*lab.Dialogue
	err  error // instead of a dialogue
	read int64 // bytes up to here
}

// file runs one file. Decoding runs ahead of judging, on a goroutine that
// ends with the file or with ctx. What is wrong with the file is kept for
// later; the error is about writing.
func (r *replaying) file(ctx context.Context, name string, in io.Reader) error {
	ctx, cancel := context.WithCancel(ctx)
	read := make(chan dialogue, 64)
	defer func() {
		cancel()
		for range read {
			// Until the reader has seen that nobody listens.
		}
	}()
	go func() {
		defer close(read)
		reader := lab.NewReader(in)
		for {
			d, err := reader.Next()
			if errors.Is(err, io.EOF) {
				return
			}
			select {
			case read <- dialogue{d, err, reader.Bytes()}:
			case <-ctx.Done():
				return
			}
			var line *lab.LineError
			if err != nil && !errors.As(err, &line) {
				return
			}
		}
	}()
	var shown int64
	nothing := true
	for d := range read {
		r.bar.add(d.read - shown)
		shown, nothing = d.read, false
		var line *lab.LineError
		switch {
		case errors.As(d.err, &line):
			r.badLine(name, line)
		case d.err != nil:
			r.unread = append(r.unread, fileFailure(name, d.err).problems...)
		default:
			if err := r.replayer.Run(d.Dialogue, r.emit); err != nil {
				return err
			}
		}
	}
	if nothing {
		r.empty = append(r.empty, name)
	}
	return nil
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

func (r *replaying) badLine(name string, e *lab.LineError) {
	if len(r.bad) == maxBadLines {
		r.badMore++
		return
	}
	where := fmt.Sprintf("%s:%d: ", name, e.Line)
	if e.Turn >= 0 {
		where += fmt.Sprintf("turn %d: ", e.Turn)
	}
	r.bad = append(r.bad, advise{problem: where + e.Msg})
}

// fault tells of what could not be read.
func (r *replaying) fault() error {
	all := r.unread
	if len(r.bad) > 0 {
		all = append(all, r.bad...)
		if r.badMore > 0 {
			all = append(all, advise{problem: fmt.Sprintf("%d more lines cannot be read", r.badMore)})
		}
		all[len(all)-1].hint = "the lines were passed over; one conversation a line is wanted, see 'attune replay --help'"
	}
	if len(all) == 0 {
		return nil
	}
	return &failure{code: exitFailure, problems: all}
}
