package rules_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"attune/rules"
)

// packOf writes a pack of one locale around some sections.
func packOf(locale, sections string) string {
	return fmt.Sprintf("pack: test-%s\nversion: 1\nlocale: %s\nregister: informal\nowner: cx@example.com\n%s", locale, locale, sections)
}

// signalOf writes one signal; more holds further keys, each with a comma behind it.
func signalOf(id, from, match, more string) string {
	return fmt.Sprintf("  - {id: %s, what: a, why: b, from: %s, match: %s, %s examples: {fires: [a], silent: [b]}}\n", id, from, match, more)
}

// rewriteOf writes one rewrite; its examples say nothing, since these tests bring their own.
func rewriteOf(id, keys string) string {
	return fmt.Sprintf("  - {id: %s, what: a, why: b, %s, examples: [{in: \"Zz.\", unchanged: true}]}\n", id, keys)
}

// compile builds a set from packs and fails the test on any error. Warnings, such as an expression without a
// prefilter, are the business of other tests.
func compile(t testing.TB, packs ...string) *rules.Set {
	t.Helper()
	var files []rules.File
	for i, p := range packs {
		files = append(files, rules.File{Name: fmt.Sprintf("p%d.yaml", i), Data: []byte(p)})
	}
	set, found := rules.Compile(files)
	if set == nil {
		t.Fatalf("compile:\n%s", found)
	}
	return set
}

// talk is a conversation under test. Its facts may be changed between turns.
type talk struct {
	set   *rules.Set
	st    rules.State
	facts rules.Facts
	at    time.Time
	j     rules.Judgement
}

// newTalk begins a conversation with one free agent.
func newTalk(set *rules.Set) *talk {
	return &talk{set: set, facts: rules.Facts{Session: "s1", AgentsAvailable: 1}}
}

func (k *talk) judge(turn rules.Turn) *rules.Judgement {
	turn.At = k.at
	k.set.Judge(&k.st, &turn, &k.facts, &k.j)
	return &k.j
}

func (k *talk) customer(text string) *rules.Judgement {
	return k.judge(rules.Turn{Role: rules.Customer, Text: text})
}

func (k *talk) bot(text string) *rules.Judgement {
	return k.judge(rules.Turn{Role: rules.Bot, Text: text})
}

// say plays one line of a script: "c: hello", "b: hello", "b form: your code?" or "e: dtmf 0".
func (k *talk) say(t testing.TB, line string) *rules.Judgement {
	t.Helper()
	who, text, ok := strings.Cut(line, ": ")
	if !ok {
		t.Fatalf("no speaker in %q", line)
	}
	role, expected, _ := strings.Cut(who, " ")
	switch role {
	case "c":
		return k.customer(text)
	case "b":
		return k.judge(rules.Turn{Role: rules.Bot, Text: text, Expected: expected})
	case "a":
		return k.judge(rules.Turn{Role: rules.Agent, Text: text})
	case "e":
		event, value, _ := strings.Cut(text, " ")
		return k.judge(rules.Turn{Role: rules.Event, Event: event, Value: value})
	}
	t.Fatalf("unknown speaker in %q", line)
	return nil
}
