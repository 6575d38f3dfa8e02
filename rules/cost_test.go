//go:build !race

package rules_test

// Not under the race detector: it takes time of its own, and pools then drop what they are given at random.

import (
	"testing"
	"time"

	"attune/rules"
)

// TestHostileTextsAreCheap holds the worst of them against a bound far above the target of 5 ms, so that it fails for
// what is not linear and not for a busy machine.
func TestHostileTextsAreCheap(t *testing.T) {
	const bound = 250 * time.Millisecond
	set := shipped(t)
	for name, text := range hostile() {
		for _, syntax := range []rules.Syntax{rules.Plain, rules.HTML} {
			for _, role := range []rules.Role{rules.Customer, rules.Bot} {
				best := time.Hour
				for range 3 {
					k := newTalk(set)
					k.facts.Syntax = syntax
					k.customer("this is ridiculous")
					from := time.Now()
					k.judge(rules.Turn{Role: role, Text: text})
					best = min(best, time.Since(from))
				}
				if best > bound {
					t.Errorf("%s, %v, syntax %d: %v", name, role, syntax, best)
				}
			}
		}
	}
}

// TestAllocations holds the ceilings of the usual turns.
func TestAllocations(t *testing.T) {
	set := shipped(t)
	for _, tt := range []struct {
		name string
		turn rules.Turn
		most float64
	}{
		{"an utterance", rules.Turn{Role: rules.Customer, Text: utterance120}, 2},
		{"a reply nobody touches", rules.Turn{Role: rules.Bot, Text: "The kettle leaves our store in the morning."}, 2},
	} {
		var st rules.State
		var j rules.Judgement
		facts := rules.Facts{Session: "s"}
		for range 8 {
			set.Judge(&st, &tt.turn, &facts, &j)
		}
		if got := testing.AllocsPerRun(100, func() { set.Judge(&st, &tt.turn, &facts, &j) }); got > tt.most {
			t.Errorf("%s: %v allocations, at most %v", tt.name, got, tt.most)
		}
	}
}
