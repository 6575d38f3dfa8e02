package lab_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"attune/rules/lab"
)

func TestDiff(t *testing.T) {
	got := lab.Diff("I'm sorry, I can't help with a replacement.", "I can't help with a replacement myself, but a colleague can.")
	want := []lab.Change{
		{Kind: lab.Removed, Text: "I'm sorry, "},
		{Kind: lab.Same, Text: "I can't help with a replacement"},
		{Kind: lab.Added, Text: " myself, but a colleague can"},
		{Kind: lab.Same, Text: "."},
	}
	if d := cmp.Diff([]lab.Change{
		{Kind: lab.Removed, Text: "We apologize for any inconvenience. Please be advised that a"},
		{Kind: lab.Added, Text: "I know this takes up your time. A"},
		{Kind: lab.Same, Text: " trace takes 5 days."},
	}, lab.Diff("We apologize for any inconvenience. Please be advised that a trace takes 5 days.", "I know this takes up your time. A trace takes 5 days.")); d != "" {
		t.Errorf("a rewording is shown in shreds (-want +got)\n%s", d)
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
	if got := lab.Diff("same", "same"); len(got) != 1 || got[0].Kind != lab.Same {
		t.Errorf("equal texts differ: %v", got)
	}
	if got := lab.Diff("", ""); len(got) != 0 {
		t.Errorf("nothing differs from nothing: %v", got)
	}
}

// Whatever the texts, both can be put together again from their diff.
func TestDiffLosesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(rapid.String(), rapid.StringMatching(`([a-c]{1,2}[ .,]{0,2}){0,30}`))
		before, after := text.Draw(t, "before"), text.Draw(t, "after")
		var a, b strings.Builder
		for _, c := range lab.Diff(before, after) {
			if c.Kind != lab.Added {
				a.WriteString(c.Text)
			}
			if c.Kind != lab.Removed {
				b.WriteString(c.Text)
			}
		}
		if a.String() != before || b.String() != after {
			t.Fatalf("%q and %q came back as %q and %q", before, after, a.String(), b.String())
		}
	})
}
