package wire

import (
	"math"
	"slices"
)

// Edit puts other words in the place of one text of the message last read.
type Edit struct {
	Item, Text int    // indices into the items of the last Read, and its Texts
	With       string // the words; bytes that are not UTF-8 become U+FFFD
}

// change is one span of a message and what takes its place.
type change struct {
	start, end uint32
	with       []byte
}

// Splice appends to dst the message of the last Read with only the edited strings changed, spelled (escapes, hex
// digits) as the string itself, the rest of the message, or earlier messages of that side are. What old and new words have in
// common at both ends keeps its very bytes, and an edit that changes nothing changes no byte. Texts that follow an
// edited one are edited along. Edits that name no text are ignored; when the result would exceed the profile's
// max_message, or msg is not the message last read, msg is appended as it is.
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
	slices.SortStableFunc(changes, func(a, b change) int { return int(a.start) - int(b.start) })
	mark := len(dst)
	at := uint32(0)
	for _, c := range changes {
		if c.start < at { // a text named twice: the first edit stands
			continue
		}
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

// change adds the new spelling of a text, unless it says so already.
func (t *Translator) change(changes []change, msg []byte, text *Text, with string) []change {
	if with == text.Value || uint64(text.span.end) > math.MaxInt32 || int(text.span.end) > len(msg) {
		return changes
	}
	raw := msg[text.span.start:text.span.end]
	// The layers of spelling, from the message inwards: each is what the one before says.
	var room [4][]byte
	layers := append(room[:0], raw)
	for range text.span.depth + 1 {
		layers = append(layers, appendUnescaped(nil, layers[len(layers)-1]))
	}
	words := []byte(with)
	for i := len(layers) - 2; i >= 0; i-- {
		st := t.styleOf(msg, layers[i], words, i == 0)
		words = respell(make([]byte, 0, len(layers[i])+len(words)+16), layers[i], layers[i+1], words, st)
	}
	return append(changes, change{text.span.start, text.span.end, words})
}

// styleOf gathers how words are to be spelled in the place of raw. The string itself is asked first, then, when it
// stands in the message and not in a string of it, the rest of the message and the earlier ones.
func (t *Translator) styleOf(msg, raw, words []byte, outermost bool) style {
	var st style
	st.learn(raw)
	need := choices(words)
	if st.special&need != 0 {
		need |= spellUpper
	}
	if !outermost || need&^st.known() == 0 {
		return st
	}
	var near style
	near.learnDocument(msg)
	return st.fill(near).fill(t.style[t.dir])
}
