package rules

// matchWork is the memory of a running match, kept in the Text so that a matcher can be shared.
type matchWork struct {
	mended   []wordID // the numbers of its tokens, where some word was written with a slip
	visited  []uint64
	stack    []frame
	open     []int32 // per capture: first token, and the token behind the last
	captures []capture
	hit      hit      // the match at hand
	wanted   []uint64 // expressions whose necessary text occurs
	tried    []int32  // programs found by an anchor in the current sentence
	steps    int      // left to spend on the current message
	slipped  []int32  // its tokens that were read as the word meant
}

// needs are sets of words, of each of which every match of a phrase holds one, the rarest first. They stand one behind the
// other, each behind its size, since they are asked about far more often than anything else of a phrase.
type needs []uint32

func (n *needs) add(words []uint32) {
	*n = append(append(*n, uint32(len(words))), words...)
}

// first is the rarest set.
func (n needs) first() []uint32 { return n[1 : 1+n[0]] }

// lacking tells that none of some set is there. Many patterns begin alike ("sorry, I can't …"); most of those that a
// message seems to begin are told apart by a word that it does not have.
func (n needs) lacking(present wordBits) bool {
	for len(n) > 0 {
		if !present.hasAny(n.first()) {
			return true
		}
		n = n[1+n[0]:]
	}
	return false
}

type frame struct{ pc, pos int32 }

// run verifies prog, which begins with token start of a sentence that ends before token last, from some place on. It returns
// the token behind the match, -1 when there is none; captured tokens are in w.open.
func (prog *program) run(t *Text, w *matchWork, ids []wordID, start, last int, from frame) int {
	width := min(last-start, prog.longest) + 1
	need := (prog.splits*width + 63) / 64
	if cap(w.visited) < need {
		w.visited = make([]uint64, need)
	}
	visited := w.visited[:need]
	clear(visited)
	w.steps -= need
	w.open = w.open[:0]
	for range prog.captures {
		w.open = append(w.open, -1, -1)
	}
	w.stack = append(w.stack[:0], from)
	for len(w.stack) > 0 {
		f := w.stack[len(w.stack)-1]
		w.stack = w.stack[:len(w.stack)-1]
		if f.pc < 0 { // undo a capture that did not lead anywhere
			w.open[^f.pc] = f.pos
			continue
		}
		if end := prog.thread(t, w, ids, visited, f, start, last, width); end >= 0 {
			return end
		}
	}
	return -1
}

// thread follows one thread until it fails or matches.
func (prog *program) thread(t *Text, w *matchWork, ids []wordID, visited []uint64, f frame, start, last, width int) int {
	pc, pos := int(f.pc), int(f.pos)
	for {
		w.steps--
		in := &prog.code[pc]
		switch in.op {
		case opWord:
			if pos >= last || !ids[pos].is(in.arg) {
				return -1
			}
			pos++
			pc++
		case opSet:
			if pos >= last || !ids[pos].in(prog.sets[in.arg]) {
				return -1
			}
			pos++
			pc++
		case opAny:
			if pos >= last {
				return -1
			}
			if end := int(in.arg); end > 0 {
				pos, pc = min(last, pos+int(in.split)), end
				continue
			}
			pos++
			pc++
		case opSlot:
			n := t.slot(in.typ, pos, last)
			if n == 0 {
				return -1
			}
			pos += n
			pc++
		case opSplit:
			key := int(in.split)*width + pos - start
			if pos-start >= width || visited[key>>6]&(1<<(key&63)) != 0 {
				return -1
			}
			visited[key>>6] |= 1 << (key & 63)
			w.stack = append(w.stack, frame{int32(in.arg), int32(pos)})
			pc++
		case opJump:
			pc = int(in.arg)
		case opOpen, opClose:
			slot := 2 * int(in.arg)
			if in.op == opClose {
				slot++
			}
			w.stack = append(w.stack, frame{^int32(slot), w.open[slot]})
			w.open[slot] = int32(pos)
			pc++
		case opMatched:
			if prog.whole && pos != last {
				return -1
			}
			return pos
		}
	}
}
