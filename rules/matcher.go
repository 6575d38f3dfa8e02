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
// verified by its program, from behind those words, unless it is no more than them.
type matcher struct {
	lexicon *lexicon
	slips   *slips // nil where words are taken as written
	firsts  firstIndex
	anchors map[uint32][]int32 // word -> phrases found by it
	anchor  wordBits           // the words that have some
	emoji   map[rune][]int32   // emoji -> phrases it matches by itself
	sought  []sought
}

// sought is a phrase that a matcher looks for.
type sought struct {
	*program
	id      int
	exact   bool // no word with a slip
	written bool // its words stand as they are written: what seems to have a slip may be one of them
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
	if b.compiler != nil {
		m.lexicon, m.anchor = b.compiler.lexicon, newWordBits(b.compiler.lexicon)
	}
	trie := newTrie()
	for i, e := range b.sought {
		n := int32(i)
		for _, r := range e.emoji {
			if m.emoji == nil {
				m.emoji = map[rune][]int32{}
			}
			m.emoji[r] = append(m.emoji[r], n)
		}
		root := rootAnywhere
		if e.whole {
			root = rootWhole
		}
		for _, p := range e.begins {
			trie.add(root, p, n)
		}
		if e.begins == nil {
			for _, word := range e.needs.first() {
				m.anchors[word] = append(m.anchors[word], n)
				m.anchor.add(word)
			}
		}
	}
	m.firsts = trie.flatten(func(program int32) needs { return b.sought[program].needs })
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

// finish forgets what only building matchers needs: an eighth of the memory of a set.
func (c *phraseCompiler) finish() {
	for _, out := range c.done {
		if out.program != nil {
			out.begins = nil
		}
	}
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

// scan calls emit for every match in t, by sentence and start. The hit is valid during the call only.
// A phrase may be reported from several starts in one sentence, but once from each.
func (m *matcher) scan(t *Text, emit func(h *hit)) {
	if len(m.sought) == 0 {
		return
	}
	r := search{matcher: m, t: t, ids: m.read(t), emit: emit}
	w := &t.work
	w.steps = workPerMessage + workPerToken*len(r.ids)
	anchored := len(m.anchors) > 0
	emoji := 0
	for s := range t.sentences {
		if emoji < len(t.emoji) && m.emoji != nil {
			emoji = m.scanEmoji(t, emoji, s, emit)
		}
		r.s, r.first, r.last = s, int(t.sentences[s].first), int(t.sentences[s].last)
		if r.first == r.last {
			continue
		}
		r.walk(beforeWhole, r.first, r.first)
		w.tried = w.tried[:0]
		for i := r.first; i < r.last; i++ {
			if id := r.ids[i]; id.second != 0 {
				r.walkBoth(beforeAnywhere, i, i)
			} else if at := m.firsts.start(id.first); at.node != 0 {
				r.tryAll(at.list, i, i+1)
				r.walk(at, i, i+1)
			}
			if id := r.ids[i]; anchored && (id.second != 0 || r.anchor.has(id.first)) {
				r.byAnchor(i)
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

// search is a scan of a Text on its way through a sentence.
type search struct {
	*matcher
	t           *Text
	ids         []wordID
	emit        func(h *hit)
	s           int // the sentence
	first, last int // its tokens
}

// walk follows the trie from a spot over the tokens from at on, and verifies the phrases it meets, which begin with token i.
func (r *search) walk(p spot, i, at int) {
	for _, id := range r.ids[at:r.last] {
		if id.second != 0 {
			r.walkBoth(p, i, at)
			return
		}
		if p = r.firsts.next(p, id.first); p.node == 0 {
			return
		}
		at++
		r.tryAll(p.list, i, at)
	}
}

// tryAll verifies the phrases of a list, which begin with tokens [i, end).
func (r *search) tryAll(list uint32, i, end int) {
	if list == 0 {
		return
	}
	for l := r.firsts.at(list); len(l) > 0; l = l[entrySize:] {
		e := l.first()
		if !e.all && r.firsts.needsOf(l).lacking(r.t.present) {
			continue
		}
		p := &r.sought[e.program]
		switch {
		case p.written && r.t.work.slippedIn(i, end): // another word stands there
		case e.all:
			r.report(p, i, end)
		case e.pc > 0: // what leads here is read
			r.try(p, i, frame{e.pc, int32(end)})
		default:
			r.try(p, i, frame{0, int32(i)})
		}
	}
}

// walkBoth goes on from token at of a walk that began at token i, where a drawn-out word has two readings. A
// phrase that both lead to is tried once.
func (r *search) walkBoth(from spot, i, at int) {
	spots := []spot{from}
	var tried []int32
	for ; at < r.last && len(spots) > 0; at++ {
		var next []spot
		for _, from := range spots {
			for _, word := range [2]uint32{r.ids[at].first, r.ids[at].second} {
				to := r.firsts.next(from, word)
				if to.node == 0 || slices.Contains(next, to) {
					continue
				}
				next = append(next, to)
				for l := r.firsts.at(to.list); len(l) > 0; l = l[entrySize:] {
					if e := l.first(); !slices.Contains(tried, e.program) && !r.firsts.needsOf(l).lacking(r.t.present) {
						tried = append(tried, e.program)
						r.try(&r.sought[e.program], i, frame{0, int32(i)})
					}
				}
			}
		}
		spots = next
	}
}

// byAnchor verifies the phrases that the word at token i is necessary for, once a sentence each for those that
// cover it, and from the earliest start that matches for the others.
func (r *search) byAnchor(i int) {
	w := &r.t.work
	for _, word := range [2]uint32{r.ids[i].first, r.ids[i].second} {
		if word == 0 || !r.anchor.has(word) {
			continue
		}
		for _, n := range r.anchors[word] {
			if slices.Contains(w.tried, n) {
				continue
			}
			p := &r.sought[n]
			if p.needs.lacking(r.t.present) {
				continue
			}
			if p.whole {
				w.tried = append(w.tried, n)
				r.try(p, r.first, frame{0, int32(r.first)})
				continue
			}
			for start := max(r.first, i-p.longest+1); start <= i; start++ {
				if r.try(p, start, frame{0, int32(start)}) {
					w.tried = append(w.tried, n)
					break
				}
			}
		}
	}
}

// try verifies a phrase whose needs are there and which begins with token i, from some place on, and reports whether it
// matched.
func (r *search) try(p *sought, i int, from frame) bool {
	w := &r.t.work
	if w.steps < 0 {
		return false
	}
	ids := r.ids
	if p.written {
		ids = r.t.ids
	}
	end := p.run(r.t, w, ids, i, r.last, from)
	return end >= 0 && r.report(p, i, end)
}

// report hands a match over, tokens [i, end), unless the phrase does not take it after all.
func (r *search) report(p *sought, i, end int) bool {
	t := r.t
	w := &t.work
	if p.whole && end != r.last || p.exact && w.slippedIn(i, end) {
		return false
	}
	w.steps--
	h := &w.hit
	h.id, h.sentence, h.first, h.last = p.id, r.s, i, end
	where := t.tokenSpan(i, end)
	if p.whole {
		where = t.sentenceSpan(r.s)
	}
	h.start, h.end = where.start, where.end
	w.captures = w.captures[:0]
	for k, name := range p.captures {
		from, to := int(w.open[2*k]), int(w.open[2*k+1])
		if from < 0 || to <= from {
			continue // in an alternative that was not taken
		}
		c := t.slotSpan(from, to, r.s)
		w.captures = append(w.captures, capture{name, c.start, c.end})
	}
	h.captures = w.captures
	r.emit(h)
	return true
}
