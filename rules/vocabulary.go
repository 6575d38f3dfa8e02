package rules

import "slices"

// A vocabulary numbers the words that occur in patterns, from 1. It is an open-addressing table over the hash of the
// folded word, so that looking up a word of a message touches one or two cache lines however many words there are.
type vocabulary struct {
	words []string
	slots []vocabSlot // length is a power of two, at most half full
}

type vocabSlot struct {
	hash   uint32
	number uint32 // 0 = empty
}

// number returns the number of w, giving it one when it is new.
func (v *vocabulary) number(w string) uint32 {
	h := hashWord([]byte(w))
	if n := v.find(h, []byte(w)); n != 0 {
		return n
	}
	if 2*(len(v.words)+1) > len(v.slots) {
		v.grow()
	}
	v.words = append(v.words, w)
	n := uint32(len(v.words))
	v.place(h, n)
	return n
}

func (v *vocabulary) grow() {
	v.slots = make([]vocabSlot, max(64, 2*len(v.slots)))
	for i, w := range v.words {
		v.place(hashWord([]byte(w)), uint32(i+1))
	}
}

func (v *vocabulary) place(h, n uint32) {
	mask := uint32(len(v.slots) - 1)
	for i := h & mask; ; i = (i + 1) & mask {
		if v.slots[i].number == 0 {
			v.slots[i] = vocabSlot{h, n}
			return
		}
	}
}

// has tells whether w, whose hash is h, is one of the words.
func (v *vocabulary) has(h uint32, w []byte) bool { return v.find(h, w) != 0 }

// find returns the number of w, 0 when no pattern has it.
func (v *vocabulary) find(h uint32, w []byte) uint32 {
	if len(v.slots) == 0 {
		return 0
	}
	mask := uint32(len(v.slots) - 1)
	for i := h & mask; ; i = (i + 1) & mask {
		s := v.slots[i]
		if s.number == 0 {
			return 0
		}
		if s.hash == h && v.words[s.number-1] == string(w) {
			return s.number
		}
	}
}

// hashWord is FNV-1a with a final mix, since the low bits choose the slot.
func hashWord(w []byte) uint32 {
	h := uint32(2166136261)
	for _, c := range w {
		h = (h ^ uint32(c)) * 16777619
	}
	h ^= h >> 15
	return h * 0x2c1b3c6d
}

// A wordID is the number of a token in a vocabulary, and that of its other reading when it was drawn out.
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
