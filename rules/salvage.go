package rules

import (
	"errors"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
)

// One wrong sign makes a file no YAML, for a parser, from there to its end. For its author it is one line of one rule.
// So the entry around each such place is cut out and the rest is read: all faults of a file are told at once. What only
// the cut-out entries name is called unknown nowhere.

// Bounds of salvaging: how many places of a file are cut out, and how many bytes are parsed again for it.
const (
	maxCuts     = 20
	maxSalvaged = 4 << 20
)

// wreck is a file that is read in spite of faults of YAML.
type wreck struct {
	src   *source
	r     *report
	lines []string // the file's, those cut out empty
}

// parse returns the tree of what can be read, nil when nothing can.
func parse(text string, src *source, r *report) *ast.File {
	w := &wreck{src: src, r: r}
	for cuts := 0; ; cuts++ {
		tokens := lexer.Tokenize(text)
		if tk, why := tooMuch(tokens); tk != nil {
			r.add(Error, src, tk.Position.Line, tk.Position.Column, "", "%s", why)
			break
		}
		file, err := parser.Parse(tokens, 0, parser.AllowDuplicateMapKey())
		if err == nil {
			return file
		}
		if w.lines == nil {
			w.lines = strings.Split(text, "\n")
		}
		line := w.fault(err)
		if cuts == maxCuts || (cuts+1)*len(text) > maxSalvaged || !w.cut(line) {
			break
		}
		text = strings.Join(w.lines, "\n")
	}
	r.lose(text)
	return nil
}

// fault reports what the parser stumbled over and returns its line, 0 when it has none.
func (w *wreck) fault(err error) int {
	var syntax yaml.Error
	if !errors.As(err, &syntax) || syntax.GetToken() == nil || syntax.GetToken().Position == nil {
		msg, _, _ := strings.Cut(err.Error(), "\n")
		w.r.add(Error, w.src, 0, 0, "", "not valid YAML: %s", msg)
		return 0
	}
	at, msg := syntax.GetToken().Position, syntax.GetMessage()
	if o, open := w.openAt(at.Line); open && (o.sign == '"' || o.sign == '\'' || w.leaves(at.Line, o)) {
		w.r.add(Error, w.src, o.line, o.col, "close it on the same line", "not valid YAML: %q is not closed", o.sign)
		return o.line
	}
	if deeper := w.deeper(at.Line); deeper > 0 && strings.Contains(msg, "mapping value is not allowed") {
		line := w.lines[deeper-1]
		w.r.add(Error, w.src, deeper, indentation(line)+1, "begin it where the line above begins", "not valid YAML: the line is indented deeper than the one above")
		return deeper
	}
	w.r.add(Error, w.src, at.Line, at.Column, syntaxHint(msg, w.src.line(at.Line)), "not valid YAML: %s", msg)
	return at.Line
}

// openMark is a bracket or quotation mark.
type openMark struct {
	sign      rune
	line, col int
}

// keyLine is a line that begins with a key.
var keyLine = regexp.MustCompile(`^[ ]*(?:- )?[\w.-]+:(?: |\r?$)`)

// blockText is the end of a line whose text follows below, as it stands.
var blockText = regexp.MustCompile(`(?:^|[:-] +)[|>][-+0-9]*\s*$`)

// openAt returns the quotation mark or bracket that is open where a line begins, the last that was opened.
func (w *wreck) openAt(line int) (openMark, bool) {
	var open []openMark
	block := -1 // indent of the key whose text is a block
	for n, text := range w.lines[:min(line-1, len(w.lines))] {
		if block >= 0 {
			if strings.TrimSpace(text) == "" || indentation(text) > block {
				continue
			}
			block = -1
		}
		open = scanOpen(open, n+1, text)
		if len(open) == 0 && blockText.MatchString(text) {
			block = indentation(text)
		}
	}
	if len(open) == 0 {
		return openMark{}, false
	}
	return open[len(open)-1], true
}

// scanOpen follows one line: what it opens is added, what it closes taken away. Marks within plain text are text.
func scanOpen(open []openMark, n int, text string) []openMark {
	begins, escaped := true, false // a value may begin here
	col := 0
	for i, c := range text {
		col++
		var top rune
		if len(open) > 0 {
			top = open[len(open)-1].sign
		}
		if top == '"' || top == '\'' {
			switch {
			case escaped:
				escaped = false
			case c == '\\' && top == '"':
				escaped = true
			case c == top:
				open, begins = open[:len(open)-1], false
			}
			continue
		}
		switch {
		case c == '#' && (i == 0 || text[i-1] == ' '):
			return open
		case (c == '"' || c == '\'' || c == '{' || c == '[') && begins, (c == '{' || c == '[') && top != 0:
			open = append(open, openMark{c, n, col})
			begins = c == '{' || c == '['
		case (c == '}' || c == ']') && top != 0:
			open, begins = open[:len(open)-1], false
		case c == ':' || c == ',' && top != 0 || c == '-' && begins:
			begins = true
		case c != ' ':
			begins = false
		}
	}
	return open
}

