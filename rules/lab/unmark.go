package lab

import (
	"html"
	"strings"
)

// breaks are the elements that end a line.
var breaks = wordSet("br p div li tr h1 h2 h3 h4 h5 h6 blockquote ul ol table")

func wordSet(list string) map[string]bool {
	m := map[string]bool{}
	for w := range strings.FieldsSeq(list) {
		m[w] = true
	}
	return m
}

// unmarked is the text of a piece of HTML, as helpdesks keep messages: without tags and comments, what scripts and styles
// hold left out, entities as signs, blocks on lines of their own. A < that begins no tag stays.
func unmarked(s string) string {
	var b strings.Builder
	for s != "" {
		at := strings.IndexByte(s, '<')
		if at < 0 {
			b.WriteString(s)
			break
		}
		b.WriteString(s[:at])
		s = s[at:]
		if strings.HasPrefix(s, "<!--") {
			s = behind(s, "-->")
			continue
		}
		name, closing := tagName(s)
		if name == "" {
			b.WriteByte('<')
			s = s[1:]
			continue
		}
		s = behind(s, ">")
		switch {
		case breaks[name]:
			b.WriteByte('\n')
		case !closing && (name == "script" || name == "style"):
			s = behind(s, "</"+name)
			s = behind(s, ">")
		}
	}
	lines := strings.Split(html.UnescapeString(b.String()), "\n")
	kept := lines[:0]
	for _, l := range lines {
		if l = strings.Join(strings.Fields(l), " "); l != "" {
			kept = append(kept, l)
		}
	}
	return strings.Join(kept, "\n")
}

// tagName is the name of the tag that s begins with, in small letters; "" where none begins.
func tagName(s string) (name string, closing bool) {
	s = s[1:]
	if closing = strings.HasPrefix(s, "/"); closing {
		s = s[1:]
	}
	n := 0
	for n < len(s) && (s[n]|0x20 >= 'a' && s[n]|0x20 <= 'z' || n > 0 && s[n] >= '0' && s[n] <= '9') {
		n++
	}
	return strings.ToLower(s[:n]), closing
}

// behind is what follows a mark, whose letters are small, in whatever case; nothing where it does not come.
func behind(s, mark string) string {
	for i := 0; i+len(mark) <= len(s); i++ {
		n := 0
		for n < len(mark) && (s[i+n] == mark[n] || s[i+n]|0x20 == mark[n] && mark[n] >= 'a') {
			n++
		}
		if n == len(mark) {
			return s[i+n:]
		}
	}
	return ""
}
