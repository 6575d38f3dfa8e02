package rules

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"math/bits"
	"slices"
)

// A sketch is what remains of a turn for comparing it with later ones: hashes of its content words, a bitmap of the
// letter trigrams of those words, and a hash of the whole. It holds no words and no pointers: every session keeps eight,
// and looks at them with each turn. The zero value is the sketch of a turn that said nothing.
type sketch struct {
	hash   uint64              // of all folded words in order; 0 for none
	grams  [4]uint64           // bitmap of trigrams
	marks  [sketchWords]uint16 // hashes of content words, all different; 0 behind the last
	digits uint16              // those of them that hold a digit, by bit
	words  uint8               // how many there are
	tokens uint8               // number of tokens, 255 for more
}

const (
	sketchWords  = 16 // content words kept; the first ones, where people say what it is about
	sketchTokens = 64 // tokens looked at
)

// levels of `same`, from the loosest: the least similarity of two turns that count as the same. Measured on the
// development halves of MultiWOZ and SGD with satisfaction labels (Sun et al., USS, SIGIR 2021), where a Jaccard
// index of one half is the knee of precision; "exactly" leaves room for a greeting or a "please".
var sameLevels = map[string]float64{"partly": 0.34, "mostly": 0.5, "exactly": 0.9}

// sketchOf reads t.
func sketchOf(t *Text, locale string, dst *sketch) {
	stops, ends := stopWords(locale), endings(mainLanguage(locale))
	*dst = sketch{}
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
		if !seen.has(mark) || !slices.Contains(dst.said(), mark) {
			seen.add(mark)
			dst.add(mark, digits)
		}
	}
	dst.hash = max(h, 1)
}

// add takes another content word, for which there is room.
func (s *sketch) add(mark uint16, digits bool) {
	s.marks[s.words] = mark
	if digits {
		s.digits |= 1 << s.words
	}
	s.words++
}

// said lists the marks of the content words.
func (s *sketch) said() []uint16 { return s.marks[:s.words] }

// figures lists the marks of those that hold a digit, in room.
func (s *sketch) figures(room *[sketchWords]uint16) []uint16 {
	list := room[:0]
	for left := s.digits; left != 0; left &= left - 1 {
		list = append(list, s.marks[bits.TrailingZeros16(left)])
	}
	return list
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
	small, large := int(min(a.words, b.words)), int(max(a.words, b.words))
	if small < 2 {
		return 0
	}
	grams := gramSimilarity(a, b)
	value := grams / 2
	if common := overlap(a.said(), b.said(), words); common > 0 { // most turns have none in common
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
	if a.digits != 0 && b.digits != 0 && otherFigures(a, b) {
		const otherNumbers = 0.6
		value *= otherNumbers
	}
	return min(value, 1)
}

// otherFigures tells whether each of two turns has numbers that the other has not. Where there is nothing but numbers,
// they are the words.
func otherFigures(a, b *sketch) bool {
	var rooms [2][sketchWords]uint16
	x, y := a.figures(&rooms[0]), b.figures(&rooms[1])
	if len(x) == int(a.words) && len(y) == int(b.words) {
		return false
	}
	marks := bitsOf(x)
	both := overlap(x, y, &marks)
	return both < len(x) && both < len(y)
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
	words, figures := int(b[9]), int(b[10])
	b = b[head:]
	for i := range words + figures {
		mark := binary.LittleEndian.Uint16(b[2*i:])
		if i < words {
			s.add(mark, false)
			continue
		}
		at := slices.Index(s.said(), mark)
		if at < 0 {
			return errors.New("decode sketch: a number is not among the words")
		}
		s.digits |= 1 << at
	}
	b = b[2*(words+figures):]
	for i := range s.grams {
		s.grams[i] = binary.LittleEndian.Uint64(b[8*i:])
	}
	return nil
}
