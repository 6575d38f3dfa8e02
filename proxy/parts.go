package proxy

import (
	"strings"
	"time"

	"attune/proxy/session"
	"attune/proxy/wire"
	"attune/rules"
)

// part is one text of a reply that says something of its own, and what is sent
// for it.
type part struct {
	text  int // which of the item's texts
	words string
}

// partsOf appends the texts of an item that say something of their own: a text
// that repeats another is edited along with that one.
func partsOf(dst []part, item wire.Item) []part {
	for i, t := range item.Texts {
		repeats := t.Follow >= 0
		for _, p := range dst {
			repeats = repeats || item.Texts[p.text].Value == t.Value
		}
		if !repeats && (t.Value != "" || i == 0) {
			dst = append(dst, part{text: i, words: t.Value})
		}
	}
	if len(dst) == 0 {
		dst = append(dst, part{words: item.Texts[0].Value})
	}
	return dst
}

// partEdits are the changes to a message that put the parts of a reply in place.
func partEdits(dst []wire.Edit, index int, item wire.Item, parts []part) []wire.Edit {
	for _, p := range parts {
		if from := item.Texts[p.text].Value; p.words != from {
			dst = edits(dst, index, item, from, p.words)
		}
	}
	return dst
}

// toneParts is tone for a reply that is spelled in several texts, such as a
// message and the cards below it, or two things to be said one after the other.
// They are judged as the one reply they are, and each is reworded in its place.
func (b *bridge) toneParts(sc *scratch, said wire.Item, now time.Time) (late bool) {
	var all strings.Builder
	ends := make([]int, len(sc.parts))
	sc.facts.Fixed = true
	for i, p := range sc.parts {
		if i > 0 {
			all.WriteByte('\n')
		}
		all.WriteString(p.words)
		ends[i] = all.Len()
		sc.facts.Fixed = sc.facts.Fixed && said.Texts[p.text].Fixed
	}
	sc.turn = rules.Turn{Role: rules.Bot, Text: all.String(), Expected: said.Expected, At: now}
	sc.facts.Syntax = syntaxes[said.Texts[sc.parts[0].text].Syntax]
	if sc.set == nil { // one set for all of the reply
		sc.set = b.ruleSet()
	}
	shown := &rules.Shown{}
	last := len(sc.parts) - 1
	for i := range last {
		b.settlePart(sc, shown, said, i, ends[i])
		shown.Pass("\n", 1)
	}
	// What a card says is no place for a question; what is said last to a caller is.
	shown.Closed = b.route.Profile.Channel() != "voice"
	sc.facts.Shown = shown
	said.ID = "" // what was told for it is remembered by its words, part by part
	if b.weigh(sc, said) {
		return true
	}
	if rest, ok := strings.CutPrefix(sc.j.Sent, shown.Sent); ok && !said.Texts[sc.parts[last].text].Fixed {
		sc.parts[last].words = rest
	}
	return false
}

// settlePart asks the rules for the words to send in a part of a reply. Rules
// that fail leave it as it is.
func (b *bridge) settlePart(sc *scratch, shown *rules.Shown, said wire.Item, i, end int) {
	p, before := &sc.parts[i], *shown
	if !said.Texts[p.text].Fixed {
		b.sess.Do(func(book *session.Book) {
			defer b.spare(func() { *shown = before })
			b.facts(sc, book)
			if state, ok := book.State.(*rules.State); ok && book.Floor == session.Bot {
				p.words = sc.set.Settle(state, &sc.turn, &sc.facts, shown, end)
			}
		})
	}
	switch {
	case shown.From < end:
		p.words = sc.turn.Text[shown.From:end]
		shown.Pass(p.words, end-shown.From)
	case shown.From > end: // the line end behind it went along
		shown.From = end
		shown.Sent = strings.TrimSuffix(shown.Sent, "\n")
		p.words = strings.TrimSuffix(p.words, "\n")
	}
}
