package rules

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// Severity tells what must be repaired from what should be looked at.
type Severity uint8

// The severities. Only errors keep a set from being used.
const (
	Error Severity = iota
	Warning
)

// String returns error or warning.
func (s Severity) String() string {
	if s == Warning {
		return "warning"
	}
	return "error"
}

// Diagnostic is one finding in one pack.
type Diagnostic struct {
	// File is the name the pack was given to Compile under.
	File string
	// Line and Col count from 1, Col in characters. Both are 0 when the whole file is meant.
	Line, Col int
	// Severity is Error or Warning.
	Severity Severity
	// Message says what is wrong, in one line.
	Message string
	// Excerpt quotes the line with a caret under the fault; empty when there is no line to quote.
	Excerpt string
	// Hint names the likely fix.
	Hint string
}

// String formats the finding as file:line:col, the line quoted below, then the hint.
func (d Diagnostic) String() string {
	var b strings.Builder
	b.WriteString(d.File)
	if d.Line > 0 {
		fmt.Fprintf(&b, ":%d:%d", d.Line, d.Col)
	}
	fmt.Fprintf(&b, ": %s: %s", d.Severity, d.Message)
	if d.Excerpt != "" {
		b.WriteByte('\n')
		b.WriteString(d.Excerpt)
	}
	if d.Hint != "" {
		b.WriteString("\nhint: ")
		b.WriteString(d.Hint)
	}
	return b.String()
}

// Diagnostics are the findings of all packs, in the order of files and lines.
type Diagnostics []Diagnostic

// HasErrors tells whether any finding is an error.
func (ds Diagnostics) HasErrors() bool {
	return slices.ContainsFunc(ds, func(d Diagnostic) bool { return d.Severity == Error })
}

// And joins findings on the same files, in the order of files and lines.
func (ds Diagnostics) And(more Diagnostics, files []File) Diagnostics {
	names := make([]string, len(files))
	for i, f := range files {
		names[i] = f.Name
	}
	return slices.Concat(ds, more).sorted(names)
}

// String is all findings, one after the other.
func (ds Diagnostics) String() string {
	parts := make([]string, len(ds))
	for i, d := range ds {
		parts[i] = d.String()
	}
	return strings.Join(parts, "\n")
}

// sorted orders the findings by file (in the order given), line and column.
func (ds Diagnostics) sorted(files []string) Diagnostics {
	rank := make(map[string]int, len(files))
	for i, f := range files {
		rank[f] = i
	}
	slices.SortStableFunc(ds, func(a, b Diagnostic) int {
		if a.File != b.File {
			return rank[a.File] - rank[b.File]
		}
		if a.Line != b.Line {
			return a.Line - b.Line
		}
		return a.Col - b.Col
	})
	return ds
}

// source is one pack file, kept for quoting its lines.
type source struct {
	name  string
	lines []string
}

func newSource(f File) *source {
	text := strings.ToValidUTF8(string(f.Data), "\uFFFD")
	return &source{name: f.Name, lines: strings.Split(text, "\n")}
}

// maxQuote is the widest piece of a line that an excerpt quotes, in characters.
const maxQuote = 120

// excerpt quotes a line with a caret under col. Long lines are cut around the column.
func (s *source) excerpt(line, col int) string {
	if line < 1 || line > len(s.lines) {
		return ""
	}
	runes, at := around(strings.TrimRight(s.lines[line-1], "\r"), max(col-1, 0))
	for i, r := range runes {
		if r < ' ' || r == utf8.RuneError {
			runes[i] = ' '
		}
	}
	gutter := fmt.Sprintf("%5d | ", line)
	return gutter + string(runes) + "\n" + strings.Repeat(" ", len(gutter)-2) + "| " + strings.Repeat(" ", at) + "^"
}

// line returns a line by its number from 1, "" when there is none.
func (s *source) line(n int) string {
	if n < 1 || n > len(s.lines) {
		return ""
	}
	return s.lines[n-1]
}

// maxMessage is the longest message, in characters: what it quotes may be as long as the file.
const maxMessage = 300

func clipped(message string) string {
	if len(message) <= maxMessage {
		return message
	}
	runes := []rune(message[:min(len(message), maxMessage*utf8.UTFMax)])
	if len(runes) <= maxMessage {
		return message
	}
	return string(runes[:maxMessage-1]) + "…"
}

// around cuts the piece of a line to quote, and tells where character at lies in it. A line may be the whole file, so
// only what is quoted is taken apart.
func around(line string, at int) (runes []rune, within int) {
	start, n := 0, 0 // byte and number of the first character quoted
	for n < at-maxQuote/2 && start < len(line) {
		_, size := utf8.DecodeRuneInString(line[start:])
		start, n = start+size, n+1
	}
	runes = []rune(line[start:min(len(line), start+maxQuote*utf8.UTFMax)])
	runes = runes[:min(len(runes), maxQuote)]
	for len(runes) < maxQuote && start > 0 { // near the end of the line more of what lies before is shown
		r, size := utf8.DecodeLastRuneInString(line[:start])
		start, n = start-size, n-1
		runes = append([]rune{r}, runes...)
	}
	return runes, min(at-n, len(runes))
}

