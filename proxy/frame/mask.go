package frame

import (
	"encoding/binary"
	"math/bits"
)

// Mask applies the key to b in place, from the first byte of a payload on; applied twice it changes nothing.
func Mask(key [4]byte, b []byte) { mask(key, b) }

// mask is Mask and returns the key turned so that the bytes that follow b can be masked with it. It works on 32, then
// on 8 bytes at a time.
func mask(key [4]byte, b []byte) [4]byte {
	k := binary.LittleEndian.Uint32(key[:])
	k64 := uint64(k)<<32 | uint64(k)
	n := len(b)
	if n < 8 {
		for i := range b {
			b[i] ^= key[i&3]
		}
	} else {
		// The last eight bytes are masked where they stand, some of them by the loops too: how many are left over, no
		// processor can foresee.
		last := b[n-8:]
		masked := binary.LittleEndian.Uint64(last) ^ bits.RotateLeft64(k64, -8*(n&3))
		for len(b) >= 32 {
			p := b[:32:32]
			binary.LittleEndian.PutUint64(p[0:], binary.LittleEndian.Uint64(p[0:])^k64)
			binary.LittleEndian.PutUint64(p[8:], binary.LittleEndian.Uint64(p[8:])^k64)
			binary.LittleEndian.PutUint64(p[16:], binary.LittleEndian.Uint64(p[16:])^k64)
			binary.LittleEndian.PutUint64(p[24:], binary.LittleEndian.Uint64(p[24:])^k64)
			b = b[32:]
		}
		for ; len(b) > 8; b = b[8:] {
			binary.LittleEndian.PutUint64(b, binary.LittleEndian.Uint64(b)^k64)
		}
		binary.LittleEndian.PutUint64(last, masked)
	}
	// In little endian the first byte of the key is the lowest: n bytes on is n bytes to the right.
	binary.LittleEndian.PutUint32(key[:], bits.RotateLeft32(k, -8*(n&3)))
	return key
}
