package rules

import "strings"

// sentenceEdit replaces a sentence. Emphasis around it stays, for it may hold more than this sentence; emphasis that
// begins or ends inside would be torn. A sentence that goes takes the space around it along, and an item of a list its
// line.
func (m *moment) sentenceEdit(text string, where span, with string) (edit, bool) {
	if m.markup() {
		return m.sc.widened(text, edit{where.start, where.end, with}), true
	}
	inner := text[where.start:where.end]
	start := where.end - len(strings.TrimLeft(inner, "*_~"))
	end := where.start + len(strings.TrimRight(inner, "*_~"))
	if start >= end || !paired(text[start:end]) {
		return edit{}, false
	}
	if with != "" {
		return edit{start, end, with}, true
	}
	if text[where.start:start] != text[end:where.end] {
		return edit{}, false
	}
	return m.sc.widened(text, edit{where.start, where.end, ""}), true
}

// paired tells whether emphasis, code and links that begin in a piece of Markdown also end in it.
func paired(s string) bool {
	for _, mark := range "*`~" {
		runs, last := 0, rune(0)
		for _, r := range s {
			if r == mark && last != mark {
				runs++
			}
			last = r
		}
		if runs%2 != 0 {
			return false
		}
	}
	return strings.Count(s, "[") == strings.Count(s, "]")
}

// widened is an edit that takes out a sentence, with the white space that would be left over.
func (sc *scratch) widened(text string, e edit) edit {
	if e.with != "" {
		return e
	}
	line := strings.LastIndexByte(text[:e.start], '\n') + 1
	if mark := strings.TrimSpace(text[line:e.start]); mark != "" && beginsBlock(mark+" ") {
		if rest := strings.TrimLeft(text[e.end:], " \t\r"); rest == "" || rest[0] == '\n' {
			e.start, e.end = line, len(text)-len(rest)
			if rest != "" {
				e.end++
			} else if e.start > 0 {
				e.start--
			}
			return e
		}
	}
	for e.end < len(text) && text[e.end] == ' ' {
		e.end++
	}
	if e.end < len(text) {
		return e
	}
	for e.start > 0 && text[e.start-1] == ' ' {
		e.start--
	}
	if n := len(sc.edits); n > 0 && sc.edits[n-1].with == "" && sc.edits[n-1].end >= e.start { // the sentence before went as well
		e.start = sc.edits[n-1].start
		for e.start > 0 && text[e.start-1] == ' ' {
			e.start--
		}
	}
	return e
}
