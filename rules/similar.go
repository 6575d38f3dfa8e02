package rules

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"math/bits"
	"slices"
)

// A sketch is what remains of a turn for comparing it with later ones: hashes of its content words, a bitmap of the
// letter trigrams of those words, and a hash of the whole. It holds no words and is at most 90 bytes. The zero value
// is the sketch of a turn that said nothing.
type sketch struct {
	hash   uint64    // of all folded words in order; 0 for none
	tokens uint8     // number of tokens, 255 for more
	words  []uint16  // hashes of content words, at most sketchWords
	marks  []uint16  // hashes of those words that hold a digit; a subset of words
	grams  [4]uint64 // bitmap of trigrams
}

const (
	sketchWords  = 16 // content words kept; the first ones, where people say what it is about
	sketchTokens = 64 // tokens looked at
)

// levels of `same`, from the loosest: the least similarity of two turns that count as the same. Measured on the
// development halves of MultiWOZ and SGD with satisfaction labels (Sun et al., USS, SIGIR 2021), where a Jaccard
// index of one half is the knee of precision; "exactly" leaves room for a greeting or a "please".
var sameLevels = map[string]float64{"partly": 0.34, "mostly": 0.5, "exactly": 0.9}

// sketchOf reads t. dst keeps its memory.
func sketchOf(t *Text, locale string, dst *sketch) {
	stops, ends := stopWords(locale), endings(mainLanguage(locale))
	dst.reset()
	dst.tokens = uint8(min(len(t.tokens), 255))
	if len(t.tokens) == 0 {
		return
	}
	var seen markBits
	h, looked := uint64(0), 0
	for i := range t.tokens {
		k := &t.tokens[i]
		h = mixed(h ^ k.hash)
		if traitsOf(t.ids[i].first)&stops != 0 || looked == sketchWords || i >= sketchTokens {
			continue
		}
		w, mark, digits := t.norm[k.from:k.to], markOf(k.hash), k.kind&kindDigit != 0
		if !digits {
			if len(w) < 2 {
				continue
			}
			if s := stem(w, ends); len(s) < len(w) {
				w, mark = s, markOf(hashOf(s))
			}
		}
		looked++
		dst.addGrams(w)
		if !seen.has(mark) || !slices.Contains(dst.words, mark) {
			seen.add(mark)
			dst.words = append(dst.words, mark)
			if digits {
				dst.marks = append(dst.marks, mark)
			}
		}
	}
	dst.hash = max(h, 1)
}

// reset makes s the sketch of a turn that said nothing, and keeps its memory.
func (s *sketch) reset() {
	s.hash, s.tokens, s.words, s.marks, s.grams = 0, 0, s.words[:0], s.marks[:0], [4]uint64{}
}

// addGrams sets a bit for each trigram of a word with a space at either end.
func (s *sketch) addGrams(w []byte) {
	three := uint32(' ')<<8 | uint32(w[0])
	for _, c := range w[1:] {
		three = three<<8 | uint32(c)
		s.addGram(three)
	}
	s.addGram(three<<8 | ' ')
}

// addGram sets the bit of the lowest three letters.
func (s *sketch) addGram(letters uint32) {
	h := letters & 0xff_ffff * 2654435761
	s.grams[h>>30] |= 1 << (h >> 24 & 63)
}

// markOf is what a sketch keeps of the hash of a word.
func markOf(hash uint64) uint16 { return uint16(hash >> 48) }

// markBits is a set of marks by eight bits of them: most words of two turns differ, which it tells without a branch that
// nobody can foresee.
type markBits [4]uint64

func (b *markBits) add(mark uint16)      { b[mark>>6&3] |= 1 << (mark & 63) }
func (b *markBits) has(mark uint16) bool { return b[mark>>6&3]>>(mark&63)&1 != 0 }

func bitsOf(marks []uint16) (b markBits) {
	for _, m := range marks {
		b.add(m)
	}
	return b
}

// similarity compares two turns, from 0 (nothing in common) to 1. It blends the Jaccard index over content words
// with the one over trigrams, which forgives typing errors and inflection; a shorter turn of at least three content
// words that is contained in the other counts nearly as its repetition; different numbers make it a different
// question. Turns with fewer than two content words are only alike when they are the same text of at least three
// words: "yes" after "yes" or one order number after another repeats nothing. words are the bits of the words of a.
func similarity(a, b *sketch, words *markBits) float64 {
	if a.hash == 0 || b.hash == 0 {
		return 0
	}
	if a.hash == b.hash && a.tokens >= 3 {
		return 1
	}
	small, large := min(len(a.words), len(b.words)), max(len(a.words), len(b.words))
	if small < 2 {
		return 0
	}
	grams := gramSimilarity(a, b)
	value := grams / 2
	if common := overlap(a.words, b.words, words); common > 0 { // most turns have none in common
		share := float64(common) / float64(small+large-common)
		value = share
		if grams > share {
			value = (share + grams) / 2
		}
		const contained = 0.85
		if small >= 3 {
			value = max(value, contained*float64(common)/float64(small)-0.05*float64(large-small))
		}
	}
	figures := len(a.marks) == len(a.words) && len(b.marks) == len(b.words) // nothing but numbers: they are the words
	if !figures && len(a.marks) > 0 && len(b.marks) > 0 {
		marks := bitsOf(a.marks)
		if both := overlap(a.marks, b.marks, &marks); both < len(a.marks) && both < len(b.marks) {
			const otherNumbers = 0.6
			value *= otherNumbers
		}
	}
	return min(value, 1)
}

// overlap counts the members that two small sets have in common; bits are those of a.
func overlap(a, b []uint16, bits *markBits) int {
	n := 0
	for _, y := range b {
		if bits.has(y) && slices.Contains(a, y) {
			n++
		}
	}
	return n
}

// gramSimilarity is the Jaccard index of the trigram bitmaps, 0 when both are empty.
func gramSimilarity(a, b *sketch) float64 {
	both, either := 0, 0
	for i := range a.grams {
		both += bits.OnesCount64(a.grams[i] & b.grams[i])
		either += bits.OnesCount64(a.grams[i] | b.grams[i])
	}
	if either == 0 {
		return 0
	}
	return float64(both) / float64(either)
}

// clone returns a copy that shares nothing with s.
func (s *sketch) clone() sketch {
	c := *s
	c.words, c.marks = slices.Clone(s.words), slices.Clone(s.marks)
	return c
}

// UnmarshalText reads what append wrote.
func (s *sketch) UnmarshalText(text []byte) error {
	*s = sketch{}
	if len(text) == 0 {
		return nil
	}
	b, err := base64.RawURLEncoding.AppendDecode(nil, text)
	if err != nil {
		return fmt.Errorf("decode sketch: %w", err)
	}
	const head, tail = 11, 32
	if len(b) < head+tail || len(b) != head+tail+2*int(b[9])+2*int(b[10]) || b[9] > sketchWords || b[10] > b[9] {
		return fmt.Errorf("decode sketch: %d bytes do not fit its counts", len(b))
	}
	s.hash, s.tokens = binary.LittleEndian.Uint64(b), b[8]
	words, marks := int(b[9]), int(b[10])
	b = b[head:]
	for i := range words + marks {
		w := binary.LittleEndian.Uint16(b[2*i:])
		if i < words {
			s.words = append(s.words, w)
		} else {
			s.marks = append(s.marks, w)
		}
	}
	b = b[2*(words+marks):]
	for i := range s.grams {
		s.grams[i] = binary.LittleEndian.Uint64(b[8*i:])
	}
	return nil
}
