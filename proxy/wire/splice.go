package wire

import (
	"math"
	"slices"
	"strconv"
)

// Edit puts other words in the place of one text of the message last read.
type Edit struct {
	Item, Text int    // indices into the items of the last Read, and its Texts
	With       string // the words; bytes that are not UTF-8 become U+FFFD
}

// change is one span of a message and what takes its place.
type change struct {
	bounds
	with  []byte
	part  uint16 // of the text, as in span
	grown int    // by how many bytes the document of that part grows, as its length counts them
}

// Splice appends to dst the message of the last Read with only the edited strings changed, spelled (escapes, hex
// digits) as the string itself, the rest of the message, or earlier messages of that side are. What old and new words have in
// common at both ends keeps its very bytes, and an edit that changes nothing changes no byte. Texts that follow an
// edited one are edited along, and a length that counts an edited document is counted anew. Edits that name no text are
// ignored; when the result would exceed the profile's max_message, or msg is not the message last read, msg is appended
// as it is.
func (t *Translator) Splice(dst, msg []byte, edits []Edit) []byte {
	if len(msg) != t.read || len(edits) == 0 || len(t.items) == 0 {
		return append(dst, msg...)
	}
	var room [8]change
	changes := room[:0]
	for _, e := range edits {
		if e.Item < 0 || e.Item >= len(t.items) || e.Text < 0 || e.Text >= len(t.items[e.Item].Texts) {
			continue
		}
		texts := t.items[e.Item].Texts
		if e.With == texts[e.Text].Value {
			continue // nor do those that follow change
		}
		changes = t.change(changes, msg, &texts[e.Text], e.With)
		for i := range texts {
			if texts[i].Follow != e.Text {
				continue
			}
			if with, ok := followed(&texts[i], texts[e.Text].Value, e.With); ok {
				changes = t.change(changes, msg, &texts[i], with)
			}
		}
	}
	changes = t.recount(order(changes))
	mark := len(dst)
	at := uint32(0)
	for _, c := range changes {
		dst = append(dst, msg[at:c.start]...)
		dst = append(dst, c.with...)
		at = c.end
	}
	dst = append(dst, msg[at:]...)
	if limit := t.profile.maxMessage; limit > 0 && int64(len(dst)-mark) > limit && len(dst)-mark > len(msg) {
		return append(dst[:mark], msg...)
	}
	return dst
}

// order sorts changes by place; of two for one text the first stands.
func order(changes []change) []change {
	slices.SortStableFunc(changes, func(a, b change) int { return int(a.start) - int(b.start) })
	kept := changes[:0]
	for i, c := range changes {
		if i == 0 || c.start >= kept[len(kept)-1].end && c.start > kept[len(kept)-1].start {
			kept = append(kept, c)
		}
	}
	return kept
}

// recount adds the changes of the lengths that say how long the edited documents are.
func (t *Translator) recount(changes []change) []change {
	texts := len(changes)
	for i := 0; i < texts; {
		part, grown := changes[i].part, 0
		for ; i < texts && changes[i].part == part; i++ {
			grown += changes[i].grown
		}
		if part == 0 || grown == 0 || t.parts[part-1].length == (bounds{}) {
			continue
		}
		p := &t.parts[part-1]
		changes = append(changes, change{bounds: p.length, with: strconv.AppendInt(nil, int64(p.counted+grown), 10)})
	}
	if len(changes) > texts {
		changes = order(changes)
	}
	return changes
}

// change adds the new spelling of a text, unless it says so already.
func (t *Translator) change(changes []change, msg []byte, text *Text, with string) []change {
	sp := text.span
	if with == text.Value || uint64(sp.end) > math.MaxInt32 || int(sp.end) > len(msg) {
		return changes
	}
	// The layers of spelling, from the message inwards: each is what the one before says.
	var room [4][]byte
	layers := append(room[:0], msg[sp.start:sp.end])
	for range sp.depth {
		layers = append(layers, appendUnescaped(nil, layers[len(layers)-1]))
	}
	innermost := len(layers) - 1
	words := t.respellText(msg, layers[innermost], text, []byte(with), innermost == 0)
	c := change{bounds: bounds{sp.start, sp.end}, part: sp.part}
	for i := innermost; ; i-- {
		if sp.part > 0 && i == int(t.parts[sp.part-1].depth) {
			c.grown = len(words) - len(layers[i])
		}
		if i == 0 {
			break
		}
		words = t.respell(msg, layers[i-1], layers[i], words, sp.part, i == 1)
	}
	c.with = words
	return append(changes, c)
}

// respellText spells words in the place of raw, which spells a text in its document.
func (t *Translator) respellText(msg, raw []byte, text *Text, words []byte, outermost bool) []byte {
	switch text.span.in {
	case inText:
		return respellPlain(words, text.span.part > 0 && t.parts[text.span.part-1].length != bounds{})
	case inXML:
		return respellXML(raw, words)
	case inJSON:
	}
	old := raw
	if string(raw) != text.Value { // spelled with escapes
		old = []byte(text.Value)
	}
	return t.respell(msg, raw, old, words, text.span.part, outermost)
}

// respell spells words in the place of raw, a string of JSON that says old.
func (t *Translator) respell(msg, raw, old, words []byte, in uint16, outermost bool) []byte {
	return respell(raw, old, words, func(words []byte) style { return t.styleOf(msg, raw, words, in, outermost) })
}

// styleOf gathers how words are to be spelled in the place of raw. The string itself is asked first, then, when it
// stands in the message and not in a string of it, the rest of its document and the earlier ones.
func (t *Translator) styleOf(msg, raw, words []byte, in uint16, outermost bool) style {
	var st style
	need := choices(words)
	if need == 0 {
		return st // there is one way to spell them
	}
	st.learn(raw)
	if st.special&need != 0 {
		need |= spellUpper
	}
	if !outermost || need&^st.known() == 0 {
		return st
	}
	if in > 0 && t.parts[in-1].body != (bounds{}) {
		msg = msg[t.parts[in-1].body.start:t.parts[in-1].body.end]
	}
	var near style
	near.learnDocument(msg)
	return st.fill(near).fill(t.style[t.dir])
}
