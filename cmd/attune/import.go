package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"attune/rules/lab"
)

func (p *program) importCommand() *cobra.Command {
	var mapping string
	c := &cobra.Command{
		Use:   "import --map M.yaml FILE.csv...",
		Short: "Make transcripts of helpdesk and chat exports",
		Long: `Reads tables (CSV) and prints transcripts, one conversation a line, for replay,
eval and fit. A map says which column holds what; columns are called by their
names in the first row:

  id: conversation          # rows with the same value are one conversation
  role: author              # who speaks
  roles: {customer: [user, visitor], bot: [assistant], agent: [admin], skip: [note]}
  text: message
  html: true                # what is said is HTML: take its text
  at: created               # optional
  time: DD/MM/YYYY HH:mm    # RFC 3339 if left out; or unix, unix-ms
  zone: Europe/Dublin       # of times that name none
  lang: "=en"               # a column, or after = the value itself
  path: page
  label: {dissatisfied: {column: rating, below: 3}}   # or yes: […], no: […]
  turn_label: {helpful: {column: thumbs, yes: [up], no: [down]}}
  keep: [channel]           # columns that are kept as they are
  separator: ";"            # or tab

Where a row has several turns, say a question and its answer, write instead of
role, roles and text:

  turns: [{role: customer, text: question}, {role: bot, text: answer}]

The rows of a conversation stand together, in order. Where they do not, write
gather: true; then the whole table is held in memory, and turns with a time
are sorted by it. FILE may be - for standard input. Rows that cannot be read
are passed over and told of at the end, with exit code 2.`,
		RunE: func(c *cobra.Command, args []string) error {
			switch {
			case mapping == "":
				return fail("see '"+c.CommandPath()+" --help'", "name the map with --map")
			case len(args) == 0:
				return fail("see '"+c.CommandPath()+" --help'", "name at least one table")
			}
			return p.importTables(c.Context(), mapping, args)
		},
	}
	c.Flags().StringVar(&mapping, "map", "", "YAML file that says which column holds what")
	return c
}

func (p *program) importTables(ctx context.Context, mapping string, names []string) error {
	data, err := os.ReadFile(mapping) //nolint:gosec // the caller named it
	if err != nil {
		return fileFailure("read the map", err)
	}
	m, err := lab.ParseImportMap(data)
	if err != nil {
		return &failure{exitFailure, mapFaults(mapping, err)}
	}
	in, err := p.openAll(names)
	defer in.close()
	if err != nil {
		return err
	}
	in.wanted = "rows are wanted as the map says, see 'attune import --help'"
	in.bar = p.newBar("import", in.size, true)
	defer in.bar.end()
	out := bufio.NewWriterSize(p.stdout, 64<<10)
	empty := 0
	for i, f := range in.files {
		n, err := in.table(ctx, m, inputName(names[i]), f, out)
		empty += n
		if err != nil {
			return fail("", "write the transcripts: %v", err)
		}
	}
	if err := out.Flush(); err != nil {
		return fail("", "write the transcripts: %v", err)
	}
	if empty > 0 {
		warn(p.stderr, advise{fmt.Sprintf("%s without text left out", count(empty, "turn")), ""})
	}
	return in.fault(p.stderr, nil)
}

// table imports one file. What is wrong with it is kept for later; the error
// is that of writing.
func (t *transcripts) table(ctx context.Context, m *lab.ImportMap, name string, f io.Reader, out io.Writer) (empty int, err error) {
	reader, broken := lab.NewImporter(m, f)
	if broken != nil {
		t.unread = append(t.unread, advise{name + ": " + broken.Error(), "compare the first row with the map"})
		return 0, nil
	}
	var line []byte
	shown, nothing := int64(0), true
	for ctx.Err() == nil {
		d, err := reader.Next()
		t.bar.add(reader.Bytes() - shown)
		shown = reader.Bytes()
		var row *lab.RowError
		switch {
		case errors.Is(err, io.EOF):
			if nothing {
				t.empty = append(t.empty, name)
			}
			return reader.Empty, nil
		case errors.As(err, &row):
			t.badRow(name, row)
			continue
		case err != nil:
			t.unread = append(t.unread, fileFailure(name, err).problems...)
			return reader.Empty, nil
		}
		nothing = false
		if line, err = d.AppendJSON(line[:0]); err != nil {
			return 0, err
		}
		if _, err := out.Write(append(line, '\n')); err != nil {
			return 0, err
		}
	}
	return reader.Empty, ctx.Err()
}

// badRow keeps a row that was passed over.
func (t *transcripts) badRow(name string, e *lab.RowError) {
	t.passed(advise{problem: fmt.Sprintf("%s:%d:%d: %s", name, e.Line, e.Column, e.Msg)})
}

// mapFaults are the faults of a map, each on its own.
func mapFaults(name string, err error) []advise {
	all := []error{err}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		all = joined.Unwrap()
	}
	var out []advise
	for _, e := range all {
		out = append(out, advise{problem: name + ": " + e.Error()})
	}
	out[len(out)-1].hint = "see 'attune import --help'"
	return out
}
