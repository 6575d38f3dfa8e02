package frame

import (
	"encoding/binary"
	"math"
)

// Append appends a whole message or a control frame to dst as one unmasked frame, as a server sends it.
//
// A control frame of more than MaxControl bytes cannot be written; asking for it is a fault of the caller and panics,
// here and in the other functions of this file.
func Append(dst []byte, op Opcode, payload []byte) []byte {
	dst = appendHeader(dst, op, true, 0, len(payload))
	return append(dst, payload...)
}

// AppendMasked is Append for a masked frame, as a client sends it. The key should be unpredictable (RFC 6455, section
// 5.3). The payload itself is not changed, unless it overlaps the spare capacity of dst.
func AppendMasked(dst []byte, op Opcode, key [4]byte, payload []byte) []byte {
	dst = AppendHeaderMasked(dst, op, true, key, len(payload))
	dst = append(dst, payload...)
	mask(key, dst[len(dst)-len(payload):])
	return dst
}

// AppendHeader appends the header of an unmasked frame of n payload bytes, which the caller sends behind it. With fin
// false the frame is a fragment, and Continuation frames have to follow until one has fin.
func AppendHeader(dst []byte, op Opcode, fin bool, n int) []byte {
	return appendHeader(dst, op, fin, 0, n)
}

// AppendHeaderMasked is AppendHeader for a masked frame; the caller masks the payload with Mask.
func AppendHeaderMasked(dst []byte, op Opcode, fin bool, key [4]byte, n int) []byte {
	return append(appendHeader(dst, op, fin, bitMask, n), key[0], key[1], key[2], key[3])
}

func appendHeader(dst []byte, op Opcode, fin bool, maskBit byte, n int) []byte {
	if op.Control() && (n > MaxControl || !fin) {
		panic("frame: control frame too long or fragmented")
	}
	first := byte(op)
	if fin {
		first |= bitFin
	}
	switch {
	case n < length16:
		return append(dst, first, maskBit|byte(n))
	case n <= math.MaxUint16:
		return append(dst, first, maskBit|length16, byte(n>>8), byte(n))
	default:
		return binary.BigEndian.AppendUint64(append(dst, first, maskBit|length64), uint64(n))
	}
}
