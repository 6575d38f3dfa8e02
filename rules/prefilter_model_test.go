package rules

import (
	"regexp/syntax"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// drawExpression draws a regular expression.
func drawExpression(t *rapid.T, depth int) string {
	var row strings.Builder
	for range rapid.IntRange(1, 4).Draw(t, "parts") {
		kind := rapid.IntRange(0, 9).Draw(t, "kind")
		if depth == 0 {
			kind %= 5
		}
		switch kind {
		case 0, 1, 2:
			row.WriteString(rapid.SampledFrom([]string{"no", "not", "a", "x", "noo", "K", "é", "ß", "1", "7up", " ", "'", "-", "!", "`", "ok_", "s", "@b.de", "http://"}).Draw(t, "text"))
		case 3:
			row.WriteString(rapid.SampledFrom([]string{`\b`, `\B`, `^`, `$`, `(?m:^)`, `(?m:$)`, `\b`, `(?:)`}).Draw(t, "edge"))
		case 4:
			row.WriteString(rapid.SampledFrom([]string{`\W`, `\s`, `\w`, `\d`, `[no]`, `[^a-z]`, `.`, `[!?]`, `\pL`, `[^\pL]`, `['’]`, `(?:^|\W)`, `(?:\W|$)`}).Draw(t, "class"))
		case 5, 6:
			row.WriteString("(?:" + drawExpression(t, depth-1) + "|" + drawExpression(t, depth-1) + ")")
		case 7:
			row.WriteString("(" + drawExpression(t, depth-1) + ")")
		default:
			row.WriteString("(?:" + drawExpression(t, depth-1) + ")" + rapid.SampledFrom([]string{"?", "*", "+", "{2}", "{1,3}", "+?"}).Draw(t, "times"))
		}
	}
	return row.String()
}

// drawMatch draws what an expression may match, but for the edges that it asks for.
func drawMatch(t *rapid.T, re *syntax.Regexp, out *strings.Builder) {
	times := 1
	switch re.Op {
	case syntax.OpLiteral:
		out.WriteString(string(re.Rune))
	case syntax.OpCharClass:
		i := 2 * rapid.IntRange(0, len(re.Rune)/2-1).Draw(t, "range")
		out.WriteRune(re.Rune[i] + min(re.Rune[i+1]-re.Rune[i], rune(rapid.IntRange(0, 90).Draw(t, "member"))))
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		out.WriteString(rapid.SampledFrom([]string{"a", " ", "."}).Draw(t, "any"))
	case syntax.OpAlternate:
		drawMatch(t, rapid.SampledFrom(re.Sub).Draw(t, "alternative"), out)
		return
	case syntax.OpStar, syntax.OpQuest:
		times = rapid.IntRange(0, 1).Draw(t, "times")
	case syntax.OpPlus:
		times = rapid.IntRange(1, 2).Draw(t, "times")
	}
	for range times {
		for _, sub := range re.Sub {
			drawMatch(t, sub, out)
		}
	}
}

// TestNoExpressionIsMissed holds the needs by which expressions are found, in texts of ASCII and in others, against the
// expressions themselves.
func TestNoExpressionIsMissed(t *testing.T) {
	beside := rapid.SampledFrom([]string{"", "", " ", "a", "no", "N", "1", "_", "'", "x-", ". ", "!", "é", "ß", "\n", "http://a.de/", "ann@", "noooo ", "<b>"})
	rapid.Check(t, func(t *rapid.T) {
		var b regexBuilder
		var trees []*syntax.Regexp
		for range rapid.IntRange(1, 8).Draw(t, "expressions") {
			src := drawExpression(t, 3)
			if rapid.Bool().Draw(t, "fold") {
				src = "(?i)" + src
			}
			if _, err := b.add(src, len(trees)); err != nil {
				t.Fatal(err)
			}
			tree, _ := syntax.Parse(src, syntax.Perl)
			trees = append(trees, tree.Simplify())
		}
		l := ownWords.extend()
		r := b.build(l)
		text := Text{lexicon: l}
		for range 30 {
			var s strings.Builder
			for range rapid.IntRange(1, 2).Draw(t, "matches") {
				s.WriteString(beside.Draw(t, "before"))
				drawMatch(t, rapid.SampledFrom(trees).Draw(t, "matched"), &s)
				s.WriteString(beside.Draw(t, "behind"))
			}
			said := s.String()
			if rapid.IntRange(0, 3).Draw(t, "large") == 0 {
				said = strings.ToUpper(said)
			}
			text.read(said, rapid.IntRange(0, 3).Draw(t, "markup") == 0)
			found := make([]bool, len(trees))
			r.scan(&text, func(h *hit) { found[h.id] = true })
			for i, item := range r.items {
				if want := len(text.plain) > 0 && item.re.Match(text.plain); found[i] != want {
					t.Fatalf("%s on %q: found %v, want %v", item.re, said, found[i], want)
				}
			}
		}
	})
}
