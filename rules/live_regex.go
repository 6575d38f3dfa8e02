package rules

import (
	"regexp/syntax"
	"slices"
	"unicode/utf8"
)

// liveRegex is a regular expression for text that is not whole yet. It is run from every place where it may begin, as a
// set of threads (Thompson 1968) over the program of regexp/syntax, and asked whether any is left at the end.
type liveRegex struct {
	id    int
	prog  *syntax.Prog
	first [256]bool // bytes with which a match can begin
}

// newLiveRegex returns nil for an expression that may begin with anything: it would hold every reply.
func newLiveRegex(item *regexItem) *liveRegex {
	tree, err := syntax.Parse(item.re.String(), syntax.Perl)
	if err != nil {
		return nil // reported where it stands
	}
	prog, err := syntax.Compile(tree.Simplify())
	if err != nil {
		return nil
	}
	x := &liveRegex{id: item.id, prog: prog}
	t := threads{prog: prog, anywhere: true}
	t.add(uint32(prog.Start))
	if t.matched {
		return nil
	}
	for _, pc := range t.now {
		if !x.begin(&prog.Inst[pc]) {
			return nil
		}
	}
	return x
}

// begin enters the bytes that an instruction reads; false when it reads about anything.
func (x *liveRegex) begin(in *syntax.Inst) bool {
	if in.Op != syntax.InstRune && in.Op != syntax.InstRune1 {
		return false
	}
	for r := rune(0); r < utf8.RuneSelf; r++ {
		x.first[r] = x.first[r] || in.MatchRune(r)
	}
	if len(in.Rune) == 0 || in.Rune[len(in.Rune)-1] >= utf8.RuneSelf || syntax.Flags(in.Arg)&syntax.FoldCase != 0 {
		for c := utf8.RuneSelf; c < len(x.first); c++ {
			x.first[c] = true
		}
	}
	n := 0
	for _, letter := range x.first[:utf8.RuneSelf] {
		if letter {
			n++
		}
	}
	return n <= 52
}

// fate tells what becomes of a match that begins at byte at of plain.
func (x *liveRegex) fate(t *threads, plain []byte, at int) fate {
	t.prog, t.anywhere, t.matched = x.prog, false, false
	t.now, t.seen = t.now[:0], t.seen[:0]
	before := rune(-1)
	if at > 0 {
		before, _ = utf8.DecodeLastRune(plain[:at])
	}
	start := true
	for i := at; i < len(plain); {
		r, n := utf8.DecodeRune(plain[i:])
		t.look = syntax.EmptyOpContext(before, r)
		if start {
			t.add(uint32(x.prog.Start))
			start = false
		} else {
			t.settle()
		}
		if t.matched {
			return isMatch
		}
		t.next = t.next[:0]
		for _, pc := range t.now {
			if in := &x.prog.Inst[pc]; in.MatchRune(r) {
				t.next = append(t.next, in.Out)
			}
		}
		if len(t.next) == 0 {
			return isDead
		}
		before = r
		i += n
	}
	t.anywhere = true // what follows is not known
	if start {
		return isDead
	}
	t.settle()
	if t.matched {
		return isMatch
	}
	if len(t.now) > 0 {
		return isAlive
	}
	return isDead
}

// threads are the instructions that read a character next.
type threads struct {
	prog     *syntax.Prog
	now      []uint32
	next     []uint32
	seen     []uint32
	look     syntax.EmptyOp
	anywhere bool // every condition on what stands around may hold
	matched  bool
}

// settle follows the threads of next to where they read.
func (t *threads) settle() {
	t.now, t.seen = t.now[:0], t.seen[:0]
	for _, pc := range t.next {
		t.add(pc)
	}
}

func (t *threads) add(pc uint32) {
	if slices.Contains(t.seen, pc) {
		return
	}
	t.seen = append(t.seen, pc)
	switch in := &t.prog.Inst[pc]; in.Op {
	case syntax.InstAlt, syntax.InstAltMatch:
		t.add(in.Out)
		t.add(in.Arg)
	case syntax.InstCapture, syntax.InstNop:
		t.add(in.Out)
	case syntax.InstEmptyWidth:
		if t.anywhere || syntax.EmptyOp(in.Arg)&^t.look == 0 {
			t.add(in.Out)
		}
	case syntax.InstMatch:
		t.matched = true
	case syntax.InstRune, syntax.InstRune1, syntax.InstRuneAny, syntax.InstRuneAnyNotNL:
		t.now = append(t.now, pc)
	case syntax.InstFail:
	}
}

// expressions runs the regular expressions over the sentence and returns the raw byte from which on it has to wait for
// one, -1 when it has not.
func (p *pursuit) expressions(s int) int {
	if len(p.l.regexes) == 0 {
		return -1
	}
	t := p.t
	from, to := int32(0), t.sentences[s].end
	if s > 0 {
		from = t.sentences[s-1].end
	}
	if p.open && p.last == len(t.tokens) {
		to = int32(len(t.plain))
	}
	for i := int(from); i < int(to); i++ {
		for _, x := range p.l.regexes {
			if !x.first[t.plain[i]] || !utf8.RuneStart(t.plain[i]) || !p.acts(x.id) {
				continue
			}
			if f := x.fate(p.threads, t.plain[:to], i); p.take(f) {
				return t.rawSpan(int32(i), int32(i+1)).start
			}
		}
	}
	return -1
}
