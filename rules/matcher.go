package rules

import (
	"errors"
	"fmt"
	"slices"
)

// A hit is one place where a phrase matched.
type hit struct {
	id          int // as given to matcherBuilder.add
	sentence    int
	first, last int // tokens [first, last)
	start, end  int // raw bytes; for a phrase that covers its sentence the sentence's, with quotes and end mark
	captures    []capture
}

// A capture is what a {name} of a phrase took, in raw bytes, trimmed of punctuation.
type capture struct {
	name       string
	start, end int
}

// A matcher finds all phrases of all rules in one pass over a Text. It is immutable: one matcher serves any number
// of goroutines, each with a Text of its own.
//
// Phrases are found by their first words, kept in a trie over word numbers that is walked from every word (from the
// first of each sentence for phrases that cover it), so the cost does not depend on phrases that do not begin
// here. A phrase that begins with a capture or a gap is found by a word it cannot do without. What is found is then
// verified by its program.
type matcher struct {
	vocab    vocabulary
	slips    *slips // nil where words are taken as written
	edges    edgeTable
	lists    []span             // per node: programs that begin with the words that lead to it
	order    []int32            // programs, indexed by lists
	anchors  map[uint32][]int32 // word -> programs found by it
	emoji    map[rune][]int32   // emoji -> programs it matches by itself
	programs []*program
}

// The two roots of the trie.
const (
	rootAnywhere = 0
	rootWhole    = 1
)

// matcherBuilder collects phrases. The zero value is ready.
type matcherBuilder struct {
	phrases []builtPhrase
	slips   bool // long words also match with one letter wrong
}

type builtPhrase struct {
	phrase *phrase
	id     int
	whole  bool
	exact  bool // no word with a slip
}

// add enters a phrase, whose references are linked. Several phrases may share an id. whole says that the phrase must
// cover a whole sentence.
func (b *matcherBuilder) add(p *phrase, id int, whole bool) {
	b.phrases = append(b.phrases, builtPhrase{phrase: p, id: id, whole: whole})
}

// addExact enters a phrase that does not match words with a slip.
func (b *matcherBuilder) addExact(p *phrase, id int, whole bool) {
	b.phrases = append(b.phrases, builtPhrase{p, id, whole, true})
}

