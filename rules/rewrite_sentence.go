package rules

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"
)

// marked gives what replaces a sentence the end mark it lacks: the one of the sentence. Where a list follows, a full
// stop becomes the colon.
func marked(with []byte, sentence string) []byte {
	mark := finalMark(sentence)
	if len(with) == 0 || mark == "" {
		return with
	}
	inner := bytes.TrimRight(with, "\"')]}*_~`”’»›")
	r, _ := utf8.DecodeLastRune(inner)
	switch {
	case strings.HasSuffix(mark, ":") && with[len(with)-1] == '.':
		return append(with[:len(with)-1], mark...)
	case unicode.IsLetter(r), unicode.IsNumber(r), unicode.Is(unicode.Sc, r), r == '%':
		return append(with, mark...)
	}
	return with
}

// finalMark is the mark that a sentence ends with, inside quotes and emphasis around it, and the space that French puts
// before it.
func finalMark(sentence string) string {
	inner := strings.TrimRight(sentence, "\"')]}*_~`”’»›“ ")
	body := strings.TrimRightFunc(inner, func(r rune) bool { return isEndMark(r) || r == ':' })
	if body == inner {
		return ""
	}
	if r, _ := utf8.DecodeRuneInString(inner[len(body):]); r != '.' && r != '…' {
		body = strings.TrimRight(body, " \u00a0\u202f")
	}
	return inner[len(body):]
}

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
	if start >= end || !paired(text[start:end]) || !paired(with) {
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

// widened is an edit that takes out a sentence, with the white space that would be left over.
func (sc *scratch) widened(text string, e edit) edit {
	if e.with != "" {
		return e
	}
	line := strings.LastIndexByte(text[:e.start], '\n') + 1
	if onlyMarks(text[line:e.start]) {
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
	if e.end < len(text) && text[e.end] != '\n' && text[e.end] != '\r' {
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

// onlyMarks tells whether nothing but the marks of blocks stands in the beginning of a line: "- ", "> 2. ".
func onlyMarks(s string) bool {
	marks := strings.Fields(s)
	for _, mark := range marks {
		if mark[0] == '|' || !beginsBlock(mark+" ") {
			return false
		}
	}
	return len(marks) > 0
}
