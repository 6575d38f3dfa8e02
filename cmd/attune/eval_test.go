package main

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

const labelledHello = `{"id":"c1","turns":[{"role":"customer","text":"hello","label":{"dissatisfied":0}}]}` + "\n"

// What was read before a file broke off is still measured.
func TestEvalOfBrokenInput(t *testing.T) {
	var stdout, stderr bytes.Buffer
	p := &program{
		stdin:  io.MultiReader(strings.NewReader(labelledHello+`{"id":`), iotest.ErrReader(errors.New("cable cut"))),
		stdout: &stdout, stderr: &stderr,
	}
	if code := p.run([]string{"eval", "-"}); code != exitFailure {
		t.Errorf("exit code %d, want %d", code, exitFailure)
	}
	if !strings.Contains(stdout.String(), "\n== all: 1 dialogues, 1 turns\n") {
		t.Errorf("stdout:\n%s", &stdout)
	}
	if got, want := stderr.String(), "attune: error: standard input: read transcript: cable cut\n"; !strings.HasSuffix(got, want) {
		t.Errorf("stderr %q, want %q at its end", got, want)
	}
}

func TestEvalIntoNothing(t *testing.T) {
	for _, format := range []string{"text", "json"} {
		var stderr bytes.Buffer
		p := &program{stdin: strings.NewReader(labelledHello), stdout: full{}, stderr: &stderr}
		if code := p.run([]string{"eval", "--format", format, "-"}); code != exitFailure {
			t.Errorf("%s: exit code %d, want %d", format, code, exitFailure)
		}
		if got, want := stderr.String(), "attune: error: write the result: "; !strings.Contains(got, want) {
			t.Errorf("%s: stderr %q, want %q in it", format, got, want)
		}
	}
}
