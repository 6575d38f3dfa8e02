package rules_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"attune/rules"
)

// TestWhatHasRunOut: helplines are to be called twice a year, and not said to have been on a day to come.
func TestWhatHasRunOut(t *testing.T) {
	source, err := os.ReadFile("testdata/design-sample.yaml")
	if err != nil {
		t.Fatal(err)
	}
	today := time.Date(2026, 11, 28, 9, 0, 0, 0, time.UTC)
	for change, want := range map[string]string{
		"verified: 2026-11-01":                          "",
		"verified: 2026-11-28":                          "",
		"verified: 2026-11-29":                          "", // where the day has begun already
		"verified: 2026-05-01":                          `the helpline of "self-harm" was last verified on 2026-05-01`,
		"verified: 2027-01-31":                          `the helpline of "self-harm" was verified on 2027-01-31, a day that is still to come`,
		"owner: us":                                     `nobody has verified the helpline of "self-harm"`,
		"verified: 2026-11-01\n    expires: 2026-11-27": `"self-harm" has expired and does nothing`,
	} {
		set, found := rules.Compile([]rules.File{{Name: "a.yaml", Data: []byte(strings.Replace(string(source), "verified: 2026-11-01", change, 1))}})
		if set == nil {
			t.Fatalf("%s: %s", change, found)
		}
		got := set.Review(today)
		switch {
		case want == "" && len(got) > 0, want != "" && (len(got) != 1 || got[0].Message != want || got[0].Severity != rules.Warning):
			t.Errorf("%s: found\n%s\nwant %q", change, got, want)
		case strings.Contains(want, "helpline") && !strings.HasSuffix(got[0].Hint, "verified: 2026-11-28"):
			t.Errorf("%s: the hint is %q", change, got[0].Hint)
		}
	}
}
