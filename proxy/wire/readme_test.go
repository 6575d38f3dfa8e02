package wire_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"attune/proxy/wire"
)

// The chapters on the shipped profiles are made from the profiles and from what the checks found, so that they stay true.
func TestREADME(t *testing.T) {
	const file, begin, end = "profiles/README.md", "<!-- from here on written by: go test ./proxy/wire -run README -update -->\n", "<!-- up to here -->\n"
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(raw), begin)
	_, after, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatalf("%s has lost its marks", file)
	}
	golden(t, file, before+begin+chapters(t)+end+after)
}

// chapters describes every shipped profile.
func chapters(t *testing.T) string {
	t.Helper()
	var list, chapters strings.Builder
	list.WriteString("\n| profile | for | tested against |\n| --- | --- | --- |\n")
	for _, name := range wire.Shipped() {
		src, err := wire.ReadSource(name)
		if err != nil {
			t.Fatal(err)
		}
		p, err := src.Profile()
		if err != nil {
			t.Fatal(err)
		}
		about := src.About()
		fmt.Fprintf(&list, "| [%s](#%s) | %s | %s |\n", name, name, about.For, evidence[about.Evidence])
		rows := append([]wire.Row{{What: "for", Text: about.For}}, p.Describe()...)
		rows = append(rows, wire.Row{What: "cannot", Text: about.Cannot}, wire.Row{What: "tested against", Text: evidence[about.Evidence] + ". " + about.Tested + tested(t, name)})
		fmt.Fprintf(&chapters, "\n## %s\n\n| | |\n| --- | --- |\n", name)
		for _, row := range rows {
			fmt.Fprintf(&chapters, "| %s | %s |\n", row.What, row.Text)
		}
	}
	chapters.WriteString("\n")
	return list.String() + chapters.String()
}

var evidence = map[string]string{
	"recorded":     "**recorded messages**",
	"documented":   "documentation only, never seen on a wire",
	"hand-written": "hand-written messages",
}

// tested says how many messages of which recordings a profile was checked with.
func tested(t *testing.T, profile string) string {
	t.Helper()
	var all string
	for _, name := range byProfile() {
		if recordings[name] == profile {
			n := lookup(t, profile).Check(recording(t, name)).Counts
			all += fmt.Sprintf(" `%s`: %d messages, %d texts replaced and put back.", name, n.Frames, n.EditsOK)
		}
	}
	return all
}
