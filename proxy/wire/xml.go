package wire

import "math"

// stanzas is the framing xml: XMPP over WebSocket (RFC 7395), one stanza a message.
type stanzas struct {
	unwrapped
	bound bool // stanzas pass, so that log-in and binding are over
}

func (s *stanzas) ready() bool { return s.bound }

func (s *stanzas) split(r *reader, dir Direction, p piece) Unread {
	if skipSpace(p.buf, 0) == len(p.buf) {
		r.records = append(r.records, record{heartbeat: true})
		return ReadWhole
	}
	at := len(r.tape)
	if !r.scanXML(p.buf) {
		if r.over {
			return UnreadLimits
		}
		return UnreadFraming
	}
	root := r.add(document{buf: p.buf, in: inXML, parent: p.parent, root: at})
	rec := record{root: root, head: r.key(at + 1)}
	switch string(rec.head) {
	case "message":
		rec.fixed = repeatsBody(r, at+1)
		s.bound = s.bound || dir == Down
	case "iq", "presence":
		rec.own = true
		s.bound = s.bound || dir == Down
	default:
		rec.own = true
		s.bound = s.bound && string(rec.head) != "close"
	}
	r.records = append(r.records, rec)
	return ReadWhole
}

// repeatsBody reports whether a message has its words more than once: in several languages, or as XHTML too.
func repeatsBody(r *reader, message int) bool {
	bodies := 0
	for c, end := message+1, int(r.tape[message].next); c < end; c = int(r.tape[c].next) {
		switch string(r.key(c)) {
		case "html":
			return true
		case "body":
			bodies++
		}
	}
	return bodies > 1
}

// key is the local name of the element or attribute last scanned at a node.
func (s *scanner) key(at int) []byte {
	n := &s.tape[at]
	return localName(s.buf[n.keyStart:n.keyEnd])
}

// meta is the name of the stanza.
func (*stanzas) meta(_ *reader, rec *record, _ string) []byte { return rec.head }

func (s *stanzas) wrap(dst []byte, _ Direction, document writer) ([]byte, error) {
	if !s.bound {
		return dst, ErrNotReady
	}
	return document(dst)
}

// localName is what stands behind a namespace's prefix.
func localName(name []byte) []byte {
	for i, c := range name {
		if c == ':' {
			return name[i+1:]
		}
	}
	return name
}

// scanXML appends the one element in buf to the tape, under a node for the document, and reports whether it is well
// formed and within the limits. Attributes come before what an element holds. An element with nothing but characters in
// it is a string, any other an object. A document type, processing instructions and comments are refused, as XMPP does
// (RFC 6120, section 11.1), and so is every entity that XML does not bring along.
func (s *scanner) scanXML(buf []byte) bool {
	s.over = len(buf) > math.MaxInt32
	if s.over {
		return false
	}
	mark := len(s.tape)
	s.buf, s.keys, s.values = buf, 0, 0
	s.tape = append(s.tape, node{kind: kindObject, end: uint32(len(buf))})
	if i := s.tag(skipSpace(buf, 0), 1); i >= 0 && skipSpace(buf, i) == len(buf) {
		s.tape[mark].next = uint32(len(s.tape))
		return true
	}
	s.tape = s.tape[:mark]
	return false
}

// tag reads the element at i and returns the position behind it, or -1.
func (s *scanner) tag(i, depth int) int {
	if s.beyond(depth > maxDepth) || s.beyond(s.values >= maxValues) || i >= len(s.buf) || s.buf[i] != '<' {
		return -1
	}
	s.values++
	at := len(s.tape)
	nameEnd := s.xmlName(i + 1)
	if nameEnd < 0 {
		return -1
	}
	s.tape = append(s.tape, node{kind: kindObject, keyStart: uint32(i + 1), keyEnd: uint32(nameEnd)})
	for i = nameEnd; ; {
		from := i
		i = skipSpace(s.buf, i)
		switch {
		case i >= len(s.buf):
			return -1
		case s.buf[i] == '>':
			return s.content(at, i+1, depth)
		case s.buf[i] == '/':
			if i+1 >= len(s.buf) || s.buf[i+1] != '>' {
				return -1
			}
			n := &s.tape[at]
			n.start, n.end, n.next = uint32(i+1), uint32(i+1), uint32(len(s.tape))
			return i + 2
		case i == from:
			return -1
		}
		if i = s.attribute(i); i < 0 {
			return -1
		}
	}
}

