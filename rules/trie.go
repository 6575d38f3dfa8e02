package rules

import (
	"encoding/binary"
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
	for depth := 0; ; depth++ {
		var next []begin
		at := map[string]int{}
		var ended [][]uint32
		for _, b := range open {
			words, ends := firstStep(prog, b.pcs)
			if ends || depth == prefixWords {
				ended = append(ended, b.seq)
				continue
			}
			for _, w := range words {
				seq := append(slices.Clone(b.seq), w.word)
				key := seqKey(seq)
				i, ok := at[key]
				if !ok {
					i = len(next)
					at[key] = i
					next = append(next, begin{seq: seq})
				}
				next[i].pcs = append(next[i].pcs, w.pc)
			}
		}
		if depth == 0 && len(ended) > 0 {
			return nil
		}
		if depth > 0 && len(done)+len(ended)+len(next) > prefixForms {
			// Too many ways: stay with the beginnings of this depth.
			for _, b := range open {
				done = append(done, b.seq)
			}
			return done
		}
		done = append(done, ended...)
		if len(next) == 0 {
			return done
		}
		open = next
	}
}

type wordStep struct {
	word uint32
	pc   int
}

// firstStep returns the words that the program can read next from any of pcs, and whether it can also end or take any word.
func firstStep(prog *program, pcs []int) (steps []wordStep, ends bool) {
	seen := map[int]bool{}
	stack := slices.Clone(pcs)
	for len(stack) > 0 {
		pc := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if seen[pc] {
			continue
		}
		seen[pc] = true
		in := prog.code[pc]
		switch in.op {
		case opWord:
			steps = append(steps, wordStep{in.arg, pc + 1})
		case opSet:
			for _, w := range prog.sets[in.arg] {
				steps = append(steps, wordStep{w, pc + 1})
			}
		case opSplit:
			stack = append(stack, int(in.arg), pc+1)
		case opJump:
			stack = append(stack, int(in.arg))
		case opOpen, opClose:
			stack = append(stack, pc+1)
		case opAny, opSlot, opMatched:
			ends = true
		}
	}
	return steps, ends
}

func seqKey(seq []uint32) string {
	var b []byte
	for _, w := range seq {
		b = binary.LittleEndian.AppendUint32(b, w)
	}
	return string(b)
}

// necessary returns words of which every match of n holds at least one, the fewest it can find; nil when there are none.
func necessary(n *node) []string {
	switch n.kind {
	case nodeWord:
		return n.words
	case nodeSequence:
		var best []string
		for _, k := range n.kids {
			if w := necessary(k); w != nil && (best == nil || weight(w) < weight(best)) {
				best = w
			}
		}
		return best
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

func necessaryOfAll(kids []*node) []string {
	var all []string
	for _, k := range kids {
		w := necessary(k)
		if w == nil {
			return nil
		}
		all = append(all, w...)
	}
	return all
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
func (t *trie) flatten() (edgeTable, []span, []int32) {
	var order []int32
	lists := make([]span, len(t.programs))
	for i, p := range t.programs {
		lists[i] = span{len(order), len(order) + len(p)}
		order = append(order, p...)
	}
	size := 16
	for size < 2*len(t.edges) {
		size *= 2
	}
	e := edgeTable{keys: make([]uint64, size), nodes: make([]uint32, size)}
	for key, node := range t.edges {
		for i := e.slot(key); ; i = (i + 1) & (len(e.keys) - 1) {
			if e.keys[i] == 0 {
				e.keys[i], e.nodes[i] = key, node
				break
			}
		}
	}
	return e, lists, order
}

// edgeTable is an open-addressing table from (node, word) to node. A key is never 0, since words count from 1.
type edgeTable struct {
	keys  []uint64
	nodes []uint32
}

func (e *edgeTable) slot(key uint64) int {
	h := key * 0x9e3779b97f4a7c15
	return int(h>>32) & (len(e.keys) - 1)
}

func (e *edgeTable) find(node, word uint32) (uint32, bool) {
	if word == 0 {
		return 0, false
	}
	key := uint64(node)<<32 | uint64(word)
	for i := e.slot(key); ; i = (i + 1) & (len(e.keys) - 1) {
		switch e.keys[i] {
		case key:
			return e.nodes[i], true
		case 0:
			return 0, false
		}
	}
}
