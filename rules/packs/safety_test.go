package packs_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"attune/rules"
)

// openings are ten ways to begin in anger. Each reply is judged after each of them.
var openings = [...]string{
	"this is ridiculous, I have been waiting for an hour",
	"you stupid bot",
	"your service is the worst, nothing works",
	"WHY IS NOBODY ANSWERING ME",
	"I already told you my number twice!!",
	"what the hell is going on with my order",
	"my order has not arrived and I need it today",
	"I was charged twice and I am really angry",
	"great, just great. another useless answer",
	"I'm so disappointed, you promised it would be here",
}

// TestRewritesAreSafe judges every reply of recorded conversations after each angry opening. What must hold is looked at
// anew, in a cruder way than the fact lock does it. ATTUNE_TRANSCRIPTS names a directory of JSON Lines to look at instead
// of the project's own conversations; pages/measured.md has figures.
func TestRewritesAreSafe(t *testing.T) {
	dir := os.Getenv("ATTUNE_TRANSCRIPTS")
	if dir == "" {
		dir = "testdata"
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.jsonl"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no transcripts in %s (%v)", dir, err)
	}
	set := compile(t)
	for _, file := range files {
		replies := repliesOf(t, file)
		if len(replies) == 0 {
			continue
		}
		c := safetyCount{rewrites: rewrites(set)}
		for _, reply := range replies {
			for _, opening := range openings {
				c.judge(t, set, opening, reply)
			}
		}
		calm := safetyCount{rewrites: c.rewrites}
		for _, reply := range replies {
			calm.judge(t, set, "Hello, I have a question.", reply)
		}
		if c.changed == 0 {
			t.Errorf("%s: nothing is changed, so this test does not see what it should", filepath.Base(file))
		}
		t.Logf("%s: %d replies; after anger judged %d times, changed %.1f %%, reworded %.1f %%, faults %v; calm changed %.1f %%, faults %v", filepath.Base(file),
			len(replies), c.judged, c.share(c.changed), c.share(c.worded), c.faults, calm.share(calm.changed), calm.faults)
	}
}

// repliesOf lists the replies of the bots in a file, each once.
func repliesOf(t *testing.T, file string) []string {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	seen := map[string]bool{}
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var c conversation
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			t.Fatalf("%s: %v", filepath.Base(file), err)
		}
		for _, turn := range c.Turns {
			if turn.Role == "bot" && turn.Text != "" {
				seen[turn.Text] = true
			}
		}
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return slices.Sorted(maps.Keys(seen))
}

type safetyCount struct {
	judged, changed int
	worded          int // changed by a move, and not only by fewer marks or by an offer that the talk asks for
	faults          map[string]int
	rewrites        map[string]bool
}

// judge judges one reply after one opening, and what was sent once more after the same opening.
func (c *safetyCount) judge(t *testing.T, set *rules.Set, opening, reply string) {
	t.Helper()
	facts := &rules.Facts{Session: "safety", AgentsAvailable: 1}
	after := func(text string) (sent string, by []string) {
		var st rules.State
		var j rules.Judgement
		set.Judge(&st, &rules.Turn{Role: rules.Customer, Text: opening}, facts, &j)
		set.Judge(&st, &rules.Turn{Role: rules.Bot, Text: text}, facts, &j)
		return j.Sent, slices.Clone(j.Rules)
	}
	c.judged++
	sent, by := after(reply)
	if sent == reply {
		return
	}
	c.changed++
	if slices.ContainsFunc(by, func(id string) bool { return id != "plain-when-upset" && id != "cheer-over-bad-news" && c.rewrites[id] }) {
		c.worded++
	}
	fault := harm(reply, sent)
	if fault == "" {
		again, also := after(sent)
		if slices.ContainsFunc(also, func(id string) bool { return c.rewrites[id] }) {
			fault, by = "changed again", append(by, append(also, again)...)
		}
	}
	if fault != "" {
		if c.faults == nil {
			c.faults = map[string]int{}
		}
		if c.faults[fault]++; c.faults[fault] <= 3 {
			t.Errorf("%s, by %v: %q became %q", fault, by, reply, sent)
		}
	}
}

func (c *safetyCount) share(n int) float64 { return 100 * float64(n) / float64(c.judged) }

// rewrites are the ids of the rules that reword. What else is named beside a reply is a decision whose offer it carries.
func rewrites(set *rules.Set) map[string]bool {
	ids := map[string]bool{}
	for _, r := range set.Rules() {
		ids[r.ID] = ids[r.ID] || r.Kind == "rewrite"
	}
	return ids
}

var (
	// Whatever has a digit or looks like an address stays, in its order.
	exactly = regexp.MustCompile(`[^\s,;:!?()"'.]*[0-9@][^\s,;!?()"']*|\S+://\S+`)
	// So do days, months and the words that limit.
	limits   = regexp.MustCompile(`(?i)\b(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day|january|february|april|june|july|august|september|october|november|december|today|tomorrow|yesterday|until|unless|except|only|at least|at most|up to)\b`)
	denials  = regexp.MustCompile(`(?i)\b(?:no|not|never|cannot|nothing|none|nobody|neither)\b|n't\b|n’t\b|\bunable\b|\bimpossible\b|\bun(?:successful|available|fortunately)\b`)
	unsaying = regexp.MustCompile(`(?i)unfortunately`)
	torn     = regexp.MustCompile(`[^\s.]  +[a-z]| [,;]\s|\s\.(?:\s|$)|\{|\}|\.\s*,|,\s*,|\?\?|,\s*$`)
)

// harm tells what is wrong with a rewritten reply, "" for nothing.
func harm(reply, sent string) string {
	trimmed := func(list []string) []string {
		for i := range list {
			list[i] = strings.ToLower(strings.TrimRight(list[i], ".:*_"))
		}
		return list
	}
	switch {
	case strings.TrimSpace(sent) == "":
		return "nothing left"
	case !within(trimmed(exactly.FindAllString(reply, -1)), trimmed(exactly.FindAllString(sent, -1))):
		return "a figure or address lost or moved"
	case !within(trimmed(limits.FindAllString(reply, -1)), trimmed(limits.FindAllString(sent, -1))):
		return "a day or limit lost or moved"
	case len(denials.FindAllString(sent, -1)) < len(denials.FindAllString(unsaying.ReplaceAllString(reply, ""), -1)):
		return "a denial lost"
	case len(sent) > max(len(reply)*3/2, len(reply)+160):
		return "grown too far"
	case len(torn.FindAllString(sent, -1)) > len(torn.FindAllString(reply, -1)):
		return "not readable"
	}
	return ""
}

// within tells whether the members of list stand in all in the same order.
func within(list, all []string) bool {
	for _, x := range list {
		i := slices.Index(all, x)
		if i < 0 {
			return false
		}
		all = all[i+1:]
	}
	return true
}

func Example_safety() {
	fmt.Println(harm("It costs 12.50 on Monday.", "On Monday it costs 12.50."), "|", harm("It is not open.", "It is open."))
	// Output:  | a denial lost
}

// TestGoodRepliesStay: what a good person wrote needs nobody's hand in a calm talk.
func TestGoodRepliesStay(t *testing.T) {
	set := compile(t)
	c := safetyCount{rewrites: rewrites(set)}
	for _, reply := range sentences(t, "good-replies.txt") {
		before := c.changed
		if c.judge(t, set, "Hello, I have a question.", reply); c.changed != before {
			t.Errorf("%q is changed", reply)
		}
	}
}