// attribute reads the attribute at i and returns the position behind it, or -1.
func (s *scanner) attribute(i int) int {
	if s.beyond(s.keys >= maxKeys) {
		return -1
	}
	s.keys++
	nameEnd := s.xmlName(i)
	if nameEnd < 0 {
		return -1
	}
	q := skipSpace(s.buf, nameEnd)
	if q >= len(s.buf) || s.buf[q] != '=' {
		return -1
	}
	q = skipSpace(s.buf, q+1)
	if q >= len(s.buf) || s.buf[q] != '"' && s.buf[q] != '\'' {
		return -1
	}
	end, escaped := s.characters(q+1, s.buf[q])
	if end < 0 || end >= len(s.buf) || s.buf[end] != s.buf[q] {
		return -1
	}
	s.tape = append(s.tape, node{
		kind: kindString, attribute: true, escaped: escaped, keyStart: uint32(i), keyEnd: uint32(nameEnd),
		start: uint32(q + 1), end: uint32(end), next: uint32(len(s.tape) + 1),
	})
	return end + 1
}

// content reads what the element at a node holds, from i on, and its end tag.
func (s *scanner) content(at, i, depth int) int {
	start, elements, escaped := i, false, false
	for {
		end, marked := s.characters(i, 0)
		if end < 0 || end+1 >= len(s.buf) {
			return -1
		}
		i, escaped = end, escaped || marked
		switch s.buf[i+1] {
		case '/':
			return s.endTag(at, start, i, elements, escaped)
		case '!':
			if i = cdata(s.buf, i); i < 0 {
				return -1
			}
			escaped = true
		default:
			elements = true
			if i = s.tag(i, depth+1); i < 0 {
				return -1
			}
		}
	}
}

// endTag reads the end tag at i of the element at a node.
func (s *scanner) endTag(at, start, i int, elements, escaped bool) int {
	n := &s.tape[at]
	nameEnd := s.xmlName(i + 2)
	if nameEnd < 0 || string(s.buf[i+2:nameEnd]) != string(s.buf[n.keyStart:n.keyEnd]) {
		return -1
	}
	n.start, n.end, n.next = uint32(start), uint32(i), uint32(len(s.tape))
	if !elements {
		n.kind, n.escaped = kindString, escaped
	}
	end := skipSpace(s.buf, nameEnd)
	if end >= len(s.buf) || s.buf[end] != '>' {
		return -1
	}
	return end + 1
}

// xmlName returns the end of the name at i, -1 when there is none. Beyond ASCII every character may be in a name.
func (s *scanner) xmlName(i int) int {
	from := i
	for i < len(s.buf) {
		c := s.buf[i]
		letter := c|0x20 >= 'a' && c|0x20 <= 'z' || c == '_' || c == ':' || c >= 0x80
		if !letter && (i == from || c != '-' && c != '.' && (c < '0' || c > '9')) {
			break
		}
		i++
	}
	if i == from {
		return -1
	}
	return i
}

// characters returns the place of the quote or tag that ends the characters from i on, -1 when one may not stand there;
// escaped says that there is a reference among them.
func (s *scanner) characters(i int, quote byte) (end int, escaped bool) {
	for ; i < len(s.buf); i++ {
		switch c := s.buf[i]; {
		case c == '<':
			if quote != 0 {
				return -1, false
			}
			return i, escaped
		case c == quote && quote != 0:
			return i, escaped
		case c == '&':
			_, n := reference(s.buf[i:])
			if n == 0 {
				return -1, false
			}
			escaped = true
			i += n - 1
		case c < 0x20 && !isSpace(c), c == '>' && quote == 0 && i >= 2 && s.buf[i-1] == ']' && s.buf[i-2] == ']':
			return -1, false
		}
	}
	return -1, false
}
