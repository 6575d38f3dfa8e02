package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const fitPack = `pack: t # kept
version: 1
locale: en
owner: test@example.com
scoring: {half_life: 4, flag: 2, offer: {score: 50}, escalate: {score: 80}, rearm_below: 3}
signals:
  - id: bad
    what: The customer says it.
    why: It weighs.
    from: customer
    match: {phrases: ["(bad)"]}
    points: 0.5
    feels: [frustrated]
    examples: {fires: ["bad"], silent: ["fine"]}
`

// fitted runs attune fit in a directory of its own and returns its output.
func fitted(t *testing.T, args ...string) (stdout, stderr string) {
	t.Helper()
	t.Chdir(t.TempDir())
	var talks strings.Builder
	for i := range 400 {
		text, label := "fine", 0
		if i%4 == 0 {
			text, label = "bad", 1
		}
		if i%40 == 0 {
			label = 0
		}
		fmt.Fprintf(&talks, `{"id":"c%d","turns":[{"role":"customer","text":%q,"label":{"dissatisfied":%d}},{"role":"bot","text":"secret"}]}`+"\n", i, text, label)
	}
	for name, data := range map[string]string{"talks.jsonl": talks.String(), "rules/t.yaml": fitPack} {
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var out, talk bytes.Buffer
	p := &program{stdin: strings.NewReader(""), stdout: &out, stderr: &talk}
	if code := p.run(append([]string{"fit", "--rules", "rules"}, args...)); code != exitOK {
		t.Fatalf("exit code %d: %s", code, &talk)
	}
	return out.String(), talk.String()
}

func TestFitWritesANewPack(t *testing.T) {
	stdout, stderr := fitted(t, "talks.jsonl", "--test", "talks.jsonl")
	for _, want := range []string{"\nbad ", "== the fifth that was set aside: ", "== other files: 400 dialogues", "0.5 -> "} {
		if !strings.Contains(stdout, want) {
			t.Errorf("no %q in\n%s", want, stdout)
		}
	}
	if strings.Contains(stdout+stderr, "secret") {
		t.Error("the report quotes a reply")
	}
	data, err := os.ReadFile(filepath.Join("fitted", "t.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	before, after, _ := strings.Cut(fitPack, "points: 0.5\n")
	if !strings.HasPrefix(string(data), before+"points: ") || !strings.HasSuffix(string(data), "\n"+after) || string(data) == fitPack {
		t.Errorf("the pack is now\n%s", data)
	}
	if old, err := os.ReadFile(filepath.Join("rules", "t.yaml")); err != nil || string(old) != fitPack {
		t.Errorf("the old pack is now %q (%v)", old, err)
	}
	// A second time it would overwrite.
	var talk bytes.Buffer
	p := &program{stdout: &talk, stderr: &talk}
	if code := p.run([]string{"fit", "--rules", "rules", "talks.jsonl"}); code != exitFailure || !strings.Contains(talk.String(), "fitted is not empty") {
		t.Errorf("exit code %d: %s", code, &talk)
	}
}

func TestFitReportsAsJSON(t *testing.T) {
	stdout, _ := fitted(t, "talks.jsonl", "--out", "new/dir", "--format", "json")
	var got struct {
		Rules []struct {
			Rule          string
			Fired, Yes    int
			Before, After float64
			Why           string
		}
		Measured []struct{ Part string }
	}
	if err := json.Unmarshal([]byte(stdout), &got); err != nil {
		t.Fatal(err)
	}
	if len(got.Rules) != 1 || got.Rules[0].After < 2 || got.Rules[0].Fired < 60 || got.Rules[0].Why == "" {
		t.Errorf("rules %+v", got.Rules)
	}
	if len(got.Measured) != 2 || got.Measured[0].Part != "tuning" || got.Measured[1].Part != "aside" {
		t.Errorf("measured %+v", got.Measured)
	}
	if _, err := os.Stat(filepath.Join("new", "dir", "t.yaml")); err != nil {
		t.Error(err)
	}
}
