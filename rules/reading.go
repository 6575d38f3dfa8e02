package rules

import (
	"hash/maphash"
	"slices"
	"strings"
	"sync/atomic"
)

// A reading is all that depends on nothing but the text of a reply: its words, what was found in them, its facts. Bots
// take most replies from a list (of the 27,087 of STAR, 77 % are the same as an earlier one, byte for byte), so those that
// come again are not read again. It is immutable.
type reading struct {
	locale string
	tongue *tongue
	markup bool

	text    textParts
	blocks  []span
	apart   []int32
	cues    *cueHits // nil: none
	sketch  sketch
	flags   pastFlags
	mets    []met
	caps    []capture
	facts   []fact
	foreign bool // in another language than the conversation

	worth atomic.Int32 // how often others have to ask for its place until they get it
}

// The size of a memory of readings: some 3 KB each for usual replies. What is seen for the first time takes no place.
const (
	readingSets  = 256 // a power of two
	readingWays  = 8
	readingSeen  = 8192 // a power of two
	readingBytes = 1 << 10
	readingWorth = 4 // more replies than places must not push each other out all the time
)

// readings remembers the replies that came in more than one conversation: what only one customer was told is theirs, and
// is not kept beyond it. Any number of goroutines may use it; none waits for another.
type readings struct {
	seed maphash.Seed
	seen [readingSeen]atomic.Uint64 // what came once, by a part of its hash, and in which session
	kept [readingSets][readingWays]atomic.Pointer[reading]
}

func newReadings() *readings { return &readings{seed: maphash.MakeSeed()} }

// reading returns what is known of a text of the bot's, or nil when it has to be read: it is new, comes piece by piece, or
// somebody wants to see how it is read.
func (m *moment) reading(text string) *reading {
	if m.turn.Role != Bot || m.set.readings == nil || m.facts.Shown != nil || m.sc.trace != nil || m.sc.only != nil ||
		len(text) == 0 || len(text) > readingBytes {
		return nil
	}
	all := m.set.readings
	hash := maphash.String(all.seed, text)
	ways := &all.kept[hash%readingSets]
	for i := range ways {
		if r := ways[i].Load(); r != nil && r.text.raw == text && r.tongue == m.tongue && r.locale == m.facts.locale() && r.markup == m.markup() {
			if r.worth.Load() < readingWorth { // mostly not: other cores keep the line
				r.worth.Store(readingWorth)
			}
			return r
		}
	}
	mark, here := &all.seen[hash>>32%readingSeen], maphash.String(all.seed, m.facts.Session)>>32
	switch was := mark.Load(); {
	case was>>32 != hash>>32|1:
		mark.Store((hash>>32|1)<<32 | here)
		return nil
	case was&(1<<32-1) == here && m.facts.Session != "":
		return nil
	}
	way := &ways[hash>>48%readingWays]
	for i := range ways {
		if ways[i].Load() == nil {
			way = &ways[i]
		}
	}
	if old := way.Load(); old != nil && old.worth.Add(-1) >= 0 {
		return nil
	}
	r := m.learn(text)
	way.Store(r)
	return r
}

// learn reads a text of the bot's for good.
func (m *moment) learn(text string) *reading {
	r := &reading{locale: strings.Clone(m.facts.locale()), tongue: m.tongue, markup: m.markup()}
	t := Text{lexicon: m.sc.text.lexicon}
	t.read(strings.Clone(text), r.markup)
	r.apart, r.blocks = readApart(nil, nil, &t, r.markup)
	o := observation{apart: r.apart}
	o.read(&Turn{Role: Bot}, &t, r.locale, &m.tongue.sides[sideIndex(Bot)], func(h *hit) {
		var m met
		m.keep(h, len(r.caps))
		r.mets = append(r.mets, m)
		r.caps = append(r.caps, h.captures...)
	})
	r.sketch, r.flags = o.sketch, o.flags
	if o.cues.set != 0 {
		r.cues = new(cueHits)
		*r.cues = o.cues
	}
	var facts factReader
	r.facts = slices.Clone(facts.of(&t, r.locale, r.markup))
	r.foreign = otherLanguage(&t, mainLanguage(r.locale))
	r.mets, r.caps = slices.Clone(r.mets), slices.Clone(r.caps)
	r.text = textParts{
		raw: t.raw, identity: t.identity, runs: t.runs, signs: t.signs, plain: slices.Clone(t.plain), norm: slices.Clone(t.norm),
		backStart: slices.Clone(t.backStart), backEnd: slices.Clone(t.backEnd), tokens: slices.Clone(t.tokens), ids: slices.Clone(t.ids),
		sentences: slices.Clone(t.sentences), emoji: slices.Clone(t.emoji),
	}
	return r
}

// restore fills o from a reading whose words are in t.
func (o *observation) restore(r *reading, turn *Turn, t *Text) {
	o.role, o.text, o.event, o.value, o.expected, o.flags = turn.Role, t, turn.Event, turn.Value, turn.Expected, r.flags
	o.likened = 0
	if o.cues.reset(); r.cues != nil {
		o.cues = *r.cues
	}
	o.sketch = r.sketch
	if turn.Expected == "form" {
		o.flags |= pastForm
	}
}

// restore adds the hits of a reading.
func (f *findings) restore(r *reading) {
	f.caps = append(f.caps, r.caps...)
	f.mets = append(f.mets, r.mets...)
	for i := range r.mets {
		f.enter(int32(i))
	}
}
