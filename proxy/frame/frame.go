package frame

import "strconv"

// Opcode says what a frame carries (RFC 6455, section 5.2).
type Opcode byte

// The opcodes there are; every other value is reserved and refused.
const (
	Continuation Opcode = 0x0
	Text         Opcode = 0x1
	Binary       Opcode = 0x2
	Close        Opcode = 0x8
	Ping         Opcode = 0x9
	Pong         Opcode = 0xA
)

// Control reports whether frames of this opcode are control frames: at most [MaxControl] bytes, never fragmented,
// allowed between the fragments of a message. It is true for the reserved control opcodes, too.
func (op Opcode) Control() bool { return op&0x8 != 0 }

// String names the opcode in lower case; reserved ones are shown as a number.
func (op Opcode) String() string {
	switch op {
	case Continuation:
		return "continuation"
	case Text:
		return "text"
	case Binary:
		return "binary"
	case Close:
		return "close"
	case Ping:
		return "ping"
	case Pong:
		return "pong"
	default:
		return "opcode " + strconv.Itoa(int(op))
	}
}

const (
	// MaxControl is the largest payload of a control frame in bytes (RFC 6455, section 5.5).
	MaxControl = 125
	// MaxHeader is the largest header of a frame in bytes: two fixed ones, an eight byte length, a key.
	MaxHeader = 14
)

// Message is what a peer said: a whole text or binary message, its fragments put together, or one control frame.
type Message struct {
	// Op is Text, Binary, Close, Ping or Pong, never Continuation.
	Op Opcode
	// Payload is unmasked and, for Text, valid UTF-8; for Close it satisfies ParseClose. It may be empty. It is
	// valid until the next call of Next or Feed, and the caller may change it in place, but not append to it.
	Payload []byte
}

// Limits bounds what a peer may send.
type Limits struct {
	// Message is the largest payload of one message in bytes; 0 or less means none. From it follows a budget for all
	// bytes of all data frames of a message, headers included: 2*Message + 4096, so that a message made of empty
	// fragments ends, too. Control frames between the fragments do not count.
	Message int64
}

// Error is a broken rule. The conn it came from is beyond repair: close it with the code.
type Error struct {
	// Code is the close code to send: 1002 (protocol error), 1007 (bad UTF-8) or 1009 (too big).
	Code uint16
	// Reason says which rule, in at most 123 bytes. It is one of a fixed set and never quotes the peer.
	Reason string
}

// Error gives the code and the reason.
func (e *Error) Error() string {
	return "frame: " + strconv.Itoa(int(e.Code)) + " " + e.Reason
}

// The close codes a codec has use for; ValidCode knows the others.
const (
	codeNoStatus = 1005 // stands for a close frame without payload, never sent
	codeProtocol = 1002
	codeUTF8     = 1007
	codeTooBig   = 1009
)

func protocolError(reason string) *Error { return &Error{Code: codeProtocol, Reason: reason} }
func utf8Error(reason string) *Error     { return &Error{Code: codeUTF8, Reason: reason} }
func tooBig(reason string) *Error        { return &Error{Code: codeTooBig, Reason: reason} }
