package rules_test

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"

	"attune/rules"

	"github.com/google/go-cmp/cmp"
)

// recorded are the conversations of the shipped packs' own tests, as lines of a talk.
func recorded(t testing.TB) [][]string {
	t.Helper()
	data, err := os.ReadFile("packs/testdata/conversations.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	var out [][]string
	for line := range strings.Lines(string(data)) {
		var c struct {
			Turns []struct{ Role, Text string }
		}
		if err := json.Unmarshal([]byte(line), &c); err != nil {
			t.Fatal(err)
		}
		var lines []string
		for _, turn := range c.Turns {
			lines = append(lines, turn.Role[:1]+": "+turn.Text)
		}
		out = append(out, lines)
	}
	return out
}

// replay judges conversations one after the other, each with a fresh judgement a turn, and returns everything.
func replay(t testing.TB, set *rules.Set, conversations [][]string) []rules.Judgement {
	var out []rules.Judgement
	for i, lines := range conversations {
		k := newTalk(set)
		k.facts.Session = fmt.Sprint(i)
		for _, line := range lines {
			k.j = rules.Judgement{}
			out = append(out, *k.say(t, line))
		}
	}
	return out
}

func TestJudgementsDependOnNothingElse(t *testing.T) {
	set, conversations := shipped(t), recorded(t)
	want := replay(t, set, conversations)
	if diff := cmp.Diff(want, replay(t, set, conversations)); diff != "" {
		t.Errorf("the same set, again (-first +second):\n%s", diff)
	}
	if diff := cmp.Diff(want, replay(t, shipped(t), conversations)); diff != "" {
		t.Errorf("the same packs, compiled again (-first +second):\n%s", diff)
	}
}

func TestManyConversationsAtOnce(t *testing.T) {
	set, conversations := shipped(t), recorded(t)
	want := replay(t, set, conversations)
	got := make([][]rules.Judgement, 4)
	var wg sync.WaitGroup
	for i := range got {
		wg.Go(func() { got[i] = replay(t, set, conversations) })
	}
	wg.Wait()
	for i := range got {
		if diff := cmp.Diff(want, got[i]); diff != "" {
			t.Errorf("in goroutine %d (-alone +together):\n%s", i, diff)
		}
	}
}

func TestSetsShareNothing(t *testing.T) {
	first := compile(t, scored(ordinaryScoring))
	second := compile(t, scored("{half_life: 1, offer: {score: 50}, escalate: {score: 60}}"))
	off := first.Without("bad")
	a, b, c := newTalk(first), newTalk(second), newTalk(off)
	for turn := range 3 {
		x, y, z := *a.customer("bad"), *b.customer("bad"), *c.customer("bad")
		if z.Score != 0 || len(z.Signals) != 0 {
			t.Errorf("turn %d: the set without the rule scores %v by %v", turn, z.Score, z.Signals)
		}
		if turn > 0 && x.Score <= y.Score {
			t.Errorf("turn %d: scores %v and %v, with half-lives of 4 and 1", turn, x.Score, y.Score)
		}
	}
}

func TestAJudgementIsOverwritten(t *testing.T) {
	set := shipped(t)
	k := newTalk(set)
	k.j = rules.Judgement{
		Score: 9, Points: 9, Band: "x", Flagged: true, Signals: []string{"x"}, Words: []string{"x"}, Decision: rules.Crisis, Live: true,
		Reason: "x", Why: "x", Desk: "x", Sent: "x", Rules: []string{"x"}, Rejected: []rules.Rejection{{Rule: "x"}}, Withhold: true,
		Ask: "x", AskOutcome: "x", Stay: true, Say: []string{"x"},
	}
	got := *k.customer("hm")
	want := *newTalk(set).customer("hm")
	for _, j := range []*rules.Judgement{&got, &want} {
		if len(j.Signals)+len(j.Words)+len(j.Rules)+len(j.Rejected)+len(j.Say) > 0 {
			t.Errorf("left over: %+v", j)
		}
		j.Signals, j.Words, j.Rules, j.Rejected, j.Say = nil, nil, nil, nil, nil
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("a used judgement (-fresh +used):\n%s", diff)
	}
}
