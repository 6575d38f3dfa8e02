package rules

import (
	"cmp"
	"slices"
	"strings"
)

// held lists the pieces of a reply that no rule touches: code.
func (m *moment) held(text string) []span {
	sc := m.sc
	sc.held = sc.held[:0]
	if m.markup() {
		for i := strings.IndexByte(text, '<'); i >= 0 && i < len(text); {
			n, _ := codeElement(text[i:])
			if n > 0 {
				sc.held = append(sc.held, span{i, i + n})
			}
			i += max(n, 1)
			next := strings.IndexByte(text[i:], '<')
			if next < 0 {
				break
			}
			i += next
		}
		return sc.held
	}
	sc.held = codeBlocks(sc.held, text)
	if strings.IndexByte(text, '`') < 0 {
		return sc.held
	}
	sc.held = codeSpans(sc.held, text)
	slices.SortFunc(sc.held, func(a, b span) int { return cmp.Compare(a.start, b.start) })
	n := 0
	for _, s := range sc.held { // a fence is a span of code as well
		if n > 0 && s.start < sc.held[n-1].end {
			sc.held[n-1].end = max(sc.held[n-1].end, s.end)
		} else {
			sc.held[n] = s
			n++
		}
	}
	sc.held = sc.held[:n]
	return sc.held
}

// touchesHeld tells whether a range reaches into one of the held pieces, which ascend.
func touchesHeld(held []span, start, end int) bool {
	at, _ := slices.BinarySearchFunc(held, start, func(s span, start int) int { return cmp.Compare(s.end, start+1) })
	return at < len(held) && held[at].start < end
}

// tears tells whether a change of text[start:end] would leave one end of some markup without the other.
func (m *moment) tears(text string, start, end int) bool {
	piece := text[start:end]
	return m.markup() && strings.ContainsAny(piece, "<>") || strings.IndexByte(piece, '|') >= 0 || !paired(piece)
}

// untorn leaves out the edits of the reply at hand that reach into code or what stands apart, or tear markup.
func (m *moment) untorn(text string, edits []edit) []edit {
	if len(edits) == 0 {
		return nil
	}
	held := m.held(text)
	return slices.DeleteFunc(edits, func(e edit) bool {
		return m.tears(text, e.start, e.end) || touchesHeld(held, e.start, e.end) || touchesHeld(m.sc.blocks, e.start, e.end)
	})
}

// mixed tells whether a sentence holds more than running text: tags, the cells of a table, a block of code.
func (m *moment) mixed(text string, where span) bool {
	piece := text[where.start:where.end]
	if strings.IndexByte(piece, '|') >= 0 {
		return true
	}
	if m.markup() {
		return strings.ContainsAny(piece, "<>")
	}
	m.sc.held = codeBlocks(m.sc.held[:0], text)
	return touchesHeld(m.sc.held, where.start, where.end)
}

// torn tells whether a reply lost one end of some brackets, or of emphasis, code or a link of Markdown, which may stand in
// HTML as well, or what they held, or a cell of a table.
func torn(original, sent string) bool {
	if strings.IndexByte(original, leadsBidi) >= 0 && bidiMarks(sent) < bidiMarks(original) {
		return true
	}
	if !holdsMark(original) && !holdsMark(sent) {
		return false
	}
	for _, empty := range [...]string{"()", "[]", "****", "__"} {
		if strings.Count(sent, empty) > strings.Count(original, empty) {
			return true
		}
	}
	return strings.Count(sent, "|") < strings.Count(original, "|") || paired(original) && !paired(sent)
}

// leadsBidi begins each of the marks that turn the direction of a text, which are words of no rule, and without one of which
// letters and figures are shown in another order.
const leadsBidi = 0xE2

func bidiMarks(s string) int {
	n := 0
	for _, r := range s {
		if r >= 0x202A && r <= 0x202E || r >= 0x2066 && r <= 0x2069 {
			n++
		}
	}
	return n
}

// holdsMark tells whether a text holds any sign that may be torn; most replies hold none, and each is asked several times.
func holdsMark(s string) bool {
	is := &marksOfMarkdown
	for ; len(s) >= 8; s = s[8:] {
		if is[s[0]]|is[s[1]]|is[s[2]]|is[s[3]]|is[s[4]]|is[s[5]]|is[s[6]]|is[s[7]] != 0 {
			return true
		}
	}
	for i := range len(s) {
		if is[s[i]] != 0 {
			return true
		}
	}
	return false
}

var marksOfMarkdown = [256]uint8{'*': 1, '_': 1, '`': 1, '~': 1, '[': 1, ']': 1, '(': 1, ')': 1, '|': 1}

// paired tells whether the brackets, emphasis, code and links that begin in a piece of Markdown also end in it. A mark between
// spaces, and the bullet of a list, is none, and neither is the low line inside a name.
func paired(s string) bool {
	if !holdsMark(s) {
		return true
	}
	const kinds, longest = "*`~_", 3
	var odd [len(kinds)][longest + 1]bool
	open, round := 0, 0
	for i := 0; i < len(s); {
		switch s[i] {
		case '\\':
			i++
		case '[':
			open++
		case ']':
			open--
		case '(':
			round++
		case ')':
			round--
		}
		k := -1
		if i < len(s) {
			k = strings.IndexByte(kinds, s[i])
		}
		if k < 0 {
			i++
			continue
		}
		end := i
		for end < len(s) && s[end] == s[i] {
			end++
		}
		spaced := (i == 0 || isSpaceByte(s[i-1])) && (end == len(s) || isSpaceByte(s[end]))
		inWord := s[i] == '_' && i > 0 && end < len(s) && isWordByte(s[i-1]) && isWordByte(s[end])
		if !spaced && !inWord {
			n := min(end-i, longest)
			odd[k][n] = !odd[k][n]
		}
		i = end
	}
	return open == 0 && round == 0 && odd == [len(kinds)][longest + 1]bool{}
}

func isSpaceByte(c byte) bool { return c == ' ' || c == '\n' || c == '\t' || c == '\r' }
