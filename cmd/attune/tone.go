package main

import (
	"context"

	"attune/rules"
	"attune/rules/lab"
)

// tone is `attune eval --tone`: it counts the moves of replies.
func (p *program) tone(ctx context.Context, set *rules.Set, in *transcripts, names []string, format string) error {
	t := lab.NewTone(set, lab.Everyday())
	// Nothing here can fail.
	_ = in.each(ctx, func(d *lab.Dialogue) error {
		t.Add(d)
		return nil
	})
	r := t.Report()
	if len(r.Groups) == 0 {
		return in.fault(p.stderr, fail("name files with turns of bots or agents in English", "there is no reply to read"))
	}
	for _, name := range names {
		r.Files = append(r.Files, inputName(name))
	}
	write := r.WriteText
	if format == "json" {
		write = r.WriteJSON
	}
	if err := write(p.stdout); err != nil {
		return fail("", "write the result: %v", err)
	}
	return in.fault(p.stderr, nil)
}
