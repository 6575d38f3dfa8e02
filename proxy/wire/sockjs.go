package wire

import "bytes"

// sockjs is the framing sockjs and, with STOMP in its strings as Spring sends it, sockjs+stomp: downstream o (open),
// h (heartbeat), a["…","…"], m"…" and c[code,reason], upstream ["…"] or "…". Each string is taken apart by the framing
// inside. Its raw WebSocket (…/websocket without session) is no SockJS; there the framing inside is the whole.
type sockjs struct {
	framing
	open bool
}

func (s *sockjs) ready() bool { return s.open && s.framing.ready() }

func (s *sockjs) split(r *reader, dir Direction, p piece) Unread {
	from := 0
	if dir == Down {
		if len(p.buf) == 0 {
			return UnreadFraming
		}
		switch kind := p.buf[0]; {
		case len(p.buf) == 1 && kind == 'o':
			s.open = true
			return ReadWhole
		case len(p.buf) == 1 && kind == 'h':
			r.records = append(r.records, record{heartbeat: true})
			return ReadWhole
		case kind == 'c':
			s.open = false
			return ReadWhole
		case kind != 'a' && kind != 'm':
			return UnreadFraming
		}
		from = 1
	}
	root, why := r.load(p, from, len(p.buf))
	if why == UnreadLimits {
		return why
	}
	if why != ReadWhole {
		return UnreadFraming
	}
	s.open = true
	n := r.tape[root.node]
	if n.kind == kindString {
		why = s.framing.split(r, dir, piece{r.value(root), root})
		for i := range r.records {
			r.records[i].part.start, r.records[i].part.end = 0, uint32(len(p.buf))
		}
		return why
	}
	if n.kind != kindArray {
		return UnreadFraming
	}
	return s.strings(r, dir, p, root)
}

// strings takes every string of an array apart. One that cannot be read does not keep the others from being read.
func (s *sockjs) strings(r *reader, dir Direction, p piece, array ref) Unread {
	why, end := ReadWhole, int(r.tape[array.node].next)
	for c := array.node + 1; c < end; c = int(r.tape[c].next) {
		if r.tape[c].kind != kindString {
			return UnreadFraming
		}
	}
	for c := array.node + 1; c < end; c = int(r.tape[c].next) {
		at, mark := ref{array.doc, c}, len(r.records)
		switch w := s.framing.split(r, dir, piece{r.value(at), at}); {
		case w == UnreadLimits:
			return w
		case w != ReadWhole:
			r.records, why = r.records[:mark], w
		}
		n := &r.tape[c]
		place, _ := r.bounds(array.doc, int(n.start)-1, int(n.end)+1)
		// With the comma behind it: what is left when it is cut out is an array, but for a last comma.
		if i := skipSpace(p.buf, int(place.end)); i < len(p.buf) && p.buf[i] == ',' {
			place.end = uint32(i + 1)
		}
		for i := mark; i < len(r.records); i++ {
			r.records[i].part.start, r.records[i].part.end = place.start, place.end
		}
	}
	if len(r.records) > 0 {
		return ReadWhole
	}
	return why
}

// tidy takes away the comma that the last string left behind. A message without strings says nothing.
func (s *sockjs) tidy(dst []byte, mark int) ([]byte, bool) {
	open, end := bytes.IndexByte(dst[mark:], '[')+mark, bytes.LastIndexByte(dst[mark:], ']')+mark
	last := end - 1
	for last > open && isSpace(dst[last]) {
		last--
	}
	if last <= open {
		return dst[:mark], false
	}
	if dst[last] == ',' {
		dst = append(dst[:last], dst[end:]...)
	}
	return dst, true
}

func (s *sockjs) wrap(dst []byte, dir Direction, document writer) ([]byte, error) {
	if !s.ready() {
		return dst, ErrNotReady
	}
	inner, err := s.framing.wrap(nil, dir, document)
	if err != nil {
		return dst, err
	}
	return s.enclose(dst, dir, inner), nil
}

func (s *sockjs) confirm(dst []byte, dir Direction, document writer) ([]byte, bool) {
	inner, ok := s.framing.confirm(nil, dir, document)
	if !ok {
		return dst, false
	}
	return s.enclose(dst, 1-dir, inner), true // it travels the other way
}

// enclose appends a message with one string.
func (s *sockjs) enclose(dst []byte, dir Direction, inner []byte) []byte {
	if dir == Down {
		dst = append(dst, 'a')
	}
	return append(appendString(append(dst, '['), string(inner)), ']')
}

func isSpace(c byte) bool { return c == ' ' || c == '\n' || c == '\r' || c == '\t' }

func skipSpace(b []byte, i int) int {
	for i < len(b) && isSpace(b[i]) {
		i++
	}
	return i
}
