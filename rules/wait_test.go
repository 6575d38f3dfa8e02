package rules_test

import (
	"strings"
	"testing"
	"time"

	"attune/rules"
)

// wantsHuman is a pack in which somebody asks for a person.
const wantsHuman = `
pack: wants-human
version: 1
locale: en
always: {asks: escalate}
signals:
  - id: asks
    what: The customer asks for a person.
    why: A refused exit is what people remember.
    from: customer
    match: {text: "a human"}
    examples: {fires: ["a human"], silent: ["a humanist"]}
`

// How long a person takes to come is said in words that people use.
func TestTheWaitIsSaidAsPeopleSayIt(t *testing.T) {
	set := compile(t, wantsHuman)
	for wait, want := range map[time.Duration]string{
		0: " a moment;", 20 * time.Second: " a moment;", time.Minute: " about a minute;", 89 * time.Second: " about a minute;", 6 * time.Minute: " about 6 minutes;",
	} {
		var st rules.State
		var j rules.Judgement
		set.Judge(&st, &rules.Turn{Role: rules.Customer, Text: "a human"}, &rules.Facts{AgentsAvailable: 1, QueueWait: wait}, &j)
		if len(j.Say) != 1 || !strings.Contains(j.Say[0], want) {
			t.Errorf("a wait of %v is said as %q, want%s", wait, j.Say, want)
		}
	}
}
