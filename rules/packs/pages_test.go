package packs_test

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"attune/rules"
)

var update = flag.Bool("update", false, "rewrite the pages of the packs")

// The page of each pack is what its rules say. Rewritten by: go test ./rules/packs -run Pages -update
// The page of the detectors is what the code says. Rewritten in the same way.
func TestPagesOfTheDetectors(t *testing.T) {
	checkPage(t, filepath.Join("pages", "detectors.md"), rules.DetectorPage())
}

func checkPage(t *testing.T, file, page string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(page), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	data, err := os.ReadFile(file)
	if err != nil || string(data) != page {
		t.Errorf("%s is not what it should be (%v); go test ./rules/packs -run Pages -update", file, err)
	}
}

func TestPagesAreThePacks(t *testing.T) {
	set := compile(t)
	for _, name := range set.Packs() {
		checkPage(t, filepath.Join("pages", name+".md"), set.Page(name))
	}
	if set.Page("no such pack") != "" {
		t.Error("a pack that does not exist has a page")
	}
}
