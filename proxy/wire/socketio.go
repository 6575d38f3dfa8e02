package wire

import (
	"bytes"
	"errors"
)

// Packet types of Socket.IO, protocols 3 to 5, as they stand behind the 4 of an Engine.IO message.
const (
	packetConnect      = '0'
	packetDisconnect   = '1'
	packetEvent        = '2'
	packetAck          = '3'
	packetConnectError = '4'
	packetBinaryEvent  = '5'
	packetBinaryAck    = '6'
)

// maxSocketName bounds a namespace that is remembered, and an ack id.
const maxSocketName = 128

// socket is the framing socketio: Engine.IO 3 and 4 with Socket.IO in it, which look the same inside a WebSocket but for
// who pings. Engine.IO's own packets (open, close, ping, pong, the probes of an upgrade) pass and are no items.
type socket struct {
	unwrapped
	namespace string // "" is the default one
	latest    string // namespace of the event last read
	connected bool
	settled   bool      // the namespace is one in which people talk
	waiting   [2]uint64 // binary attachments announced and not passed yet
	withheld  [2]bool   // they are those of an event that was cut away
	dir       Direction // of the message last read
	attached  Attachment
	ack       [2][]byte // "/namespace,id" of the message last read, empty when it wants no ack
}

func (s *socket) ready() bool { return s.connected && s.waiting[Down] == 0 }

// spoken makes the namespace of the event last read the one we speak in.
func (s *socket) spoken(*reader, Direction, *record) { s.namespace, s.settled = s.latest, true }

func (s *socket) binary(dir Direction) {
	s.attached = Unattached
	if s.waiting[dir] == 0 {
		return
	}
	s.waiting[dir]--
	s.attached = Attached
	if s.withheld[dir] {
		s.attached = Withheld
	}
}

func (s *socket) attachment() Attachment { return s.attached }

func (s *socket) begin(dir Direction) { s.ack[dir], s.dir = emptied(s.ack[dir]), dir }

// tidy notes that the attachments of an event that is cut away go the same way.
func (s *socket) tidy(dst []byte, mark int) ([]byte, bool) {
	left := len(dst) > mark
	s.withheld[s.dir] = !left
	return dst, left
}

// split reads the head of a packet and, of an event, loads the arguments.
func (s *socket) split(r *reader, dir Direction, p piece) Unread {
	msg := p.buf
	if len(msg) > 1 && msg[0] == 'b' { // an attachment for conns that take text alone
		s.binary(dir)
		return ReadWhole
	}
	s.waiting[dir], s.withheld[dir], s.attached = 0, false, Unattached
	switch {
	case len(msg) == 0 || msg[0] < '0' || msg[0] > '6':
		return UnreadFraming
	case msg[0] != '4':
		s.connected = s.connected && string(msg) != "1"
		return ReadWhole
	case len(msg) == 1 || msg[1] < packetConnect || msg[1] > packetBinaryAck:
		return UnreadFraming
	}
	kind, i := msg[1], 2
	if kind == packetBinaryEvent || kind == packetBinaryAck {
		n, size := digits(msg[i:])
		if size == 0 || i+size == len(msg) || msg[i+size] != '-' {
			return UnreadFraming
		}
		s.waiting[dir] = n
		i += size + 1
	}
	start := i
	namespace, size := namespaceOf(msg[i:])
	if len(namespace) > maxSocketName {
		return UnreadLimits
	}
	i += size
	switch kind {
	case packetConnect:
		if dir == Down && (!s.settled || string(namespace) == s.namespace) {
			s.namespace, s.connected = string(namespace), true
		}
	case packetDisconnect, packetConnectError:
		if string(namespace) == s.namespace {
			s.connected = false
		}
	case packetEvent, packetBinaryEvent:
		n := s.event(dir, namespace, msg[i:])
		root, why := r.load(p, i+n, len(msg))
		if why != ReadWhole {
			return why
		}
		r.records = append(r.records, record{root: root, head: msg[start : i+n]})
	}
	return ReadWhole
}

// namespaceOf reads the namespace at the start of b, nil for the default one, and says where the rest begins.
func namespaceOf(b []byte) (namespace []byte, size int) {
	if len(b) == 0 || b[0] != '/' {
		return nil, 0
	}
	size = len(b)
	if end := bytes.IndexByte(b, ','); end >= 0 {
		b, size = b[:end], end+1
	}
	if q := bytes.IndexByte(b, '?'); q >= 0 { // Engine.IO 3 puts the query of a connect here
		b = b[:q]
	}
	if len(b) == 1 { // "/" is the default namespace, spelled out
		return nil, size
	}
	return b, size
}

// event notes the namespace and the ack id of an event and returns the length of the id. Who sees an event is
// connected, also where the connect went another way (HTTP polling before an upgrade).
func (s *socket) event(dir Direction, namespace, rest []byte) int {
	if string(namespace) != s.latest {
		s.latest = string(namespace)
	}
	if !s.connected && (!s.settled || s.latest == s.namespace) {
		s.namespace, s.connected = s.latest, true
	}
	_, size := digits(rest)
	if size > 0 && size <= maxSocketName {
		if len(namespace) > 0 {
			s.ack[dir] = append(append(s.ack[dir], namespace...), ',')
		}
		s.ack[dir] = append(s.ack[dir], rest[:size]...)
	}
	return size
}

// meta is the namespace or the ack id of an event.
func (s *socket) meta(_ *reader, rec *record, name string) []byte {
	namespace, size := namespaceOf(rec.head)
	if name == "ns" {
		return namespace
	}
	return rec.head[size:min(len(rec.head), size+maxSocketName)]
}

func (s *socket) wrap(dst []byte, dir Direction, document writer) ([]byte, error) {
	if !s.connected || s.waiting[dir] > 0 {
		return dst, ErrNotReady
	}
	dst = append(dst, '4', packetEvent)
	if s.namespace != "" {
		dst = append(append(dst, s.namespace...), ',')
	}
	return document(dst)
}

// confirm answers an event that came with an ack id; without a template the answer has no arguments. It must not come
// between an event that travels the same way and its attachments.
func (s *socket) confirm(dst []byte, dir Direction, document writer) ([]byte, bool) {
	if len(s.ack[dir]) == 0 || s.waiting[1-dir] > 0 {
		return dst, false
	}
	out := append(append(dst, '4', packetAck), s.ack[dir]...)
	if document == nil {
		return append(out, "[]"...), true
	}
	if out, err := document(out); err == nil {
		return out, true
	}
	return dst, false
}

// checkSocketIO demands of a template that it is a list of arguments.
func checkSocketIO(doc *scanner) error {
	if doc.tape[0].kind != kindArray {
		return errors.New(`a socket.io template is a JSON array, as in ["bot_uttered",{"text":{{text}}}]`)
	}
	return nil
}

// digits reads the decimal number at the start of b; more than nine digits count as the largest.
func digits(b []byte) (n uint64, size int) {
	for size < len(b) && b[size] >= '0' && b[size] <= '9' {
		if size < 9 {
			n = n*10 + uint64(b[size]-'0')
		}
		size++
	}
	return n, size
}
