package rules

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// template is one variant of what is said, with slots like {what}.
type template struct {
	src    string
	pieces []piece
	voice  bool // fit to be spoken: no URL, emoji or list
	least  int  // bytes of a text that holds what it says
}

// piece is literal text, or a slot when name is set.
type piece struct {
	text string
	name string

	said    string // the text as it is looked for in replies
	stopped bool   // said ended in the full stop of the template
	telling bool   // said has two words at least
}

// parseTemplate cuts a text at its slots. A brace that opens no name is text.
func parseTemplate(src string) *template {
	t := &template{src: src, voice: speakable(src)}
	rest := src
	for {
		open := strings.IndexByte(rest, '{')
		if open < 0 {
			break
		}
		end := strings.IndexByte(rest[open:], '}')
		if end < 0 {
			break
		}
		name := rest[open+1 : open+end]
		if !isSlotName(name) {
			t.literal(rest[:open+1])
			rest = rest[open+1:]
			continue
		}
		t.literal(rest[:open])
		t.pieces = append(t.pieces, piece{name: name})
		rest = rest[open+end+1:]
	}
	t.literal(rest)
	for i := range t.pieces {
		p := &t.pieces[i]
		p.said = strings.TrimSpace(p.text)
		if i == len(t.pieces)-1 && strings.HasSuffix(p.said, ".") {
			p.said, p.stopped = p.said[:len(p.said)-1], true // before a list it ends in a colon
		}
		p.telling = wordCount(p.said) >= 2
		t.least += len(p.said)
	}
	return t
}

func (t *template) literal(s string) {
	if s == "" {
		return
	}
	if n := len(t.pieces); n > 0 && t.pieces[n-1].name == "" {
		t.pieces[n-1].text += s
		return
	}
	t.pieces = append(t.pieces, piece{text: s})
}

func isSlotName(s string) bool {
	if s == "" || len(s) > 32 {
		return false
	}
	for i := 0; i < len(s); i++ {
		c := s[i]
		if !(c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '_' || c == '-') {
			return false
		}
	}
	return true
}

// slots lists the slots of a template.
func (t *template) slots() []string {
	var out []string
	for _, p := range t.pieces {
		if p.name != "" {
			out = append(out, p.name)
		}
	}
	return out
}

// bare is the literal text with the slots left out: what the author brings along.
func (t *template) bare() string {
	var b strings.Builder
	for _, p := range t.pieces {
		if p.name == "" {
			b.WriteString(p.text)
		} else {
			b.WriteByte(' ')
		}
	}
	return b.String()
}

// saidIn tells whether a text already holds what the template says: its literal pieces, in order, the first at the
// beginning of a sentence. A rewrite that finds itself already done leaves the reply alone.
func (t *template) saidIn(text string) bool {
	if len(text) < t.least {
		return false
	}
	found := false
	for i := range t.pieces {
		p := &t.pieces[i]
		s := p.said
		if s == "" && !p.stopped {
			continue
		}
		at, from := -1, 0
		for at < 0 {
			n := strings.Index(text[from:], s)
			if n < 0 {
				return false
			}
			if n += from; (i > 0 || beginsSentence(text, n)) && (!p.stopped || endsSentence(text[n+len(s):])) {
				at = n
			}
			from = n + 1
		}
		text = text[at+len(s):]
		found = found || p.telling
	}
	return found
}

// endsSentence tells whether no word follows directly.
func endsSentence(rest string) bool {
	return rest == "" || rest[0] != ' ' && rest[0] != '\'' && !isWordByte(rest[0]) || strings.HasPrefix(rest, "…")
}

// beginsSentence tells whether a sentence may begin at byte at of a text, behind quotes, emphasis, a dash or the mark of
// a list item.
func beginsSentence(text string, at int) bool {
	before := strings.TrimRight(text[:at], " \t\"'(*_“„«-–—+#")
	r, n := utf8.DecodeLastRuneInString(before)
	if n == 0 || strings.ContainsRune(".!?:;\n>|)…•", r) || isEmoji(r) || r == 0xFE0F {
		return true
	}
	return r == ',' && strings.Trim(before, ", ") == ""
}

func wordCount(s string) int {
	return len(strings.Fields(s))
}

// fill writes the template with its slots into dst. It returns false when a slot has no value.
func (t *template) fill(dst []byte, syntax Syntax, slot func(name string) (string, bool)) ([]byte, bool) {
	for _, p := range t.pieces {
		if p.name == "" {
			dst = escapeText(dst, p.text, syntax)
			continue
		}
		v, ok := slot(p.name)
		if !ok {
			return dst, false
		}
		dst = append(dst, v...)
	}
	return dst, true
}

// escapeText writes plain text for a syntax.
func escapeText(dst []byte, s string, syntax Syntax) []byte {
	if syntax != HTML && syntax != SSML {
		return append(dst, s...)
	}
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '&':
			dst = append(dst, "&amp;"...)
		case '<':
			dst = append(dst, "&lt;"...)
		case '>':
			dst = append(dst, "&gt;"...)
		default:
			dst = append(dst, s[i])
		}
	}
	return dst
}

// speakable tells whether a voice can say a text: no link, emoji or list.
func speakable(s string) bool {
	if strings.Contains(s, "://") || strings.Contains(s, "www.") || strings.Contains(s, "\n-") || strings.Contains(s, "\n*") {
		return false
	}
	for _, r := range s {
		if isEmoji(r) {
			return false
		}
	}
	return true
}

// isEmoji tells whether a character is a picture. Signs that texts need (©, ™, arrows, digits) are not counted.
func isEmoji(r rune) bool {
	switch {
	case r < 0x2600:
		return false
	case r >= 0x1F000 && r <= 0x1FAFF, r >= 0x2600 && r <= 0x27BF, r == 0x2B50, r == 0x2B55, r == 0x2764:
		return true
	}
	return false
}

// fromCustomer makes a piece of the customer's words safe to put into a reply: one line, no controls, bounded,
// escaped for the syntax, and isolated when it may run the other way.
func fromCustomer(s string, syntax Syntax) string {
	var b strings.Builder
	otherWay := false
	for _, r := range s {
		switch {
		case unicode.IsSpace(r):
			b.WriteByte(' ')
			continue
		case unicode.IsControl(r), r == utf8.RuneError, r >= 0x202A && r <= 0x202E, r >= 0x2066 && r <= 0x2069, r == 0x200E, r == 0x200F:
			continue
		}
		otherWay = otherWay || r >= 0x590 && r <= 0x8FF || r >= 0xFB1D && r <= 0xFEFC
		switch {
		case syntax == Markdown && strings.ContainsRune("\\`*_[]<>#|~", r):
			b.WriteByte('\\')
			b.WriteRune(r)
		case (syntax == HTML || syntax == SSML) && r == '&':
			b.WriteString("&amp;")
		case (syntax == HTML || syntax == SSML) && r == '<':
			b.WriteString("&lt;")
		case (syntax == HTML || syntax == SSML) && r == '>':
			b.WriteString("&gt;")
		default:
			b.WriteRune(r)
		}
	}
	if otherWay {
		return "\u2068" + b.String() + "\u2069"
	}
	return b.String()
}
