package wire

import (
	"bytes"
	"strings"
)

// ref names a value: a document of the reader and its place on the tape.
type ref struct{ doc, node int }

// nowhere is the parent of a document that stands in the message itself.
var nowhere = ref{doc: -1}

// document is one text on the tape: the message itself, a part of it, or what a string in it held.
type document struct {
	buf    []byte
	in     language
	parent ref // the string it stands in, nowhere for the message
	base   int // where it begins in what the parent says, or in the message
	root   int
	seen   [2]int // a place in what the parent says and where the parent spells it, see spelledAt
}

// reader holds the documents of one message while its paths are looked up. It is borrowed for one Read.
type reader struct {
	scanner
	docs    []document
	records []record
	root    ref    // of the record whose paths are looked up
	found   []ref  // results of find, appended
	text    []byte // decoded strings, those of inner documents included
	words   strings.Builder
}

// reset makes the reader ready for a message.
func (r *reader) reset() {
	r.tape, r.docs, r.records, r.found, r.text = r.tape[:0], r.docs[:0], r.records[:0], r.found[:0], r.text[:0]
	r.root, r.scanner.style = ref{}, style{}
}

// load scans the JSON that stands between two places of a piece and returns its root, or why it cannot be read.
func (r *reader) load(p piece, from, to int) (ref, Unread) {
	buf, root := p.buf[from:to], len(r.tape)
	shown := r.scanner.style
	ok := r.scan(buf)
	if p.parent != nowhere { // what stands in a string says nothing about the spelling of the message around it
		r.scanner.style = shown
	}
	switch {
	case ok:
		return r.add(document{buf: buf, parent: p.parent, base: from, root: root}), ReadWhole
	case r.over:
		return nowhere, UnreadLimits
	}
	return nowhere, UnreadJSON
}

// add enters a document that is on the tape already and returns its root.
func (r *reader) add(d document) ref {
	r.docs = append(r.docs, d)
	return ref{len(r.docs) - 1, d.root}
}

// find appends every value the path leads to, from item for $ and from the record for $$.
func (r *reader) find(out []ref, p *path, item ref) []ref {
	if p.root == rootFrame || p.root == rootXML {
		item = r.root
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
		case segElement, segAttribute:
			for c, end := at.node+1, int(n.next); c < end; c = int(r.tape[c].next) {
				if r.named(ref{at.doc, c}, seg) {
					out = r.follow(out, segments[i+1:], ref{at.doc, c})
				}
			}
			return out
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

// named reports whether a node is the element or the attribute that a step of a path asks for: by its whole name, or
// whatever prefix stands for its namespace.
func (r *reader) named(at ref, seg *segment) bool {
	n := &r.tape[at.node]
	name := r.docs[at.doc].buf[n.keyStart:n.keyEnd]
	return n.attribute == (seg.kind == segAttribute) && (string(name) == seg.key || string(localName(name)) == seg.key)
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
	says := r.value(at)
	root, why := r.load(piece{says, at}, 0, len(says))
	if why != ReadWhole {
		r.tape[at.node].inner = -1
		return ref{}, false
	}
	r.tape[at.node].inner = int32(root.doc)
	return root, true
}

// raw is the spelling of a value; of a string, what stands between its quotes.
func (r *reader) raw(at ref) []byte {
	n := &r.tape[at.node]
	return r.docs[at.doc].buf[n.start:n.end]
}

// value is what a string says, else the spelling of the value. It is valid until the next load.
func (r *reader) value(at ref) []byte {
	if !r.tape[at.node].escaped {
		return r.raw(at)
	}
	mark := len(r.text)
	r.text = r.appendValue(r.text, at)
	return r.text[mark:len(r.text):len(r.text)]
}

// appendValue appends what a string says.
func (r *reader) appendValue(dst []byte, at ref) []byte {
	if r.docs[at.doc].in == inXML {
		return appendXMLText(dst, r.raw(at))
	}
	return appendUnescaped(dst, r.raw(at))
}

// span is where a string's contents are spelled in the message. Under depth layers of JSON in strings, that many
// decodings of these bytes give the spelling of the innermost string, in the language of its document.
type span struct {
	start, end uint32
	depth      uint8
	in         language
	part       uint16 // index in Translator.parts and 1, 0 when the message is one record
}

func (r *reader) span(at ref) span {
	n := &r.tape[at.node]
	b, depth := r.bounds(at.doc, int(n.start), int(n.end))
	return span{start: b.start, end: b.end, depth: depth, in: r.docs[at.doc].in}
}

// bounds is where a range of document d, or of what stands before it, is in the message, and how many strings deep.
func (r *reader) bounds(d, start, end int) (b bounds, depth uint8) {
	for {
		doc := &r.docs[d]
		start, end = start+doc.base, end+doc.base
		if doc.parent == nowhere {
			return bounds{uint32(start), uint32(end)}, depth
		}
		start, end = r.spelledAt(doc, start), r.spelledAt(doc, end)
		d = doc.parent.doc
		depth++
	}
}

// spelledAt is where in the document around it the parent of doc spells a place in what it says. Texts are mostly
// asked for in order, so the search goes on from where the last one ended.
func (r *reader) spelledAt(doc *document, offset int) int {
	if offset < doc.seen[0] {
		doc.seen = [2]int{}
	}
	raw := r.raw(doc.parent)
	doc.seen[1] += rawOffset(raw[doc.seen[1]:], offset-doc.seen[0])
	doc.seen[0] = offset
	return int(r.tape[doc.parent.node].start) + doc.seen[1]
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
	r.text = r.appendValue(r.text, at)
	ok := bytes.Equal(r.text[mark:], words)
	r.text = r.text[:mark]
	return ok
}