// maxFindings is how many findings of one file are kept. A file with more is mended step by step.
const maxFindings = 200

// report collects findings of one Compile or Check.
type report struct {
	list Diagnostics
	seen map[Diagnostic]bool
	kept map[*source]int
	more map[*source]*surplus
	lost map[string]bool // names in what could not be read
}

// surplus is what was found beyond maxFindings.
type surplus struct {
	seen   map[surplusFinding]bool
	errors bool
}

type surplusFinding struct {
	line, col int
	format    string
}

// full tells that no more findings of a file are kept, so that looking for advice is wasted.
func (r *report) full(src *source) bool { return r.kept[src] >= maxFindings }

// add keeps a finding, once: a pack is compiled for every locale that listens to it.
func (r *report) add(sev Severity, src *source, line, col int, hint, format string, args ...any) {
	if r.full(src) {
		r.surplus(sev, src, line, col, format)
		return
	}
	d := Diagnostic{
		File: src.name, Line: line, Col: col, Severity: sev,
		Message: clipped(fmt.Sprintf(format, args...)), Excerpt: src.excerpt(line, col), Hint: hint,
	}
	if d.Hint == "" {
		d.Hint = advise(d.Message)
	}
	if r.seen == nil {
		r.seen, r.kept, r.more = map[Diagnostic]bool{}, map[*source]int{}, map[*source]*surplus{}
	}
	if !r.seen[d] {
		r.seen[d] = true
		r.kept[src]++
		r.list = append(r.list, d)
	}
}

func (r *report) surplus(sev Severity, src *source, line, col int, format string) {
	m := r.more[src]
	if m == nil {
		m = &surplus{seen: map[surplusFinding]bool{}}
		r.more[src] = m
	}
	m.seen[surplusFinding{line, col, format}] = true
	m.errors = m.errors || sev == Error
}

// failed tells whether any finding is an error, whether kept or not.
func (r *report) failed() bool {
	for _, m := range r.more {
		if m.errors {
			return true
		}
	}
	return r.list.HasErrors()
}

// findings returns what was found in the order of files and lines. A file with more than were kept says so at its end.
func (r *report) findings(files []string) Diagnostics {
	list := r.list.sorted(files)
	for src, m := range r.more {
		d := Diagnostic{File: src.name, Severity: Warning, Message: fmt.Sprintf("%d more findings in this file", len(m.seen))}
		if m.errors {
			d.Severity = Error
		}
		at := len(list)
		for at > 0 && list[at-1].File != src.name {
			at--
		}
		list = slices.Insert(list, at, d)
	}
	return list
}

// lazyf is hintf with advice that takes long to find.
func (r *report) lazyf(n *yamlNode, hint func() string, format string, args ...any) {
	if r.full(n.src) {
		r.surplus(Error, n.src, n.line, n.col, format)
		return
	}
	r.hintf(n, hint(), format, args...)
}

// errorf reports an error at a node.
func (r *report) errorf(n *yamlNode, format string, args ...any) {
	r.add(Error, n.src, n.line, n.col, "", format, args...)
}

// hintf reports an error at a node with advice.
func (r *report) hintf(n *yamlNode, hint, format string, args ...any) {
	r.add(Error, n.src, n.line, n.col, hint, format, args...)
}

// warnf reports a warning at a node.
func (r *report) warnf(n *yamlNode, format string, args ...any) {
	r.warnHintf(n, "", format, args...)
}

func (r *report) warnHintf(n *yamlNode, hint, format string, args ...any) {
	r.add(Warning, n.src, n.line, n.col, hint, format, args...)
}

// didYouMean returns a hint with the candidate closest to name, or "" when none is close.
func didYouMean(name string, candidates []string) string {
	best := nearest(name, candidates)
	switch {
	case best == "":
		return ""
	case looksLike(name, best):
		return fmt.Sprintf("did you mean %q? Some letters of yours only look like these", best)
	}
	return fmt.Sprintf("did you mean %q?", best)
}

// looksLike tells whether two names differ in letters of other alphabets that look the same.
func looksLike(name, other string) bool {
	if name == other {
		return false
	}
	seen := strings.Map(func(r rune) rune {
		if l := latinFor(r); l != 0 {
			return rune(l)
		}
		return r
	}, name)
	return seen == other
}

// nearestOr is didYouMean with the candidates listed when none is close.
func nearestOr(name string, candidates []string) string {
	if h := didYouMean(name, candidates); h != "" {
		return h
	}
	if len(candidates) == 0 {
		return ""
	}
	const most = 12
	list := candidates
	if len(list) > most {
		return fmt.Sprintf("known are %s and %d more", strings.Join(list[:most], ", "), len(list)-most)
	}
	return "known are " + strings.Join(list, ", ")
}
