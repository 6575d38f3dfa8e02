package packs_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"attune/rules/packs"
)

// pair is a reply before and after Attune, and what the customer had said.
type pair struct {
	customer, before, after string
	by                      []string
}

// TestPagesOfPairs keeps pages/before-and-after.md true: a hundred replies and more of our own conversations, as the bot
// said them and as the customer reads them.
func TestPagesOfPairs(t *testing.T) {
	set := compile(t)
	moves := map[string]string{}
	files, err := packs.Files()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		for _, r := range read(t, f).Rewrites {
			moves[r.ID] = r.Move
		}
	}
	var b strings.Builder
	b.WriteString("# Before and after\n\nWhat the shipped packs make of the replies of clumsy bots in [our own conversations](../testdata/desk.jsonl), with one colleague free. " +
		"Each conversation runs on as recorded: nobody takes the offers. Written by `go test ./rules/packs -run Pages -update`; change the rules or the " +
		"conversations and not this page.\n")
	pairs, used := 0, map[string]bool{}
	for _, c := range conversations(t, "desk.jsonl") {
		var rows []pair
		said := ""
		for i, j := range play(t, set, c) {
			if c.Turns[i].Role == "customer" {
				said = c.Turns[i].Text
				continue
			}
			if strings.TrimRight(j.Sent, " ") != j.Sent {
				t.Errorf("%s: what is sent for %q ends with a space", c.ID, c.Turns[i].Text)
			}
			if j.Sent != c.Turns[i].Text {
				rows = append(rows, pair{said, c.Turns[i].Text, j.Sent, slices.Clone(j.Rules)})
			}
		}
		if len(rows) == 0 {
			continue
		}
		pairs += len(rows)
		fmt.Fprintf(&b, "\n## %s (%s)\n\n| customer | the bot | what is sent | moves |\n| --- | --- | --- | --- |\n", strings.ReplaceAll(c.ID, "-", " "), c.Channel)
		for _, r := range rows {
			var names []string
			for _, id := range r.by {
				move, rewrite := moves[id]
				if !rewrite {
					move = "offer"
				}
				used[move] = true
				if !slices.Contains(names, move) {
					names = append(names, move)
				}
			}
			fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", cell(r.customer), cell(r.before), cell(r.after), strings.Join(names, ", "))
		}
	}
	if pairs < 100 {
		t.Errorf("only %d pairs", pairs)
	}
	for _, move := range []string{"acknowledge", "next-step", "offer", "own", "plain-words", "soften", "strip-cheer", "way-out"} {
		if !used[move] {
			t.Errorf("no pair shows the move %s", move)
		}
	}
	checkPage(t, filepath.Join("pages", "before-and-after.md"), b.String())
}

// cell is a text as a cell of a table.
func cell(text string) string {
	return strings.NewReplacer("|", `\|`, "\n", "<br>").Replace(text)
}
