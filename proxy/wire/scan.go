package wire

import (
	"encoding/binary"
	"math"
	"math/bits"
)

// Limits of a document that is read at all; a message beyond them passes unread.
const (
	maxDepth  = 32    // containers inside one another
	maxKeys   = 1000  // object members in the whole document
	maxValues = 16384 // values in the whole document, array elements included
)

// nodeKind is the type of a JSON value, as the byte it is told by.
type nodeKind uint8

const (
	kindNull nodeKind = iota
	kindFalse
	kindTrue
	kindNumber
	kindString
	kindArray
	kindObject
)

// node is one value of a scanned document. Nodes lie on a tape in document order: the children of a container
// follow it, and next jumps over them.
type node struct {
	kind             nodeKind
	escaped          bool   // a string with at least one backslash
	keyEscaped       bool   // the same for the key
	attribute        bool   // an attribute of the XML element it lies under
	start, end       uint32 // bytes of the value; of a string, what stands between the quotes
	keyStart, keyEnd uint32 // bytes of the member's key between the quotes, both 0 in arrays
	next             uint32 // tape index behind the value and all below it
	inner            int32  // index of the document parsed from this string: 0 not tried, -1 not JSON
}

// scanner walks JSON text once, checks it strictly (RFC 8259) and appends its values to a tape.
type scanner struct {
	buf    []byte
	tape   []node
	keys   int
	values int
	over   bool  // the last scan failed for a limit
	wide   bool  // as many keys as values, for documents that hold whole conversations
	style  style // spellings met on the way, see style.learnEscape
}

// scan appends the document in buf to the tape and reports whether it is one JSON value within the limits. After a
// false the tape is as it was.
func (s *scanner) scan(buf []byte) bool {
	s.over = len(buf) > math.MaxInt32
	if len(buf) == 0 || s.over {
		return false
	}
	mark := len(s.tape)
	s.buf, s.keys, s.values = buf, 0, 0
	i := s.value(s.space(0), 0, 0, 0, false)
	if i >= 0 && s.space(i) == len(buf) {
		return true
	}
	s.tape = s.tape[:mark]
	return false
}

// beyond notes that a limit stopped the scan.
func (s *scanner) beyond(limit bool) bool {
	s.over = s.over || limit
	return limit
}

func (s *scanner) space(i int) int {
	for i < len(s.buf) {
		if c := s.buf[i]; c != ' ' && c != '\n' && c != '\r' && c != '\t' {
			break
		}
		i++
	}
	return i
}

// value reads the value at i, which is the member whose key is given, and returns the position behind it, or -1.
func (s *scanner) value(i, depth, keyStart, keyEnd int, keyEscaped bool) int {
	if i >= len(s.buf) || s.beyond(s.values >= maxValues) {
		return -1
	}
	s.values++
	at := len(s.tape)
	s.tape = append(s.tape, node{
		start: uint32(i), keyStart: uint32(keyStart), keyEnd: uint32(keyEnd), keyEscaped: keyEscaped,
	})
	kind, end := kindNull, -1
	switch c := s.buf[i]; {
	case c == '"':
		var escaped bool
		end, escaped = s.str(i + 1)
		if end < 0 {
			return -1
		}
		n := &s.tape[at]
		n.kind, n.escaped, n.start, n.end, n.next = kindString, escaped, uint32(i+1), uint32(end), uint32(at+1)
		return end + 1
	case c == '{':
		kind, end = kindObject, s.object(i+1, depth+1)
	case c == '[':
		kind, end = kindArray, s.array(i+1, depth+1)
	case c == '-' || c >= '0' && c <= '9':
		kind, end = kindNumber, s.number(i)
	case c == 't':
		kind, end = kindTrue, s.literal(i, "true")
	case c == 'f':
		kind, end = kindFalse, s.literal(i, "false")
	case c == 'n':
		kind, end = kindNull, s.literal(i, "null")
	}
	if end < 0 {
		return -1
	}
	n := &s.tape[at]
	n.kind, n.end, n.next = kind, uint32(end), uint32(len(s.tape))
	return end
}

