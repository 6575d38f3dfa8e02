package wire

// spring is what stands in the strings of sockjs+stomp: STOMP as Spring sends it, or, from servers that do without a
// broker, the JSON text alone. What a string begins with tells them apart: no command of STOMP is a bracket.
type spring struct {
	stomp
	raw   raw
	plain bool // the last string was a JSON text
}

func (s *spring) split(r *reader, dir Direction, p piece) Unread {
	i := skipSpace(p.buf, 0)
	if s.plain = i < len(p.buf) && (p.buf[i] == '{' || p.buf[i] == '['); s.plain {
		s.ack[dir] = s.ack[dir][:0]
		return s.raw.split(r, dir, p)
	}
	return s.stomp.split(r, dir, p)
}

func (s *spring) meta(r *reader, rec *record, name string) []byte {
	if s.plain {
		return nil
	}
	return s.stomp.meta(r, rec, name)
}

func (s *spring) spoken(r *reader, dir Direction, rec *record) {
	if !s.plain {
		s.stomp.spoken(r, dir, rec)
	}
}

func (s *spring) ready() bool { return s.plain || s.stomp.ready() }

func (s *spring) wrap(dst []byte, dir Direction, document writer) ([]byte, error) {
	if s.plain {
		return document(dst)
	}
	return s.stomp.wrap(dst, dir, document)
}
