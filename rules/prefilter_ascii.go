package rules

import (
	"cmp"
	"slices"
)

// wordGate tells from the words of a text in ASCII, which are known by number already, and from its signs which
// expressions may match. Most needs are a word: they are met where it stands, and no other look at the text is needed. The
// others are looked for byte by byte, but only in texts that have all words and signs of one. It is immutable.
type wordGate struct {
	lexicon *lexicon
	known   wordBits   // the words asked about
	words   []gateWord // by number; several have the same
	starts  startPairs // with which a word begins that may begin one of the others
	signed  []uint64   // the signs of others that have no word
	open    bool       // some of the others have neither
	given   []wantedBy // needs that every text meets
	filter  *literals  // the others
	others  []gateNeed // by literal
}

// gateWord is what a word is asked for: it is a need, or one word of others[other].
type gateWord struct {
	number uint32
	other  int32 // -1 when it is a need
	block  int   // see wantedBy
	marks  uint64
}

// gateNeed is a need that is no single word, with what a text that meets it has.
type gateNeed struct {
	wantedBy
	words []uint32
	signs uint64 // see signBit
}

// startPairs is a set of pairs of letters by their lower five bits, which a small letter and its capital share.
type startPairs [32]uint32

func (s *startPairs) add(a, b byte)      { s[a&31] |= 1 << (b & 31) }
func (s *startPairs) has(a, b byte) bool { return s[a&31]>>(b&31)&1 != 0 }

// newWordGate sorts needs by what they can be told from.
func newWordGate(needs []wantedBy, l *lexicon) *wordGate {
	g := &wordGate{lexicon: l}
	var texts []wantedBy
	for _, n := range needs {
		if !isPlainASCII([]byte(n.text)) {
			continue // it does not stand in such a text
		}
		words, signs := n.wholeWords(), signsOf([]byte(n.text))
		switch {
		case n.text == " ":
			g.given = append(g.given, n)
			continue
		case len(words) == 1 && words[0] == n.text:
			g.words = append(g.words, gateWord{l.number(words[0]), -1, n.block, n.marks})
			continue
		}
		o := gateNeed{wantedBy: n, signs: signs}
		for _, w := range words {
			o.words = append(o.words, l.number(w))
		}
		switch {
		case len(words) > 0:
			g.words = append(g.words, gateWord{number: o.words[longestOf(words)], other: int32(len(g.others))})
		case signs != 0:
			g.signed = append(g.signed, signs)
		case n.start() >= 0:
			g.starts.add(n.text[n.start()], n.text[n.start()+1])
		default:
			g.open = true
		}
		g.others, texts = append(g.others, o), append(texts, n)
	}
	slices.SortFunc(g.words, func(a, b gateWord) int { return cmp.Compare(a.number, b.number) })
	slices.Sort(g.signed)
	g.signed = slices.Compact(g.signed)
	g.known = newWordBits(l)
	for _, w := range g.words {
		g.known.add(w.number)
	}
	g.filter = newLiterals(texts)
	return g
}

// wholeWords returns the runs of letters in the need that no letter can touch. Words that are drawn out are left out: they
// are not numbered as they are written.
func (n *need) wholeWords() []string {
	var words []string
	for i := 0; i < len(n.text); {
		end := i + lettersIn(n.text[i:])
		if run := n.text[i:end]; run != "" && (i > 0 || n.left) && (end < len(n.text) || n.right) && !hasRun([]byte(run)) {
			words = append(words, run)
		}
		i = end + 1
	}
	return words
}

// start is where a run of two letters or more stands in the need that no letter can touch in front, -1 for nowhere.
func (n *need) start() int {
	for i := 0; i < len(n.text); i++ {
		run := lettersIn(n.text[i:])
		if run >= 2 && (i > 0 || n.left) {
			return i
		}
		i += run
	}
	return -1
}

// longestOf is the place of the longest word, which is met least often.
func longestOf(words []string) int {
	best := 0
	for i, w := range words {
		if len(w) > len(words[best]) {
			best = i
		}
	}
	return best
}

// lettersIn is the length of the run of ASCII letters that s begins with.
func lettersIn[S string | []byte](s S) int {
	n := 0
	for n < len(s) && asciiClass[s[n]]&classLetter != 0 {
		n++
	}
	return n
}

// signBit stands for a sign of ASCII, and for some others.
func signBit(c byte) uint64 { return 1 << (c & 63) }

// signsOf collects the signs in p, white space but for plain spaces among them.
func signsOf(p []byte) uint64 {
	signs := uint64(0)
	for _, c := range p {
		if c != ' ' && asciiClass[c] == 0 {
			signs |= signBit(c)
		}
	}
	return signs
}

// want marks the needs that a text in ASCII meets.
func (g *wordGate) want(t *Text, wanted []uint64) {
	if !t.lexicon.extends(g.lexicon) {
		t.renumber(g.lexicon)
	}
	for _, n := range g.given {
		wanted[n.block] |= n.marks
	}
	open := g.open || slices.ContainsFunc(g.signed, func(signs uint64) bool { return t.signs&signs == signs })
	for i, id := range t.ids {
		k := &t.tokens[i]
		open = open || k.end-k.start > 1 && g.starts.has(t.plain[k.start], t.plain[k.start+1])
		if g.known.has(id.first) {
			open = g.met(t, id.first, wanted) || open
		}
		if k.kind&kindParts != 0 {
			open = g.parts(t, t.norm[k.start:k.end], wanted) || open
		}
	}
	if !open {
		return
	}
	g.filter.scan(t.plain, func(lit, end int) {
		if n := &g.others[lit]; n.stands(t.plain, end) {
			wanted[n.block] |= n.marks
		}
	})
}

// parts looks at the runs of letters in a token that is more than one.
func (g *wordGate) parts(t *Text, p []byte, wanted []uint64) (open bool) {
	for i := 0; i < len(p); i++ {
		end := i + lettersIn(p[i:])
		if end == i {
			continue
		}
		open = open || end-i > 1 && g.starts.has(p[i], p[i+1])
		if n, _ := g.lexicon.look(p[i:end:end]); g.known.has(n) {
			open = g.met(t, n, wanted) || open
		}
		i = end
	}
	return open
}

// met marks what a known word is needed for, and tells whether it opens the gate.
func (g *wordGate) met(t *Text, word uint32, wanted []uint64) (open bool) {
	at, _ := slices.BinarySearchFunc(g.words, word, func(w gateWord, n uint32) int { return cmp.Compare(w.number, n) })
	for _, w := range g.words[at:] {
		if w.number != word {
			break
		}
		if w.other < 0 {
			wanted[w.block] |= w.marks
		} else if o := &g.others[w.other]; !open && t.signs&o.signs == o.signs {
			open = t.parts || !slices.ContainsFunc(o.words, func(n uint32) bool { return !t.present.has(n) })
		}
	}
	return open
}
