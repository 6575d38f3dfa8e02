package wire

import (
	"bytes"
	"strconv"
	"strings"
)

// take makes the item of a message that a frame of the profile matches.
func (t *Translator) take(r *reader, dir Direction, f *frame, at ref) {
	it := Item{Kind: f.kind, Role: f.role, AckBy: f.ackBy, ReplyBy: f.replyBy, Flush: f.flush}
	if f.sender != nil {
		it.Role = senderRole(t.scalar(r, f.sender, at), it.Role)
	}
	it.Handoff = f.kind == Handoff || t.some(r, f.handoff, at)
	it.Returned, it.Refused = t.some(r, f.returned, at), t.some(r, f.refused, at)
	it.Expected = r.keep(t.scalar(r, f.expected, at))
	it.ID = r.keep(t.scalar(r, f.id, at))
	it.Confidence = confidence(t.scalar(r, f.sureness, at))
	it.Correlate = r.keep(t.scalar(r, f.correlate, at))
	first := len(t.texts)
	t.takeTexts(r, f, at)
	texts := t.texts[first:]
	t.stream(r, f, at, &it, texts)
	it.Click = t.some(r, f.opaqueIf, at) || f.ifOffered && t.clicked(texts)
	if it.Click || !it.Kind.Editable() {
		for i := range texts {
			texts[i].Fixed = true
		}
	}
	t.offer(r, f, at)
	if dir == Down && f.inject != nil {
		t.shape = f.inject
	}
	t.echoes = t.echoes || dir == Down && it.Kind == Echo
	it.Texts = texts
	t.items = append(t.items, it)
}

// confidence reads a number from 0 to 1; anything else says nothing.
func confidence(number []byte) float64 {
	if len(number) == 0 {
		return 0
	}
	v, err := strconv.ParseFloat(string(number), 64)
	if err != nil || !(v >= 0 && v <= 1) {
		return 0
	}
	return v
}

// takeTexts appends the strings that the frame's text rules find.
func (t *Translator) takeTexts(r *reader, f *frame, at ref) {
	item := len(t.texts)
	for i := range f.text {
		rule := &f.text[i]
		mark := len(r.found)
		r.found = r.find(r.found, rule.path, at)
		from := len(t.texts)
		for _, hit := range r.found[mark:] {
			t.takeText(r, hit, rule.syntax)
		}
		r.found = r.found[:mark]
		if rule.follow >= 0 {
			t.tie(item, from, f, rule.follow, r, at)
		}
	}
	for _, card := range f.cards {
		mark := len(r.found)
		r.found = r.find(r.found, card, at)
		for _, hit := range r.found[mark:] {
			t.takeCard(r, hit)
		}
		r.found = r.found[:mark]
	}
}

func (t *Translator) takeText(r *reader, hit ref, syntax Syntax) {
	if r.tape[hit.node].kind != kindString {
		return
	}
	t.texts = append(t.texts, Text{Value: r.keep(r.value(hit)), Syntax: syntax, Follow: -1, span: r.span(hit)})
}

// takeCard appends the text of every TextBlock of an Adaptive Card, however deep. The tape lists all that is below
// a value behind it, so this is one walk along it.
func (t *Translator) takeCard(r *reader, card ref) {
	for c, end := card.node, int(r.tape[card.node].next); c < end; c++ {
		at := ref{card.doc, c}
		if kind, ok := r.member(at, "type"); ok && r.same(ref{card.doc, kind}, []byte("TextBlock")) {
			if text, ok := r.member(at, "text"); ok {
				t.takeText(r, ref{card.doc, text}, Markdown)
			}
		}
	}
}

// tie makes the texts from index from on follow those of an earlier rule, one by one. A leader that cannot take its
// followers along is fixed: all or none. So are all of them where there are more or fewer followers than leaders, since
// then nothing says which follows which.
func (t *Translator) tie(item, from int, f *frame, lead int, r *reader, at ref) {
	start := item
	for i := range lead {
		start += t.countTexts(r, f.text[i].path, at)
	}
	leaders, followers := t.texts[start:start+t.countTexts(r, f.text[lead].path, at)], t.texts[from:]
	if len(followers) > 0 && len(followers) != len(leaders) {
		for i := range leaders {
			leaders[i].Fixed = true
		}
		for i := range followers {
			followers[i].Fixed = true
		}
		return
	}
	for k := range followers {
		leader, follower := &leaders[k], &followers[k]
		follower.Follow = start + k - item
		if _, ok := followed(follower, leader.Value, leader.Value); !ok {
			leader.Fixed = true
		}
	}
}

func (t *Translator) countTexts(r *reader, p *path, at ref) int {
	mark, n := len(r.found), 0
	r.found = r.find(r.found, p, at)
	for _, hit := range r.found[mark:] {
		if r.tape[hit.node].kind == kindString {
			n++
		}
	}
	r.found = r.found[:mark]
	return n
}

var escapeMarkup = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "'", "&apos;")

// followed is what a follower says once the leader's words old have become with; not ok when it does not repeat them
// exactly once.
func followed(follower *Text, old, with string) (string, bool) {
	if follower.Value == old {
		return with, true
	}
	switch follower.Syntax {
	case Plain, Markdown:
		return "", false
	case HTML, SSML, XML:
	}
	if old == "" {
		return "", false
	}
	for _, spelled := range [...]string{old, escapeMarkup.Replace(old)} {
		if strings.Count(follower.Value, spelled) == 1 {
			return strings.Replace(follower.Value, spelled, escapeMarkup.Replace(with), 1), true
		}
	}
	return "", false
}

// senderRole reads the mark that says who wrote a message; a mark we do not know changes nothing.
func senderRole(mark []byte, usual Role) Role {
	for _, word := range [...]string{"agent", "human", "operator"} {
		if bytes.EqualFold(mark, []byte(word)) {
			return Agent
		}
	}
	for _, word := range [...]string{"bot", "ai", "assistant"} {
		if bytes.EqualFold(mark, []byte(word)) {
			return Bot
		}
	}
	return usual
}
