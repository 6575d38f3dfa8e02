package main

import (
	"bytes"
	"os"
	"strings"
	"testing"
)

// TestReadmeExplains: the turn that README shows explained is explained so. Long
// lines are cut there, with an ellipsis.
func TestReadmeExplains(t *testing.T) {
	const command = "`attune rules explain --file "
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(text), command)
	file, rest, _ := strings.Cut(rest, "`")
	_, rest, _ = strings.Cut(rest, "```\n")
	shown, _, closed := strings.Cut(rest, "```\n")
	if !found || !closed {
		t.Fatal("README explains no turn")
	}
	var stdout, stderr bytes.Buffer
	p := &program{environ: map[string]string{}, stdin: strings.NewReader(""), stdout: &stdout, stderr: &stderr}
	if code := p.run([]string{"rules", "explain", "--file", "../../" + file}); code != 0 {
		t.Fatalf("exit code %d: %s", code, &stderr)
	}
	first, _, _ := strings.Cut(shown, "\n")
	_, told, found := strings.Cut(stdout.String(), "\n"+first+"\n")
	if !found {
		t.Fatalf("there is no %q", first)
	}
	told, _, _ = strings.Cut(first+"\n"+told, "\n\n")
	got, want := strings.Split(told, "\n"), strings.Split(strings.TrimSuffix(shown, "\n"), "\n")
	if len(got) != len(want) {
		t.Fatalf("README shows %d lines of %d:\n%s", len(want), len(got), told)
	}
	for i := range want {
		start, cut := strings.CutSuffix(want[i], " …")
		if got[i] != want[i] && (!cut || !strings.HasPrefix(got[i], start)) {
			t.Errorf("README has\n%s\nit is\n%s", want[i], got[i])
		}
	}
}
