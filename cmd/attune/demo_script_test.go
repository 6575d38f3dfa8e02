package main

import (
	"bufio"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The conversations that the page plays, and what the bot says to them, are
// the ones that the shipped packs are tested with.
func TestDemoPlaysTheTestedConversations(t *testing.T) {
	demo, err := parseScript(demoScript)
	if err != nil {
		t.Fatal(err)
	}
	type turn struct{ Role, Text, Expected string }
	file, err := os.Open("../../rules/packs/testdata/conversations.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var ids []string
	for lines := bufio.NewScanner(file); lines.Scan(); {
		var want struct {
			ID    string
			Turns []turn
		}
		if err := json.Unmarshal(lines.Bytes(), &want); err != nil {
			t.Fatal(err)
		}
		ids = append(ids, want.ID)
		i := slices.IndexFunc(demo.Stories, func(s demoStory) bool { return s.ID == want.ID })
		if i < 0 {
			t.Errorf("the page does not play %q", want.ID)
			continue
		}
		bot := &answerer{script: demo, given: map[int]int{}}
		var got []turn
		for n, line := range demo.Stories[i].Says {
			got = append(got, turn{Role: "customer", Text: line})
			if n < len(demo.Stories[i].Says)-1 { // Attune answers the last line
				says, expected := bot.answer(line)
				got = append(got, turn{"bot", says, expected})
			}
		}
		if diff := cmp.Diff(want.Turns, got); diff != "" {
			t.Errorf("%s (-tested +played):\n%s", want.ID, diff)
		}
	}
	if len(ids) != 3 || len(demo.Stories) != 3 {
		t.Errorf("%d tested conversations %q, %d played, want 3 each", len(ids), ids, len(demo.Stories))
	}
}

func TestDemoBotAnswersAnything(t *testing.T) {
	demo, err := parseScript(demoScript)
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name   string
		hears  []string
		answer string
	}{
		{"nonsense", []string{"qwertz"}, demo.Fallback},
		{"shouting", []string{"MY ORDER HAS NOT ARRIVED"}, "marked as lost"},
		{"the second time", []string{"INV-1", "inv-1"}, "As I already said"},
		{"and for ever", []string{"INV-1", "INV-1", "INV-1", "INV-1"}, "As I already said"},
		{"asking for a person", []string{"a human please"}, "virtual assistant"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			bot := &answerer{script: demo, given: map[int]int{}}
			var got string
			for _, line := range tt.hears {
				got, _ = bot.answer(line)
			}
			if !strings.Contains(got, tt.answer) {
				t.Errorf("says %q, want %q", got, tt.answer)
			}
		})
	}
}

func TestParseScriptRefuses(t *testing.T) {
	for name, text := range map[string]string{
		"unknown key":        "fallback: x\nreplys: []\n",
		"no fallback":        "greeting: x\n",
		"reply that is mute": "fallback: x\nreplies: [{hears: [a]}]\n",
		"not YAML":           "fallback: [",
	} {
		if _, err := parseScript([]byte(text)); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}
