package wire

import (
	"bytes"
	"strings"
)

// ref names a value: a document of the reader and its place on the tape.
type ref struct{ doc, node int }

// document is one JSON text on the tape: the message itself, or what a string in it held.
type document struct {
	buf    []byte
	parent ref // the string it stands in; of the message itself, none
	root   int
	seen   [2]int // a place in buf and where the parent's string spells it, see spelledAt
}

// reader holds the documents of one message while its paths are looked up. It is borrowed for one Read.
type reader struct {
	scanner
	docs  []document
	found []ref  // results of find, appended
	text  []byte // decoded strings, those of inner documents included
	words strings.Builder
}

// load scans the message's document and reports whether it can be read.
func (r *reader) load(doc []byte) bool {
	r.tape, r.docs, r.found, r.text = r.tape[:0], r.docs[:0], r.found[:0], r.text[:0]
	r.scanner.style = style{}
	if !r.scan(doc) {
		return false
	}
	r.docs = append(r.docs, document{buf: doc, root: 0})
	return true
}

// find appends every value the path leads to, from item for $ and from the message for $$.
func (r *reader) find(out []ref, p *path, item ref) []ref {
	if p.root == rootFrame {
		item = ref{}
	}
	return r.follow(out, p.segments, item)
}

// first returns the first value the path leads to.
func (r *reader) first(p *path, item ref) (ref, bool) {
	mark := len(r.found)
	r.found = r.find(r.found, p, item)
	if len(r.found) == mark {
		return ref{}, false
	}
	at := r.found[mark]
	r.found = r.found[:mark]
	return at, true
}

func (r *reader) follow(out []ref, segments []segment, at ref) []ref {
	for i := range segments {
		seg := &segments[i]
		n := &r.tape[at.node]
		var ok bool
		switch seg.kind {
		case segKey:
			at.node, ok = r.member(at, seg.key)
		case segIndex:
			at.node, ok = r.element(at, seg.index)
		case segJSON:
			at, ok = r.inner(at)
		case segAll:
			if n.kind != kindArray {
				return out
			}
			for c, end := at.node+1, int(n.next); c < end; c = int(r.tape[c].next) {
				out = r.follow(out, segments[i+1:], ref{at.doc, c})
			}
			return out
		}
		if !ok {
			return out
		}
	}
	return append(out, at)
}

// member finds the member of an object; of several with one key the last, as the languages of widgets and bots do.
func (r *reader) member(at ref, key string) (int, bool) {
	obj := &r.tape[at.node]
	if obj.kind != kindObject {
		return 0, false
	}
	buf, found := r.docs[at.doc].buf, -1
	for c, end := at.node+1, int(obj.next); c < end; c = int(r.tape[c].next) {
		n := &r.tape[c]
		raw := buf[n.keyStart:n.keyEnd]
		if n.keyEscaped {
			mark := len(r.text)
			r.text = appendUnescaped(r.text, raw)
			same := string(r.text[mark:]) == key
			r.text = r.text[:mark]
			if !same {
				continue
			}
		} else if string(raw) != key {
			continue
		}
		found = c
	}
	return found, found >= 0
}

func (r *reader) element(at ref, index int) (int, bool) {
	arr := &r.tape[at.node]
	if arr.kind != kindArray {
		return 0, false
	}
	end := int(arr.next)
	if index < 0 {
		for c := at.node + 1; c < end; c = int(r.tape[c].next) {
			index++
		}
		if index < 0 {
			return 0, false
		}
	}
	for c := at.node + 1; c < end; c = int(r.tape[c].next) {
		if index == 0 {
			return c, true
		}
		index--
	}
	return 0, false
}

// inner opens the JSON text a string holds, once for all paths that pass through it.
func (r *reader) inner(at ref) (ref, bool) {
	n := &r.tape[at.node]
	if n.kind != kindString || n.inner < 0 {
		return ref{}, false
	}
	if n.inner > 0 {
		return ref{int(n.inner), r.docs[n.inner].root}, true
	}
	mark, root := len(r.text), len(r.tape)
	r.text = appendUnescaped(r.text, r.raw(at))
	buf := r.text[mark:len(r.text):len(r.text)]
	if !r.scan(buf) {
		r.tape[at.node].inner = -1
		r.text = r.text[:mark]
		return ref{}, false
	}
	r.docs = append(r.docs, document{buf: buf, parent: at, root: root})
	r.tape[at.node].inner = int32(len(r.docs) - 1)
	return ref{len(r.docs) - 1, root}, true
}

// raw is the spelling of a value; of a string, what stands between its quotes.
func (r *reader) raw(at ref) []byte {
	n := &r.tape[at.node]
	return r.docs[at.doc].buf[n.start:n.end]
}

// value is what a string says, else the spelling of the value. It is valid until the next load.
func (r *reader) value(at ref) []byte {
	raw := r.raw(at)
	if !r.tape[at.node].escaped {
		return raw
	}
	mark := len(r.text)
	r.text = appendUnescaped(r.text, raw)
	return r.text[mark:len(r.text):len(r.text)]
}

// span is where a string's contents are spelled in the message. Under depth layers of JSON in strings, that many
// decodings of these bytes give the spelling of the innermost string.
type span struct {
	start, end uint32
	depth      uint8
}

func (r *reader) span(at ref) span {
	n := &r.tape[at.node]
	sp := span{start: n.start, end: n.end}
	for d := at.doc; d > 0; sp.depth++ {
		sp.start, sp.end = r.spelledAt(d, sp.start), r.spelledAt(d, sp.end)
		d = r.docs[d].parent.doc
	}
	return sp
}

// spelledAt is where in the document around it a place in document d is spelled. Texts are mostly asked for in
// order, so the search goes on from where the last one ended.
func (r *reader) spelledAt(d int, offset uint32) uint32 {
	doc := &r.docs[d]
	if int(offset) < doc.seen[0] {
		doc.seen = [2]int{}
	}
	raw := r.raw(doc.parent)
	doc.seen[1] += rawOffset(raw[doc.seen[1]:], int(offset)-doc.seen[0])
	doc.seen[0] = int(offset)
	return r.tape[doc.parent.node].start + uint32(doc.seen[1])
}

// arena is how much room for words is taken at a time; longer words get a room of their own above a quarter of it.
const arena = 1024

// keep returns b as a string that stays true for good. Strings share rooms of arena bytes, so that most cost no
// allocation and a string kept for long holds on to no more than that.
func (r *reader) keep(b []byte) string {
	if len(b) == 0 {
		return ""
	}
	if len(b) > arena/4 {
		return string(b)
	}
	if r.words.Cap()-r.words.Len() < len(b) {
		r.words.Reset()
		r.words.Grow(arena)
	}
	from := r.words.Len()
	r.words.Write(b)
	return r.words.String()[from:]
}

// same reports whether a string value says exactly words.
func (r *reader) same(at ref, words []byte) bool {
	if !r.tape[at.node].escaped {
		return bytes.Equal(r.raw(at), words)
	}
	mark := len(r.text)
	r.text = appendUnescaped(r.text, r.raw(at))
	ok := bytes.Equal(r.text[mark:], words)
	r.text = r.text[:mark]
	return ok
}
