package rules

import (
	"html"
	"strings"
	"unicode/utf8"
)

// longestReference is the longest character reference read, "&CounterClockwiseContourIntegral;" being the longest named one.
const longestReference = 34

// unseenCode stands for an element of code among the words around it: the object replacement character.
const unseenCode = '\ufffc'

// readMarkup copies raw without tags: one that shows as a break becomes a new line, any other nothing at all. An element
// of code becomes one sign that is no word, so that nothing in it is matched. Character references become their
// characters. It is for finding words, not for showing.
func (sp *foldWork) readMarkup(raw string) {
	marks := 0
	closed := strings.LastIndexByte(raw, '>') // behind it nothing is a tag any more
	for i := 0; i < len(raw); {
		switch raw[i] {
		case '<':
			if n, block := codeElement(raw[i:]); n > 0 {
				switch {
				case block:
					marks = sp.put('\n', "\n", i, i+n, marks)
				case raw[i+1]|0x20 == 'c':
					marks = sp.put(unseenCode, string(unseenCode), i, i+n, marks)
				}
				i += n
				continue
			}
			if n := tagLength(raw[i:max(i, closed+1)]); n > 0 {
				if isBreak(raw[i : i+n]) {
					marks = sp.put('\n', "\n", i, i+n, marks)
				}
				i += n
				continue
			}
		case '&':
			if text, n := reference(raw[i:]); n > 0 {
				for _, r := range text {
					marks = sp.put(r, string(r), i, i+n, marks)
				}
				i += n
				continue
			}
		}
		r, n := utf8.DecodeRuneInString(raw[i:])
		marks = sp.put(r, raw[i:i+n], i, i+n, marks)
		i += n
	}
}

// tagLength returns the length of the tag or comment that s starts with, 0 when it is none.
func tagLength(s string) int {
	if len(s) < 3 {
		return 0
	}
	c := s[1] | 0x20
	if (c < 'a' || c > 'z') && s[1] != '/' && s[1] != '!' && s[1] != '?' {
		return 0
	}
	if end := strings.IndexByte(s, '>'); end > 0 {
		return end + 1
	}
	return 0
}

// isBreak reports whether a tag separates what stands before and behind it for a reader.
func isBreak(tag string) bool {
	start := 0
	for start < len(tag) && (tag[start] == '<' || tag[start] == '/') {
		start++
	}
	end := start
	for end < len(tag) && tag[end] > ' ' && tag[end] != '/' && tag[end] != '>' {
		if end++; end-start > len("blockquote") {
			return false
		}
	}
	switch strings.ToLower(tag[start:end]) {
	case "p", "br", "div", "li", "ul", "ol", "tr", "td", "th", "table", "h1", "h2", "h3", "h4", "h5", "h6", "hr",
		"blockquote", "pre", "section", "article", "s", "break", "par", "sentence":
		return true
	}
	return false
}

// reference returns the text of the character reference that s starts with and its length, 0 when it is none.
func reference(s string) (string, int) {
	end := strings.IndexByte(s[:min(len(s), longestReference)], ';')
	if end < 2 {
		return "", 0
	}
	text := html.UnescapeString(s[:end+1])
	if strings.HasPrefix(text, "&") && len(text) > 1 {
		return "", 0
	}
	return text, end + 1
}
