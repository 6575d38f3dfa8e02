package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

func TestBarOnlyAtATerminal(t *testing.T) {
	file, err := os.Create(filepath.Join(t.TempDir(), "out"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = file.Close() })
	for _, p := range []*program{{stderr: &bytes.Buffer{}}, {stderr: file}} {
		b := p.newBar("test", 10, false)
		if b.ProgressBar != nil {
			t.Errorf("a bar on %T", p.stderr)
		}
		b.add(5)
		b.end()
	}
	info, err := file.Stat()
	if err != nil || info.Size() != 0 {
		t.Errorf("something was written to the file, error %v", err)
	}
}

// Files may be empty, of unknown size, or grow while they are read.
func TestBarTakesAnySize(t *testing.T) {
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = null.Close() })
	p := &program{stdout: null, stderr: null}
	for _, size := range []int64{-1, 0, 10} {
		b := p.newBar("test", size, false)
		if !isTerminal(null) || b.ProgressBar == nil {
			t.Fatal("the null device passes for no terminal")
		}
		b.add(7)
		b.add(7)
		b.end()
	}
	if b := p.newBar("test", 10, true); b.ProgressBar != nil {
		t.Error("a bar would run through what is printed")
	}
}
