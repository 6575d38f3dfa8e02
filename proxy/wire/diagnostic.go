package wire

import (
	"fmt"
	"strings"
)

// Diagnostic is one fault in a profile file.
type Diagnostic struct {
	File      string
	Line, Col int    // from 1, in characters
	Message   string // what is wrong
	Excerpt   string // the line as it stands in the file
	Hint      string // what to do; may be empty
}

// String shows the fault with its line quoted and the place marked.
func (d Diagnostic) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s:%d:%d: %s", d.File, d.Line, d.Col, d.Message)
	if d.Excerpt != "" {
		fmt.Fprintf(&b, "\n  %s\n  %s^", d.Excerpt, margin(d.Excerpt, d.Col-1))
	}
	if d.Hint != "" {
		fmt.Fprintf(&b, "\n  hint: %s", d.Hint)
	}
	return b.String()
}

// margin is as wide as the first n characters of line, tabs kept.
func margin(line string, n int) string {
	var b strings.Builder
	for _, r := range line {
		if n--; n < 0 {
			break
		}
		if r != '\t' {
			r = ' '
		}
		b.WriteRune(r)
	}
	return b.String()
}

// Diagnostics are all faults of a profile file, in the order of its lines. It is the error that [Parse] returns.
type Diagnostics []Diagnostic

// Error shows every fault.
func (d Diagnostics) Error() string {
	parts := make([]string, len(d))
	for i := range d {
		parts[i] = d[i].String()
	}
	return strings.Join(parts, "\n")
}

// nearest is the candidate that word is most likely a slip of, "" when none is near.
func nearest(word string, candidates []string) string {
	best, bound := "", max(1, len(word)/3)+1
	for _, c := range candidates {
		if d := editDistance(word, c); d < bound {
			best, bound = c, d
		}
	}
	return best
}

// editDistance counts the insertions, deletions and replacements between two words.
func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
