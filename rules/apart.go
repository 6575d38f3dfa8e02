package rules

import (
	"slices"
	"strings"
)

// A reply shows some of its text as somebody else's words: a block of code between fences, quoted lines, an element
// blockquote. What stands there the bot does not say, so signals do not read it and rewrites do not touch it. What must
// reach the customer as it is, and danger, are looked for there as well.

// setApart lists the sentences of the reply at hand that stand apart; known is nil where it had to be read.
func (m *moment) setApart(known *reading) {
	sc := m.sc
	switch sc.apart = sc.apart[:0]; {
	case known != nil:
		sc.apart, sc.blocks = append(sc.apart, known.apart...), append(sc.blocks[:0], known.blocks...)
	case m.turn.Role == Bot:
		sc.apart, sc.blocks = readApart(sc.apart, sc.blocks, sc.text, m.markup())
	}
	sc.obs.apart = sc.apart
}

// readApart returns the sentences of a text that stand apart and the blocks they stand in, in the memory it is given.
func readApart(apart []int32, blocks []span, t *Text, markup bool) ([]int32, []span) {
	apart, blocks = apart[:0], blocksApart(blocks[:0], t.Raw(), markup)
	if len(blocks) == 0 {
		return apart, blocks
	}
	for i, s := range t.sentences {
		if s.first == s.last { // no words, as in a quotation mark alone
			continue
		}
		if at := t.tokenSpan(int(s.first), int(s.first)+1).start; touchesHeld(blocks, at, at+1) {
			apart = append(apart, int32(i))
		}
	}
	return apart, blocks
}

// isApart tells whether a sentence stands apart.
func (m *moment) isApart(sentence int32) bool { return slices.Contains(m.sc.apart, sentence) }

// whereSaid is where, among the sentences that the speaker says.
func (m *moment) whereSaid(c *clause) int32 {
	for s := range m.sentences() {
		if m.sc.found.holds(c, s) && !m.isApart(s) {
			return s
		}
	}
	return -1
}

// blocksApart appends the blocks of a text that stand apart, in order. A fence or element that nothing closes holds all
// that follows.
func blocksApart(dst []span, text string, markup bool) []span {
	if markup {
		return quoteElements(dst, text)
	}
	if !strings.Contains(text, "\n") && !strings.HasPrefix(text, ">") {
		return dst
	}
	var fence byte
	open, fenced := 0, 0
	for at := 0; at < len(text); {
		end := len(text)
		if n := strings.IndexByte(text[at:], '\n'); n >= 0 {
			end = at + n
		}
		indent, line := indentOf(text[at:end])
		mark, run := fenceOf(line)
		switch {
		case fenced > 0:
			if mark == fence && run >= fenced && isBlank(line[run:]) {
				dst = append(dst, span{open, end})
				fenced = 0
			}
		case indent >= 4: // neither a fence nor a quote
		case run > 0 && (mark != '`' || !holdsByte(line[run:], '`')):
			open, fenced, fence = at, run, mark
		case len(line) > 0 && line[0] == '>':
			dst = append(dst, span{at, end})
		}
		at = end + 1
	}
	if fenced > 0 {
		dst = append(dst, span{open, len(text)})
	}
	return dst
}

// quoteElements appends the elements blockquote of a text with tags; one inside another belongs to it.
func quoteElements(dst []span, text string) []span {
	open, depth := 0, 0
	for i := strings.IndexByte(text, '<'); i >= 0; {
		switch tag := text[i:]; {
		case isTag(tag, "<blockquote"):
			if depth++; depth == 1 {
				open = i
			}
		case depth > 0 && isTag(tag, "</blockquote"):
			if depth--; depth == 0 {
				dst = append(dst, span{open, i})
			}
		}
		next := strings.IndexByte(text[i+1:], '<')
		if next < 0 {
			break
		}
		i += 1 + next
	}
	if depth > 0 {
		dst = append(dst, span{open, len(text)})
	}
	return dst
}

// isTag tells whether s begins with a tag, given without its end.
func isTag(s, tag string) bool {
	return len(s) > len(tag) && strings.EqualFold(s[:len(tag)], tag) && strings.IndexByte(" \t\r\n/>", s[len(tag)]) >= 0
}
