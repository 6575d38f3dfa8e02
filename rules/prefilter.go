package rules

import (
	"fmt"
	"math/bits"
	"regexp"
	"regexp/syntax"
	"slices"
	"unicode"
	"unicode/utf8"
)

// regexBuilder collects regular expressions. The zero value is ready.
type regexBuilder struct {
	items []regexItem
}

type regexItem struct {
	re    *regexp.Regexp
	id    int
	need  required // of needs a match holds at least one; nil when nothing is known
	named bool
	// edge tells that it looks for the beginning of the text or of a line.
	edge bool
}

// add enters an RE2 expression. guarded is false when no text is necessary for a match, or no more than a letter, so
// that the expression has to run on almost every message: worth a word to whoever wrote it.
func (b *regexBuilder) add(src string, id int) (guarded bool, err error) {
	re, err := regexp.Compile(src)
	if err != nil {
		return false, fmt.Errorf("regular expression: %w", err)
	}
	tree, err := syntax.Parse(src, syntax.Perl)
	if err != nil {
		return false, fmt.Errorf("regular expression: %w", err)
	}
	named := slices.ContainsFunc(re.SubexpNames(), func(n string) bool { return n != "" })
	need := requiredBy(tree.Simplify())
	b.items = append(b.items, regexItem{re, id, need, named, looksForBeginning(tree)})
	return guards(need.needs) || guards(need.also), nil
}

// guards tells whether texts of which a match holds one are worth looking for: there are some, and none is a letter that
// may be part of a word.
func guards(needs []need) bool {
	return needs != nil && !slices.ContainsFunc(needs, func(n need) bool {
		return len(n.text) == 1 && !(n.left && n.right) && asciiClass[n.text[0]]&classLetter != 0
	})
}

// build returns the finished set. l numbers the words of the texts that it is for.
func (b *regexBuilder) build(l *lexicon) *regexes {
	r := &regexes{items: b.items}
	for i, item := range b.items {
		if item.need.needs == nil {
			r.always = append(r.always, i)
			continue
		}
		enter := func(list []need, marks uint64) {
			for _, n := range list {
				r.needs = append(r.needs, wantedBy{n, i / 32, marks << (i % 32 * 2)})
			}
		}
		if item.need.also == nil {
			enter(item.need.needs, 3)
			continue
		}
		enter(item.need.needs, 1)
		enter(item.need.also, 2)
	}
	r.filter = newLiterals(r.needs)
	r.gate = newWordGate(r.needs, l)
	return r
}

// regexes runs regular expressions behind one look for the text they cannot match without. It is
// immutable and may be shared.
type regexes struct {
	items  []regexItem
	always []int
	filter *literals
	needs  []wantedBy // by literal
	gate   *wordGate  // instead of filter for texts in ASCII
}

// wantedBy is a need of an expression. An expression has two bits, which its needs set; it runs when both are.
type wantedBy struct {
	need
	block int
	marks uint64
}

// matchesPerRegex bounds how often one expression is reported in one message.
const matchesPerRegex = 16

// scan calls emit for each match, expression by expression. Expressions see the whole message with case as written,
// after NFKC and without zero-width characters; a hit belongs to the sentence it starts in, its tokens are those that
// it touches, and its captures are the named groups.
func (r *regexes) scan(t *Text, emit func(h *hit)) {
	if len(r.items) == 0 || len(t.plain) == 0 {
		return
	}
	for _, i := range r.always {
		r.items[i].find(t, emit)
	}
	if len(r.always) == len(r.items) {
		return
	}
	w := &t.work
	n := (len(r.items) + 31) / 32
	w.wanted = append(w.wanted[:0], make([]uint64, n)...)
	if t.identity {
		r.gate.want(t, w.wanted)
	} else {
		low := lowered(t)
		r.filter.scan(low, func(lit, end int) {
			if n := &r.needs[lit]; n.stands(low, end) {
				w.wanted[n.block] |= n.marks
			}
		})
	}
	const first = 0x5555_5555_5555_5555
	for block, marks := range w.wanted {
		for set := marks & (marks >> 1) & first; set != 0; set &= set - 1 {
			r.items[block*32+bits.TrailingZeros64(set)/2].find(t, emit)
		}
	}
}

