package rules_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"attune/rules"
)

// What is said about time is known as a promise: the wait for a person, and what a rewrite says that must be approved.
func TestWhatIsPromised(t *testing.T) {
	set := compile(t, wantsHuman+`rewrites:
  - id: will-call
    what: A refusal becomes a call.
    why: A dead end feels like being dominated.
    move: way-out
    match: {text: "We cannot help"}
    steps:
      - say: ["We cannot help here, and we promise to call you within 2 hours."]
        adds: [promise, fact]
        needs: "agents.available > 0"
        approved: {by: "cx@example.com", until: 2099-01-01}
    examples: [{in: "We cannot help.", out: "We cannot help here, and we promise to call you within 2 hours."}, {in: "We can help.", unchanged: true}]
`)
	judge := func(role rules.Role, text string, wait time.Duration) []rules.Promised {
		var st rules.State
		var j rules.Judgement
		set.Judge(&st, &rules.Turn{Role: role, Text: text}, &rules.Facts{AgentsAvailable: 1, QueueWait: wait}, &j)
		return j.Promises
	}
	for name, tt := range map[string]struct {
		got, want []rules.Promised
	}{
		"a wait":        {judge(rules.Customer, "a human", 6*time.Minute), []rules.Promised{{Rule: "asks", Within: 6 * time.Minute, Wait: true}}},
		"a moment":      {judge(rules.Customer, "a human", 0), []rules.Promised{{Rule: "asks", Within: time.Minute, Wait: true}}},
		"a rewrite":     {judge(rules.Bot, "We cannot help.", 0), []rules.Promised{{Rule: "will-call", Within: 2 * time.Hour}}},
		"anything else": {judge(rules.Bot, "We can help within 2 hours.", 0), nil},
	} {
		if diff := cmp.Diff(tt.want, tt.got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}
