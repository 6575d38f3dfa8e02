package rules

import (
	"slices"
	"strings"
)

// idiomOf returns how many nodes of a pattern, first included, may be a turn of speech; 0 when they are none.
func (w *factWords) idiomOf(first *node, behind []*node) int {
	if first.kind != nodeWord {
		return 0
	}
	longest := 0
	for _, word := range first.words {
		for _, rest := range w.idioms[word] {
			if words := strings.Fields(rest); mayRead(behind, words) {
				longest = max(longest, 1+len(words))
			}
		}
	}
	return longest
}

// mayRead tells whether a text matched by nodes may begin with the words. A capture at the end of a pattern takes
// whatever there is, so nothing is said of it; one inside may hold a word.
func mayRead(nodes []*node, words []string) bool {
	if len(words) == 0 {
		return true
	}
	if len(nodes) == 0 {
		return false
	}
	n, behind := nodes[0], nodes[1:]
	switch n.kind {
	case nodeWord:
		return slices.Contains(n.words, words[0]) && mayRead(behind, words[1:])
	case nodeCapture:
		return len(behind) > 0 && mayRead(behind, words[1:])
	case nodeSequence:
		return mayRead(slices.Concat(n.kids, behind), words)
	case nodeChoice:
		return slices.ContainsFunc(n.kids, func(k *node) bool { return mayRead(slices.Concat([]*node{k}, behind), words) })
	case nodeOptional:
		return mayRead(behind, words) || mayRead(slices.Concat(n.kids, behind), words)
	case nodeList:
		return slices.ContainsFunc(n.target, func(p *phrase) bool { return mayRead(slices.Concat([]*node{p.root}, behind), words) })
	}
	return false
}