func (s *scanner) object(i, depth int) int {
	if s.beyond(depth > maxDepth) {
		return -1
	}
	i = s.space(i)
	if i < len(s.buf) && s.buf[i] == '}' {
		return i + 1
	}
	for {
		if i >= len(s.buf) || s.buf[i] != '"' || s.beyond(s.keys >= maxKeys && !s.wide) {
			return -1
		}
		s.keys++
		keyStart := i + 1
		keyEnd, escaped := s.str(keyStart)
		if keyEnd < 0 {
			return -1
		}
		i = s.space(keyEnd + 1)
		if i >= len(s.buf) || s.buf[i] != ':' {
			return -1
		}
		if i = s.value(s.space(i+1), depth, keyStart, keyEnd, escaped); i < 0 {
			return -1
		}
		if i = s.space(i); i >= len(s.buf) {
			return -1
		}
		switch s.buf[i] {
		case ',':
			i = s.space(i + 1)
		case '}':
			return i + 1
		default:
			return -1
		}
	}
}

func (s *scanner) array(i, depth int) int {
	if s.beyond(depth > maxDepth) {
		return -1
	}
	i = s.space(i)
	if i < len(s.buf) && s.buf[i] == ']' {
		return i + 1
	}
	for {
		if i = s.value(i, depth, 0, 0, false); i < 0 {
			return -1
		}
		if i = s.space(i); i >= len(s.buf) {
			return -1
		}
		switch s.buf[i] {
		case ',':
			i = s.space(i + 1)
		case ']':
			return i + 1
		default:
			return -1
		}
	}
}

// str reads a string from behind its opening quote; end is the position of the closing one, or -1.
func (s *scanner) str(i int) (end int, escaped bool) {
	high := uint64(0)
	for i < len(s.buf) {
		if i+8 <= len(s.buf) {
			x := binary.LittleEndian.Uint64(s.buf[i:])
			stop := stops(x)
			if stop == 0 {
				high |= x
				i += 8
				continue
			}
			n := bits.TrailingZeros64(stop) &^ 7
			high |= x & (1<<n - 1)
			i += n / 8
		}
		c := s.buf[i]
		high |= uint64(c)
		switch {
		case c == '"':
			if high&laneHigh != 0 {
				s.style.plain |= spellNonASCII
			}
			return i, escaped
		case c == '\\':
			n := escapeLen(s.buf[i:])
			if n == 0 {
				return -1, false
			}
			s.style.learnEscape(s.buf[i : i+n])
			escaped = true
			i += n
		case c < 0x20:
			return -1, false
		default:
			i++
		}
	}
	return -1, false
}

// Eight bytes are looked at as the lanes of a number, whose highest bits say yes.
const (
	lanes    = 0x0101_0101_0101_0101
	laneHigh = 0x80 * lanes
)

// stops marks the lanes with a quote, a backslash or a control character. The lowest mark is right; one above it need not be.
func stops(x uint64) uint64 {
	quote, backslash := x^'"'*lanes, x^'\\'*lanes
	return ((quote-lanes)&^quote | (backslash-lanes)&^backslash | (x-0x20*lanes)&^x) & laneHigh
}

// escapeLen is the length of the escape sequence at the start of b, 0 when it is none.
func escapeLen(b []byte) int {
	if len(b) < 2 {
		return 0
	}
	switch b[1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return 2
	case 'u':
		if len(b) < 6 {
			return 0
		}
		for _, c := range b[2:6] {
			if hexDigit(c) < 0 {
				return 0
			}
		}
		return 6
	}
	return 0
}

func hexDigit(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'a' && c <= 'f':
		return int(c-'a') + 10
	case c >= 'A' && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}

func (s *scanner) literal(i int, word string) int {
	if len(s.buf)-i < len(word) || string(s.buf[i:i+len(word)]) != word {
		return -1
	}
	return i + len(word)
}

func (s *scanner) number(i int) int {
	if s.buf[i] == '-' {
		i++
	}
	if i < len(s.buf) && s.buf[i] == '0' {
		i++
	} else if i = s.digits(i); i < 0 {
		return -1
	}
	if i < len(s.buf) && s.buf[i] == '.' {
		if i = s.digits(i + 1); i < 0 {
			return -1
		}
	}
	if i < len(s.buf) && (s.buf[i] == 'e' || s.buf[i] == 'E') {
		i++
		if i < len(s.buf) && (s.buf[i] == '+' || s.buf[i] == '-') {
			i++
		}
		return s.digits(i)
	}
	return i
}

// digits reads one digit or more; -1 when there is none.
func (s *scanner) digits(i int) int {
	from := i
	for i < len(s.buf) && s.buf[i] >= '0' && s.buf[i] <= '9' {
		i++
	}
	if i == from {
		return -1
	}
	return i
}
