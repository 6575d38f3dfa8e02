package proxy_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"attune/proxy/bundle"
)

// counted adds a counter of several nodes up.
func counted(t *testing.T, series string, nodes ...*house) (sum int) {
	t.Helper()
	for _, h := range nodes {
		for line := range strings.SplitSeq(h.scrape(), "\n") {
			if value, ok := strings.CutPrefix(line, series+" "); ok {
				n, err := strconv.Atoi(value)
				if err != nil {
					t.Fatal(err)
				}
				sum += n
			}
		}
	}
	return sum
}

// TestSlotsCountATurnOnce: what is said at another node than the owner's is one turn of the
// active set and one of the shadow, whether the owner answers in time or not.
func TestSlotsCountATurnOnce(t *testing.T) {
	a, b, server, cable := twoNodes(t, pack(t, people), bundled)
	ops := openPusher(t, server.URL())
	active, shadow := ops.push(bundle.Active, "One."), ops.push(bundle.Shadow, "Two.")
	for _, h := range []*house{a, b} {
		h.runs(active)
		h.eventually(`attune_rules_info{digest="` + shadow + `",slot="shadow"} 1`)
	}
	first, firstBot := a.talk(known, "hello")
	flushed(t, a)
	b.talk(known, "me again")
	a.follows(b.owner(b), b)
	turns := func(slot string) int { return counted(t, fmt.Sprintf(`attune_slot_turns_total{slot=%q}`, slot), a, b) }
	before := map[string]int{"active": turns("active"), "shadow": turns("shadow")}
	ask := func(text string) {
		t.Helper()
		first.SendText(say(text))
		firstBot.ExpectText(say(text))
		b.judges(t, text)
	}
	ask("how are you")
	cable.Lag(lateness)
	ask("are you there")
	cable.Lag(0)
	first.SendText(say("I want to talk to a human"))
	first.ExpectText(say("One moment, I am fetching somebody."))
	for slot, before := range before {
		waitFor(t, "not all turns are counted", func() bool { return turns(slot)-before >= 3 })
		requests := fmt.Sprintf(`attune_slot_signals_total{rule="asks-for-person",slot=%q}`, slot)
		waitFor(t, "the request is not counted", func() bool { return counted(t, requests, a, b) >= 1 })
		if n, m := turns(slot)-before, counted(t, requests, a, b); n != 3 || m != 1 {
			t.Errorf("%s: %d turns and %d requests, want 3 and 1", slot, n, m)
		}
	}
	if n := counted(t, `attune_messages_total{direction="downstream",role="attune"}`, a, b); n != 1 {
		t.Errorf("%d messages of Attune's, want 1", n)
	}
}
