package rules_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestEveryFaultHasAHint reads the golden findings of all broken packs: whoever reads one is told what to do.
func TestEveryFaultHasAHint(t *testing.T) {
	goldens, err := filepath.Glob("testdata/broken/*.golden")
	if err != nil || len(goldens) == 0 {
		t.Fatal(goldens, err)
	}
	for _, name := range goldens {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		message := ""
		for line := range strings.Lines(string(data) + "end: error: \n") {
			switch {
			case strings.HasPrefix(line, "hint: "):
				message = ""
			case strings.Contains(line, ": error: "), strings.Contains(line, ": warning: "):
				if message != "" && !strings.HasSuffix(message, " more findings in this file\n") {
					t.Errorf("no hint for %s", message)
				}
				message = line
			}
		}
	}
}
