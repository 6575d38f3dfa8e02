package wire

import "bytes"

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

// socket is what a Socket.IO conn has shown so far. Engine.IO 3 and 4 look the same inside a WebSocket, but for who
// pings, and pings pass untouched.
type socket struct {
	namespace string // "" is the default one
	latest    string // namespace of the event last read
	connected bool
	settled   bool      // the namespace is one in which people talk
	waiting   [2]uint64 // binary attachments announced and not passed yet
	ack       [2][]byte // "/namespace,id" of the message last read, empty when it wants no ack
}

func (s *socket) ready() bool { return s.connected && s.waiting[Down] == 0 }

// settle makes the namespace of the event last read the one we speak in.
func (s *socket) settle() { s.namespace, s.settled = s.latest, true }

// packet reads the head of a message and returns where the arguments of an event begin; false for anything but an
// event, which passes untouched.
func (t *Translator) packet(dir Direction, msg []byte) (int, bool) {
	s := &t.socket
	s.waiting[dir] = 0
	if len(msg) < 2 || msg[0] != '4' {
		if len(msg) == 1 && msg[0] == '1' {
			s.connected = false
		}
		return 0, false
	}
	kind, i := msg[1], 2
	if kind == packetBinaryEvent || kind == packetBinaryAck {
		n, size := digits(msg[i:])
		if size > 0 && i+size < len(msg) && msg[i+size] == '-' {
			s.waiting[dir] = n
		}
		return 0, false
	}
	var namespace []byte
	if i < len(msg) && msg[i] == '/' {
		end := bytes.IndexByte(msg[i:], ',')
		if end < 0 {
			end = len(msg) - i
		}
		namespace = msg[i : i+end]
		i = min(i+end+1, len(msg))
	}
	if q := bytes.IndexByte(namespace, '?'); q >= 0 { // Engine.IO 3 puts the query of a connect here
		namespace = namespace[:q]
	}
	if len(namespace) == 1 { // "/" is the default namespace, spelled out
		namespace = nil
	}
	if len(namespace) > maxSocketName {
		return 0, false
	}
	switch kind {
	case packetConnect:
		if dir == Down && (!s.settled || string(namespace) == s.namespace) {
			s.namespace, s.connected = string(namespace), true
		}
	case packetDisconnect, packetConnectError:
		if string(namespace) == s.namespace {
			s.connected = false
		}
	case packetEvent:
		n := s.event(dir, namespace, msg[i:])
		for slot, name := range t.profile.metas {
			switch name {
			case "ns":
				t.meta[slot] = s.latest
			case "id":
				t.meta[slot] = string(msg[i : i+min(n, maxSocketName)])
			}
		}
		return i + n, true
	}
	return 0, false
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

// appendHead appends what stands before the arguments of a packet of ours.
func (s *socket) appendHead(dst []byte, kind byte, id []byte) []byte {
	dst = append(dst, '4', kind)
	if s.namespace != "" {
		dst = append(append(dst, s.namespace...), ',')
	}
	return append(dst, id...)
}

// appendAck appends the head of the answer to the message last read in a direction.
func (s *socket) appendAck(dst []byte, dir Direction) []byte {
	return append(append(dst, '4', packetAck), s.ack[dir]...)
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

// Binary tells the translator that a binary message was passed on. Socket.IO sends the attachments of a binary event
// that way, and nothing of ours may come between them.
func (t *Translator) Binary(dir Direction) {
	if t.socket.waiting[dir] > 0 {
		t.socket.waiting[dir]--
	}
}
