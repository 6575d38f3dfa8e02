package frame

import (
	"encoding/binary"
	"math"
)

// header is one frame's header, decoded.
type header struct {
	op     Opcode
	fin    bool
	key    [4]byte // when frames are masked
	length int64
	size   int // bytes of the header itself
}

// Bits of the first two bytes.
const (
	bitFin  = 0x80
	bitsRsv = 0x70
	bitsOp  = 0x0F
	bitMask = 0x80
	bitsLen = 0x7F

	length16 = 126 // the length follows in two bytes
	length64 = 127 // the length follows in eight bytes
)

// parse decodes the header at the start of b into h and reports whether all of it is there. Every rule is checked on
// the first byte that can break it, so the outcome does not depend on how the bytes were split.
func (d *Decoder) parse(b []byte, h *header) (bool, *Error) {
	if len(b) == 0 {
		return false, nil
	}
	h.fin, h.op = b[0]&bitFin != 0, Opcode(b[0]&bitsOp)
	if err := d.checkFirst(b[0]&bitsRsv, h); err != nil {
		return false, err
	}
	if len(b) == 1 {
		return false, nil
	}
	masked, short := b[1]&bitMask != 0, b[1]&bitsLen
	if err := d.checkSecond(masked, short, h); err != nil {
		return false, err
	}
	h.size = 2
	switch short {
	case length16:
		h.size += 2
		if len(b) < h.size {
			return false, nil
		}
		h.length = int64(binary.BigEndian.Uint16(b[2:]))
		if h.length < length16 {
			return false, protocolError("length not in its shortest form")
		}
	case length64:
		h.size += 8
		if len(b) < h.size {
			return false, nil
		}
		n := binary.BigEndian.Uint64(b[2:])
		if n <= math.MaxUint16 {
			return false, protocolError("length not in its shortest form")
		}
		if n > math.MaxInt64 {
			// Malformed and too big at once; a peer that runs into a limit is told of the limit.
			if d.limit > 0 {
				return false, tooBig("message too big")
			}
			return false, protocolError("length with its highest bit set")
		}
		h.length = int64(n)
	default:
		h.length = int64(short)
	}
	if masked {
		h.size += 4
	}
	if err := d.checkSize(h); err != nil {
		return false, err
	}
	if len(b) < h.size {
		return false, nil
	}
	if masked {
		copy(h.key[:], b[h.size-4:])
	}
	return true, nil
}

// checkFirst holds the rules about the first byte: reserved bits, opcode, fragmentation.
func (d *Decoder) checkFirst(rsv byte, h *header) *Error {
	if rsv != 0 {
		return protocolError("reserved bit set")
	}
	switch h.op {
	case Continuation:
		if d.message == Continuation {
			return protocolError("continuation without a message to continue")
		}
	case Text, Binary:
		if d.message != Continuation {
			return protocolError("new message inside a fragmented one")
		}
	case Close, Ping, Pong:
		if !h.fin {
			return protocolError("fragmented control frame")
		}
	default:
		return protocolError("reserved opcode")
	}
	return nil
}

// checkSecond holds the rules about the second byte: mask and the lengths of control frames.
func (d *Decoder) checkSecond(masked bool, short byte, h *header) *Error {
	switch {
	case masked && !d.masked:
		return protocolError("masked frame from a server")
	case !masked && d.masked:
		return protocolError("unmasked frame from a client")
	case h.op.Control() && short > MaxControl:
		return protocolError("control frame too long")
	case h.op == Close && short == 1:
		return protocolError("close payload of one byte")
	}
	return nil
}

// checkSize holds the message limit and the budget of wire bytes against what the header claims.
func (d *Decoder) checkSize(h *header) *Error {
	if h.op.Control() {
		return nil
	}
	// The differences cannot overflow: both sides of each are between 0 and MaxInt64.
	if h.length > math.MaxInt64-d.size || d.limit > 0 && h.length > d.limit-d.size {
		return tooBig("message too big")
	}
	if d.limit > 0 && int64(h.size)+h.length > d.budget-d.wire {
		return tooBig("message in too many fragments")
	}
	return nil
}
