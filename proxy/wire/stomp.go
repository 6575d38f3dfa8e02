package wire

import (
	"bytes"
	"slices"
	"strconv"
)

// maxAcking is how many subscriptions that want their messages confirmed are remembered; with more nothing of ours is
// sent.
const maxAcking = 16

var stompMetas = []string{"command", "h."}

// stomp is the framing stomp, versions 1.0 to 1.2: frames of a command, headers, a blank line, a body and a NUL, several
// a message, and lone line ends as heartbeats. A body is read as JSON when it is an object, an array or a string of
// JSON, else it is one text, which the path $ leads to.
type stomp struct {
	unwrapped
	last   [2]address // of the frame last spoken in, by direction
	acking [][]byte   // ids of subscriptions whose messages the widget confirms
	ack    [2][]byte  // frames that confirm the message last read
	sent   uint64     // messages of ours
}

// address is what a frame of ours needs of one that was seen: headers, spelled as they were.
type address struct {
	destination, subscription, contentType []byte
	plain                                  bool // its body was a text
}

func (s *stomp) begin(dir Direction) { s.ack[dir] = emptied(s.ack[dir]) }

func (s *stomp) split(r *reader, dir Direction, p piece) Unread {
	at := skipLines(p.buf, 0)
	if at == len(p.buf) && at > 0 {
		r.records = append(r.records, record{heartbeat: true})
		return ReadWhole
	}
	for at < len(p.buf) {
		if r.full() {
			return UnreadLimits
		}
		f, ok := parseStomp(p.buf, at)
		if !ok {
			return UnreadFraming
		}
		if why := s.body(r, p, &f); why != ReadWhole {
			return why
		}
		s.hear(dir, &f)
		at = skipLines(p.buf, f.end)
	}
	if at == 0 {
		return UnreadFraming
	}
	return ReadWhole
}

// body loads the document of a frame.
func (s *stomp) body(r *reader, p piece, f *stompFrame) Unread {
	body, root, why := p.buf[f.body:f.bodyEnd], nowhere, UnreadJSON
	if i := skipSpace(body, 0); i < len(body) && (body[i] == '{' || body[i] == '[' || body[i] == '"') {
		root, why = r.load(p, f.body, f.bodyEnd)
	}
	switch why {
	case UnreadLimits:
		return why
	case UnreadJSON:
		at := len(r.tape)
		r.tape = append(r.tape, node{kind: kindString, end: uint32(len(body)), next: uint32(at + 1)})
		root = r.add(document{buf: body, in: inText, parent: p.parent, base: f.body, root: at})
	}
	rec := record{root: root, head: p.buf[f.start:f.body], own: !f.is("SEND") && !f.is("MESSAGE") && !f.is("ERROR")}
	if f.lengthEnd > 0 {
		rec.part.length, rec.part.depth = r.bounds(root.doc, f.length-f.body, f.lengthEnd-f.body)
		rec.part.counted = len(body)
	}
	if p.parent == nowhere {
		rec.part.start, rec.part.end = uint32(f.start), uint32(f.end)
		rec.part.body = bounds{uint32(f.body), uint32(f.bodyEnd)}
	}
	r.records = append(r.records, rec)
	return ReadWhole
}

// hear takes note of a frame: what it wants confirmed, and subscriptions.
func (s *stomp) hear(dir Direction, f *stompFrame) {
	if dir == Up {
		if receipt := f.header("receipt"); receipt != nil {
			s.ack[dir] = append(append(append(s.ack[dir], "RECEIPT\nreceipt-id:"...), receipt...), "\n\n\x00"...)
		}
		switch id := f.header("id"); {
		case f.is("SUBSCRIBE"):
			if mode := f.header("ack"); mode != nil && string(mode) != "auto" && !s.confirms(id) && len(id) <= maxRemembered {
				s.acking = append(s.acking, bytes.Clone(id))
			}
		case f.is("UNSUBSCRIBE"):
			s.acking = slices.DeleteFunc(s.acking, func(known []byte) bool { return bytes.Equal(known, id) })
		}
		return
	}
	if !f.is("MESSAGE") {
		return
	}
	if ack := f.header("ack"); ack != nil {
		s.ack[dir] = append(append(append(s.ack[dir], "ACK\nid:"...), ack...), "\n\n\x00"...)
	} else if sub := f.header("subscription"); s.confirms(sub) {
		s.ack[dir] = append(append(append(s.ack[dir], "ACK\nsubscription:"...), sub...), "\nmessage-id:"...)
		s.ack[dir] = append(append(s.ack[dir], f.header("message-id")...), "\n\n\x00"...)
	}
}

