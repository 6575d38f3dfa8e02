package deploy

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// SECURITY.md names the tests behind each promise. A promise whose test is
// renamed or gone is not one any more.
func TestSecurityPromisesAreTested(t *testing.T) {
	text, err := os.ReadFile("../SECURITY.md")
	if err != nil {
		t.Fatal(err)
	}
	have := testFuncs(t)
	promises := 0
	for line := range strings.Lines(string(text)) {
		cells := strings.Split(line, " | ")
		if len(cells) != 2 || !strings.Contains(line, ". | ") {
			continue
		}
		promises++
		names := regexp.MustCompile("`((?:Test|Fuzz)\\w+)`").FindAllStringSubmatch(cells[1], -1)
		if len(names) == 0 {
			t.Errorf("no test is named for: %s", cells[0])
		}
		for _, n := range names {
			if !have[n[1]] {
				t.Errorf("%s does not exist; it is named for: %s", n[1], cells[0])
			}
		}
	}
	if promises < 10 {
		t.Errorf("%d promises found in the table, want 10 or more", promises)
	}
}

// testFuncs are the names of all tests and fuzz targets of the module.
func testFuncs(t *testing.T) map[string]bool {
	t.Helper()
	declared := regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)\w+)\(`)
	names := map[string]bool{}
	err := filepath.WalkDir("..", func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		src, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, m := range declared.FindAllStringSubmatch(string(src), -1) {
			names[m[1]] = true
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}
