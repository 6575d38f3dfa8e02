package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"attune/metrics/footprint"
	"attune/rules"
)

// What README.md, the charts and the capacity command show is what was
// measured last.
func TestPublishedIsMeasured(t *testing.T) {
	const root = "../.."
	shown, err := derived(root)
	if err != nil {
		t.Fatal(err)
	}
	if shown["README.md"] == nil || shown["deploy/bench/growth-rules.svg"] == nil || shown["deploy/bench/soak.svg"] == nil {
		t.Errorf("figures are missing: %d files are made of them", len(shown))
	}
	for name, want := range shown {
		have, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			t.Error(err)
			continue
		}
		if diff := cmp.Diff(string(want), string(have)); diff != "" {
			t.Errorf("%s is not made of the figures kept; go run ./deploy/bench publish (-made +there):\n%s", name, diff)
		}
	}
}

func TestPublish(t *testing.T) {
	root := t.TempDir()
	for name, text := range map[string]string{
		"README.md": "before\n" + blockStart + "old\n" + blockEnd + "\nafter\n", tableFile: "", measuredFile: "",
	} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(root, name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if text != "" {
			if err := os.WriteFile(filepath.Join(root, name), []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	from := filepath.Join(t.TempDir(), "figures.json")
	if err := writeJSON(from, measured3()); err != nil {
		t.Fatal(err)
	}
	if err := run(t.Context(), []string{"publish", "-root", root, "-table", from}, t.Output(), t.Output()); err != nil {
		t.Fatal(err)
	}
	readme, err := os.ReadFile(filepath.Join(root, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	if want := "before\n" + blockStart + measured3().Markdown() + blockEnd + "\nafter\n"; string(readme) != want {
		t.Errorf("README.md:\n%s", readme)
	}
	var m footprint.Footprint
	if err := readJSON(filepath.Join(root, measuredFile), &m); err != nil || m.MessageCPU != 90.9 {
		t.Errorf("%+v, %v", m, err)
	}
	if err := os.WriteFile(filepath.Join(root, "README.md"), []byte("no block"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := run(t.Context(), []string{"publish", "-root", root}, t.Output(), t.Output()); err == nil {
		t.Error("a README without a block is no error")
	}
}

func TestGrowthIsShown(t *testing.T) {
	g := &Growth{Date: "2026-01-01"}
	for round, slow := range []float64{1, 3, 2} {
		for _, n := range []int{100, 1000, 9000} {
			g.Costs = append(g.Costs, Cost{round, overSessions, n, "attune", 40 * slow}, Cost{round, overSessions, n, "haproxy", 20 * slow},
				Cost{round, overRules, n, "attune", 30})
		}
	}
	charts, err := g.charts()
	if err != nil || len(charts) != 2 || strings.Count(string(charts["growth-sessions.svg"]), "<polyline") != 2 {
		t.Errorf("%d charts, %v", len(charts), err)
	}
	if text := g.Markdown(); !strings.Contains(text, "| 9000 | 40.0 | 80.0 |\n") || !strings.Contains(text, "| 1000 |  | 30.0 |\n") {
		t.Errorf("table:\n%s", text)
	}
}

// The rules that are in the way are valid, and there are as many as is said.
func TestCrowdCompiles(t *testing.T) {
	var files []rules.File
	n := 0
	for i, pack := range crowd(2500) {
		files = append(files, rules.File{Name: strings.Repeat("x", i+1) + ".yaml", Data: pack})
		n += strings.Count(string(pack), "id: further-")
	}
	set, found := rules.Compile(files)
	if set == nil || found.HasErrors() || n != 2500 || len(files) != 3 {
		t.Errorf("%d rules in %d packs: %v", n, len(files), found)
	}
}
