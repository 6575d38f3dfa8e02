package rules

import "slices"

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
	lexicon *lexicon
	slips   *slips // nil where words are taken as written
	firsts  firstIndex
	anchors map[uint32][]int32 // word -> phrases found by it
	emoji   map[rune][]int32   // emoji -> phrases it matches by itself
	sought  []sought
}

// sought is a phrase that a matcher looks for.
type sought struct {
	*program
	id    int
	exact bool // no word with a slip
}

// matcherBuilder collects phrases. The zero value is ready.
type matcherBuilder struct {
	compiler *phraseCompiler // a new one when nil
	slips    bool            // long words also match with one letter wrong
	sought   []sought
}

// add enters a phrase, whose references are linked. Several phrases may share an id. whole says that the phrase must
// cover a whole sentence. The error is a *PhraseError.
func (b *matcherBuilder) add(p *phrase, id int, whole bool) error {
	return b.enter(p, sought{id: id}, whole)
}

// addExact enters a phrase that does not match words with a slip.
func (b *matcherBuilder) addExact(p *phrase, id int, whole bool) error {
	return b.enter(p, sought{id: id, exact: true}, whole)
}

func (b *matcherBuilder) enter(p *phrase, e sought, whole bool) error {
	if b.compiler == nil {
		b.compiler = newPhraseCompiler(ownWords.extend())
	}
	var err error
	if e.program, err = b.compiler.compile(p, whole); err == nil {
		b.sought = append(b.sought, e)
	}
	return err
}

// build makes a matcher of what was added.
func (b *matcherBuilder) build() *matcher {
	m := &matcher{anchors: map[uint32][]int32{}, sought: b.sought}
	trie := newTrie()
	for i, e := range b.sought {
		n := int32(i)
		for _, r := range e.emoji {
			if m.emoji == nil {
				m.emoji = map[rune][]int32{}
			}
			m.emoji[r] = append(m.emoji[r], n)
		}
		root := uint32(rootAnywhere)
		if e.whole {
			root = rootWhole
		}
		for _, words := range e.begins {
			trie.add(root, words, n)
		}
		if e.begins == nil {
			for _, word := range e.needs[0] {
				m.anchors[word] = append(m.anchors[word], n)
			}
		}
	}
	m.firsts = trie.flatten()
	if b.compiler != nil {
		m.lexicon = b.compiler.lexicon
	}
	if b.slips {
		m.slips = newSlips(m.lexicon, b.sought)
	}
	return m
}

// A phraseCompiler compiles each phrase once, however many matchers it is part of. All of them share a lexicon.
type phraseCompiler struct {
	lexicon *lexicon
	done    map[phraseUse]compiled
}

type phraseUse struct {
	phrase *phrase
	whole  bool
}

type compiled struct {
	*program
	err error
}

func newPhraseCompiler(l *lexicon) *phraseCompiler {
	return &phraseCompiler{lexicon: l, done: map[phraseUse]compiled{}}
}

func (c *phraseCompiler) compile(p *phrase, whole bool) (*program, error) {
	use := phraseUse{p, whole}
	out, ok := c.done[use]
	if !ok {
		out.program, out.err = compilePhrase(p, whole, c.lexicon)
		c.done[use] = out
	}
	return out.program, out.err
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
	if len(m.sought) == 0 {
		return
	}
	ids := m.read(t)
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
		m.walk(t, ids, rootWhole, first, s, emit)
		w.tried = w.tried[:0]
		for i := first; i < last; i++ {
			if ids[i].second != 0 || m.firsts.start(ids[i].first) != 0 {
				m.walk(t, ids, rootAnywhere, i, s, emit)
			}
			if anchored {
				m.byAnchor(t, ids, i, s, emit)
			}
			if w.steps < 0 {
				return
			}
		}
	}
}

// read returns the numbers of the words of t, with the words meant where one was written with a slip.
func (m *matcher) read(t *Text) []wordID {
	if !t.lexicon.extends(m.lexicon) {
		t.renumber(m.lexicon)
	}
	if m.slips == nil {
		t.work.slipped = t.work.slipped[:0]
		return t.ids
	}
	return m.slips.mend(t)
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
		if node = m.firsts.next(node, id.first); node == 0 {
			return
		}
		for _, e := range m.firsts.at(node) {
			m.try(t, ids, &m.sought[e], i, s, emit)
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
				to := m.firsts.next(n, word)
				if to == 0 || slices.Contains(next, to) {
					continue
				}
				next = append(next, to)
				for _, e := range m.firsts.at(to) {
					if !slices.Contains(tried, e) {
						tried = append(tried, e)
						m.try(t, ids, &m.sought[e], i, s, emit)
					}
				}
			}
		}
		nodes = next
	}
}

// byAnchor verifies the phrases that the word at token i is necessary for, once a sentence each for those that
// cover it, and from the earliest start that matches for the others.
func (m *matcher) byAnchor(t *Text, ids []wordID, i, s int, emit func(h hit)) {
	w := &t.work
	for _, word := range [2]uint32{ids[i].first, ids[i].second} {
		if word == 0 {
			continue
		}
		for _, n := range m.anchors[word] {
			if slices.Contains(w.tried, n) {
				continue
			}
			e := &m.sought[n]
			first := int(t.sentences[s].first)
			if e.whole {
				w.tried = append(w.tried, n)
				m.try(t, ids, e, first, s, emit)
				continue
			}
			for start := max(first, i-e.longest+1); start <= i; start++ {
				if m.try(t, ids, e, start, s, emit) {
					w.tried = append(w.tried, n)
					break
				}
			}
		}
	}
}

// try verifies a phrase from token i and reports whether it matched.
func (m *matcher) try(t *Text, ids []wordID, e *sought, i, s int, emit func(h hit)) bool {
	w := &t.work
	if w.steps < 0 || e.lacks(t.present) {
		return false
	}
	sent := &t.sentences[s]
	end := e.run(t, w, ids, i, int(sent.last))
	if end < 0 || e.exact && w.slippedIn(i, end) {
		return false
	}
	h := hit{id: e.id, sentence: s, first: i, last: end}
	where := t.tokenSpan(i, end)
	if e.whole {
		where = t.sentenceSpan(s)
	}
	h.start, h.end = where.start, where.end
	w.captures = w.captures[:0]
	for k, name := range e.captures {
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
