package main

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// watching runs the watcher over a directory and counts what it tells.
func watching(t *testing.T, dir string) <-chan struct{} {
	t.Helper()
	told := make(chan struct{}, 100)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		done <- watchRules(ctx, dir, slog.New(slog.DiscardHandler), func() { told <- struct{}{} })
	}()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	// It is listening once it tells of a change; what it tells of the probe is passed over.
	probe := filepath.Join(dir, "probe.yaml")
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); {
		put(t, probe, time.Now().String())
		select {
		case <-told:
			for quiet := false; !quiet; {
				select {
				case <-told:
				case <-time.After(4 * settle):
					quiet = true
				}
			}
			return told
		case <-time.After(4 * settle):
		}
	}
	t.Fatal("the watcher never told of a change")
	return nil
}

func put(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func expectTold(t *testing.T, told <-chan struct{}, what string) {
	t.Helper()
	select {
	case <-told:
	case <-time.After(patience):
		t.Fatalf("%s is not told of", what)
	}
}

func TestWatchTellsOfChanges(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "rules")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	told := watching(t, dir)

	// Several files at once are one change.
	for _, name := range []string{"a.yaml", "b.yaml", "c.yml"} {
		put(t, filepath.Join(dir, name), "pack: a")
	}
	expectTold(t, told, "a new file")
	select {
	case <-told:
		t.Error("three files written together were told of twice")
	case <-time.After(3 * settle):
	}

	// What is no pack is nothing to read for.
	put(t, filepath.Join(dir, "a.yaml.swp"), "x")
	put(t, filepath.Join(filepath.Dir(dir), "other.yaml"), "x")
	select {
	case <-told:
		t.Error("a file that is no pack was told of")
	case <-time.After(3 * settle):
	}

	// As editors do: a new file in the place of the old one.
	put(t, filepath.Join(dir, ".a.tmp"), "pack: b")
	if err := os.Rename(filepath.Join(dir, ".a.tmp"), filepath.Join(dir, "a.yaml")); err != nil {
		t.Fatal(err)
	}
	expectTold(t, told, "a replaced file")
	if err := os.Remove(filepath.Join(dir, "b.yaml")); err != nil {
		t.Fatal(err)
	}
	expectTold(t, told, "a removed file")

	// A file that nobody could read, and now the rights are right.
	if err := os.Chmod(filepath.Join(dir, "a.yaml"), 0o640); err != nil { //nolint:gosec // what is tested
		t.Fatal(err)
	}
	expectTold(t, told, "a file with other rights")
}

// As Kubernetes mounts a ConfigMap: files are links through ..data, which is
// swapped as a whole.
func TestWatchFollowsConfigMaps(t *testing.T) {
	dir := t.TempDir()
	version := func(name, text string) {
		if err := os.Mkdir(filepath.Join(dir, name), 0o700); err != nil {
			t.Fatal(err)
		}
		put(t, filepath.Join(dir, name, "p.yaml"), text)
		if err := os.Symlink(name, filepath.Join(dir, "..data_tmp")); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(filepath.Join(dir, "..data_tmp"), filepath.Join(dir, "..data")); err != nil {
			t.Fatal(err)
		}
	}
	version("..1", "pack: one")
	if err := os.Symlink(filepath.Join("..data", "p.yaml"), filepath.Join(dir, "p.yaml")); err != nil {
		t.Fatal(err)
	}
	source := &ruleSource{dir: dir}
	told := watching(t, dir)
	if _, _, err := source.load(); err != nil {
		t.Fatal(err)
	}
	if source.changed() {
		t.Error("what was just read counts as changed")
	}
	version("..2", "pack: two")
	expectTold(t, told, "a swapped ConfigMap")
	if !source.changed() {
		t.Error("a swapped ConfigMap counts as read")
	}
}

// As git-sync deploys: the directory is a link that is swapped.
func TestWatchFollowsASwappedDirectory(t *testing.T) {
	base := t.TempDir()
	link := filepath.Join(base, "current")
	release := func(name string) {
		dir := filepath.Join(base, name)
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		put(t, filepath.Join(dir, "p.yaml"), "pack: "+name)
		if err := os.Symlink(name, link+".tmp"); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(link+".tmp", link); err != nil {
			t.Fatal(err)
		}
	}
	release("one")
	told := watching(t, link)
	release("two")
	expectTold(t, told, "a swapped directory")
	put(t, filepath.Join(base, "two", "p.yaml"), "pack: three")
	expectTold(t, told, "a file in the new directory")
}

// A change of the rules takes effect by itself; a bad one leaves the old set.
func TestServeReloadsBySelf(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "t.yaml")
	const pack = "pack: t\nversion: 1\nlocale: en\nmessages:\n  m.one: [\"One.\"]\n"
	put(t, file, pack)
	p := start(t, []string{testBot(t), "ATTUNE_RULES=" + dir, "ATTUNE_DRAIN=0"}, "serve")
	first := p.log("rules in force")["digest"]
	admin := "http://" + p.log("listening")["admin"]
	info := func(want string) {
		t.Helper()
		for deadline := time.Now().Add(patience); ; <-time.After(50 * time.Millisecond) {
			_, body := get(t, "GET", admin+"/metrics")
			if strings.Contains(body, want) {
				return
			}
			if time.Now().After(deadline) {
				t.Fatalf("the metrics never had %s", want)
			}
		}
	}
	put(t, file, strings.Replace(pack, "One.", "Uno.", 1))
	info(`attune_rules_reloads_total{result="ok"} 2`)
	if _, body := get(t, "GET", admin+"/metrics"); strings.Contains(body, first) {
		t.Error("the old set is still in force")
	}
	put(t, file, pack+"wat: 1\n")
	info(`attune_rules_reloads_total{result="error"} 1`)
}
