package wire

import "hash/maphash"

// maxOffered is how many offered values a conn remembers, the oldest forgotten first: several menus' worth.
const maxOffered = 64

// offered remembers the labels and payloads of buttons the bot has shown on this conn, as hashes: 64 bits under a
// secret seed, so that two different words pass for one about never and no words are kept.
type offered struct {
	hashes [maxOffered]uint64
	next   int
	n      int
}

func (o *offered) has(h uint64) bool {
	for _, known := range o.hashes[:o.n] {
		if known == h {
			return true
		}
	}
	return false
}

func (o *offered) add(h uint64) {
	if o.has(h) {
		return
	}
	o.hashes[o.next] = h
	o.next = (o.next + 1) % maxOffered
	o.n = min(o.n+1, maxOffered)
}

// offer remembers what the frame's buttons say and send.
func (t *Translator) offer(r *reader, f *frame, at ref) {
	for i, paths := range [...][]*path{f.labels, f.payloads} {
		for _, p := range paths {
			mark := len(r.found)
			r.found = r.find(r.found, p, at)
			for _, hit := range r.found[mark:] {
				t.offerValue(r, hit)
			}
			if i == 0 {
				t.labels += len(r.found) - mark
			}
			r.found = r.found[:mark]
		}
	}
}

func (t *Translator) offerValue(r *reader, hit ref) {
	if r.tape[hit.node].kind >= kindArray {
		return
	}
	v := r.value(hit)
	if len(v) == 0 {
		return
	}
	if t.offered == nil {
		t.offered = new(offered)
	}
	t.offered.add(maphash.Bytes(t.profile.seed, v))
}

// Offered reports whether words equal a label or a payload of a button that the bot has shown on this conn.
func (t *Translator) Offered(words string) bool {
	return t.offered != nil && t.offered.has(maphash.String(t.profile.seed, words))
}

// clicked reports whether a text equals something the bot has offered.
func (t *Translator) clicked(texts []Text) bool {
	for i := range texts {
		if t.Offered(texts[i].Value) {
			return true
		}
	}
	return false
}
