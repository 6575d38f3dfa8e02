package rules

import (
	"cmp"
	"fmt"
	"slices"
)

// A program is a phrase compiled for verification from a known start. It runs by backtracking in the order the
// pattern is written, with a set of visited (split, token) pairs: no way is gone twice, so its steps are at most twice
// len(code) * (tokens it may cover). It is immutable and may be part of several matchers.
type program struct {
	whole    bool // a match covers a sentence
	code     []instruction
	splits   int        // how many instructions are opSplit
	sets     [][]uint32 // words of opSet, sorted
	captures []string
	longest  int      // tokens a match may cover at most
	begins   []prefix // the words with which a match may begin: see prefixesOf
	needs    needs    // the words that it cannot do without
	emoji    []rune   // that match without a word beside them
}

type opcode uint8

const (
	opWord    opcode = iota // the word arg
	opSet                   // a word of sets[arg]
	opSplit                 // try next instruction, then arg
	opJump                  // go to arg
	opAny                   // any token; with arg up to split of them, to go on there: see program.rest
	opSlot                  // the longest slot of typ that begins here
	opOpen                  // capture arg opens
	opClose                 // capture arg closes
	opMatched               // done; with whole only at the end of the sentence
)

type instruction struct {
	op    opcode
	typ   slotType
	split uint16 // of opSplit: which of them it is; of opAny: how many tokens
	arg   uint32
}

// compiler turns a linked phrase into a program. Word numbers come from the lexicon.
type compiler struct {
	lexicon *lexicon
	prog    *program
	tooLong bool
}

// maxProgram bounds the instructions of one phrase with its lists written out. Word lists cost one instruction each.
const maxProgram = 4096

// compilePhrase compiles a phrase; whole says that it must cover a sentence. The error is a *PhraseError: the phrase is too
// large with its lists written out, or has no word of its own.
func compilePhrase(p *phrase, whole bool, l *lexicon) (*program, error) {
	c := &compiler{lexicon: l, prog: &program{whole: whole}}
	c.node(p.root, whole)
	c.emit(instruction{op: opMatched})
	if c.tooLong {
		return nil, &PhraseError{Col: 1, Msg: fmt.Sprintf("%q is too large with its lists written out", p.src)}
	}
	prog := c.prog
	prog.rest()
	prog.longest = longest(p.root)
	prog.begins = prefixesOf(prog)
	prog.emoji = emojiAlone(p.root)
	slices.Sort(prog.emoji)
	prog.emoji = slices.Compact(prog.emoji)
	sets := necessary(p.root)
	if prog.begins == nil && len(sets) == 0 {
		return nil, &PhraseError{Col: 1, Msg: fmt.Sprintf("%q has no word that every match must hold", p.src)}
	}
	if prog.begins != nil && beginsWithWord(p.root) {
		sets = sets[1:] // it stands there already where the phrase is tried
	}
	slices.SortStableFunc(sets, func(a, b []string) int { return cmp.Compare(weight(a), weight(b)) })
	for _, words := range sets[:min(len(sets), mostNeeds)] {
		prog.needs.add(c.numbers(words))
	}
	return prog, nil
}

// rest marks the captures that take what is left of a match, or of its sentence. They need not be followed token by token,
// each of which could be the last: only the way that takes most can lead to a match that counts.
func (prog *program) rest() {
	for i := range prog.code {
		if prog.code[i].op != opAny {
			continue
		}
		most, end := prog.repeated(i)
		if most > 1 && prog.overFrom(end) {
			prog.code[i].split, prog.code[i].arg = uint16(most), uint32(end)
		}
	}
}

