package rules

import (
	"cmp"
	"slices"
)

// Bounds of the first words by which a phrase is found.
const (
	prefixWords = 4  // words of the beginning that are used at most
	prefixForms = 32 // ways a phrase may begin before fewer words are used
)

// firstWords returns the sequences of words with which a match of prog can begin, none of which begins with another,
// so that a walk meets at most one of them. It is nil when a match may begin with any word.
func firstWords(prog *program) [][]uint32 {
	type begin struct {
		seq []uint32
		pcs []int
	}
	var done [][]uint32
	open := []begin{{pcs: []int{0}}}
	steps := stepper{prog: prog, seen: make([]int, len(prog.code))}
	for depth := 0; ; depth++ {
		var next []begin
		at := map[uint64]int{} // by what it goes on from and the word
		var ended [][]uint32
		for i, b := range open {
			words, ends := steps.from(b.pcs)
			if ends || depth == prefixWords {
				ended = append(ended, b.seq)
				continue
			}
			for _, w := range words {
				key := uint64(i)<<32 | uint64(w.word)
				k, ok := at[key]
				if !ok {
					k = len(next)
					at[key] = k
					next = append(next, begin{seq: append(b.seq[:len(b.seq):len(b.seq)], w.word)})
				}
				next[k].pcs = append(next[k].pcs, w.pc)
			}
			if depth > 0 && len(done)+len(ended)+len(next) > prefixForms {
				// Too many ways: stay with the beginnings of this depth.
				for _, b := range open {
					done = append(done, b.seq)
				}
				return done
			}
		}
		if depth == 0 && len(ended) > 0 {
			return nil
		}
		done = append(done, ended...)
		if len(next) == 0 {
			return done
		}
		open = next
	}
}

// A stepper finds out what a program can read next.
type stepper struct {
	prog  *program
	seen  []int // per instruction: the last round that came by
	round int
	stack []int
	words []wordStep
}

type wordStep struct {
	word uint32
	pc   int
}

// from returns the words that the program can read next from any of pcs, valid until the next call, and whether it can also
// end or take any word.
func (s *stepper) from(pcs []int) (words []wordStep, ends bool) {
	s.round++
	s.stack, s.words = append(s.stack[:0], pcs...), s.words[:0]
	for len(s.stack) > 0 {
		pc := s.stack[len(s.stack)-1]
		s.stack = s.stack[:len(s.stack)-1]
		if s.seen[pc] == s.round {
			continue
		}
		s.seen[pc] = s.round
		in := s.prog.code[pc]
		switch in.op {
		case opWord:
			s.words = append(s.words, wordStep{in.arg, pc + 1})
		case opSet:
			for _, w := range s.prog.sets[in.arg] {
				s.words = append(s.words, wordStep{w, pc + 1})
			}
		case opSplit:
			s.stack = append(s.stack, int(in.arg), pc+1)
		case opJump:
			s.stack = append(s.stack, int(in.arg))
		case opOpen, opClose:
			s.stack = append(s.stack, pc+1)
		case opAny, opSlot, opMatched:
			ends = true
		}
	}
	return s.words, ends
}

// mostNeeds is how many of the sets of words that a phrase cannot do without are asked about.
const mostNeeds = 3

// necessary returns sets of words of each of which every match of n holds at least one, in the order of the pattern.
func necessary(n *node) [][]string {
	switch n.kind {
	case nodeWord:
		return [][]string{n.words}
	case nodeSequence:
		var all [][]string
		for _, k := range n.kids {
			all = append(all, necessary(k)...)
		}
		return all
	case nodeChoice:
		return necessaryOfAll(n.kids)
	case nodeList:
		roots := make([]*node, len(n.target))
		for i, p := range n.target {
			roots[i] = p.root
		}
		return necessaryOfAll(roots)
	}
	return nil
}

