package packs_test

import (
	"flag"
	"os"
	"path/filepath"
	"testing"
)

var update = flag.Bool("update", false, "rewrite the pages of the packs")

// The page of each pack is what its rules say. Rewritten by: go test ./rules/packs -run Pages -update
func TestPagesAreThePacks(t *testing.T) {
	set := compile(t)
	for _, name := range set.Packs() {
		file := filepath.Join("pages", name+".md")
		page := set.Page(name)
		if *update {
			if err := os.WriteFile(file, []byte(page), 0o600); err != nil {
				t.Fatal(err)
			}
			continue
		}
		data, err := os.ReadFile(file)
		if err != nil || string(data) != page {
			t.Errorf("%s is not what the pack says (%v); go test ./rules/packs -run Pages -update", file, err)
		}
	}
	if set.Page("no such pack") != "" {
		t.Error("a pack that does not exist has a page")
	}
}
