package deploy

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// sources calls f with every file of the module whose name ends in one of the
// endings.
func sources(t *testing.T, f func(path, text string), endings ...string) {
	t.Helper()
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && strings.HasPrefix(d.Name(), ".") && d.Name() != "..":
			return fs.SkipDir
		case d.IsDir() || !slices.ContainsFunc(endings, func(end string) bool { return strings.HasSuffix(path, end) }):
			return nil
		}
		data, err := os.ReadFile(path)
		if err == nil {
			f(path, string(data))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// prose is a page without its fenced and quoted code, in which nothing is a link.
func prose(text string) string {
	return regexp.MustCompile("(?s)(?m:^)```.*?(?m:^)```|`[^`\n]*`").ReplaceAllString(text, "")
}

// anchors are the places of a page that a link can lead to.
func anchors(text string) map[string]bool {
	found := map[string]bool{}
	text = regexp.MustCompile("(?s)(?m:^)```.*?(?m:^)```").ReplaceAllString(text, "")
	for _, m := range regexp.MustCompile(`(?m)^#+ +(.*)$`).FindAllStringSubmatch(text, -1) {
		kept := regexp.MustCompile(`[^\pL\pN _-]`).ReplaceAllString(strings.ToLower(strings.TrimSpace(m[1])), "")
		found[strings.ReplaceAll(kept, " ", "-")] = true
	}
	for _, m := range regexp.MustCompile(`<a (?:id|name)="([^"]+)"`).FindAllStringSubmatch(text, -1) {
		found[m[1]] = true
	}
	return found
}

// TestLinks: every link between the pages leads to a file that is there, and to a
// heading that is in it.
func TestLinks(t *testing.T) {
	links := 0
	sources(t, func(path, text string) {
		for _, m := range regexp.MustCompile(`\]\(([^)\s]+)\)`).FindAllStringSubmatch(prose(text), -1) {
			if strings.Contains(m[1], "://") || strings.HasPrefix(m[1], "mailto:") {
				continue
			}
			links++
			file, anchor, _ := strings.Cut(m[1], "#")
			to := path
			if file != "" {
				to = filepath.Join(filepath.Dir(path), filepath.FromSlash(file))
			}
			if _, err := os.Stat(to); err != nil {
				t.Errorf("%s: the link %s leads nowhere", path, m[1])
				continue
			}
			if anchor == "" || !strings.HasSuffix(to, ".md") {
				continue
			}
			page, err := os.ReadFile(to)
			if err != nil {
				t.Fatal(err)
			}
			if !anchors(string(page))[anchor] {
				t.Errorf("%s: there is no heading for the link %s", path, m[1])
			}
		}
	}, ".md")
	if links < 60 {
		t.Errorf("only %d links are found", links)
	}
}

// TestVariablesExist: pages and files for running Attune name only variables that
// it, its tests or its scripts read.
func TestVariablesExist(t *testing.T) {
	known := variables(t)
	sources(t, func(_, text string) {
		for _, m := range regexp.MustCompile(`(?:Getenv|LookupEnv|Setenv)\("(ATTUNE_\w+)"`).FindAllStringSubmatch(text, -1) {
			known = append(known, m[1])
		}
	}, "_test.go")
	sources(t, func(_, text string) {
		for _, m := range regexp.MustCompile(`\$\{(ATTUNE_\w+)`).FindAllStringSubmatch(text, -1) {
			known = append(known, m[1])
		}
	}, ".sh")
	named := 0
	sources(t, func(path, text string) {
		for _, name := range regexp.MustCompile(`ATTUNE_[A-Z_]*[A-Z]\b`).FindAllString(text, -1) {
			if named++; !slices.Contains(known, name) {
				t.Errorf("%s: nobody reads %s", path, name)
			}
		}
	}, ".md", ".yaml", ".yml", ".service", ".sh", ".cfg", "Dockerfile", ".json")
	if named < 100 {
		t.Errorf("only %d names are found", named)
	}
}
