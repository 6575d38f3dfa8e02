package rules

import "slices"

// clause is a compiled match. Its leaves are numbered within one side; a leaf is a list of phrases, a regular
// expression or a detector, and all leaves of all rules are looked for in one pass.
type clause struct {
	leaves []int32 // each must be met in the sentence
	near   *nearClause
	not    *clause
	any    []*clause
	source int32 // the leaf that gives span and captures; -1 when any does
}

// nearClause asks for hits of all its leaves within a number of words of each other.
type nearClause struct {
	leaves []int32
	words  int
}

// met is one hit of a leaf, kept for the rest of the turn.
type met struct {
	leaf        int32
	sentence    int32 // -1: the turn as a whole
	start, end  int32 // raw bytes
	first, last int32 // tokens
	caps        int32 // captures [caps, capsEnd) of the scratch
	capsEnd     int32
	next        int32 // next hit of the same leaf, or -1
}

// findings are the hits of one turn, by leaf.
type findings struct {
	mets    []met
	caps    []capture
	heads   []findingsHead
	epoch   uint32
	touched []int32 // leaves with a hit, in the order they were met
	cursors []int32 // see near
	rules   []int32 // that some hit speaks for, once listed: see moment.candidates
	listed  bool
}

// findingsHead is the list of hits of one leaf, in the order of the sentences. Sentences are mostly asked about one
// after the other, so the place of the last answer is kept: without it a message of many sentences that all hold a
// word would cost their square.
type findingsHead struct {
	epoch            uint32
	head, tail, last int32
}

// start forgets the last turn and makes room for a number of leaves.
func (f *findings) start(leaves int) {
	f.mets, f.caps, f.touched, f.listed = f.mets[:0], f.caps[:0], f.touched[:0], false
	if len(f.heads) < leaves {
		f.heads = make([]findingsHead, leaves)
		f.epoch = 0
	}
	f.epoch++
	if f.epoch == 0 { // wrapped around: old marks would look new
		clear(f.heads)
		f.epoch = 1
	}
}

// keep makes m what is kept of a hit whose captures go to caps of the scratch.
func (m *met) keep(h *hit, caps int) {
	m.leaf, m.sentence, m.start, m.end = int32(h.id), int32(h.sentence), int32(h.start), int32(h.end)
	m.first, m.last, m.caps, m.capsEnd, m.next = int32(h.first), int32(h.last), int32(caps), int32(caps+len(h.captures)), -1
}

// add keeps a hit. The hit's captures are copied.
func (f *findings) add(h *hit) {
	at := len(f.mets)
	f.mets = slices.Grow(f.mets, 1)[:at+1]
	f.mets[at].keep(h, len(f.caps))
	if len(h.captures) > 0 {
		f.caps = append(f.caps, h.captures...)
	}
	f.enter(int32(at))
}

// enter lists a hit that is kept.
func (f *findings) enter(at int32) {
	leaf := f.mets[at].leaf
	head := &f.heads[leaf]
	if head.epoch != f.epoch {
		head.epoch, head.head, head.tail, head.last = f.epoch, at, at, at
		f.touched = append(f.touched, leaf)
		return
	}
	f.mets[head.tail].next = at
	head.tail = at
}

// first returns the first hit of a leaf, or -1.
func (f *findings) first(leaf int32) int32 {
	if h := &f.heads[leaf]; h.epoch == f.epoch {
		return h.head
	}
	return -1
}

// from returns the first hit of a leaf in a sentence or behind it, or -1.
func (f *findings) from(leaf, sentence int32) int32 {
	h := &f.heads[leaf]
	if h.epoch != f.epoch {
		return -1
	}
	i := h.head
	if f.mets[h.last].sentence < sentence {
		i = h.last
	}
	for ; i >= 0 && f.mets[i].sentence < sentence; i = f.mets[i].next {
		h.last = i
	}
	return i
}

