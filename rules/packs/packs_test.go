package packs_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"attune/rules"
	"attune/rules/packs"
)

// compile builds the shipped packs and fails the test on any finding, warnings included.
func compile(t *testing.T) *rules.Set {
	t.Helper()
	set, found := compiled()
	for _, d := range found {
		t.Errorf("%v", d)
	}
	if set == nil {
		t.Fatal("the shipped packs do not compile")
	}
	return set
}

// compiled is the shipped set, compiled once: it is immutable.
var compiled = sync.OnceValues(func() (*rules.Set, rules.Diagnostics) {
	files, err := packs.Files()
	if err != nil {
		panic(err)
	}
	return rules.Compile(files)
})

func TestExamplesAndConversationsHold(t *testing.T) {
	for _, d := range compile(t).Check() {
		t.Errorf("%v", d)
	}
}

func TestFilesAreTheShippedPacks(t *testing.T) {
	files, err := packs.Files()
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range files {
		names = append(names, f.Name)
		if len(f.Data) == 0 {
			t.Errorf("%s is empty", f.Name)
		}
	}
	want := []string{
		"core-de.yaml",
		"core-en.yaml",
		"core-es.yaml",
		"core-fr.yaml",
		"crisis-de.yaml",
		"crisis-en.yaml",
		"crisis-es.yaml",
		"crisis-fr.yaml",
		"voice-en.yaml",
	}
	if !slices.Equal(names, want) {
		t.Errorf("shipped packs: %v, want %v", names, want)
	}
}

func TestThePackIsComplete(t *testing.T) {
	count := map[string]int{}
	for _, r := range compile(t).Rules() {
		count[r.Kind]++
		if len(r.What) > 200 || len(r.Why) > 200 {
			t.Errorf("%s: what and why fit on a line of the console, at most 200 characters", r.ID)
		}
	}
	for kind, least := range map[string]int{"signal": 60, "rewrite": 80, "escalation": 4, "crisis": 2, "verbatim": 2, "touchpoint": 1} {
		if count[kind] < least {
			t.Errorf("%d rules of kind %s, want at least %d", count[kind], kind, least)
		}
	}
}

// turn is one turn of a recorded conversation.
type turn struct {
	Role     string `json:"role"`
	Text     string `json:"text"`
	Expected string `json:"expected"`
}

type conversation struct {
	ID      string `json:"id"`
	Channel string `json:"channel"`
	Turns   []turn `json:"turns"`
}

