package rules_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"attune/rules"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite golden files")

// TestBrokenPacks holds the findings on every pack and every folder of packs in testdata/broken against its golden file:
// place, message, line quoted, caret and hint. None of them may give a set.
func TestBrokenPacks(t *testing.T) {
	packs, err := filepath.Glob("testdata/broken/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	folders, err := filepath.Glob("testdata/broken/*/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	sets := map[string][]rules.File{}
	for _, name := range append(packs, folders...) {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		set := strings.TrimSuffix(name, ".yaml")
		if dir := filepath.Dir(name); dir != "testdata/broken" {
			set = dir
		}
		sets[set] = append(sets[set], rules.File{Name: filepath.Base(name), Data: data})
	}
	if len(sets) < 60 {
		t.Fatalf("%d broken sets, want at least 60", len(sets))
	}
	for name, files := range sets {
		t.Run(filepath.Base(name), func(t *testing.T) {
			set, found := rules.Compile(files)
			if set != nil || !found.HasErrors() {
				t.Errorf("a broken set compiled; findings:\n%s", found)
			}
			golden := name + ".golden"
			got := found.String() + "\n"
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("findings differ (-want +got):\n%s", diff)
			}
		})
	}
}

func TestCompileReportsEveryFile(t *testing.T) {
	_, found := rules.Compile([]rules.File{
		{Name: "b.yaml", Data: []byte("pack: b\nsignalz: []\n")},
		{Name: "a.yaml", Data: []byte("pack: a\nfoo: 1\n")},
		{Name: "c.yaml", Data: []byte("pack: [\n")},
	})
	var files []string
	for _, d := range found {
		files = append(files, d.File)
	}
	if diff := cmp.Diff([]string{"b.yaml", "a.yaml", "c.yaml"}, files); diff != "" {
		t.Errorf("files with findings, in the order given (-want +got):\n%s", diff)
	}
}

func TestCompileRefusesLargeFiles(t *testing.T) {
	data := append([]byte("pack: large\n# "), bytes.Repeat([]byte("x"), 2<<20)...)
	set, found := rules.Compile([]rules.File{{Name: "large.yaml", Data: data}})
	if set != nil || !found.HasErrors() {
		t.Errorf("a file of %d bytes was read", len(data))
	}
}
