package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestFitProposesLimits: a third of the conversations are lost at a score below that from which a person is brought in. With
// --limits the new pack brings one in time, and the report says what that costs.
func TestFitProposesLimits(t *testing.T) {
	t.Chdir(t.TempDir())
	pack := strings.NewReplacer("offer: {score: 50}", "offer: {score: 6}", "escalate: {score: 80}", "escalate: {score: 12}", "points: 0.5", "points: 2").Replace(fitPack)
	var talks strings.Builder
	for i := range 300 {
		bad, label := 1, 0
		if i%3 == 0 {
			bad, label = 3, 1
		}
		turns := strings.TrimSuffix(strings.Repeat(`{"role":"customer","text":"bad"},{"role":"bot","text":"Yes."},`, bad), ",")
		fmt.Fprintf(&talks, `{"id":"c%d","turns":[%s],"label":{"dissatisfied":%d}}`+"\n", i, turns, label)
	}
	if err := os.Mkdir("rules", 0o700); err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string]string{"talks.jsonl": talks.String(), filepath.Join("rules", "t.yaml"): pack} {
		if err := os.WriteFile(name, []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	run := func(args ...string) string {
		t.Helper()
		var out, talk bytes.Buffer
		p := &program{stdin: strings.NewReader(""), stdout: &out, stderr: &talk}
		if code := p.run(append([]string{"fit", "--rules", "rules", "talks.jsonl"}, args...)); code != exitOK {
			t.Fatalf("exit code %d: %s", code, &talk)
		}
		return out.String()
	}
	for name, limits := range map[string]bool{"without": false, "with": true} {
		args := []string{"--out", name}
		if limits {
			args = append(args, "--limits")
		}
		report := run(args...)
		if told := strings.Contains(report, "\noffer ") && strings.Contains(report, "minutes of agents"); told != limits {
			t.Errorf("%s --limits the report is\n%s", name, report)
		}
		data, err := os.ReadFile(filepath.Join(name, "t.yaml"))
		if err != nil {
			t.Fatal(err)
		}
		if same := strings.Contains(string(data), "offer: {score: 6}, escalate: {score: 12}"); same == limits {
			t.Errorf("%s --limits the pack is\n%s", name, data)
		}
	}
}
