package rules

import (
	"slices"
	"strings"
)

// live is the index of what rewrites look for in replies, for text that is not whole yet: which phrases may a text that
// ends here be the beginning of? It is immutable.
//
// Phrases are found as in matcher, by their first words and then by their program, but every look asks whether the
// end of the text is reached on the way. It has rewrites only: signals never hold a reply.
type live struct {
	words    []string   // of the lexicon
	nodes    []liveNode // the roots are liveAnywhere and liveWhole
	programs []*sought
	free     []freeProgram // of whole sentences that may begin with any word
	regexes  []*liveRegex
	emoji    map[rune]bool // phrases that are an emoji
	rules    []*rule       // of the side
	byLeaf   [][]int32
}

type liveNode struct {
	edges    []liveEdge // sorted by word
	programs []int32
}

type liveEdge struct {
	word string
	to   int32
}

// freeProgram is a phrase that begins with a capture. As it might begin with any sentence, every one would be live to its
// 25th word; only the first few are given to the capture.
type freeProgram struct {
	prog *sought
	lead []bool // instructions before any word
}

// freeWords is how many words a capture at the beginning of a sentence may take while the sentence is not whole.
const freeWords = 6

// The two roots of the index.
const (
	liveAnywhere = iota
	liveWhole
	liveRoots
)

// newLive indexes the rewrites among the rules of a side.
func newLive(s *side, words *lexicon, phrases []sought, regexes []regexItem) *live {
	l := &live{words: words.words, nodes: make([]liveNode, liveRoots), rules: s.rules, byLeaf: s.byLeaf, emoji: map[rune]bool{}}
	whole := map[int]bool{}
	for i := range phrases {
		if phrases[i].whole {
			whole[phrases[i].id] = true
		}
	}
	wanted := map[int]bool{}
	for _, x := range s.rules {
		if x.kind == kindRewrite {
			x.clause.begins(whole, x.rewrite.place, wanted)
		}
	}
	children := map[liveChild]int32{}
	for i := range phrases {
		if wanted[phrases[i].id] {
			l.phrase(&phrases[i], children)
		}
	}
	for i := range regexes {
		if wanted[regexes[i].id] {
			if x := newLiveRegex(&regexes[i]); x != nil {
				l.regexes = append(l.regexes, x)
			}
		}
	}
	for i := range l.nodes {
		slices.SortFunc(l.nodes[i].edges, func(a, b liveEdge) int { return strings.Compare(a.word, b.word) })
	}
	return l
}

// begins collects the leaves whose match begins where the change of a rewrite begins: of one that replaces its sentence
// those that cover the sentence.
func (c *clause) begins(whole map[int]bool, p place, into map[int]bool) {
	for _, leaf := range c.leaves {
		if p == placeWords || whole[int(leaf)] {
			into[int(leaf)] = true
		}
	}
	if c.near != nil && p == placeWords {
		for _, leaf := range c.near.leaves {
			into[int(leaf)] = true
		}
	}
	for _, a := range c.any {
		a.begins(whole, p, into)
	}
}

// liveChild finds an edge while the index is built.
type liveChild struct {
	node int32
	word string
}

// phrase enters one phrase.
func (l *live) phrase(p *sought, children map[liveChild]int32) {
	for _, r := range p.emoji {
		l.emoji[r] = true
	}
	if p.begins == nil {
		if p.whole {
			l.free = append(l.free, freeProgram{p, p.lead()})
		}
		return
	}
	n := int32(len(l.programs))
	l.programs = append(l.programs, p)
	root := int32(liveAnywhere)
	if p.whole {
		root = liveWhole
	}
	for _, b := range p.begins {
		node := root
		for _, number := range b.words[:b.length] {
			at := liveChild{node, l.words[number-1]}
			to, ok := children[at]
			if !ok {
				to = int32(len(l.nodes))
				l.nodes = append(l.nodes, liveNode{})
				l.nodes[node].edges = append(l.nodes[node].edges, liveEdge{at.word, to})
				children[at] = to
			}
			node = to
		}
		l.nodes[node].programs = append(l.nodes[node].programs, n)
	}
}

