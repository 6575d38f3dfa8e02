package rules

import (
	"maps"
	"math/bits"
	"slices"
)

// wordGate tells from the words of a text in ASCII, which are known by number already, which expressions may match. Most
// needs are a word, or hold one: they are met where it stands, and no other look at the text is needed. What has neither
// a word nor letters that one begins with is looked for byte by byte, if the text has its signs. It is immutable.
type wordGate struct {
	lexicon *lexicon
	known   wordBits              // the words asked about
	ranks   []int                 // by 64 numbers: how many of the known words have lower ones
	words   [][]gateWord          // of each known word
	starts  startPairs            // the letters with which a word begins that may begin one of the next
	begun   map[uint16][]gateNeed // by startPair
	given   []wantedBy            // needs that every text meets
	signed  []uint64              // the signs of rest, see signBit
	open    bool                  // some of the rest have none
	filter  *literals             // the rest
	rest    []wantedBy            // by literal
}

// gateWord is a need that is found by a word. alone: it is no more than the word.
type gateWord struct {
	alone bool
	gateNeed
}

// gateNeed is a need with the place in its text of what it is found by.
type gateNeed struct {
	wantedBy
	at int
}

// meet marks the need, if it stands around what it is found by, which stands at p[at:].
func (n *gateNeed) meet(p []byte, at int, wanted []uint64) {
	start, end := at-n.at, at-n.at+len(n.text)
	if start < 0 || end > len(p) || wanted[n.block]&n.marks == n.marks {
		return
	}
	for i := range len(n.text) {
		if c := p[start+i]; c != n.text[i] && (asciiClass[c]&classUpper == 0 || c|0x20 != n.text[i]) {
			return
		}
	}
	if n.stands(p, end) {
		wanted[n.block] |= n.marks
	}
}

// startPairs is a set of pairs of letters by their lower five bits, which a small letter and its capital share.
type startPairs [32]uint32

func (s *startPairs) add(a, b byte)      { s[a&31] |= 1 << (b & 31) }
func (s *startPairs) has(a, b byte) bool { return s[a&31]>>(b&31)&1 != 0 }

// startPair is a pair in such a set.
func startPair(a, b byte) uint16 { return uint16(a&31)<<5 | uint16(b&31) }

// newWordGate sorts needs by what they can be told from.
func newWordGate(needs []wantedBy, l *lexicon) *wordGate {
	g := &wordGate{lexicon: l, begun: map[uint16][]gateNeed{}}
	byWord := map[uint32][]gateWord{}
	for _, n := range needs {
		if !isPlainASCII([]byte(n.text)) {
			continue // it does not stand in such a text
		}
		word, start, signs := n.wholeWord(), n.start(), signsOf([]byte(n.text))
		switch {
		case n.text == " ":
			g.given = append(g.given, n)
		case word.start < word.end:
			w := n.text[word.start:word.end]
			number := l.number(w)
			byWord[number] = append(byWord[number], gateWord{w == n.text, gateNeed{n, word.start}})
		case start >= 0:
			a, b := n.text[start], n.text[start+1]
			g.starts.add(a, b)
			g.begun[startPair(a, b)] = append(g.begun[startPair(a, b)], gateNeed{n, start})
		default:
			g.rest, g.open = append(g.rest, n), g.open || signs == 0
			g.signed = append(g.signed, signs)
		}
	}
	slices.Sort(g.signed)
	g.signed = slices.Compact(g.signed)
	g.known = newWordBits(l)
	for _, number := range slices.Sorted(maps.Keys(byWord)) {
		g.known.add(number)
		g.words = append(g.words, byWord[number])
	}
	lower := 0
	for _, block := range g.known {
		g.ranks = append(g.ranks, lower)
		lower += bits.OnesCount64(block)
	}
	g.filter = newLiterals(g.rest)
	return g
}

// wholeWord is where the longest run of letters in the need stands that no letter can touch: what is longest is met least
// often. Words that are drawn out do not count, since they are not numbered as they are written.
func (n *need) wholeWord() (longest span) {
	for i := 0; i < len(n.text); {
		end := i + lettersIn(n.text[i:])
		if end-i > longest.end-longest.start && (i > 0 || n.left) && (end < len(n.text) || n.right) && !hasRun([]byte(n.text[i:end])) {
			longest = span{i, end}
		}
		i = end + 1
	}
	return longest
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
	for i, id := range t.ids {
		k := &t.tokens[i]
		if k.end-k.start > 1 && g.starts.has(t.plain[k.start], t.plain[k.start+1]) {
			g.begin(t.plain, int(k.start), wanted)
		}
		if g.known.has(id.first) {
			g.meet(t.plain, int(k.start), id.first, wanted)
		}
		if k.kind&kindParts != 0 {
			g.parts(t, k, wanted)
		}
	}
	if !g.open && !slices.ContainsFunc(g.signed, func(signs uint64) bool { return t.signs&signs == signs }) {
		return
	}
	g.filter.scan(t.plain, func(lit, end int) {
		if n := &g.rest[lit]; n.stands(t.plain, end) {
			wanted[n.block] |= n.marks
		}
	})
}

// parts looks at the runs of letters in a token that is more than one.
func (g *wordGate) parts(t *Text, k *token, wanted []uint64) {
	for i := int(k.start); i < int(k.end); i++ {
		end := i + lettersIn(t.norm[i:k.end])
		if end == i {
			continue
		}
		if end-i > 1 {
			g.begin(t.plain, i, wanted)
		}
		if number, _ := g.lexicon.look(t.norm[i:end:end]); g.known.has(number) {
			g.meet(t.plain, i, number, wanted)
		}
		i = end
	}
}

// begin marks the needs that are found by the two letters at p[start:], with which a word begins.
func (g *wordGate) begin(p []byte, start int, wanted []uint64) {
	begun := g.begun[startPair(p[start], p[start+1])]
	for i := range begun {
		begun[i].meet(p, start, wanted)
	}
}

// meet marks the needs that are found by a known word, which stands at p[start:].
func (g *wordGate) meet(p []byte, start int, word uint32, wanted []uint64) {
	lower := g.known[word>>6] & (1<<(word&63) - 1)
	words := g.words[g.ranks[word>>6]+bits.OnesCount64(lower)]
	for i := range words {
		if w := &words[i]; w.alone {
			wanted[w.block] |= w.marks
		} else {
			w.meet(p, start, wanted)
		}
	}
}
