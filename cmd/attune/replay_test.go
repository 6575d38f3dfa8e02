package main

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

const hello = `{"id":"c1","turns":[{"role":"customer","text":"hello"}]}` + "\n"

// What was read before a file broke off is still told.
func TestReplayOfBrokenInput(t *testing.T) {
	var stdout, stderr bytes.Buffer
	p := &program{
		stdin:  io.MultiReader(strings.NewReader(hello+`{"id":`), iotest.ErrReader(errors.New("cable cut"))),
		stdout: &stdout, stderr: &stderr,
	}
	if code := p.run([]string{"replay", "-"}); code != exitFailure {
		t.Errorf("exit code %d, want %d", code, exitFailure)
	}
	if !strings.HasPrefix(stdout.String(), "1 dialogues, 1 turns ") {
		t.Errorf("stdout:\n%s", &stdout)
	}
	if got, want := stderr.String(), "attune: error: standard input: read transcript: cable cut\n"; got != want {
		t.Errorf("stderr %q, want %q", got, want)
	}
}

// A result that cannot be written ends the run, though input remains.
func TestReplayIntoNothing(t *testing.T) {
	for _, format := range []string{"summary", "jsonl"} {
		var stderr bytes.Buffer
		p := &program{
			stdin:  strings.NewReader(strings.Repeat(hello, 5000)),
			stdout: full{}, stderr: &stderr,
		}
		if code := p.run([]string{"replay", "--format", format, "-"}); code != exitFailure {
			t.Errorf("%s: exit code %d, want %d", format, code, exitFailure)
		}
		if got, want := stderr.String(), "attune: error: write the result: "; !strings.HasPrefix(got, want) {
			t.Errorf("%s: stderr %q, want %q…", format, got, want)
		}
	}
}

// full is a disk without room.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left") }