// lead marks the instructions that a program can be at before it has read any word of its own.
func (p *program) lead() []bool {
	lead := make([]bool, len(p.code))
	stack := []int{0}
	for len(stack) > 0 {
		pc := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if lead[pc] {
			continue
		}
		lead[pc] = true
		switch in := p.code[pc]; in.op {
		case opSplit:
			stack = append(stack, int(in.arg), pc+1)
		case opJump:
			stack = append(stack, int(in.arg))
		case opOpen, opClose, opAny, opSlot:
			stack = append(stack, pc+1)
		case opWord, opSet, opMatched:
		}
	}
	return lead
}

// edge finds the node behind a word; -1 when there is none.
func (n *liveNode) edge(word []byte) int32 {
	if i := n.place(word); i < len(n.edges) && n.edges[i].word == string(word) {
		return n.edges[i].to
	}
	return -1
}

// leads tells whether some edge has a word that begins with prefix.
func (n *liveNode) leads(prefix []byte) bool {
	i := n.place(prefix)
	return i < len(n.edges) && len(n.edges[i].word) >= len(prefix) && n.edges[i].word[:len(prefix)] == string(prefix)
}

// place is where a word stands or would stand among the edges.
func (n *liveNode) place(word []byte) int {
	low, high := 0, len(n.edges)
	for low < high {
		if mid := (low + high) / 2; n.edges[mid].word < string(word) {
			low = mid + 1
		} else {
			high = mid
		}
	}
	return low
}

// fate is what is known of a phrase at the end of the text.
type fate uint8

const (
	isDead  fate = iota
	isAlive      // the text may go on so that it matches
	isMatch      // it matches
)

// pursuit looks for phrases in one sentence, tokens [first, last) of t.
type pursuit struct {
	l           *live
	w           *Watch
	t           *Text
	first, last int
	open        bool // the sentence may go on
	growing     bool // its last token may grow
	matched     bool // some rewrite's phrase was met
	threads     *threads
}

// from walks from a root with the tokens from i on, and tells whether something found there has to wait: it is alive, or
// it matches and the sentence is not over.
func (p *pursuit) from(root int32, i int) bool { return p.walk(root, i, i) }

func (p *pursuit) walk(node int32, start, at int) (wait bool) {
	n := &p.l.nodes[node]
	for _, number := range n.programs {
		if prog := p.l.programs[number]; p.acts(prog.id) {
			wait = p.take(p.run(prog.program, nil, start)) || wait
		}
	}
	if at == p.last {
		return wait || p.open && at > start && len(n.edges) > 0
	}
	word, second := p.t.word(at), p.t.second(at)
	if p.growing && at == p.last-1 && (n.leads(word) || second != nil && n.leads(second)) {
		return true
	}
	if to := n.edge(word); to >= 0 {
		wait = p.walk(to, start, at+1) || wait
	}
	if second != nil {
		if to := n.edge(second); to >= 0 {
			wait = p.walk(to, start, at+1) || wait
		}
	}
	return wait
}

// take notes what became of a phrase.
func (p *pursuit) take(f fate) (wait bool) {
	p.matched = p.matched || f == isMatch
	return p.open && f != isDead
}

// freely tries the phrases that may begin with any word.
func (p *pursuit) freely() (wait bool) {
	for i := range p.l.free {
		if f := &p.l.free[i]; p.acts(f.prog.id) {
			wait = p.take(p.run(f.prog.program, f.lead, p.first)) || wait
		}
	}
	return wait
}

// acts tells whether a rewrite that may be used now looks for a leaf.
func (p *pursuit) acts(leaf int) bool {
	for _, at := range p.l.byLeaf[leaf] {
		if x := p.l.rules[at]; x.kind == kindRewrite && x.mode != modeShadow && !p.w.set.silentRule(&x.head, p.w.now) {
			return true
		}
	}
	return false
}

