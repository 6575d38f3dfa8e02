package packs_test

import (
	"os"
	"strings"
	"testing"

	"attune/rules"
)

// sentences reads a file with one sentence a line; # begins a comment.
func sentences(t *testing.T, name string) []string {
	t.Helper()
	data, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	seen := map[string]bool{}
	for _, line := range strings.Split(string(data), "\n") {
		if line = strings.TrimSpace(line); line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if seen[line] {
			t.Errorf("%s has %q twice", name, line)
		}
		seen[line] = true
		out = append(out, line)
	}
	return out
}

// utter judges one utterance in the middle of a calm talk.
func utter(set *rules.Set, text string) *rules.Judgement {
	var st rules.State
	var j rules.Judgement
	facts := &rules.Facts{Session: "speech", AgentsAvailable: 1}
	set.Judge(&st, &rules.Turn{Role: rules.Customer, Text: "Hello"}, facts, &j)
	set.Judge(&st, &rules.Turn{Role: rules.Bot, Text: "Hello. How can I help?"}, facts, &j)
	set.Judge(&st, &rules.Turn{Role: rules.Customer, Text: text}, facts, &j)
	return &j
}

func TestFiguresOfSpeechAreNeitherCrisisNorAnger(t *testing.T) {
	set := compile(t)
	list := sentences(t, "figures-of-speech.txt")
	if len(list) < 200 {
		t.Errorf("only %d sentences", len(list))
	}
	for _, text := range list {
		if j := utter(set, text); j.Decision == rules.Crisis || j.Decision == rules.Escalate || j.Feelings[rules.Angry] > 0 {
			t.Errorf("%q: %v, angry %.1f, signals %v", text, j.Decision, j.Feelings[rules.Angry], j.Signals)
		}
	}
}

func TestDangerIsHeard(t *testing.T) {
	set := compile(t)
	list := sentences(t, "in-danger.txt")
	if len(list) < 100 {
		t.Errorf("only %d sentences", len(list))
	}
	for _, text := range list {
		if j := utter(set, text); j.Decision != rules.Crisis {
			t.Errorf("%q: %v, signals %v", text, j.Decision, j.Signals)
		}
	}
}

func TestAngerIsHeard(t *testing.T) {
	set := compile(t)
	list := sentences(t, "in-anger.txt")
	if len(list) < 100 {
		t.Errorf("only %d sentences", len(list))
	}
	for _, text := range list {
		if j := utter(set, text); j.Feelings[rules.Angry] == 0 && j.Decision != rules.Route {
			t.Errorf("%q: not angry, signals %v", text, j.Signals)
		}
	}
}

// TestTheSqueakyWheel tells one failure in six voices. The bot answers all of them alike, and an offer must come to each
// within one turn of the others: whoever is loud is not served before whoever is polite.
func TestTheSqueakyWheel(t *testing.T) {
	set := compile(t)
	voices := map[string][]string{
		"polite": {
			"Good morning, could you tell me where my parcel is, please?", "I'm sorry, perhaps I was unclear. I would like to know where my parcel is.",
			"Thank you, but that is not quite what I meant. It is about my parcel.", "I am afraid I still do not know where it is. Could you help me?",
		},
		"curt":       {"where is my parcel", "parcel", "my parcel. where", "no. parcel"},
		"angry":      {"Where is my parcel?!", "I asked where my parcel is!", "No, I said my PARCEL. This is ridiculous.", "WHERE IS IT"},
		"non-native": {"hello please where is parcel of me", "i want know where parcel is", "no i ask for the parcel, not this", "please parcel it not come"},
		"dialect":    {"ey up, where's me parcel at?", "nah mate, me parcel, where's it got to?", "that's not what I'm on about, it's me parcel", "it's me parcel, innit, it's still not come"},
		"swearing":   {"where the hell is my parcel", "I want my damn parcel", "no, my fucking parcel", "oh for fuck's sake"},
	}
	replies := map[string][]string{
		"does not understand": {"Sorry, I did not get that.", "Sorry, I did not get that.", "Please rephrase your question.", "I didn't understand."},
		"cannot":              {"I'm sorry, I can't help with that.", "I am unable to look it up.", "I can't help with that.", "I can't do that."},
		"answers something":   {"Our shop is open until six.", "Our shop is open until six.", "Our shop is open until six.", "Our shop is open until six."},
	}
	for kind, said := range replies {
		first, last := 99, 0
		at := map[string]int{}
		for voice, turns := range voices {
			at[voice] = offeredAt(set, turns, said)
			first, last = min(first, at[voice]), max(last, at[voice])
		}
		if last-first > 1 || last > len(said) {
			t.Errorf("a bot that %s: offers come after so many turns of the customer: %v", kind, at)
		}
	}
}

// offeredAt is how many turns the customer needs until a person is offered, by Attune or in a reply; a hundred for
// never.
func offeredAt(set *rules.Set, turns, replies []string) int {
	var st rules.State
	facts := &rules.Facts{Session: "wheel", AgentsAvailable: 1}
	for i, text := range turns {
		var j rules.Judgement
		set.Judge(&st, &rules.Turn{Role: rules.Customer, Text: text}, facts, &j)
		if j.Decision != rules.None {
			return i + 1
		}
		set.Judge(&st, &rules.Turn{Role: rules.Bot, Text: replies[i]}, facts, &j)
		if j.Decision != rules.None {
			return i + 1
		}
	}
	return 100
}