func conversations(t *testing.T, name string) []conversation {
	t.Helper()
	f, err := os.Open("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var out []conversation
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		var c conversation
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			t.Fatal(err)
		}
		out = append(out, c)
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

// play judges a conversation as if nobody answered its offers, and returns what was decided and said turn by turn.
func play(t *testing.T, set *rules.Set, c conversation) []rules.Judgement {
	t.Helper()
	var st rules.State
	out := make([]rules.Judgement, len(c.Turns))
	for i, turn := range c.Turns {
		role, err := rules.ParseRole(turn.Role)
		if err != nil {
			t.Fatal(err)
		}
		set.Judge(&st, &rules.Turn{Role: role, Text: turn.Text, Expected: turn.Expected},
			&rules.Facts{Session: c.ID, Channel: c.Channel, AgentsAvailable: 1}, &out[i])
	}
	return out
}

func TestDemoConversationsReachAPerson(t *testing.T) {
	set := compile(t)
	want := map[string]struct {
		offered  bool           // a person is offered before the end
		last     rules.Decision // what the last turn leads to
		reworded int            // replies that go out in other words, at least
	}{
		"lost-parcel":    {offered: true, last: rules.Escalate, reworded: 4},
		"double-charge":  {offered: true, last: rules.Route, reworded: 4},
		"locked-account": {offered: true, last: rules.Escalate, reworded: 3},
	}
	for _, c := range conversations(t, "conversations.jsonl") {
		t.Run(c.ID, func(t *testing.T) {
			w, ok := want[c.ID]
			if !ok {
				t.Fatalf("no expectation for conversation %q", c.ID)
			}
			delete(want, c.ID)
			offered, reworded := false, 0
			played := play(t, set, c)
			for i, j := range played {
				offered = offered || j.Decision >= rules.Offer && i < len(played)-1
				if c.Turns[i].Role == "bot" && j.Sent != c.Turns[i].Text {
					reworded++
				}
			}
			if offered != w.offered {
				t.Errorf("offered a person before the end: %v, want %v", offered, w.offered)
			}
			if got := played[len(played)-1].Decision; got != w.last {
				t.Errorf("the last turn leads to %v, want %v", got, w.last)
			}
			if reworded < w.reworded {
				t.Errorf("%d replies reworded, want at least %d", reworded, w.reworded)
			}
		})
	}
	for id := range want {
		t.Errorf("conversation %q is missing", id)
	}
}

func TestNothingSaidTwice(t *testing.T) {
	set := compile(t)
	for _, c := range conversations(t, "conversations.jsonl") {
		seen := map[string]bool{}
		for i, j := range play(t, set, c) {
			if c.Turns[i].Role != "bot" || j.Sent == c.Turns[i].Text {
				continue
			}
			for _, s := range strings.SplitAfter(j.Sent, ". ") {
				s = strings.TrimSpace(s)
				if strings.Contains(c.Turns[i].Text, s) {
					continue // the bot's own sentence, not ours
				}
				if seen[s] {
					t.Errorf("%s, turn %d: %q is said twice", c.ID, i, s)
				}
				seen[s] = true
			}
		}
	}
}

// What a person at a service desk would not say, and what must not come from a machine.
var unsayable = []string{
	"!", "inconvenience", "valued customer", "i understand how", "your frustration", "rest assured", "we strive", "delighted",
	"at this time", "kindly", "utilize", "please be advised", "happy to help", "as an ai", "i feel", "unfortunately",
}

func TestAuthoredTextIsPlain(t *testing.T) {
	files, err := packs.Files()
	if err != nil {
		t.Fatal(err)
	}
	checked := 0
	for _, f := range files {
		for _, said := range authored(t, f) {
			checked++
			for _, bad := range unsayable {
				if strings.Contains(strings.ToLower(said), bad) {
					t.Errorf("%s says %q, which has %q", f.Name, said, bad)
				}
			}
		}
	}
	if checked < 80 {
		t.Errorf("only %d authored texts were found, so this test looks in the wrong place", checked)
	}
}

func TestIdempotent(t *testing.T) {
	set := compile(t)
	for _, c := range conversations(t, "conversations.jsonl") {
		for i, j := range play(t, set, c) {
			if c.Turns[i].Role != "bot" {
				continue
			}
			var st rules.State
			var again rules.Judgement
			set.Judge(&st, &rules.Turn{Role: rules.Bot, Text: j.Sent}, &rules.Facts{Session: c.ID, AgentsAvailable: 1}, &again)
			if again.Sent != j.Sent {
				t.Errorf("%s, turn %d: %q became %q when it was judged again", c.ID, i, j.Sent, again.Sent)
			}
		}
	}
}

// The shipped packs at work on one clumsy reply.
func Example() {
	files, err := packs.Files()
	if err != nil {
		panic(err)
	}
	set, _ := rules.Compile(files)
	var st rules.State
	var j rules.Judgement
	facts := &rules.Facts{Session: "s1", AgentsAvailable: 1}
	set.Judge(&st, &rules.Turn{Role: rules.Customer, Text: "My order 1182 has not arrived."}, facts, &j)
	set.Judge(&st, &rules.Turn{Role: rules.Bot, Text: "Great! 🎉 Your order 1182 is marked as lost."}, facts, &j)
	fmt.Println(j.Sent)
	// Output: So your order 1182 is still missing. Your order 1182 is marked as lost.
}

// TestTheSampleOfCompositionCompiles takes the pack that README.md prints, pins the digests that the findings name, and
// compiles it with the shipped packs.
func TestTheSampleOfCompositionCompiles(t *testing.T) {
	doc, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, sample, _ := strings.Cut(string(doc), "```yaml\n")
	sample, _, _ = strings.Cut(sample, "```")
	files, err := packs.Files()
	if err != nil {
		t.Fatal(err)
	}
	with := func() (*rules.Set, rules.Diagnostics) {
		return rules.Compile(append(files, rules.File{Name: "our-shop.yaml", Data: []byte(sample)}))
	}
	_, found := with()
	if len(found) != 2 {
		t.Fatalf("want one finding for each digest, found:\n%s", found)
	}
	for _, d := range found {
		sample = strings.Replace(sample, "0a1b2c3d", d.Hint[len(d.Hint)-8:], 1)
	}
	set, found := with()
	if set == nil || len(found) > 0 {
		t.Fatalf("with the digests pinned:\n%s", found)
	}
	replaced := map[string]string{}
	for _, r := range set.Rules() {
		if r.Overrides == "core-en" {
			replaced[r.ID] = r.Mode
		}
	}
	if replaced["refusal"] != "shadow" || replaced["valued-customer"] != "off" {
		t.Errorf("replaced are %v", replaced)
	}
	if found := set.Check(); found.HasErrors() {
		t.Errorf("check:\n%s", found)
	}
}

// TestTwoMissesInOneReply: what a reply says in a sentence that is reworded does
// not keep another sentence from being reworded, now or when it is judged again.
func TestTwoMissesInOneReply(t *testing.T) {
	set := compile(t)
	reply := "I didn't get that. Sorry, I did not get that."
	for range 2 {
		var j rules.Judgement
		set.Judge(&rules.State{}, &rules.Turn{Role: rules.Bot, Text: reply}, &rules.Facts{Session: "a", Channel: "voice"}, &j)
		if want := "That didn't reach me. Just say the topic. I didn't quite follow."; j.Sent != want {
			t.Fatalf("%q became %q, want %q", reply, j.Sent, want)
		}
		reply = j.Sent
	}
}

// TestAnExceptionCountsInItsOwnSentence: what an exception begins to match in
// an earlier sentence does not hide it in the one that it is about.
func TestAnExceptionCountsInItsOwnSentence(t *testing.T) {
	set := compile(t)
	const own = "I do not have information on that, but I can look it up."
	for _, before := range []string{"", "What would you like to have done? ", "I am not sure about it. What is it about? "} {
		var j rules.Judgement
		set.Judge(&rules.State{}, &rules.Turn{Role: rules.Bot, Text: before + own}, &rules.Facts{Session: "a", AgentsAvailable: 1}, &j)
		if slices.Contains(j.Rules, "no-information") {
			t.Errorf("%q became %q", before+own, j.Sent)
		}
	}
}