// leaves tells whether a line is a key that cannot stand within a bracket opened before: it is indented no deeper than
// the line with the bracket.
func (w *wreck) leaves(line int, o openMark) bool {
	text := w.lines[line-1]
	return keyLine.MatchString(text) && indentation(text) <= indentation(w.lines[o.line-1])+len("- ")
}

// deeper returns the line behind a line with a key and a plain text when it is a key that is indented deeper; else 0.
func (w *wreck) deeper(line int) int {
	if line >= len(w.lines) {
		return 0
	}
	_, value, _ := strings.Cut(w.lines[line-1], ": ")
	if value == "" || strings.Contains(value, ": ") || !keyLine.MatchString(w.lines[line]) || indentation(w.lines[line]) <= indentation(w.lines[line-1]) {
		return 0
	}
	return line + 1
}

// freeText is a line with a text for people, on which nothing else of its rule depends.
var freeText = regexp.MustCompile(`^([ ]*(?:- )?(?:what|why|story|owner): ).*$`)

// movedIn is a section's key that does not begin its line.
var movedIn = regexp.MustCompile(`^[ ]{1,2}\w+:\s*$`)

// unreadText stands for a text that is no YAML.
const unreadText = "this text could not be read"

// cut takes out what is at fault on a line: a text for people alone, else the entry around it, which is the rule, list or
// message of a section, else the section. It returns false when there would be nothing left to read.
func (w *wreck) cut(line int) bool {
	if line < 1 || line > len(w.lines) {
		return false
	}
	if mended := freeText.ReplaceAllString(w.lines[line-1], `$1"`+unreadText+`"`); mended != w.lines[line-1] {
		w.lines[line-1] = mended
		return true
	}
	if key, _, _ := strings.Cut(strings.TrimSpace(w.lines[line-1]), ":"); slices.Contains(packShape.names(), key) && movedIn.MatchString(w.lines[line-1]) {
		w.lines[line-1] = strings.TrimSpace(w.lines[line-1])
		return true
	}
	section := line
	for section > 1 && !w.begins(section, 0, false) {
		section--
	}
	if strings.HasPrefix(w.lines[section-1], "pack") {
		section = line
	}
	first, last := section, w.end(section, 0, false)
	if entry := w.below(section); line > section && entry > 0 {
		indent, dash := indentation(w.lines[entry-1]), isItem(w.lines[entry-1])
		for first = line; first > entry && !w.begins(first, indent, dash); {
			first--
		}
		last = w.end(first, indent, dash)
	}
	cut := w.lines[first-1 : last]
	text := strings.Join(cut, "\n")
	if strings.TrimSpace(text) == "" || strings.HasPrefix(text, "pack:") {
		return false
	}
	w.r.lose(text)
	clear(cut)
	return true
}

// isCut tells whether nothing is left of a line.
func (w *wreck) isCut(line int) bool {
	return line >= 1 && line <= len(w.lines) && strings.TrimSpace(w.lines[line-1]) == ""
}

// begins tells whether an entry begins on a line: a key, or an item of a list, that is indented so far at most.
func (w *wreck) begins(line, indent int, item bool) bool {
	text := w.lines[line-1]
	body := strings.TrimSpace(text)
	return body != "" && body[0] != '#' && indentation(text) <= indent && isItem(text) == item
}

// below returns the first line within a section, 0 when there is none.
func (w *wreck) below(section int) int {
	for n := section + 1; n <= len(w.lines); n++ {
		if body := strings.TrimSpace(w.lines[n-1]); body != "" && body[0] != '#' {
			return n
		}
	}
	return 0
}

// end returns the last line of the entry that begins on a line.
func (w *wreck) end(line, indent int, item bool) int {
	for n := line + 1; n <= len(w.lines); n++ {
		if w.begins(n, indent, item) || w.begins(n, 0, false) {
			return n - 1
		}
	}
	return len(w.lines)
}

// indentation counts the signs before a line's text.
func indentation(line string) int {
	return utf8.RuneCountInString(line) - utf8.RuneCountInString(strings.TrimLeftFunc(line, unicode.IsSpace))
}

func isItem(line string) bool {
	body := strings.TrimSpace(line)
	return body == "-" || strings.HasPrefix(body, "- ")
}

// names are what rules, lists and packs may be called.
var names = regexp.MustCompile(`[a-z0-9]+(?:[-._][a-z0-9]+)*`)

// lose remembers the names in a text that is not read: whoever refers to them is not at fault.
func (r *report) lose(text string) {
	if r.lost == nil {
		r.lost = map[string]bool{}
	}
	for _, name := range names.FindAllString(text, -1) {
		r.lost[name] = true
	}
}
