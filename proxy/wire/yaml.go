package wire

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// reading walks the YAML of a profile file and gathers every fault it meets, so that all are told at once.
type reading struct {
	file   string
	lines  []string
	faults Diagnostics

	framing *framed // of the profile at hand
}

// parseYAML reads data and returns its document, nil when it is no YAML or empty; then there is a fault.
func (r *reading) parseYAML(data []byte) ast.Node {
	r.lines = strings.Split(string(data), "\n")
	file, err := parser.ParseBytes(data, 0)
	if err != nil {
		var at yaml.Error
		if errors.As(err, &at) && at.GetToken() != nil {
			r.at(at.GetToken(), 0, "", "%s", at.GetMessage())
		} else {
			r.faults = append(r.faults, Diagnostic{File: r.file, Line: 1, Col: 1, Message: "not YAML"})
		}
		return nil
	}
	var docs []ast.Node
	for _, d := range file.Docs {
		if d.Body != nil && d.Body.Type() != ast.CommentType {
			docs = append(docs, d.Body)
		}
	}
	switch len(docs) {
	case 0:
		r.faults = append(r.faults, Diagnostic{File: r.file, Line: 1, Col: 1, Message: "no profile in the file"})
		return nil
	case 1:
		return docs[0]
	}
	r.fault(docs[1], "write several profiles as one list", "a profile file holds one YAML document")
	return nil
}

// at records a fault at a token, or col characters into it.
func (r *reading) at(tk *token.Token, col int, hint, format string, args ...any) {
	d := Diagnostic{File: r.file, Line: 1, Col: 1, Message: fmt.Sprintf(format, args...), Hint: hint}
	if tk != nil && tk.Position != nil {
		d.Line, d.Col = max(1, tk.Position.Line), max(1, tk.Position.Column)
		if tk.Type == token.SingleQuoteType || tk.Type == token.DoubleQuoteType {
			col++
		}
		if col > 1 || tk.Type != token.SingleQuoteType && tk.Type != token.DoubleQuoteType {
			d.Col += col
		}
	}
	if d.Line <= len(r.lines) {
		d.Excerpt = strings.TrimRight(r.lines[d.Line-1], "\r")
	}
	r.faults = append(r.faults, d)
}

func (r *reading) fault(n ast.Node, hint, format string, args ...any) {
	r.at(start(n), 0, hint, format, args...)
}

// start is the token a node begins with: of a mapping its first key.
func start(n ast.Node) *token.Token {
	switch n := n.(type) {
	case *ast.MappingNode:
		if len(n.Values) > 0 && !n.IsFlowStyle {
			return start(n.Values[0])
		}
	case *ast.MappingValueNode:
		return n.Key.GetToken()
	}
	return n.GetToken()
}

// fields says what to do with the value of each key of a mapping.
type fields map[string]func(ast.Node)

// mapping hands every value of a mapping to its field; an unknown key is a fault.
func (r *reading) mapping(n ast.Node, what string, known fields) {
	var pairs []*ast.MappingValueNode
	switch n := n.(type) {
	case *ast.MappingNode:
		pairs = n.Values
	case *ast.MappingValueNode:
		pairs = []*ast.MappingValueNode{n}
	default:
		r.fault(n, "", "%s is a mapping of keys to values, found %s", what, describe(n))
		return
	}
	for _, pair := range pairs {
		key := pair.Key.GetToken().Value
		set, ok := known[key]
		if !ok {
			names := slices.Sorted(maps.Keys(known))
			hint := "known keys: " + strings.Join(names, ", ")
			if near := nearest(key, names); near != "" {
				hint = fmt.Sprintf("did you mean %s?", near)
			}
			r.at(pair.Key.GetToken(), 0, hint, "unknown key %q in %s", key, what)
			continue
		}
		if _, ok := pair.Value.(*ast.NullNode); ok {
			r.at(pair.Key.GetToken(), 0, "leave the key out, or give it a value", "%s has no value", key)
			continue
		}
		set(pair.Value)
	}
}

// list hands every element of a list to one; a value that is no list counts as a list of one.
func (r *reading) list(n ast.Node, one func(ast.Node)) {
	if seq, ok := n.(*ast.SequenceNode); ok {
		for _, e := range seq.Values {
			one(e)
		}
		return
	}
	one(n)
}

func (r *reading) text(n ast.Node) (string, bool) {
	switch n := n.(type) {
	case *ast.StringNode:
		return n.Value, true
	case *ast.LiteralNode:
		return n.Value.Value, true
	}
	r.fault(n, "put it in quotes", "expected text, found %s", describe(n))
	return "", false
}

