package rules

import "encoding/binary"

// Classes of ASCII bytes.
const (
	classUpper = 1 << iota
	classLower
	classDigit
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
// functions below look at eight at a time: each byte of a number is a lane, whose highest bit says yes.
const (
	lanes    = 0x0101_0101_0101_0101
	laneHigh = 0x80 * lanes
)

// isPlainASCII reports whether p has only printable ASCII and white space.
func isPlainASCII(p []byte) bool {
	i := 0
	for ; i+8 <= len(p); i += 8 {
		x := binary.LittleEndian.Uint64(p[i:])
		if (x|x+lanes|x-0x20*lanes)&laneHigh != 0 && !allPlain(p[i:i+8]) { // outside ASCII, the last of it, or a control
			return false
		}
	}
	return allPlain(p[i:])
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
	i := 0
	for ; i+8 <= len(p) && i+8 <= len(dst); i += 8 {
		x := binary.LittleEndian.Uint64(p[i:])
		low := x &^ laneHigh
		capitals := (low + (0x80-'A')*lanes) &^ (low + (0x7f-'Z')*lanes) &^ x & laneHigh
		binary.LittleEndian.PutUint64(dst[i:], x|capitals>>2)
	}
	for ; i < len(p); i++ {
		dst[i] = p[i] | asciiClass[p[i]]&classUpper<<5
	}
}

// hasRun reports whether some byte of p stands three times in a row.
func hasRun(p []byte) bool {
	i := 0
	for ; i+10 <= len(p); i += 8 {
		x := binary.LittleEndian.Uint64(p[i:])
		differ := (x ^ binary.LittleEndian.Uint64(p[i+1:])) | (x ^ binary.LittleEndian.Uint64(p[i+2:]))
		if (differ-lanes)&^differ&laneHigh != 0 {
			return true
		}
	}
	for ; i+3 <= len(p); i++ {
		if p[i] == p[i+1] && p[i] == p[i+2] {
			return true
		}
	}
	return false
}