// necessaryOfAll joins the rarest set of each alternative.
func necessaryOfAll(kids []*node) [][]string {
	var joined []string
	for _, k := range kids {
		sets := necessary(k)
		if len(sets) == 0 {
			return nil
		}
		joined = append(joined, slices.MinFunc(sets, func(a, b []string) int { return cmp.Compare(weight(a), weight(b)) })...)
	}
	return [][]string{joined}
}

// weight prefers few and long words: a long word is rarer in messages than a short one.
func weight(words []string) int {
	sum := 0
	for _, w := range words {
		sum += 1 + 64/(1+len(w))
	}
	return sum
}

// trie is the index of first words while it is built.
type trie struct {
	edges    map[uint64]uint32
	programs [][]int32 // per node
}

// The two roots of the trie.
const (
	rootAnywhere = 0
	rootWhole    = 1
)

func newTrie() *trie {
	return &trie{edges: map[uint64]uint32{}, programs: make([][]int32, 2)}
}

func (t *trie) add(root uint32, seq []uint32, program int32) {
	node := root
	for _, w := range seq {
		key := uint64(node)<<32 | uint64(w)
		next, ok := t.edges[key]
		if !ok {
			next = uint32(len(t.programs))
			t.programs = append(t.programs, nil)
			t.edges[key] = next
		}
		node = next
	}
	t.programs[node] = append(t.programs[node], program)
}

// flatten returns the compact form used for matching.
func (t *trie) flatten() firstIndex {
	x := firstIndex{lists: make([]listAt, len(t.programs))}
	for i, p := range t.programs {
		x.lists[i] = listAt{uint32(len(x.order)), uint32(len(x.order) + len(p))}
		x.order = append(x.order, p...)
	}
	size, highest := 16, uint32(0)
	for size < 2*len(t.edges) {
		size *= 2
	}
	x.keys, x.nodes = make([]uint64, size), make([]uint32, size)
	for key, node := range t.edges {
		if from, word := uint32(key>>32), uint32(key); from == rootAnywhere {
			highest = max(highest, word)
			continue
		}
		i := x.slot(key)
		for x.keys[i] != 0 {
			i = (i + 1) & (size - 1)
		}
		x.keys[i], x.nodes[i] = key, node
	}
	x.starts = make([]uint32, highest+1)
	for key, node := range t.edges {
		if from, word := uint32(key>>32), uint32(key); from == rootAnywhere {
			x.starts[word] = node
		}
	}
	return x
}

// firstIndex finds programs by the words with which a match begins: a trie over the numbers of words. What begins with a
// word is looked up by its number, since that is asked of every word of a message; the other edges are in an
// open-addressing table from (node, word) to node, whose keys are never 0, since words count from 1.
type firstIndex struct {
	starts []uint32 // by word: the node it leads to from rootAnywhere, 0 for none
	keys   []uint64
	nodes  []uint32
	lists  []listAt // per node: programs that begin with the words that lead to it
	order  []int32  // programs, indexed by lists
}

type listAt struct{ from, to uint32 }

// start returns the node that a word leads to where phrases may begin, 0 for none.
func (x *firstIndex) start(word uint32) uint32 {
	if int(word) < len(x.starts) {
		return x.starts[word]
	}
	return 0
}

// next returns the node that a word leads to, 0 for none.
func (x *firstIndex) next(node, word uint32) uint32 {
	if node == rootAnywhere {
		return x.start(word)
	}
	if word == 0 {
		return 0
	}
	key := uint64(node)<<32 | uint64(word)
	for i := x.slot(key); ; i = (i + 1) & (len(x.keys) - 1) {
		switch x.keys[i] {
		case key:
			return x.nodes[i]
		case 0:
			return 0
		}
	}
}

// at lists the programs that begin with the words that lead to a node.
func (x *firstIndex) at(node uint32) []int32 {
	list := x.lists[node]
	if list.from == list.to {
		return nil
	}
	return x.order[list.from:list.to]
}

func (x *firstIndex) slot(key uint64) int {
	h := key * 0x9e3779b97f4a7c15
	return int(h>>32) & (len(x.keys) - 1)
}
