package frame

import "math"

// A Decoder turns the bytes of one direction of one conn into messages. Make it with NewDecoder; the zero value is a
// decoder of unmasked frames without limits. It is for one caller at a time.
//
// After an error it stays in error, and after a Close frame it takes no notice of what follows, as section 1.4 of RFC
// 6455 wants.
type Decoder struct {
	masked  bool // frames must be masked, else they must not be
	closed  bool // a Close frame was handed out
	inFrame bool
	spent   bool   // buf was handed out with the last message
	message Opcode // Text or Binary inside an unfinished message, else Continuation
	text    utf8Check
	have    uint8 // bytes of an unfinished header in head
	head    [MaxHeader]byte

	limit  int64 // bytes of a message, 0 = none
	budget int64 // bytes on the wire of a message, when there is a limit
	err    *Error

	in    []byte // what was fed and not yet looked at; belongs to the caller
	frame header // the frame being read, when inFrame
	left  int64  // bytes of it still to come

	size    int64  // bytes of the unfinished message, claimed by the headers so far
	wire    int64  // the same with all headers
	buf     []byte // payload of that message, as far as it had to be copied
	control []byte // payload of an unfinished control frame
}

// smallBuffer is the largest buffer in bytes kept from one message to the next while there is more to read; most chat
// messages that straddle two reads fit.
const smallBuffer = 4 << 10

// firstBuffer is how many bytes of a claim are believed: the most a first buffer holds beyond what has arrived.
const firstBuffer = 512

// NewDecoder returns a decoder for frames that must be masked (they come from a widget) or must not be (they come
// from a backend).
func NewDecoder(masked bool, l Limits) *Decoder {
	d := &Decoder{masked: masked, limit: max(l.Message, 0), budget: math.MaxInt64}
	if d.limit <= (math.MaxInt64-4096)/2 {
		d.budget = 2*d.limit + 4096
	}
	return d
}

// Feed hands bytes to the decoder. They are its own, to unmask in place, until Next reports false; then the caller
// may use them again. Feeding more before that works, too, at the price of a copy.
func (d *Decoder) Feed(p []byte) {
	switch {
	case d.err != nil || d.closed:
	case len(d.in) == 0:
		d.in = p
	default:
		d.in = append(append(make([]byte, 0, len(d.in)+len(p)), d.in...), p...)
	}
}

// Next returns the next message or control frame and true; false when more bytes are needed. The error, if any, is
// an *Error and final. Messages that came before the fault are returned first.
func (d *Decoder) Next() (Message, bool, error) {
	if d.spent {
		d.spent = false
		d.buf = recycle(d.buf)
	}
	if d.err == nil && !d.closed {
		m, ok, err := d.next()
		if ok {
			return m, true, nil
		}
		if err != nil {
			d.err = err
		}
	}
	d.in = nil
	if d.err != nil || d.closed {
		d.message, d.inFrame, d.have = Continuation, false, 0
	}
	if !d.Partial() {
		d.buf = nil
	}
	if d.err != nil {
		return Message{}, false, d.err
	}
	return Message{}, false, nil
}

// Partial reports whether the bytes seen so far end inside a frame or between the fragments of a message. It is
// meant for the time after Next has reported false.
func (d *Decoder) Partial() bool {
	return d.have > 0 || d.inFrame || d.message != Continuation
}

// Closed reports whether a Close frame was handed out.
func (d *Decoder) Closed() bool { return d.closed }

// Buffered returns the bytes of memory held for an unfinished message or control frame; 0 between messages.
func (d *Decoder) Buffered() int { return cap(d.buf) + cap(d.control) }

func (d *Decoder) next() (Message, bool, *Error) {
	for {
		if !d.inFrame {
			ok, err := d.begin()
			if !ok {
				return Message{}, false, err
			}
		}
		if d.frame.op.Control() {
			return d.readControl()
		}
		m, ok, err := d.readData()
		if ok || err != nil || d.inFrame {
			return m, ok, err
		}
	}
}

