package rules

import (
	"bytes"
	"strings"
)

// Code must reach the customer byte for byte: it is a fact, and no rule touches it. In Markdown, and in plain text, which
// many widgets show as Markdown, it stands between backticks, between fences, or indented behind a blank line; in HTML in
// an element of its own.

// codeBlocks appends the fenced and the indented blocks of code in a text. A fence that nothing closes holds all that
// follows. An indented paragraph of a list item is taken for code as well, which only means that it stays as it is.
func codeBlocks[T string | []byte](dst []span, p T) []span {
	if !mayHoldBlock(p) {
		return dst
	}
	blank, fenced := true, 0
	var fence byte
	open := -1 // start of the block being read
	last := 0  // end of its last line that is not blank
	closeBlock := func() {
		if open >= 0 {
			dst = append(dst, span{open, last})
		}
		open, fenced = -1, 0
	}
	for at := 0; at < len(p); {
		end := at
		for end < len(p) && p[end] != '\n' {
			end++
		}
		indent, text := indentOf(p[at:end])
		mark, run := fenceOf(text)
		switch {
		case fenced > 0:
			last = end
			if mark == fence && run >= fenced && isBlank(text[run:]) {
				closeBlock()
			}
		case len(text) == 0:
		case run > 0 && (mark != '`' || !holdsByte(text[run:], '`')):
			closeBlock()
			open, fenced, fence, last = at, run, mark, end
		case indent >= 4 && (blank || open >= 0):
			if open < 0 {
				open = at
			}
			last = end
		default:
			closeBlock()
		}
		blank = len(text) == 0
		at = end + 1
	}
	closeBlock()
	return dst
}

// mayHoldBlock is the cheap question asked first.
func mayHoldBlock[T string | []byte](p T) bool {
	if len(p) > 0 && (p[0] == ' ' || p[0] == '\t') {
		return true
	}
	switch p := any(p).(type) {
	case string:
		return strings.IndexByte(p, '\n') >= 0
	case []byte:
		return bytes.IndexByte(p, '\n') >= 0
	}
	return false
}

// indentOf returns the width of the white space a line begins with, and the rest of it.
func indentOf[T string | []byte](line T) (int, T) {
	width, i := 0, 0
	for ; i < len(line) && (line[i] == ' ' || line[i] == '\t' || line[i] == '\r'); i++ {
		if width++; line[i] == '\t' {
			width += 3
		}
	}
	return width, line[i:]
}

// fenceOf returns the mark and the length of the fence that a line begins with; 0 when it is none.
func fenceOf[T string | []byte](line T) (byte, int) {
	if len(line) == 0 || line[0] != '`' && line[0] != '~' {
		return 0, 0
	}
	n := 1
	for n < len(line) && line[n] == line[0] {
		n++
	}
	if n < 3 {
		return 0, 0
	}
	return line[0], n
}

func isBlank[T string | []byte](p T) bool {
	_, rest := indentOf(p)
	return len(rest) == 0
}

func holdsByte[T string | []byte](p T, c byte) bool {
	for i := range len(p) {
		if p[i] == c {
			return true
		}
	}
	return false
}

// codeSpans appends the code between backticks in a text.
func codeSpans(dst []span, text string) []span {
	for i := strings.IndexByte(text, '`'); i >= 0 && i < len(text); {
		n := tickRun(text[i:])
		if end := closingTicks(text[i+n:min(len(text), i+n+longestQuote)], n); end > 0 {
			dst = append(dst, span{i, i + n + end + n})
			i += n + end + n
		} else {
			i += n
		}
		next := strings.IndexByte(text[i:], '`')
		if next < 0 {
			break
		}
		i += next
	}
	return dst
}

func tickRun[T string | []byte](p T) int {
	n := 0
	for n < len(p) && p[n] == '`' {
		n++
	}
	return n
}

// closingTicks returns where in p a run of just n backticks begins, -1 when there is none.
func closingTicks[T string | []byte](p T, n int) int {
	for i := 0; i < len(p); i++ {
		if run := tickRun(p[i:]); run == n {
			return i
		} else if run > 0 {
			i += run - 1
		}
	}
	return -1
}

// code adds text between backticks and returns where to go on.
func (l *factReader) code(i, to int32) int32 {
	p := l.text.plain
	n := int32(tickRun(p[i:]))
	if end := closingTicks(p[i+n:min(len(p), int(i+n)+longestQuote)], int(n)); end > 0 {
		l.add(factCode, i+n, i+n+int32(end), nil)
		l.codedTo = i + n + int32(end) + n
	}
	return min(i+n, to)
}

// tags adds the tags of HTML or SSML, which hold addresses and how things are spoken and shown, and the elements that
// hold code.
func (l *factReader) tags(raw string) {
	closed := strings.LastIndexByte(raw, '>')
	for i := 0; i <= closed; {
		at := strings.IndexByte(raw[i:closed+1], '<')
		if at < 0 {
			return
		}
		i += at
		n, _ := codeElement(raw[i:])
		if n == 0 {
			n = tagLength(raw[i : closed+1])
		}
		if n == 0 {
			i++
			continue
		}
		l.facts = append(l.facts, fact{key: hashFact([]byte(raw[i : i+n])), start: int32(i), end: int32(i + n), kind: factCode})
		i += n
	}
}

// codeElement returns the length of the element that s starts with, its end tag included, when it holds no running text:
// code, or what the reader does not see; 0 when it is none of these. What nothing closes goes on to the end, as it does
// in a browser. block says that it is shown apart from the text around it.
func codeElement(s string) (n int, block bool) {
	name := ""
	for _, e := range [...]string{"code", "pre", "script", "style", "textarea"} {
		if len(s) > len(e)+1 && strings.EqualFold(s[1:len(e)+1], e) && strings.IndexByte(" \t\r\n>", s[len(e)+1]) >= 0 {
			name, block = e, e == "pre" || e == "textarea"
		}
	}
	if name == "" {
		return 0, false
	}
	open := strings.IndexByte(s, '>')
	if open < 0 || s[open-1] == '/' {
		return 0, false
	}
	for i := open; ; {
		at := strings.Index(s[i:], "</")
		if at < 0 {
			return len(s), block
		}
		i += at + 2
		if len(s)-i > len(name) && strings.EqualFold(s[i:i+len(name)], name) {
			if end := strings.IndexByte(s[i:], '>'); end >= 0 {
				return i + end + 1, block
			}
			return len(s), block
		}
	}
}

// endsInCode tells whether a block of code stands in what is left of a reply in HTML.
func endsInCode(s string) bool {
	for i := strings.IndexByte(s, '<'); i >= 0; i = strings.IndexByte(s, '<') {
		n, block := codeElement(s[i:])
		if block {
			return true
		}
		s = s[i+max(n, 1):]
	}
	return false
}
