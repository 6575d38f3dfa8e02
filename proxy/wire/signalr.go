package wire

import (
	"bytes"
	"errors"
)

// recordSeparator ends every record of SignalR's JSON hub protocol, and stands between the packets of an Engine.IO 4
// polling body.
const recordSeparator = 0x1e

// signalr is the framing signalr: JSON records, each ended by 0x1e, many a message. The handshake's two records pass
// like any other.
type signalr struct {
	unwrapped
	shaken bool      // the backend has answered the handshake
	ack    [2][]byte // Completions for the invocations of the message last read
}

func (s *signalr) ready() bool { return s.shaken }

func (s *signalr) begin(dir Direction) { s.ack[dir] = emptied(s.ack[dir]) }

func (s *signalr) split(r *reader, dir Direction, p piece) Unread {
	if n := len(p.buf); n == 0 || p.buf[n-1] != recordSeparator {
		return UnreadFraming
	}
	why := ReadWhole
	for from := 0; from < len(p.buf); {
		if r.full() {
			return UnreadLimits
		}
		end := from + bytes.IndexByte(p.buf[from:], recordSeparator)
		if end == from {
			return UnreadFraming
		}
		root, w := r.load(p, from, end)
		switch {
		case w != ReadWhole:
			why = w
		case r.tape[root.node].kind != kindObject:
			why = UnreadFraming
		default:
			rec := record{root: root, own: s.hear(r, dir, root)}
			if from > 0 || end+1 < len(p.buf) {
				rec.part = part{start: uint32(from), end: uint32(end + 1)}
			}
			r.records = append(r.records, rec)
		}
		from = end + 1
	}
	if len(r.records) > 0 {
		return ReadWhole
	}
	return why
}

// hear takes note of a record and reports whether it belongs to the protocol and to nobody's speech.
func (s *signalr) hear(r *reader, dir Direction, root ref) (own bool) {
	id, kind := s.member(r, root, "invocationId", kindString), s.member(r, root, "type", kindNumber)
	switch string(kind) {
	case "1", "4": // Invocation, StreamInvocation
		if len(id) > 0 {
			s.ack[dir] = append(append(append(s.ack[dir], `{"type":3,"invocationId":"`...), id...), '"')
			if kind[0] == '1' {
				s.ack[dir] = append(s.ack[dir], `,"result":null`...)
			}
			s.ack[dir] = append(s.ack[dir], '}', recordSeparator)
		}
		return false
	case "2": // StreamItem
		return false
	case "7": // Close
		s.shaken = false
	case "": // of the handshake
		if dir == Down {
			_, failed := r.member(root, "error")
			s.shaken = !failed
		}
	}
	return true
}

// member is the spelling of a member of a record, nil when it has none of the kind.
func (s *signalr) member(r *reader, root ref, key string, kind nodeKind) []byte {
	node, ok := r.member(root, key)
	if !ok || r.tape[node].kind != kind {
		return nil
	}
	return r.raw(ref{root.doc, node})
}

func (s *signalr) wrap(dst []byte, _ Direction, document writer) ([]byte, error) {
	if !s.shaken {
		return dst, ErrNotReady
	}
	mark := len(dst)
	dst, err := document(dst)
	if err != nil {
		return dst[:mark], err
	}
	var doc scanner
	if !doc.scan(dst[mark:]) || checkSignalR(&doc) != nil {
		return dst[:mark], ErrNotReady // of an invocation that was not seen
	}
	return append(dst, recordSeparator), nil
}

// confirm completes every invocation of the message last read, or fills the profile's template once. Nothing completes
// an invocation without id: nobody waits for it, and a widget that gets such a Completion drops its conn.
func (s *signalr) confirm(dst []byte, dir Direction, document writer) ([]byte, bool) {
	if len(s.ack[dir]) == 0 {
		return dst, false
	}
	if document == nil {
		return append(dst, s.ack[dir]...), true
	}
	out, err := s.wrap(dst, dir, document)
	return out, err == nil
}

// checkSignalR demands of a template that it is a record, and of a Completion that it says which invocation it is of.
func checkSignalR(doc *scanner) error {
	r := reader{scanner: *doc}
	root := r.add(document{buf: doc.buf, parent: nowhere})
	if r.tape[root.node].kind != kindObject {
		return errors.New("a SignalR template is a JSON object")
	}
	s := &signalr{}
	if string(s.member(&r, root, "type", kindNumber)) == "3" && len(s.member(&r, root, "invocationId", kindString)) == 0 {
		return errors.New("a Completion (type 3) needs an invocationId: without one the widget drops its conn")
	}
	return nil
}
