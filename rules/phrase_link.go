package rules

import (
	"fmt"
	"maps"
	"slices"
	"unicode/utf8"
)

// A phraseBook holds the named lists of a set.
type phraseBook map[string][]*phrase

// resolve links every <reference> inside the book. The errors are *PhraseError with List and Index set: unknown
// lists, lists that contain themselves, and phrases that would match without any word. Order is by list and index.
func (b phraseBook) resolve() []error {
	var errs []error
	names := slices.Sorted(maps.Keys(b))
	for _, name := range names {
		for i, p := range b[name] {
			for _, e := range b.bind(p) {
				e.List, e.Index = name, i
				errs = append(errs, e)
			}
		}
	}
	state := map[string]int{} // 1 while on the path, 2 when done
	for _, name := range names {
		b.cycles(name, state, &errs)
	}
	if len(errs) > 0 {
		return errs
	}
	sizes := map[string]int{}
	for _, name := range names {
		b.size(name, sizes, &errs)
	}
	if len(errs) > 0 {
		return errs
	}
	for _, name := range names {
		for i, p := range b[name] {
			if nullable(p.root) {
				errs = append(errs, &PhraseError{List: name, Index: i, Col: 1, Msg: "matches without any word"})
			}
		}
	}
	return errs
}

// link links the references of a pattern written in place against a book that is resolved without errors.
func (b phraseBook) link(p *phrase) []error {
	var errs []error
	for _, e := range b.bind(p) {
		errs = append(errs, e)
	}
	if len(errs) == 0 && nullable(p.root) {
		errs = append(errs, &PhraseError{Col: 1, Msg: "matches without any word"})
	}
	return errs
}

// bind sets the targets of all references in p.
func (b phraseBook) bind(p *phrase) []*PhraseError {
	var errs []*PhraseError
	walkNodes(p.root, func(n *node) {
		if n.kind != nodeList {
			return
		}
		list, ok := b[n.name]
		if !ok || len(list) == 0 {
			e := &PhraseError{Col: utf8.RuneCountInString(p.src[:n.col]) + 1, Msg: fmt.Sprintf("the list %q is empty", n.name)}
			if !ok {
				e.Msg, e.unknown = fmt.Sprintf("no list of phrases is named %q", n.name), n.name
				if e.Hint = nearestOr(n.name, slices.Sorted(maps.Keys(b))); e.Hint == "" {
					e.Hint = "write it under phrases"
				}
			}
			errs = append(errs, e)
			return
		}
		n.target = list
	})
	return errs
}

// cycles reports each list that can reach itself, once.
func (b phraseBook) cycles(name string, state map[string]int, errs *[]error) {
	if state[name] == 2 {
		return
	}
	state[name] = 1
	for i, p := range b[name] {
		walkNodes(p.root, func(n *node) {
			if n.kind != nodeList {
				return
			}
			if state[n.name] == 1 {
				*errs = append(*errs, &PhraseError{
					List: name, Index: i, Col: utf8.RuneCountInString(p.src[:n.col]) + 1,
					Msg: "the list " + n.name + " contains itself",
				})
				return
			}
			b.cycles(n.name, state, errs)
		})
	}
	state[name] = 2
}

// maxWritten bounds the words of a phrase with its lists written out: lists of lists grow by multiplication.
const maxWritten = 100_000

// size counts the words of a list with its references written out, and reports each phrase that passes maxWritten. What
// was reported counts as one word from then on, so that a fault is told once. Lists do not contain themselves here.
func (b phraseBook) size(name string, sizes map[string]int, errs *[]error) int {
	if n, ok := sizes[name]; ok {
		return n
	}
	sum := 0
	for i, p := range b[name] {
		words := 0
		walkNodes(p.root, func(n *node) {
			words++
			if n.kind == nodeList && words <= maxWritten {
				words += b.size(n.name, sizes, errs)
			}
		})
		if words > maxWritten {
			*errs = append(*errs, &PhraseError{
				List: name, Index: i, Col: 1, Msg: fmt.Sprintf("with its lists written out this has more than %d words", maxWritten),
			})
			words = 1
		}
		sum += words
	}
	sizes[name] = sum
	return sum
}

// walkNodes calls f for n and everything below it, not following references.
func walkNodes(n *node, f func(*node)) {
	f(n)
	for _, k := range n.kids {
		walkNodes(k, f)
	}
}

// nullable reports whether n matches without consuming a token that means something: a gap alone does not count.
func nullable(n *node) bool {
	switch n.kind {
	case nodeWord, nodeCapture:
		return false
	case nodeGap:
		return n.typ == slotAny
	case nodeOptional:
		return true
	case nodeSequence:
		return !slices.ContainsFunc(n.kids, func(k *node) bool { return !nullable(k) })
	case nodeChoice:
		return slices.ContainsFunc(n.kids, nullable)
	case nodeList:
		return slices.ContainsFunc(n.target, func(p *phrase) bool { return nullable(p.root) })
	}
	return false
}

// nearest returns the name closest to want by edit distance, "" when none is near enough to be meant.
func nearest(want string, names []string) string {
	best, least := "", max(1, len(want)/3)+1
	for _, n := range names {
		if d := editDistance(want, n, least); d < least {
			best, least = n, d
		}
	}
	return best
}

// editDistance counts insertions, deletions, substitutions and swaps of neighbours between a and b; anything from
// limit up comes back as limit.
func editDistance(a, b string, limit int) int {
	if len(a)-len(b) >= limit || len(b)-len(a) >= limit {
		return limit
	}
	before, prev, cur := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range prev {
		prev[j] = j
	}
	for i := 1; i <= len(a); i++ {
		cur[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			cur[j] = min(prev[j]+1, cur[j-1]+1, prev[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				cur[j] = min(cur[j], before[j-2]+1)
			}
		}
		before, prev, cur = prev, cur, before
	}
	return min(prev[len(b)], limit)
}
