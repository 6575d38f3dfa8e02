package lab

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"attune/rules"
)

// Amendment is what is written anew into a pack: numbers and nothing else.
type Amendment struct {
	// Points are the new points of signals, by id. Each of them must have points already.
	Points map[string]float64
	// Flag, Offer and Escalate are the new thresholds: of the flag, and the scores from which a person is offered and
	// brought in; 0 leaves them.
	Flag, Offer, Escalate float64
}

// scores tells whether numbers of the scoring change.
func (a *Amendment) scores() bool { return a.Flag != 0 || a.Offer != 0 || a.Escalate != 0 }

// Amend returns the pack with other numbers. Every other byte stays: comments, order, layout. It names the first
// number that it cannot find, say because an alias stands for it.
func Amend(f rules.File, a Amendment) (out rules.File, err error) {
	// The YAML library may have faults of its own.
	defer func() {
		if p := recover(); p != nil {
			out, err = rules.File{}, fmt.Errorf("amend %s: it cannot be read as YAML", f.Name)
		}
	}()
	doc, err := parser.ParseBytes(f.Data, 0, parser.AllowDuplicateMapKey())
	if err != nil || len(doc.Docs) == 0 {
		return rules.File{}, fmt.Errorf("amend %s: it cannot be read as YAML", f.Name)
	}
	e := editing{name: f.Name, data: string(f.Data)}
	root := doc.Docs[0].Body
	scoring := child(root, "scoring")
	for _, x := range [...]struct {
		what string
		at   ast.Node
		to   float64
	}{
		{"the flag", child(scoring, "flag"), a.Flag},
		{"the points of offer", child(child(scoring, "offer"), "score"), a.Offer},
		{"the points of escalate", child(child(scoring, "escalate"), "score"), a.Escalate},
	} {
		if x.to == 0 {
			continue
		}
		if err := e.number(x.what, x.at, x.to); err != nil {
			return rules.File{}, err
		}
	}
	left := len(a.Points)
	if list, ok := child(root, "signals").(*ast.SequenceNode); ok {
		for _, s := range list.Values {
			id, ok := child(s, "id").(ast.ScalarNode)
			if !ok {
				continue
			}
			points, wanted := a.Points[fmt.Sprint(id.GetValue())]
			if !wanted {
				continue
			}
			left--
			if err := e.number(fmt.Sprint("the points of ", id.GetValue()), child(s, "points"), points); err != nil {
				return rules.File{}, err
			}
		}
	}
	if left > 0 {
		return rules.File{}, fmt.Errorf("amend %s: %d of %d signals are not in it", f.Name, left, len(a.Points))
	}
	return rules.File{Name: f.Name, Data: []byte(e.done())}, nil
}

// child is the value of a key, nil where there is none.
func child(n ast.Node, key string) ast.Node {
	if tagged, ok := n.(*ast.AnchorNode); ok {
		n = tagged.Value
	}
	var pairs []*ast.MappingValueNode
	switch m := n.(type) {
	case *ast.MappingNode:
		pairs = m.Values
	case *ast.MappingValueNode:
		pairs = []*ast.MappingValueNode{m}
	}
	for _, p := range pairs {
		if p.Key.String() == key {
			return p.Value
		}
	}
	return nil
}

// editing is a file with numbers to be replaced, from its beginning to its end or in any other order.
type editing struct {
	name, data string
	edits      []edit
}

type edit struct {
	start, end int
	text       string
}

// number replaces a number by another, where the file really has it.
func (e *editing) number(what string, n ast.Node, v float64) error {
	var old string
	switch n := n.(type) {
	case *ast.IntegerNode:
		old = n.Token.Value
	case *ast.FloatNode:
		old = n.Token.Value
	default:
		return fmt.Errorf("amend %s: %s are not written there as a number", e.name, what)
	}
	at := n.GetToken().Position
	start := offset(e.data, at.Line, at.Column)
	if start < 0 || !strings.HasPrefix(e.data[start:], old) {
		return fmt.Errorf("amend %s: line %d: %s cannot be found", e.name, at.Line, what)
	}
	e.edits = append(e.edits, edit{start, start + len(old), strconv.FormatFloat(v, 'g', -1, 64)})
	return nil
}

// offset is where a line and column begin, both from 1, columns in characters; -1 outside the text.
func offset(data string, line, column int) int {
	start := 0
	for range line - 1 {
		n := strings.IndexByte(data[start:], '\n')
		if n < 0 {
			return -1
		}
		start += n + 1
	}
	for range column - 1 {
		if start >= len(data) {
			return -1
		}
		_, n := utf8.DecodeRuneInString(data[start:])
		start += n
	}
	return start
}

// done returns the edited file.
func (e *editing) done() string {
	out := e.data
	// Later edits do not move earlier places when they are made first.
	for len(e.edits) > 0 {
		last := 0
		for i := range e.edits {
			if e.edits[i].start > e.edits[last].start {
				last = i
			}
		}
		x := e.edits[last]
		out = out[:x.start] + x.text + out[x.end:]
		e.edits = append(e.edits[:last], e.edits[last+1:]...)
	}
	return out
}