// within returns the first hit of a leaf in a sentence, or -1; the others follow, see more.
func (f *findings) within(leaf, sentence int32) int32 {
	if i := f.from(leaf, sentence); i >= 0 && f.mets[i].sentence == sentence {
		return i
	}
	return -1
}

// more returns the next hit of the same leaf in the same sentence, or -1.
func (f *findings) more(i int32) int32 {
	if n := f.mets[i].next; n >= 0 && f.mets[n].sentence == f.mets[i].sentence {
		return n
	}
	return -1
}

// in tells whether a leaf is met in a sentence, or by the turn as a whole.
func (f *findings) in(leaf, sentence int32) bool {
	i := f.first(leaf)
	return i >= 0 && (f.mets[i].sentence < 0 || f.within(leaf, sentence) >= 0)
}

// holds evaluates a clause for one sentence.
func (f *findings) holds(c *clause, sentence int32) bool {
	for _, l := range c.leaves {
		if !f.in(l, sentence) {
			return false
		}
	}
	if len(c.any) > 0 && f.anyOf(c, sentence) == nil {
		return false
	}
	if c.near != nil && !f.near(c.near, sentence) {
		return false
	}
	return c.not == nil || !f.holds(c.not, sentence)
}

func (f *findings) anyOf(c *clause, sentence int32) *clause {
	for _, a := range c.any {
		if f.holds(a, sentence) {
			return a
		}
	}
	return nil
}

// near tells whether a hit of every leaf lies within the words of a hit of the first. Hits of a leaf ascend by where they
// begin, so those that lie too far back for one are never looked at again: a message full of such words costs no square.
func (f *findings) near(n *nearClause, sentence int32) bool {
	f.cursors = f.cursors[:0]
	for _, l := range n.leaves[1:] {
		f.cursors = append(f.cursors, f.within(l, sentence))
	}
	for i := f.within(n.leaves[0], sentence); i >= 0; i = f.more(i) {
		low, high := f.mets[i], f.mets[i]
		ok := true
		for k := range f.cursors {
			best := f.closest(&f.cursors[k], &f.mets[i], int32(n.words))
			if best < 0 {
				ok = false
				break
			}
			if f.mets[best].first < low.first {
				low = f.mets[best]
			}
			if f.mets[best].last > high.last {
				high = f.mets[best]
			}
		}
		if ok && int(high.first-low.last) <= n.words {
			return true
		}
	}
	return false
}

// closest returns the hit with the fewest words between it and h, -1 when all lie further than some words away. cursor
// is the first hit of the leaf that may be near h or what comes behind it.
func (f *findings) closest(cursor *int32, h *met, words int32) int32 {
	for *cursor >= 0 && h.first-f.mets[*cursor].last > words {
		*cursor = f.more(*cursor)
	}
	best, least := int32(-1), words+1
	for i := *cursor; i >= 0; i = f.more(i) {
		m := &f.mets[i]
		if m.first-h.last > words {
			break
		}
		if d := max(m.first-h.last, h.first-m.last, 0); m != h && d < least {
			best, least = i, d
		}
	}
	return best
}

// source returns the leaf whose hits a holding clause is about, or -1 when it is about no words (detectors).
func (f *findings) source(c *clause, sentence int32) int32 {
	if c.source >= 0 {
		return c.source
	}
	if a := f.anyOf(c, sentence); a != nil {
		return f.source(a, sentence)
	}
	return -1
}

// capture returns the span of a named capture of the clause's hit in a sentence.
func (f *findings) capture(c *clause, sentence int32, name string) (span, bool) {
	leaf := f.source(c, sentence)
	if leaf < 0 {
		return span{}, false
	}
	for i := f.within(leaf, sentence); i >= 0; i = f.more(i) {
		m := &f.mets[i]
		for _, c := range f.caps[m.caps:m.capsEnd] {
			if c.name == name {
				return span{c.start, c.end}, true
			}
		}
	}
	return span{}, false
}
