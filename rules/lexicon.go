package rules

import (
	"encoding/binary"
	"math/bits"
	"slices"
)

// A lexicon numbers words, from 1. Whatever is looked for in messages is compiled to these numbers, so that a word of a
// message is looked up once, however many patterns, cues and lists know it. A lexicon that extends another one keeps its
// numbers. It is immutable once the set it belongs to is compiled.
//
// It is an open-addressing table that keeps the first eight bytes of each word: looking up most words touches one
// cache line, however many there are.
type lexicon struct {
	base  *lexicon
	words []string
	slots []wordSlot // length is a power of two, at most half full, or 0
}

type wordSlot struct {
	head   uint64 // the first eight bytes
	length uint32
	number uint32 // 0 = empty
}

// extend returns a lexicon with the words of l, which more may be added to.
func (l *lexicon) extend() *lexicon {
	return &lexicon{base: l, words: slices.Clone(l.words), slots: slices.Clone(l.slots)}
}

// extends tells whether the numbers of base hold in l.
func (l *lexicon) extends(base *lexicon) bool {
	for ; l != nil; l = l.base {
		if l == base {
			return true
		}
	}
	return false
}

// number returns the number of w, giving it one when it is new.
func (l *lexicon) number(w string) uint32 {
	n, hash := l.look([]byte(w))
	if n != 0 {
		return n
	}
	if 2*(len(l.words)+1) > len(l.slots) {
		l.slots = make([]wordSlot, max(64, 2*len(l.slots)))
		for i, old := range l.words {
			_, at := l.look([]byte(old))
			l.place(old, at, uint32(i+1))
		}
	}
	l.words = append(l.words, w)
	n = uint32(len(l.words))
	l.place(w, hash, n)
	return n
}

func (l *lexicon) place(w string, hash uint64, n uint32) {
	mask := uint64(len(l.slots) - 1)
	i := hash & mask
	for l.slots[i].number != 0 {
		i = (i + 1) & mask
	}
	l.slots[i] = wordSlot{headOf([]byte(w)), uint32(len(w)), n}
}

// look returns the number of w, 0 for none, and its hash.
func (l *lexicon) look(w []byte) (number uint32, hash uint64) {
	head, length := headOf(w), uint32(len(w))
	hash = hashOf(w)
	slots := l.slots
	for i := hash; len(slots) > 0; i++ {
		s := &slots[i&uint64(len(slots)-1)]
		if s.number == 0 {
			break
		}
		if s.head == head && s.length == length && (length <= 8 || l.words[s.number-1][8:] == string(w[8:])) {
			return s.number, hash
		}
	}
	return 0, hash
}

// lookShort is look for words of eight bytes at most, which nearly always stand in the first slot or nowhere.
func (l *lexicon) lookShort(w []byte) (number uint32, hash uint64) {
	head := headOf(w)
	hash = mixed(head ^ uint64(len(w))*0x9e3779b97f4a7c15)
	if s := &l.slots[hash&uint64(len(l.slots)-1)]; s.head == head && int(s.length) == len(w) || s.number == 0 {
		return s.number, hash
	}
	return l.look(w)
}

// hashOf is the hash of a word.
func hashOf(w []byte) uint64 {
	hash := mixed(headOf(w) ^ uint64(len(w))*0x9e3779b97f4a7c15)
	for i := 8; i < len(w); i += 8 {
		hash = mixed(hash ^ headOf(w[i:]))
	}
	return hash
}

// headOf returns the first eight bytes of w as a number, fewer when it is shorter.
func headOf(w []byte) uint64 {
	if cap(w) >= 8 { // most words stand in front of others, in one buffer
		head := binary.LittleEndian.Uint64(w[:8])
		if len(w) < 8 {
			head &= 1<<(8*len(w)) - 1
		}
		return head
	}
	head := uint64(0)
	for i, c := range w {
		head |= uint64(c) << (8 * i)
	}
	return head
}

// mixed turns what goes in into a hash of it, by multiplication.
func mixed(h uint64) uint64 {
	high, low := bits.Mul64(h^0xa0761d6478bd642f, 0xe7037ed1a0b428db)
	return high ^ low
}

// A wordID is the number of a token, and that of its other reading when it was drawn out; 0 is a word without a number.
type wordID struct{ first, second uint32 }

func (w wordID) is(n uint32) bool { return w.first == n || w.second == n && n != 0 }

func (w wordID) in(set []uint32) bool {
	if w.first == 0 && w.second == 0 {
		return false
	}
	return inSet(set, w.first) || w.second != 0 && inSet(set, w.second)
}

// inSet searches a sorted set; small ones, which most are, from the front.
func inSet(set []uint32, n uint32) bool {
	if n == 0 {
		return false
	}
	if len(set) <= 8 {
		return slices.Contains(set, n)
	}
	_, ok := slices.BinarySearch(set, n)
	return ok
}

func sortedSet(ids []uint32) []uint32 {
	slices.Sort(ids)
	return slices.Compact(ids)
}

// wordBits is a set of words by number. Numbers beyond its size are not in it.
type wordBits []uint64

func newWordBits(l *lexicon) wordBits { return make(wordBits, len(l.words)/64+1) }

func (b wordBits) has(n uint32) bool {
	at := int(n >> 6)
	return at < len(b) && b[at]>>(n&63)&1 != 0
}

func (b wordBits) add(n uint32) { b[n>>6] |= 1 << (n & 63) }

func (b wordBits) remove(n uint32) { b[n>>6] &^= 1 << (n & 63) }

// hasAny tells whether one of the words is in b.
func (b wordBits) hasAny(words []uint32) bool {
	for _, n := range words {
		if b.has(n) {
			return true
		}
	}
	return false
}