// build compiles what was added. The error joins one *PhraseError for each phrase that is too large or has no word of its own.
func (b *matcherBuilder) build() (*matcher, error) {
	m := &matcher{anchors: map[uint32][]int32{}}
	var errs []error
	trie := newTrie()
	for _, bp := range b.phrases {
		prog := compilePhrase(bp.phrase, bp.id, bp.whole, &m.vocab)
		if prog == nil {
			errs = append(errs, &PhraseError{Col: 1, Msg: fmt.Sprintf("%q is too large with its lists written out", bp.phrase.src)})
			continue
		}
		prog.exact = bp.exact
		n := int32(len(m.programs))
		m.programs = append(m.programs, prog)
		m.addEmoji(bp.phrase.root, n)
		root := uint32(rootAnywhere)
		if bp.whole {
			root = rootWhole
		}
		need := necessary(bp.phrase.root)
		for _, w := range need {
			prog.needs.add(m.vocab.number(w))
		}
		firsts := firstWords(prog)
		if firsts == nil {
			if need == nil {
				errs = append(errs, &PhraseError{Col: 1, Msg: fmt.Sprintf("%q has no word that every match must hold", bp.phrase.src)})
			}
			for _, w := range need {
				id := m.vocab.number(w)
				m.anchors[id] = append(m.anchors[id], n)
			}
			continue
		}
		for _, seq := range firsts {
			trie.add(root, seq, n)
		}
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	m.edges, m.lists, m.order = trie.flatten()
	if b.slips {
		m.slips = newSlips(&m.vocab)
	}
	return m, nil
}

// workPerToken and workPerMessage bound the steps of verification in one message. Ordinary messages need a few
// steps a word; the bound is for text made to match the beginnings of many phrases over and over. What lies behind
// it is not matched, and the message passes as it is.
const (
	workPerToken   = 40
	workPerMessage = 50_000
)

// scan calls emit for every match in t, by sentence and start. The hit's captures are valid during the call only.
// A phrase may be reported from several starts in one sentence, but once from each.
func (m *matcher) scan(t *Text, emit func(h hit)) {
	if len(m.programs) == 0 {
		return
	}
	ids := m.number(t)
	w := &t.work
	w.steps = workPerMessage + workPerToken*len(ids)
	anchored := len(m.anchors) > 0
	emoji := 0
	for s := range t.sentences {
		if emoji < len(t.emoji) && m.emoji != nil {
			emoji = m.scanEmoji(t, emoji, s, emit)
		}
		first, last := int(t.sentences[s].first), int(t.sentences[s].last)
		if first == last {
			continue
		}
		if ids[first] != (wordID{}) {
			m.walk(t, ids, rootWhole, first, s, emit)
		}
		w.tried = w.tried[:0]
		for i := first; i < last; i++ {
			if ids[i] == (wordID{}) {
				continue
			}
			m.walk(t, ids, rootAnywhere, i, s, emit)
			if anchored {
				m.byAnchor(t, ids, i, s, emit)
			}
			if w.steps < 0 {
				return
			}
		}
	}
}

// number looks up every token of t.
func (m *matcher) number(t *Text) []wordID {
	ids := t.work.ids[:0]
	t.work.words = wordBits{}
	t.work.slipped = t.work.slipped[:0]
	unknown := 0
	for i := range t.tokens {
		k := &t.tokens[i]
		word := t.norm[k.from:k.to]
		id := wordID{first: m.vocab.find(k.hash, word)}
		if k.alt != k.to {
			word = t.norm[k.to:k.alt]
			id.second = m.vocab.find(hashWord(word), word)
			t.work.words.add(id.second)
		}
		if id.first == 0 && m.slips != nil && k.mayBeSlip() && unknown < slipMessages {
			unknown++
			if id.first = m.slips.find(word); id.first != 0 {
				t.work.slipped = append(t.work.slipped, int32(i))
			}
		}
		t.work.words.add(id.first)
		ids = append(ids, id)
	}
	t.work.ids = ids
	return ids
}

// walk follows the trie from token i and verifies the programs it meets.
func (m *matcher) walk(t *Text, ids []wordID, root uint32, i, s int, emit func(h hit)) {
	last := int(t.sentences[s].last)
	node := root
	for at := i; at < last; at++ {
		id := ids[at]
		if id.second != 0 {
			m.walkBoth(t, ids, node, i, at, s, emit)
			return
		}
		next, ok := m.edges.find(node, id.first)
		if !ok {
			return
		}
		node = next
		for _, p := range m.order[m.lists[node].start:m.lists[node].end] {
			m.try(t, ids, m.programs[p], i, s, emit)
		}
	}
}

// walkBoth goes on from token at of a walk that began at token i, where a drawn-out word has two readings. A
// program that both lead to is tried once.
func (m *matcher) walkBoth(t *Text, ids []wordID, node uint32, i, at, s int, emit func(h hit)) {
	last := int(t.sentences[s].last)
	nodes := []uint32{node}
	var tried []int32
	for ; at < last && len(nodes) > 0; at++ {
		var next []uint32
		for _, n := range nodes {
			for _, word := range [2]uint32{ids[at].first, ids[at].second} {
				to, ok := m.edges.find(n, word)
				if !ok || slices.Contains(next, to) {
					continue
				}
				next = append(next, to)
				for _, p := range m.order[m.lists[to].start:m.lists[to].end] {
					if !slices.Contains(tried, p) {
						tried = append(tried, p)
						m.try(t, ids, m.programs[p], i, s, emit)
					}
				}
			}
		}
		nodes = next
	}
}

// byAnchor verifies the programs that the word at token i is necessary for, once a sentence each for those that
// cover it, and from the earliest start that matches for the others.
func (m *matcher) byAnchor(t *Text, ids []wordID, i, s int, emit func(h hit)) {
	w := &t.work
	for _, word := range [2]uint32{ids[i].first, ids[i].second} {
		if word == 0 {
			continue
		}
		for _, p := range m.anchors[word] {
			if slices.Contains(w.tried, p) {
				continue
			}
			prog := m.programs[p]
			first := int(t.sentences[s].first)
			if prog.whole {
				w.tried = append(w.tried, p)
				m.try(t, ids, prog, first, s, emit)
				continue
			}
			for start := max(first, i-prog.longest+1); start <= i; start++ {
				if m.try(t, ids, prog, start, s, emit) {
					w.tried = append(w.tried, p)
					break
				}
			}
		}
	}
}

// try verifies prog from token i and reports whether it matched.
func (m *matcher) try(t *Text, ids []wordID, prog *program, i, s int, emit func(h hit)) bool {
	w := &t.work
	if w.steps < 0 || w.words.lacks(&prog.needs) {
		return false
	}
	sent := &t.sentences[s]
	end := prog.run(t, w, ids, i, int(sent.last))
	if end < 0 || prog.exact && w.slippedIn(i, end) {
		return false
	}
	h := hit{id: prog.id, sentence: s, first: i, last: end}
	where := t.tokenSpan(i, end)
	if prog.whole {
		where = t.sentenceSpan(s)
	}
	h.start, h.end = where.start, where.end
	w.captures = w.captures[:0]
	for k, name := range prog.captures {
		from, to := int(w.open[2*k]), int(w.open[2*k+1])
		if from < 0 || to <= from {
			continue // in an alternative that was not taken
		}
		c := t.slotSpan(from, to, s)
		w.captures = append(w.captures, capture{name, c.start, c.end})
	}
	h.captures = w.captures
	emit(h)
	return true
}
