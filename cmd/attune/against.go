package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"os"

	"attune/rules"
	"attune/rules/lab"
)

// against is `attune replay --against`: it tells what another set would do
// to the same conversations.
func (p *program) against(ctx context.Context, names []string, set *rules.Set, f *replayFlags) error {
	other, found, err := rulesFrom(f.against)()
	if err != nil || other == nil {
		return &failure{exitFailure, []advise{rulesFault("--against", f.against, found, err)}}
	}
	in, err := p.openAll(names)
	defer in.close()
	if err != nil {
		return err
	}
	a := lab.NewAgainst(set, other, lab.Everyday())
	out := bufio.NewWriterSize(p.stdout, 64<<10)
	var emit func(*lab.Difference) error
	if f.format == "jsonl" {
		enc := json.NewEncoder(out)
		enc.SetEscapeHTML(false)
		emit = func(d *lab.Difference) error { return enc.Encode(d) }
	}
	in.bar = p.newBar("replay", in.size, emit != nil)
	err = in.each(ctx, func(d *lab.Dialogue) error { return a.Run(d, emit) })
	r := a.Report(f.minutes)
	r.Before.Name, r.After.Name = setName(f.dir), setName(f.against)
	if err == nil {
		switch f.format {
		case "summary":
			err = r.WriteText(out)
		case "html":
			err = r.WriteHTML(out)
		}
	}
	if err == nil {
		err = out.Flush()
	}
	if err != nil {
		return fail("", "write the result: %v", err)
	}
	if f.html == "" {
		return in.fault(p.stderr, nil)
	}
	var page bytes.Buffer
	if err := r.WriteHTML(&page); err != nil {
		return fail("", "write the report: %v", err)
	}
	if err := os.WriteFile(f.html, page.Bytes(), 0o600); err != nil {
		return in.fault(p.stderr, fail("name a file that you may write to", "write the report: %v", err))
	}
	return in.fault(p.stderr, nil)
}

// setName is how people call a set.
func setName(dir string) string {
	if dir == "" {
		return "the shipped packs"
	}
	return dir
}