// begin reads a header and reports whether it is complete.
func (d *Decoder) begin() (bool, *Error) {
	b := d.in
	if d.have > 0 {
		b = d.head[:int(d.have)+copy(d.head[d.have:], d.in)]
	}
	ok, err := d.parse(b, &d.frame)
	if err != nil {
		return false, err
	}
	if !ok {
		// All that was fed belongs to this header, or it would be complete.
		d.have = uint8(copy(d.head[:], b))
		return false, nil
	}
	d.in = d.in[d.frame.size-int(d.have):]
	d.have, d.inFrame, d.left = 0, true, d.frame.length
	if d.frame.op.Control() {
		return true, nil
	}
	if d.frame.op != Continuation {
		d.message = d.frame.op // text is ready: the message before ended between characters
	}
	d.size += d.frame.length
	d.wire += d.frame.length + int64(d.frame.size)
	return true, nil
}

// take cuts what there is of the current frame's payload from the fed bytes and unmasks it there. Its capacity ends
// with it, so that a caller who appends does not run into the next frame.
func (d *Decoder) take() []byte {
	n := len(d.in)
	if d.left < int64(n) {
		n = int(d.left)
	}
	chunk := d.in[:n:n]
	d.in = d.in[n:]
	d.left -= int64(n)
	if d.masked {
		d.frame.key = mask(d.frame.key, chunk)
	}
	return chunk
}

func (d *Decoder) readControl() (Message, bool, *Error) {
	payload := d.take()
	if d.left > 0 || len(d.control) > 0 {
		d.control = append(d.control, payload...)
		payload = d.control
	}
	if d.left > 0 {
		return Message{}, false, nil
	}
	d.inFrame, d.control = false, nil
	if d.frame.op == Close {
		if _, _, err := parseClose(payload); err != nil {
			return Message{}, false, err
		}
		d.closed = true
	}
	return Message{Op: d.frame.op, Payload: payload}, true, nil
}

func (d *Decoder) readData() (Message, bool, *Error) {
	payload := d.take()
	if d.message == Text && !d.text.feed(payload) {
		return Message{}, false, utf8Error("text is not UTF-8")
	}
	whole := d.left == 0 && d.frame.fin
	if !whole || len(d.buf) > 0 {
		d.buf = collect(d.buf, payload, d.most())
		payload = d.buf
	}
	if d.left > 0 {
		return Message{}, false, nil
	}
	d.inFrame = false
	if !whole {
		return Message{}, false, nil
	}
	if d.message == Text && !d.text.done() {
		return Message{}, false, utf8Error("text ends inside a character")
	}
	m := Message{Op: d.message, Payload: payload}
	d.message, d.size, d.wire = Continuation, 0, 0
	d.spent = true
	return m, true, nil
}

// most is how many bytes the message may come to: those claimed by the headers and, while other fragments are to follow,
// as many as the limit allows.
func (d *Decoder) most() int64 {
	switch {
	case d.frame.fin:
		return d.size
	case d.limit > 0:
		return d.limit
	default:
		return math.MaxInt64
	}
}

// collect appends p to buf. It grows by doubling what has arrived, so that many fragments are not copied once for each of
// them, and not beyond the most it may come to: past the first 512 bytes neither a claim alone nor a long message costs
// more than twice what was sent.
func collect(buf, p []byte, most int64) []byte {
	if len(p) == 0 {
		return buf
	}
	need := len(buf) + len(p)
	if need > cap(buf) {
		n := max(need, 2*cap(buf), firstBuffer)
		if int64(n) > most {
			n = max(need, int(most))
		}
		buf = append(make([]byte, 0, n), buf...)
	}
	return append(buf, p...)
}

// recycle empties a buffer for the next message of the same read, unless it is large.
func recycle(buf []byte) []byte {
	if cap(buf) > smallBuffer {
		return nil
	}
	return buf[:0]
}