// looksForBeginning tells whether an expression has ^ or \A somewhere.
func looksForBeginning(re *syntax.Regexp) bool {
	return re.Op == syntax.OpBeginText || re.Op == syntax.OpBeginLine || slices.ContainsFunc(re.Sub, looksForBeginning)
}

// find runs one expression. A match that reaches into the sentences behind its own would hide what they hold
// themselves, so they are looked through again, each from its beginning; but for an expression that would take that for
// the beginning of the text.
func (item *regexItem) find(t *Text, emit func(h *hit)) {
	left := matchesPerRegex
	for from := 0; from >= 0 && left > 0; {
		from, left = item.findFrom(t, from, left, emit)
	}
}

// findFrom reports at most so many matches behind a place, and returns how many may still come and where to look again,
// -1 for nowhere.
func (item *regexItem) findFrom(t *Text, from, left int, emit func(h *hit)) (again, rest int) {
	for _, m := range item.re.FindAllSubmatchIndex(t.plain[from:], left) {
		for i := range m {
			if m[i] >= 0 {
				m[i] += from
			}
		}
		s := t.sentenceFrom(int32(m[0]))
		where := t.rawSpan(int32(m[0]), int32(m[1]))
		first, last := t.touched(s, int32(m[0]), int32(m[1]))
		h := &t.work.hit
		*h = hit{id: item.id, sentence: s, first: first, last: last, start: where.start, end: where.end}
		if item.named {
			t.work.captures = t.work.captures[:0]
			for g, name := range item.re.SubexpNames() {
				if name != "" && m[2*g] >= 0 {
					c := t.rawSpan(int32(m[2*g]), int32(m[2*g+1]))
					t.work.captures = append(t.work.captures, capture{name, c.start, c.end})
				}
			}
			h.captures = t.work.captures
		}
		emit(h)
		left--
		if next := s + 1; !item.edge && next < len(t.sentences) && int(t.sentences[next].start) < m[1] {
			return int(t.sentences[next].start), left
		}
	}
	return -1, left
}

// sentenceFrom returns the sentence that covers plain[at], or the one before it.
func (t *Text) sentenceFrom(at int32) int {
	i, found := slices.BinarySearchFunc(t.sentences, at, func(s sentence, at int32) int { return int(s.start) - int(at) })
	if !found && i > 0 {
		i--
	}
	return i
}

// touched returns the tokens of sentence s that overlap plain[start:end].
func (t *Text) touched(s int, start, end int32) (first, last int) {
	if s >= len(t.sentences) {
		return 0, 0
	}
	first = int(t.sentences[s].first)
	stop := int(t.sentences[s].last)
	for first < stop && t.tokens[first].end <= start {
		first++
	}
	last = first
	for last < stop && t.tokens[last].start < end {
		last++
	}
	return first, last
}

// lowered returns plain in lower case, but for ASCII, which is folded while scanning.
func lowered(t *Text) []byte {
	low := t.spare.fold[:0]
	for i := 0; i < len(t.plain); {
		c := t.plain[i]
		if c < utf8.RuneSelf {
			low = append(low, c)
			i++
			continue
		}
		r, n := utf8.DecodeRune(t.plain[i:])
		low = utf8.AppendRune(low, lowerRune(r))
		i += n
	}
	t.spare.fold = low
	return low
}

// lowerRune maps r so that runes which regexp takes for equal without case are equal, as far as NFKC leaves any apart.
func lowerRune(r rune) rune {
	switch r {
	case 'ς':
		return 'σ'
	case 'İ':
		return r // equal to no other; an i would be a letter of ASCII where the expression sees none
	}
	return unicode.ToLower(r)
}