// repeated recognises what compiler.repeat makes of as many tokens as possible, or of as few where the sentence has to end
// behind them: how many they are at most, and the instruction behind.
func (prog *program) repeated(i int) (most, end int) {
	op := func(at int, want opcode) bool { return at < len(prog.code) && prog.code[at].op == want }
	for most, end = 1, i+1; op(end, opSplit) && op(end+1, opAny); most++ {
		end += 2
	}
	for at := i + 1; at < end; at += 2 {
		if int(prog.code[at].arg) != end {
			return 1, i + 1
		}
	}
	if most > 1 || !prog.whole {
		return most, end
	}
	for ; op(end, opSplit) && op(end+1, opJump) && op(end+2, opAny) && int(prog.code[end].arg) == end+2; most++ {
		end += 3
	}
	for at := i + 2; at < end; at += 3 {
		if int(prog.code[at].arg) != end {
			return 1, i + 1
		}
	}
	return most, end
}

// overFrom tells whether the program reads nothing more from an instruction on.
func (prog *program) overFrom(pc int) bool {
	for {
		switch in := prog.code[pc]; in.op {
		case opClose:
			pc++
		case opJump:
			pc = int(in.arg)
		case opMatched:
			return true
		default:
			return false
		}
	}
}

// beginsWithWord tells whether every match of a sequence begins with one of the words of its first part.
func beginsWithWord(n *node) bool {
	return n.kind == nodeWord || n.kind == nodeSequence && onlyWords(n.kids[0]) != nil
}

// words calls f with the words of the program, some of them several times.
func (prog *program) words(f func(word uint32)) {
	for _, in := range prog.code {
		if in.op == opWord {
			f(in.arg)
		}
	}
	for _, set := range prog.sets {
		for _, w := range set {
			f(w)
		}
	}
}

func (c *compiler) emit(i instruction) int {
	if len(c.prog.code) >= maxProgram {
		c.tooLong = true
		return 0
	}
	if i.op == opSplit {
		i.split = uint16(c.prog.splits)
		c.prog.splits++
	}
	c.prog.code = append(c.prog.code, i)
	return len(c.prog.code) - 1
}

// node compiles n. bounded says that something must follow, so that a capture may stop early: it takes as little as
// it can. A capture that nothing follows takes all it can.
func (c *compiler) node(n *node, bounded bool) {
	if c.tooLong {
		return
	}
	switch n.kind {
	case nodeWord:
		c.words(n.words)
	case nodeSequence:
		for i, k := range n.kids {
			follows := bounded
			for _, later := range n.kids[i+1:] {
				follows = follows || !nullable(later)
			}
			c.node(k, follows)
		}
	case nodeChoice:
		c.choice(n.kids, bounded)
	case nodeOptional:
		split := c.emit(instruction{op: opSplit})
		c.node(n.kids[0], bounded)
		c.prog.code[split].arg = uint32(len(c.prog.code))
	case nodeList:
		roots := make([]*node, len(n.target))
		for i, p := range n.target {
			roots[i] = p.root
		}
		c.choice(roots, bounded)
	case nodeCapture:
		c.capture(n, bounded)
	case nodeGap:
		if n.typ != slotAny {
			c.emit(instruction{op: opSlot, typ: n.typ})
			return
		}
		c.repeat(0, maxGap, false)
	}
}

// words compiles the spellings of one word.
func (c *compiler) words(forms []string) {
	if len(forms) == 1 {
		c.emit(instruction{op: opWord, arg: c.lexicon.number(forms[0])})
		return
	}
	c.set(forms)
}

func (c *compiler) set(forms []string) {
	c.prog.sets = append(c.prog.sets, c.numbers(forms))
	c.emit(instruction{op: opSet, arg: uint32(len(c.prog.sets) - 1)})
}

// numbers is the set of some words.
func (c *compiler) numbers(words []string) []uint32 {
	ids := make([]uint32, len(words))
	for i, w := range words {
		ids[i] = c.lexicon.number(w)
	}
	return sortedSet(ids)
}

