package rules

import (
	"cmp"
	"fmt"
	"slices"
)

// Bounds of the first words by which a phrase is found.
const (
	prefixWords = 4   // words of the beginning that are used at most
	prefixForms = 128 // ways a phrase may begin before fewer words are used
)

// A prefix is a sequence of words with which a match may begin.
type prefix struct {
	words  [prefixWords]uint32
	length uint8
	all    bool  // a match that begins so ends so: nothing is left to verify
	pc     int32 // the instruction behind, 0 where there may be several
}

// then is the prefix with another word behind, of which nothing else is known yet.
func (p *prefix) then(word uint32) prefix {
	longer := prefix{words: p.words, length: p.length + 1}
	longer.words[p.length] = word
	return longer
}

// prefixesOf returns the prefixes of the matches of prog, none of which begins with another, so that a walk meets at most
// one of them. It is nil when a match may begin with any word.
func prefixesOf(prog *program) []prefix {
	type begin struct {
		prefix
		pcs []int
	}
	var done []prefix
	open := []begin{{pcs: []int{0}}}
	steps := stepper{prog: prog, seen: make([]int, len(prog.code))}
	for depth := 0; ; depth++ {
		var next []begin
		at := map[uint64]int{} // by what it goes on from and the word
		var ended []prefix
		for i, b := range open {
			words, ends, over := steps.from(b.pcs)
			open[i].all = over && len(prog.captures) == 0
			if len(b.pcs) == 1 {
				open[i].pc = int32(b.pcs[0])
			}
			if ends || depth == prefixWords {
				ended = append(ended, open[i].prefix)
				continue
			}
			for _, w := range words {
				key := uint64(i)<<32 | uint64(w.word)
				k, ok := at[key]
				if !ok {
					k = len(next)
					at[key] = k
					next = append(next, begin{prefix: b.then(w.word)})
				}
				next[k].pcs = append(next[k].pcs, w.pc)
			}
			if depth > 0 && len(done)+len(ended)+len(next) > prefixForms {
				// Too many ways: stay with the beginnings of this depth.
				for _, b := range open {
					done = append(done, b.prefix)
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

// from returns the words that the program can read next from any of pcs, valid until the next call, whether it can also
// end or take any word, and whether it can do nothing but end.
func (s *stepper) from(pcs []int) (words []wordStep, ends, over bool) {
	s.round++
	s.stack, s.words = append(s.stack[:0], pcs...), s.words[:0]
	open := false
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
		case opAny, opSlot:
			ends, open = true, true
		case opMatched:
			ends = true
		}
	}
	return s.words, ends, ends && !open && len(s.words) == 0
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

// The two roots of the trie, as parents of what begins there. No place in a table has such a number.
const (
	rootAnywhere = ^uint32(0)
	rootWhole    = rootAnywhere - 1
)

// trie is the index of first words while it is built. Its nodes are numbered from 1, parents before children.
type trie struct {
	children map[firstEdge]uint32
	edges    []firstEdge // per node: how it is reached
	ends     [][]prefixEnd
}

// A prefixEnd is a program that a prefix belongs to, at the node it leads to.
type prefixEnd struct {
	program int32
	all     bool // see prefix
	pc      int32
}

// firstEdge leads from a node, or a root, in its upper half, to the next by a word, in its lower half.
type firstEdge uint64

func edgeOf(from, word uint32) firstEdge { return firstEdge(from)<<32 | firstEdge(word) }

func (e firstEdge) from() uint32 { return uint32(e >> 32) }
func (e firstEdge) word() uint32 { return uint32(e) }

func newTrie() *trie {
	return &trie{children: map[firstEdge]uint32{}, edges: make([]firstEdge, 1), ends: make([][]prefixEnd, 1)}
}

func (t *trie) add(node uint32, p prefix, program int32) {
	for _, w := range p.words[:p.length] {
		edge := edgeOf(node, w)
		next, ok := t.children[edge]
		if !ok {
			next = uint32(len(t.edges))
			t.edges = append(t.edges, edge)
			t.ends = append(t.ends, nil)
			t.children[edge] = next
		}
		node = next
	}
	t.ends[node] = append(t.ends[node], prefixEnd{program, p.all, p.pc})
}

// flatten returns the compact form used for matching. needs are those of each program.
func (t *trie) flatten(needs func(program int32) needs) firstIndex {
	size, highest := 16, uint32(0)
	for 2*size < 3*len(t.edges) {
		size *= 2
	}
	for _, e := range t.edges {
		if e.from() == rootAnywhere {
			highest = max(highest, e.word())
		}
	}
	x := firstIndex{starts: make([]spot, highest+1), nodes: make([]firstNode, size), lists: []uint32{0}, needs: []uint32{0}}
	x.nodes[0].edge = edgeOf(rootAnywhere, ^uint32(0)) // nobody's: 0 stands for no node
	places := make([]uint32, len(t.edges))
	known := map[string]uint32{} // lists that were written down: a phrase with many beginnings has the same at many of them
	asked := map[int32]uint32{}  // where the needs of a program stand
	for n := 1; n < len(t.edges); n++ {
		e := t.edges[n]
		if e.from() < rootWhole {
			from := places[e.from()]
			x.nodes[from].follow |= followBit(e.word())
			e = edgeOf(from, e.word())
		}
		i := x.slot(e)
		for x.nodes[i].edge != 0 {
			i = (i + 1) & uint32(size-1)
		}
		x.nodes[i].edge = e
		if ends := t.ends[n]; len(ends) > 0 {
			key := fmt.Sprint(ends)
			if _, ok := known[key]; !ok {
				known[key] = x.enter(ends, asked, needs)
			}
			x.nodes[i].list = known[key]
		}
		places[n] = i
	}
	for i, n := range x.nodes { // with all that leads on from there
		if n.edge.from() == rootAnywhere && i > 0 {
			x.starts[n.edge.word()] = x.spotOf(uint32(i))
		}
	}
	x.lists, x.needs = slices.Clone(x.lists), slices.Clone(x.needs)
	return x
}

// firstIndex finds programs by the words with which a match begins: a trie over the numbers of words. Its nodes stand in an
// open-addressing table by the edge that leads to them, and are called by their places in it, so that one look-up finds
// the node and what ends there. What begins with a word is also known by its number, since that is asked of every word of
// a message; all such nodes stand together once more.
//
// Most of what a message seems to begin is told apart by what stands here: no other memory is touched for it.
type firstIndex struct {
	starts []spot // by word: where it leads to from rootAnywhere
	nodes  []firstNode
	lists  []uint32 // one behind the other, each behind the number of its programs: see programList
	needs  []uint32 // of each program, one behind the other, each behind their size
}

type firstNode struct {
	edge   firstEdge // 0 where there is no node, since words count from 1
	follow uint32    // a bit for each word that leads on, see followBit
	list   uint32    // lists[list:] are the programs that begin with the words that lead here
}

// A spot is where a walk has come to: a node with what is known of it. The zero value is nowhere.
type spot struct{ node, follow, list uint32 }

// The spots before the first word.
var (
	beforeAnywhere = spot{node: rootAnywhere, follow: ^uint32(0)}
	beforeWhole    = spot{node: rootWhole, follow: ^uint32(0)}
)

// followBit stands for a word, and for one in 32 of the others.
func followBit(word uint32) uint32 { return 1 << (word * 0x9e3779b1 >> 27) }

// start returns where a word leads to where phrases may begin.
func (x *firstIndex) start(word uint32) spot {
	if int(word) < len(x.starts) {
		return x.starts[word]
	}
	return spot{}
}

// next returns where a word leads to from a spot.
func (x *firstIndex) next(p spot, word uint32) spot {
	if p.follow&followBit(word) == 0 || word == 0 {
		return spot{}
	}
	if p.node == rootAnywhere {
		return x.start(word)
	}
	edge := edgeOf(p.node, word)
	for i := x.slot(edge); ; i = (i + 1) & uint32(len(x.nodes)-1) {
		switch x.nodes[i].edge {
		case edge:
			return x.spotOf(i)
		case 0:
			return spot{}
		}
	}
}

func (x *firstIndex) spotOf(node uint32) spot {
	n := &x.nodes[node]
	return spot{node, n.follow, n.list}
}

// enter writes a list of programs down and returns its place.
func (x *firstIndex) enter(ends []prefixEnd, asked map[int32]uint32, needs func(program int32) needs) uint32 {
	at := uint32(len(x.lists))
	x.lists = append(x.lists, uint32(len(ends)))
	for _, e := range ends {
		if e.all { // it needs nothing more
			x.lists = append(x.lists, uint32(e.program)<<1|1, 0, 0)
			continue
		}
		if _, ok := asked[e.program]; !ok {
			asked[e.program] = uint32(len(x.needs))
			needs := needs(e.program)
			x.needs = append(append(x.needs, uint32(len(needs))), needs...)
		}
		x.lists = append(x.lists, uint32(e.program)<<1, uint32(e.pc), asked[e.program])
	}
	return at
}

// at is the list of programs that stands at a place of lists.
func (x *firstIndex) at(i uint32) programList {
	list := x.lists[i:]
	return list[1 : 1+entrySize*list[0]]
}

// programList is, for each of some programs, twice its number, one more when its prefix is all of it, the instruction
// behind the prefix, and the place of its needs.
type programList []uint32

const entrySize = 3

func (l programList) first() prefixEnd { return prefixEnd{int32(l[0] >> 1), l[0]&1 != 0, int32(l[1])} }

// needsOf are the needs of the first program of a list.
func (x *firstIndex) needsOf(l programList) needs {
	n := x.needs[l[2]:]
	return needs(n[1 : 1+n[0]])
}

// slot is where the node behind an edge is looked for first.
func (x *firstIndex) slot(e firstEdge) uint32 {
	return uint32(uint64(e)*0x9e3779b97f4a7c15>>32) & uint32(len(x.nodes)-1)
}
