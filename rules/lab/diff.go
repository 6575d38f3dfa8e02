package lab

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Change is a stretch of a diff: text that both sides have, or that one of them has.
type Change struct {
	// Kind is same, removed or added.
	Kind string `json:"kind"`
	Text string `json:"text"`
}

// The kinds of a Change.
const (
	Same    = "same"
	Removed = "removed"
	Added   = "added"
)

// maxDiff bounds the words of each side that are compared word by word; longer texts differ as a whole between their
// common beginning and end.
const maxDiff = 400

// Diff compares two texts word by word. The stretches that are not added make before, those that are not removed make
// after, byte for byte.
func Diff(before, after string) []Change {
	a, b := words(before), words(after)
	head := 0
	for head < len(a) && head < len(b) && a[head] == b[head] {
		head++
	}
	tail := 0
	for tail < len(a)-head && tail < len(b)-head && a[len(a)-1-tail] == b[len(b)-1-tail] {
		tail++
	}
	var out changes
	out.add(Same, a[:head]...)
	out.middle(a[head:len(a)-tail], b[head:len(b)-tail])
	out.add(Same, a[len(a)-tail:]...)
	return out.readable()
}

// readable joins changes that only a word or a sign stands between: a text that is cut to shreds shows nothing.
func (c changes) readable() []Change {
	var out changes
	var removed, added string
	flush := func() {
		if removed != "" {
			out.add(Removed, removed)
		}
		if added != "" {
			out.add(Added, added)
		}
		removed, added = "", ""
	}
	for i, x := range c {
		switch {
		case x.Kind == Removed:
			removed += x.Text
		case x.Kind == Added:
			added += x.Text
		case i > 0 && wordsIn(x.Text) < 2 && c.rewords(i):
			removed, added = removed+x.Text, added+x.Text
		default:
			flush()
			out.add(Same, x.Text)
		}
	}
	flush()
	return out
}

// rewords tells whether the changes on both sides of stretch i take words away as well as bring some.
func (c changes) rewords(i int) bool {
	next := ""
	for _, x := range c[i+1 : min(i+3, len(c))] {
		if x.Kind == Same {
			break
		}
		next += x.Kind
	}
	before := ""
	for j := i - 1; j >= 0 && c[j].Kind != Same; j-- {
		before += c[j].Kind
	}
	both := before + next
	return before != "" && next != "" && strings.Contains(both, Removed) && strings.Contains(both, Added)
}

// wordsIn counts words.
func wordsIn(text string) int {
	n := 0
	for _, w := range words(text) {
		if r, _ := utf8.DecodeRuneInString(w); kindOf(r) == word {
			n++
		}
	}
	return n
}

// words cuts a text into words, runs of space, and single signs.
func words(s string) []string {
	var out []string
	for len(s) > 0 {
		r, n := utf8.DecodeRuneInString(s)
		kind := kindOf(r)
		for n < len(s) && kind != sign {
			r, m := utf8.DecodeRuneInString(s[n:])
			if kindOf(r) != kind {
				break
			}
			n += m
		}
		out = append(out, s[:n])
		s = s[n:]
	}
	return out
}

const (
	sign = iota
	word
	space
)

func kindOf(r rune) int {
	switch {
	case unicode.IsLetter(r), unicode.IsDigit(r), unicode.IsMark(r), r == '\'', r == '’':
		return word
	case unicode.IsSpace(r):
		return space
	}
	return sign
}

type changes []Change

func (c *changes) add(kind string, texts ...string) {
	for _, t := range texts {
		if n := len(*c); n > 0 && (*c)[n-1].Kind == kind {
			(*c)[n-1].Text += t
			continue
		}
		*c = append(*c, Change{kind, t})
	}
}

// middle compares what lies between the common beginning and end by their longest common subsequence.
func (c *changes) middle(a, b []string) {
	if len(a) == 0 || len(b) == 0 || len(a) > maxDiff || len(b) > maxDiff {
		c.add(Removed, a...)
		c.add(Added, b...)
		return
	}
	longest := make([][]int, len(a)+1)
	for i := range longest {
		longest[i] = make([]int, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if a[i] == b[j] {
				longest[i][j] = longest[i+1][j+1] + 1
			} else {
				longest[i][j] = max(longest[i+1][j], longest[i][j+1])
			}
		}
	}
	i, j := 0, 0
	for i < len(a) && j < len(b) {
		switch {
		case a[i] == b[j]:
			c.add(Same, a[i])
			i++
			j++
		case longest[i+1][j] >= longest[i][j+1]:
			c.add(Removed, a[i])
			i++
		default:
			c.add(Added, b[j])
			j++
		}
	}
	c.add(Removed, a[i:]...)
	c.add(Added, b[j:]...)
}