// choice compiles alternatives. Those that are single words become one set, tried first: which of several equal
// matches is found first makes no difference, since captures are only set by the others.
func (c *compiler) choice(kids []*node, bounded bool) {
	var single []string
	var rest []*node
	for _, k := range kids {
		if w := onlyWords(k); w != nil {
			single = append(single, w...)
		} else {
			rest = append(rest, k)
		}
	}
	var exits []int
	if len(single) > 0 {
		split := -1
		if len(rest) > 0 {
			split = c.emit(instruction{op: opSplit})
		}
		c.set(single)
		if len(rest) == 0 {
			return
		}
		exits = append(exits, c.emit(instruction{op: opJump}))
		c.prog.code[split].arg = uint32(len(c.prog.code))
	}
	for i, k := range rest {
		if i == len(rest)-1 {
			c.node(k, bounded)
			break
		}
		split := c.emit(instruction{op: opSplit})
		c.node(k, bounded)
		exits = append(exits, c.emit(instruction{op: opJump}))
		if c.tooLong {
			return
		}
		c.prog.code[split].arg = uint32(len(c.prog.code))
	}
	for _, e := range exits {
		c.prog.code[e].arg = uint32(len(c.prog.code))
	}
}

// onlyWords returns the words of n when it matches exactly one token out of a closed list, else nil.
func onlyWords(n *node) []string {
	switch n.kind {
	case nodeWord:
		return n.words
	case nodeChoice:
		var all []string
		for _, k := range n.kids {
			w := onlyWords(k)
			if w == nil {
				return nil
			}
			all = append(all, w...)
		}
		return all
	case nodeList:
		var all []string
		for _, p := range n.target {
			w := onlyWords(p.root)
			if w == nil {
				return nil
			}
			all = append(all, w...)
		}
		return all
	}
	return nil
}

func (c *compiler) capture(n *node, bounded bool) {
	at := -1
	for i, name := range c.prog.captures {
		if name == n.name {
			at = i
		}
	}
	if at < 0 {
		at = len(c.prog.captures)
		c.prog.captures = append(c.prog.captures, n.name)
	}
	c.emit(instruction{op: opOpen, arg: uint32(at)})
	switch n.typ {
	case slotAny:
		c.repeat(1, maxCapture, !bounded)
	case slotWord:
		c.repeat(1, 1, false)
	default:
		c.emit(instruction{op: opSlot, typ: n.typ})
	}
	c.emit(instruction{op: opClose, arg: uint32(at)})
}

// repeat compiles least to most tokens, as many as possible when greedy, else as few as possible.
func (c *compiler) repeat(least, most int, greedy bool) {
	for range least {
		c.emit(instruction{op: opAny})
	}
	if greedy {
		var splits []int
		for range most - least {
			splits = append(splits, c.emit(instruction{op: opSplit}))
			c.emit(instruction{op: opAny})
		}
		for _, s := range splits {
			c.prog.code[s].arg = uint32(len(c.prog.code))
		}
		return
	}
	// Lazily: each split first tries to leave, which is a jump forward over the rest.
	var exits []int
	for range most - least {
		split := c.emit(instruction{op: opSplit})
		exits = append(exits, c.emit(instruction{op: opJump}))
		c.prog.code[split].arg = uint32(len(c.prog.code))
		c.emit(instruction{op: opAny})
	}
	for _, e := range exits {
		c.prog.code[e].arg = uint32(len(c.prog.code))
	}
}

// longest returns how many tokens n may cover.
func longest(n *node) int {
	sum := 0
	switch n.kind {
	case nodeWord:
		return 1
	case nodeGap:
		if n.typ == slotAny {
			return maxGap
		}
		return n.typ.most()
	case nodeCapture:
		return n.typ.most()
	case nodeSequence:
		for _, k := range n.kids {
			sum += longest(k)
		}
	case nodeOptional:
		return longest(n.kids[0])
	case nodeChoice:
		for _, k := range n.kids {
			sum = max(sum, longest(k))
		}
	case nodeList:
		for _, p := range n.target {
			sum = max(sum, longest(p.root))
		}
	}
	return sum
}