// confirms reports whether the widget confirms the messages of a subscription. The backend would take a confirmation of
// a message of ours for an error, so nothing is said there.
func (s *stomp) confirms(sub []byte) bool {
	return len(s.acking) > maxAcking || slices.ContainsFunc(s.acking, func(id []byte) bool { return bytes.Equal(id, sub) })
}

// spoken takes note where people talk.
func (s *stomp) spoken(r *reader, dir Direction, rec *record) {
	f := stompFrame{head: rec.head}
	if !f.is("SEND") && !f.is("MESSAGE") {
		return
	}
	a := &s.last[dir]
	for _, h := range [...]struct {
		name string
		at   *[]byte
	}{{"destination", &a.destination}, {"subscription", &a.subscription}, {"content-type", &a.contentType}} {
		if v := f.header(h.name); len(v) <= maxRemembered && !bytes.Equal(v, *h.at) {
			*h.at = append((*h.at)[:0], v...)
		}
	}
	a.plain = r.docs[rec.root.doc].in == inText
}

// meta is the command or a header of a frame.
func (s *stomp) meta(r *reader, rec *record, name string) []byte {
	f := stompFrame{head: rec.head}
	if name == "command" {
		return f.command()
	}
	v := f.header(name[len("h."):])
	if bytes.IndexByte(v, '\\') < 0 || f.is("CONNECT") || f.is("CONNECTED") {
		return v
	}
	mark := len(r.text)
	r.text = appendStompHeader(r.text, v)
	return r.text[mark:len(r.text):len(r.text)]
}

func (s *stomp) ready() bool {
	to := &s.last[Down]
	return len(to.subscription) > 0 && !s.confirms(to.subscription)
}

// wrap sends a MESSAGE to the subscription in which the bot last spoke, or a SEND to where the customer did. Where their
// bodies are plain texts, a document that is one string is sent as what it says.
func (s *stomp) wrap(dst []byte, dir Direction, document writer) ([]byte, error) {
	to := &s.last[dir]
	if dir == Down && !s.ready() || len(to.destination) == 0 {
		return dst, ErrNotReady
	}
	body, err := document(nil)
	if err != nil {
		return dst, err
	}
	if n := len(body); to.plain && body[0] == '"' {
		body = appendUnescaped(nil, body[1:n-1])
	}
	if dir == Down {
		s.sent++
		dst = append(append(append(dst, "MESSAGE\nsubscription:"...), to.subscription...), "\nmessage-id:att-"...)
		dst = append(strconv.AppendUint(dst, s.sent, 10), "\ndestination:"...)
	} else {
		dst = append(dst, "SEND\ndestination:"...)
	}
	dst = append(dst, to.destination...)
	if len(to.contentType) > 0 {
		dst = append(append(dst, "\ncontent-type:"...), to.contentType...)
	}
	dst = strconv.AppendInt(append(dst, "\ncontent-length:"...), int64(len(body)), 10)
	return append(append(append(dst, "\n\n"...), body...), 0), nil
}

// confirm appends what the protocol has for it: RECEIPT for the widget, ACK for the backend.
func (s *stomp) confirm(dst []byte, dir Direction, _ writer) ([]byte, bool) {
	return append(dst, s.ack[dir]...), len(s.ack[dir]) > 0
}