// run follows a program from token start through all that it may read, as program.run does, and tells what the end of
// the sentence makes of it.
func (p *pursuit) run(prog *program, lead []bool, start int) fate {
	w := &p.t.work
	width := min(p.last-start, prog.longest) + 1
	need := (len(prog.code)*width + 63) / 64
	if cap(w.visited) < need {
		w.visited = make([]uint64, need)
	}
	visited := w.visited[:need]
	clear(visited)
	w.stack = append(w.stack[:0], frame{0, int32(start)})
	best := isDead
	for len(w.stack) > 0 {
		f := w.stack[len(w.stack)-1]
		w.stack = w.stack[:len(w.stack)-1]
		pc, pos := int(f.pc), int(f.pos)
		key := pc*width + pos - start
		if pos-start >= width || visited[key>>6]&(1<<(key&63)) != 0 {
			continue
		}
		visited[key>>6] |= 1 << (key & 63)
		in := &prog.code[pc]
		next, result := p.step(prog, in, pos)
		if lead != nil && lead[pc] && pos-start >= freeWords && (in.op == opAny || in.op == opSlot) {
			continue
		}
		if best = max(best, result); best == isMatch {
			return best
		}
		switch {
		case in.op == opSplit:
			w.stack = append(w.stack, frame{int32(in.arg), int32(pos)}, frame{int32(pc + 1), int32(pos)})
		case in.op == opJump:
			w.stack = append(w.stack, frame{int32(in.arg), int32(pos)})
		case next >= pos && in.op != opMatched:
			w.stack = append(w.stack, frame{int32(pc + 1), int32(next)})
		}
	}
	return best
}

// step reads with one instruction at token pos. It returns the token behind what was read, -1 when nothing fits.
func (p *pursuit) step(prog *program, in *instruction, pos int) (int, fate) {
	ids := p.t.ids
	switch in.op {
	case opOpen, opClose, opSplit, opJump:
		return pos, isDead
	case opMatched:
		if prog.whole && pos != p.last {
			return -1, isDead
		}
		return -1, isMatch
	case opWord, opSet, opAny, opSlot:
	}
	if pos >= p.last {
		if p.open {
			return -1, isAlive
		}
		return -1, isDead
	}
	result := isDead
	if p.growing && pos == p.last-1 && p.mayBecome(prog, in, pos) {
		result = isAlive
	}
	switch in.op {
	case opWord:
		if ids[pos].is(in.arg) {
			return pos + 1, result
		}
	case opSet:
		if ids[pos].in(prog.sets[in.arg]) {
			return pos + 1, result
		}
	case opAny:
		return pos + 1, result
	case opSlot:
		n := p.t.slot(in.typ, pos, p.last)
		if p.open && pos+in.typ.most() > p.last { // a number may go on, and what is none yet may become one
			result = isAlive
		}
		if n > 0 {
			return pos + n, result
		}
	}
	return -1, result
}

// mayBecome tells whether the last token, which may grow, is the beginning of a word that an instruction reads.
func (p *pursuit) mayBecome(prog *program, in *instruction, pos int) bool {
	word := p.t.word(pos)
	begins := func(number uint32) bool {
		s := p.l.words[number-1]
		return len(s) >= len(word) && s[:len(word)] == string(word)
	}
	switch in.op {
	case opWord:
		return begins(in.arg)
	case opSet:
		return slices.ContainsFunc(prog.sets[in.arg], begins)
	}
	return true
}

// cheerful tells whether the sentence is nothing but cheer, or may become that.
func (p *pursuit) cheerful() fate {
	if p.last-p.first > longestCheer {
		return isDead
	}
	said := phraseOf(p.t, p.first, p.last)
	switch {
	case !p.open && cheerWords[said]:
		return isMatch
	case !p.open:
		return isDead
	}
	i, _ := slices.BinarySearch(cheerPhrases, said)
	if i < len(cheerPhrases) && strings.HasPrefix(cheerPhrases[i], said) {
		return isAlive
	}
	return isDead
}

// cheerPhrases are the cheerWords, sorted.
var cheerPhrases = func() []string {
	var all []string
	for w := range cheerWords {
		all = append(all, w)
	}
	slices.Sort(all)
	return all
}()
