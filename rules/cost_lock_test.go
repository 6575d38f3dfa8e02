//go:build !race

package rules_test

import (
	"strings"
	"testing"
	"time"

	"attune/rules"
)

// TestHostileRepliesAreCheap: replies as long as one may be and still be reworded, made to keep the lock and what looks
// for code and markup busy.
func TestHostileRepliesAreCheap(t *testing.T) {
	const longest, bound = 16 << 10, 250 * time.Millisecond
	set := compile(t, tearing())
	for _, piece := range []string{
		"in order to ` ", "in order to `` ", "unfortunately, (", "(unfortunately) ", "**unfortunately** ", "in order to\n\n    ", "in order to\n```\n", "<code>in order to ", "</code> in order to ",
		"<pre>in order to</pre>", "< in order to ", "aa.bb.c.", "aa.b", "5 - ", "a-", "from 9 ", "a week ", "in **order to ", "I cannot help you with `a`. ", "I cannot help you with **a. ", "* ", "_ ",
		"[in order to](", "| in order to ", ", unfortunately", "unfortunately ", "in order to \"", "- unfortunately\n",
	} {
		text := strings.Repeat(piece, longest/len(piece))
		for _, syntax := range []rules.Syntax{rules.Markdown, rules.HTML} {
			best := time.Hour
			for range 3 {
				k := newTalk(set)
				k.facts.Syntax = syntax
				from := time.Now()
				k.bot(text)
				best = min(best, time.Since(from))
			}
			if best > bound {
				t.Errorf("%q, syntax %d: %v", piece, syntax, best)
			}
		}
	}
}
