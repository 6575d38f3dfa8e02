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
	// Hint says what to do about it; may be empty.
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
	runes := []rune(strings.TrimRight(s.lines[line-1], "\r"))
	at := min(max(col-1, 0), len(runes))
	from := 0
	if len(runes) > maxQuote {
		from = min(max(0, at-maxQuote/2), len(runes)-maxQuote)
		runes = runes[from : from+maxQuote]
		at -= from
	}
	for i, r := range runes {
		if r < ' ' || r == utf8.RuneError {
			runes[i] = ' '
		}
	}
	gutter := fmt.Sprintf("%5d | ", line)
	return gutter + string(runes) + "\n" + strings.Repeat(" ", len(gutter)-2) + "| " + strings.Repeat(" ", at) + "^"
}

// report collects findings of one Compile or Check.
type report struct {
	list Diagnostics
	seen map[Diagnostic]bool
}

// add keeps a finding, once: a pack is compiled for every locale that listens to it.
func (r *report) add(sev Severity, src *source, line, col int, hint, format string, args ...any) {
	d := Diagnostic{
		File: src.name, Line: line, Col: col, Severity: sev,
		Message: fmt.Sprintf(format, args...), Excerpt: src.excerpt(line, col), Hint: hint,
	}
	if r.seen == nil {
		r.seen = map[Diagnostic]bool{}
	}
	if !r.seen[d] {
		r.seen[d] = true
		r.list = append(r.list, d)
	}
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
	r.add(Warning, n.src, n.line, n.col, "", format, args...)
}

// didYouMean returns a hint with the candidate closest to name, or "" when none is close.
func didYouMean(name string, candidates []string) string {
	if best := nearest(name, candidates); best != "" {
		return fmt.Sprintf("did you mean %q?", best)
	}
	return ""
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
