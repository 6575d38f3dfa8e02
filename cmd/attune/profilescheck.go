package main

import (
	"fmt"
	"slices"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"attune/proxy/wire"
)

func (p *program) profilesCheckCommand() *cobra.Command {
	var format string
	c := &cobra.Command{
		Use:   "check NAME FILE...",
		Short: "Run a profile against recorded messages, byte for byte",
		Long: `Replays recordings through a profile, shipped or that of a file. Every text the
profile finds is replaced by one full of quotes, backslashes and line breaks and
put back, and the original bytes are demanded; what the profile would say of its
own accord must be read back as speech. The table counts strings, but for
frames, silence, handoff, heartbeat and untouched, which are messages.

A recording that was typed from documentation proves that the profile agrees
with itself, not that it fits the product.

Findings are printed as file:line. Exit code 0: none; 1: findings; 2: a file
cannot be read. FILE may be - for standard input.`,
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) < 2 {
				return fail("see '"+c.CommandPath()+" --help'", "name a profile and at least one recording")
			}
			return p.checkProfile(args[0], args[1:], format)
		},
	}
	c.Flags().StringVar(&format, "format", "text", "text or json")
	return c
}

func (p *program) checkProfile(name string, files []string, format string) error {
	if format != "text" && format != "json" {
		return fail("use text or json", "unknown format %q", format)
	}
	prof, err := wire.Lookup(name)
	if err != nil {
		return profileFailure(name, err)
	}
	unread := &failure{code: exitFailure}
	var reports []*wire.Report
	for _, file := range files {
		rec, f := p.recording(file)
		if f != nil {
			unread.problems = append(unread.problems, f.problems...)
			continue
		}
		reports = append(reports, prof.Check(rec))
	}
	if format == "json" {
		err = p.writeJSON(reports)
	} else {
		err = p.writeReports(prof, reports)
	}
	switch {
	case err != nil:
		return fail("", "write the result: %v", err)
	case len(unread.problems) > 0:
		return unread
	case slices.ContainsFunc(reports, func(r *wire.Report) bool { return len(r.Findings) > 0 }):
		return findings()
	}
	return nil
}

// writeReports prints the table and the findings, and tells the notes.
func (p *program) writeReports(prof *wire.Profile, reports []*wire.Report) error {
	if len(reports) == 0 {
		return nil
	}
	w := tabwriter.NewWriter(p.stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "frames\tcustomer\tbot\tagent\techo\tdelta\tpartial\tobserved\tkeys\tsilence\tlabels\tclicks\thttp\thandoff\theartbeat\tuntouched\tedits\t  recording")
	for _, r := range reports {
		n := r.Counts
		for _, count := range []int{n.Frames, n.Customer, n.Bot, n.Agent, n.Echo, n.Delta, n.Partial, n.Observed, n.Keys, n.Silence, n.Labels, n.Clicks, n.HTTP, n.Handoff, n.Heartbeat, n.Untouched} {
			fmt.Fprintf(w, "%d\t", count)
		}
		source := ""
		if r.Source != "recorded" {
			source = " (" + r.Source + ")"
		}
		fmt.Fprintf(w, "%d/%d\t  %s%s\n", n.EditsOK, n.Edits, r.File, source)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	found := 0
	var notes []string
	for _, r := range reports {
		for _, f := range r.Findings {
			found++
			if _, err := fmt.Fprintln(p.stdout, f); err != nil {
				return err
			}
		}
		for _, note := range r.Notes {
			if !slices.Contains(notes, note) {
				notes = append(notes, note)
				fmt.Fprintf(p.stderr, "note: %s\n", note)
			}
		}
	}
	fmt.Fprintf(p.stderr, "profile %s: %s, %s\n", prof.Name(), count(len(reports), "recording"), count(found, "finding"))
	return nil
}