// word reads text that must be one of the given words.
func (r *reading) word(n ast.Node, words ...string) (int, bool) {
	s, ok := r.text(n)
	if !ok {
		return 0, false
	}
	i := slices.Index(words, s)
	if i < 0 {
		hint := "one of " + strings.Join(words, ", ")
		if near := nearest(s, words); near != "" {
			hint = fmt.Sprintf("did you mean %s?", near)
		}
		r.fault(n, hint, "unknown word %q", s)
	}
	return i, i >= 0
}

func (r *reading) integer(n ast.Node) (int64, bool) {
	if i, ok := n.(*ast.IntegerNode); ok {
		if v, err := strconv.ParseInt(i.GetToken().Value, 0, 64); err == nil && v >= 0 {
			return v, true
		}
	}
	r.fault(n, "", "expected a whole number from 0, found %s", describe(n))
	return 0, false
}

func (r *reading) truth(n ast.Node) bool {
	if b, ok := n.(*ast.BoolNode); ok {
		return b.Value
	}
	r.fault(n, "", "expected true or false, found %s", describe(n))
	return false
}

func (r *reading) duration(n ast.Node) time.Duration {
	if s, ok := n.(*ast.StringNode); ok {
		if d, err := time.ParseDuration(s.Value); err == nil && d >= 0 {
			return d
		}
	}
	r.fault(n, "", "expected a duration such as 700ms or 2s, found %s", describe(n))
	return 0
}

// path reads a path; roots are the places it may start from.
func (r *reading) path(n ast.Node, roots ...rootKind) *path {
	s, ok := r.text(n)
	if !ok {
		return nil
	}
	p, err := parsePath(s)
	if err != nil {
		hint := "paths: $ .key ['key'] [0] [-1] [*] |json, or @name"
		if r.framing.xml {
			hint = "paths: /element/element, /element@attribute, or @name"
		}
		r.inside(n, err, hint)
		return nil
	}
	if !r.suits(n, p, roots) {
		return nil
	}
	return p
}

// suits reports whether a path may start where it does and the framing has what it leads through; else there is a fault.
func (r *reading) suits(n ast.Node, p *path, roots []rootKind) bool {
	inXML := p.root == rootXML
	switch {
	case p.root == rootMeta && !knownMeta(p.meta) && !r.framing.has(p.meta):
		r.inside(n, fmt.Errorf("unknown metadata @%s", p.meta), r.framing.offers())
	case p.root == rootMeta && !r.framing.has(p.meta) && !ofUpgrade(p.meta):
		r.inside(n, fmt.Errorf("framing %s has no metadata @%s", r.framing.name, p.meta), r.framing.offers())
	case p.root != rootMeta && inXML != r.framing.xml && !slices.Contains(roots, rootResponse):
		hint := "begin it with $"
		if r.framing.xml {
			hint = "name the elements, as in /message/body"
		}
		r.inside(n, fmt.Errorf("no document of framing %s has a path from %s", r.framing.name, p.root), hint)
	case !slices.Contains(roots, p.root) && !(inXML && slices.Contains(roots, rootItem)):
		r.fault(n, "", "a path from %s has no meaning here", p.root)
	default:
		return true
	}
	return false
}

func (r *reading) condition(n ast.Node, roots ...rootKind) *condition {
	s, ok := r.text(n)
	if !ok {
		return nil
	}
	c, err := parseCondition(s)
	if err != nil {
		r.inside(n, err, `conditions: "$.a == b", "$.a != b", "$.a ~ regex", "$.a exists", "$.a[*] has b", "$.a is string"`)
		return nil
	}
	if !r.suits(n, c.path, roots) {
		return nil
	}
	return c
}

// inside records a fault within a text value.
func (r *reading) inside(n ast.Node, err error, hint string) {
	col := 0
	if at := (*pathError)(nil); errors.As(err, &at) {
		col = at.col
	}
	r.at(n.GetToken(), col, hint, "%s", err.Error())
}

func describe(n ast.Node) string {
	switch n := n.(type) {
	case *ast.MappingNode, *ast.MappingValueNode:
		return "a mapping"
	case *ast.SequenceNode:
		return "a list"
	case *ast.NullNode:
		return "nothing"
	case *ast.StringNode:
		return strconv.Quote(n.Value)
	case *ast.AliasNode, *ast.AnchorNode, *ast.TagNode:
		return "an anchor, alias or tag (not used in profiles)"
	}
	return n.GetToken().Value
}
