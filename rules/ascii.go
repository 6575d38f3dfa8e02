package rules

import "encoding/binary"

// Classes of ASCII bytes.
const (
	classUpper = 1 << iota
	classLower
	classDigit
	classJoined // no class of a byte: the word has a sign that joins its parts
	classLetter = classUpper | classLower
	classWord   = classLetter | classDigit // part of a word
)

// asciiClass gives the class of each byte; those from 0x80 have none and are decoded.
var asciiClass = func() (c [256]uint8) {
	for b := byte('0'); b <= '9'; b++ {
		c[b] = classDigit
	}
	for b := byte('a'); b <= 'z'; b++ {
		c[b], c[b-'a'+'A'] = classLower, classUpper
	}
	return c
}()

// Most of what is read is ASCII in words of few letters, and each byte of it is looked at for several reasons. The
// functions below look at eight at a time: each byte of a number is a lane, whose highest bit says yes. The last eight are
// looked at where they stand, some of them again: how many are left over, no processor can foresee.
const (
	lanes    = 0x0101_0101_0101_0101
	laneHigh = 0x80 * lanes
)

// isPlainASCII reports whether p has only printable ASCII and white space.
func isPlainASCII(p []byte) bool {
	if len(p) < 8 {
		return allPlain(p)
	}
	last := len(p) - 8
	for i := 0; i < last; i += 8 {
		if !plainEight(p[i : i+8]) {
			return false
		}
	}
	return plainEight(p[last:])
}

func plainEight(p []byte) bool {
	x := binary.LittleEndian.Uint64(p)
	return (x|(x+lanes)|(x-0x20*lanes))&laneHigh == 0 || allPlain(p) // else something outside ASCII, the last of it, or a control
}

func allPlain(p []byte) bool {
	for _, c := range p {
		if c >= 0x7f || c < 0x20 && c != '\n' && c != '\t' && c != '\r' {
			return false
		}
	}
	return true
}

// foldCase writes p into dst, which is as long, with the capitals of ASCII in lower case.
func foldCase(dst, p []byte) {
	if len(p) < 8 {
		for i, c := range p {
			dst[i] = c | asciiClass[c]&classUpper<<5
		}
		return
	}
	last := len(p) - 8
	for i := 0; i < last; i += 8 {
		foldEight(dst[i:i+8], p[i:i+8])
	}
	foldEight(dst[last:], p[last:])
}

func foldEight(dst, p []byte) {
	x := binary.LittleEndian.Uint64(p)
	low := x &^ laneHigh
	capitals := (low + (0x80-'A')*lanes) &^ (low + (0x7f-'Z')*lanes) &^ x & laneHigh
	binary.LittleEndian.PutUint64(dst, x|capitals>>2)
}

// hasRun reports whether some byte of p stands three times in a row.
func hasRun(p []byte) bool {
	if len(p) < 10 {
		for ; len(p) >= 3; p = p[1:] {
			if p[0] == p[1] && p[0] == p[2] {
				return true
			}
		}
		return false
	}
	last := len(p) - 10
	for i := 0; i < last; i += 8 {
		if runInTen(p[i : i+10]) {
			return true
		}
	}
	return runInTen(p[last:])
}

func runInTen(p []byte) bool {
	x := binary.LittleEndian.Uint64(p)
	differ := (x ^ binary.LittleEndian.Uint64(p[1:])) | (x ^ binary.LittleEndian.Uint64(p[2:]))
	return (differ-lanes)&^differ&laneHigh != 0
}
