package rules

import (
	"slices"
	"unicode/utf8"
)

// maxEmoji bounds the emoji of one message that are looked at.
const maxEmoji = 256

// An emojiAt is an emoji and the byte of Text.plain it stands at. Emoji are kept apart from the words: they part none,
// they count as none, and what is measured in words or capitals stays as it is.
type emojiAt struct {
	r  rune
	at int32
}

// sign notes a character that is no part of a word when it is an emoji.
func (t *Text) sign(r rune, at int) {
	if r >= 0x2600 && isEmoji(r) && !isEmojiModifier(r) && len(t.emoji) < maxEmoji {
		t.emoji = append(t.emoji, emojiAt{r, int32(at)})
	}
}

// isEmojiModifier tells whether r only varies the emoji before it: the tone of skin, the sex, the hair. Joiners and
// variation selectors are gone by then.
func isEmojiModifier(r rune) bool {
	return r >= 0x1F3FB && r <= 0x1F3FF || r == 0x2640 || r == 0x2642 || r >= 0x1F9B0 && r <= 0x1F9B3
}

// emojiAlone returns the emoji that match n without a word beside them.
func emojiAlone(n *node) []rune {
	var all []rune
	switch n.kind {
	case nodeWord:
		if n.emoji != 0 {
			return []rune{n.emoji}
		}
	case nodeOptional:
		return emojiAlone(n.kids[0])
	case nodeChoice:
		for _, k := range n.kids {
			all = append(all, emojiAlone(k)...)
		}
	case nodeSequence:
		for i, k := range n.kids {
			others := slices.Concat(n.kids[:i], n.kids[i+1:])
			if !slices.ContainsFunc(others, func(o *node) bool { return !nullable(o) }) {
				all = append(all, emojiAlone(k)...)
			}
		}
	case nodeList:
		for _, p := range n.target {
			all = append(all, emojiAlone(p.root)...)
		}
	}
	return all
}

// scanEmoji calls emit for the emoji of sentence s, the first of which is t.emoji[from], and returns where those of
// the next sentence begin. What stands between two sentences belongs to the second.
func (m *matcher) scanEmoji(t *Text, from, s int, emit func(h *hit)) int {
	sent := &t.sentences[s]
	whole := sent.first == sent.last && t.oneEmoji()
	i, token := from, int(sent.first)
	for ; i < len(t.emoji); i++ {
		e := t.emoji[i]
		if e.at >= sent.end && s+1 < len(t.sentences) {
			break
		}
		for token < int(sent.last) && t.tokens[token].start < e.at {
			token++
		}
		for _, n := range m.emoji[e.r] {
			prog := &m.sought[n]
			where := t.rawSpan(e.at, e.at+int32(len(string(e.r))))
			if prog.whole {
				if !whole || i > from {
					continue
				}
				where = t.sentenceSpan(s)
			}
			t.work.hit = hit{id: prog.id, sentence: s, first: token, last: token, start: where.start, end: where.end}
			emit(&t.work.hit)
		}
	}
	return i
}

// oneEmoji tells whether the message is one emoji, once or several times, and nothing else but end marks: "👍👍!".
func (t *Text) oneEmoji() bool {
	if len(t.emoji) == 0 {
		return false
	}
	for i := 0; i < len(t.plain); {
		r, n := utf8.DecodeRune(t.plain[i:])
		i += n
		if r != t.emoji[0].r && !isEmojiModifier(r) && r != '!' && r != '.' && r != ' ' && r != '\n' {
			return false
		}
	}
	return true
}
