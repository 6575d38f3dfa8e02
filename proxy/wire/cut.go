package wire

import "slices"

// Cut appends to dst the message of the last Read without the records of some items, given by their indices; it reports
// false when nothing is left or msg is not that message. A record goes as a whole, with every item in it: where the
// framing has one record a message, that is the message. What a protocol keeps for itself in other records of a message,
// such as the answer to an earlier call, so arrives though the bot's words do not.
func (t *Translator) Cut(dst, msg []byte, items []int) ([]byte, bool) {
	if len(msg) != t.read {
		return dst, false
	}
	gone := make([]bounds, 0, len(items))
	for _, i := range items {
		if i < 0 || i >= len(t.items) {
			continue
		}
		if t.items[i].part == 0 { // it is all that the message says
			return t.framing.tidy(dst, len(dst))
		}
		p := &t.parts[t.items[i].part-1]
		gone = append(gone, bounds{p.start, p.end})
	}
	slices.SortFunc(gone, func(a, b bounds) int { return int(a.start) - int(b.start) })
	mark, at := len(dst), uint32(0)
	for _, g := range gone {
		if g.start < at {
			continue // two records in one string
		}
		dst = append(dst, msg[at:g.start]...)
		at = g.end
	}
	return t.framing.tidy(append(dst, msg[at:]...), mark)
}
