package wire

import (
	"bytes"
	"fmt"
	"math"
	"regexp"
	"regexp/syntax"
	"strconv"
	"strings"
)

type operator uint8

const (
	opEqual operator = iota
	opNotEqual
	opMatch
	opExists
	opHas
	opIs
)

// condition is one line of when, opaque_if, handoff or end_when: PATH == V, PATH != V, PATH ~ REGEX, PATH exists,
// PATH has V, PATH is TYPE.
type condition struct {
	src    string // as it stands in the profile
	path   *path
	op     operator
	value  scalar
	regex  *regexp.Regexp
	prefix []byte // set instead of regex when the pattern is ^ and plain characters
	kinds  uint8  // for opIs: one bit for each nodeKind
}

// scalar is the right side of a comparison.
type scalar struct {
	kind nodeKind
	text []byte // of a string what it says, else its spelling
	num  float64
}

var typeWords = map[string]uint8{
	"string": 1 << kindString, "number": 1 << kindNumber, "array": 1 << kindArray, "object": 1 << kindObject,
	"boolean": 1<<kindTrue | 1<<kindFalse, "null": 1 << kindNull,
}

// parseCondition reads one condition; a fault is a *pathError.
func parseCondition(src string) (*condition, error) {
	p, n, err := parsePathPrefix(src)
	if err != nil {
		return nil, err
	}
	rest := strings.TrimLeft(src[n:], " \t")
	at := len(src) - len(rest)
	word := rest
	if i := strings.IndexAny(rest, " \t"); i >= 0 {
		word = rest[:i]
	}
	arg := strings.TrimSpace(rest[len(word):])
	c := &condition{src: src, path: p}
	switch word {
	case "==":
		c.op = opEqual
	case "!=":
		c.op = opNotEqual
	case "has":
		c.op = opHas
	case "~":
		c.op = opMatch
	case "is":
		c.op = opIs
	case "exists":
		c.op = opExists
		if arg != "" {
			return nil, &pathError{at + len(word), fmt.Sprintf("nothing may follow exists, found %q", arg)}
		}
		return c, nil
	default:
		return nil, &pathError{at, fmt.Sprintf("expected ==, !=, ~, has, is or exists, found %q", word)}
	}
	if arg == "" {
		return nil, &pathError{at, fmt.Sprintf("%s needs a value on its right", word)}
	}
	switch c.op {
	case opMatch:
		if c.regex, err = regexp.Compile(arg); err != nil {
			return nil, &pathError{strings.LastIndex(src, arg), err.Error()}
		}
		c.prefix = plainPrefix(arg)
	case opIs:
		var ok bool
		if c.kinds, ok = typeWords[arg]; !ok {
			return nil, &pathError{strings.LastIndex(src, arg), fmt.Sprintf("unknown type %q: string, number, boolean, array, object or null", arg)}
		}
	default:
		c.value = parseScalar(arg)
	}
	return c, nil
}

// plainPrefix returns the characters of a pattern that only asks for a beginning, such as ^/, else nil.
func plainPrefix(pattern string) []byte {
	re, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil || re.Op != syntax.OpConcat || len(re.Sub) != 2 || re.Sub[0].Op != syntax.OpBeginText {
		return nil
	}
	if lit := re.Sub[1]; lit.Op == syntax.OpLiteral && lit.Flags&syntax.FoldCase == 0 {
		return []byte(string(lit.Rune))
	}
	return nil
}

// parseScalar reads the right side of a comparison: a JSON scalar when it looks like one, else a string as it stands.
// A string may also stand in single quotes.
func parseScalar(src string) scalar {
	if n := len(src); n >= 2 && src[0] == '\'' && src[n-1] == '\'' {
		return scalar{kind: kindString, text: []byte(src[1 : n-1])}
	}
	var s scanner
	if !s.scan([]byte(src)) || len(s.tape) != 1 || s.tape[0].kind >= kindArray {
		return scalar{kind: kindString, text: []byte(src)}
	}
	n := &s.tape[0]
	v := scalar{kind: n.kind, text: s.buf[n.start:n.end]}
	switch n.kind {
	case kindString:
		v.text = appendUnescaped(nil, v.text)
	case kindNumber:
		v.num, _ = strconv.ParseFloat(string(v.text), 64)
	}
	return v
}

// holds reports whether the condition is true of the item. Metadata is passed by slot.
func (r *reader) holds(c *condition, item ref, meta []string) bool {
	if c.path.root == rootMeta {
		return c.holdsText(meta[c.path.slot])
	}
	mark := len(r.found)
	r.found = r.find(r.found, c.path, item)
	found := r.found[mark:]
	r.found = r.found[:mark]
	hit := false
	for _, at := range found {
		if r.test(c, at) {
			hit = true
			break
		}
	}
	return hit != (c.op == opNotEqual)
}

func (r *reader) test(c *condition, at ref) bool {
	n := &r.tape[at.node]
	switch c.op {
	case opExists:
		return n.kind != kindNull
	case opIs:
		return c.kinds&(1<<n.kind) != 0
	case opMatch:
		return n.kind == kindString && c.match(r.value(at))
	case opHas:
		if n.kind == kindArray {
			for e, end := at.node+1, int(n.next); e < end; e = int(r.tape[e].next) {
				if r.equal(&c.value, ref{at.doc, e}) {
					return true
				}
			}
			return false
		}
	case opEqual, opNotEqual:
	}
	return r.equal(&c.value, at)
}

func (r *reader) equal(v *scalar, at ref) bool {
	n := &r.tape[at.node]
	if n.kind != v.kind {
		return false
	}
	switch n.kind {
	case kindString:
		return r.same(at, v.text)
	case kindNumber:
		raw := r.raw(at)
		if bytes.Equal(raw, v.text) {
			return true
		}
		f, err := strconv.ParseFloat(string(raw), 64)
		// Past 2^53 different integers share one float64; there only the same spelling is the same number.
		return err == nil && f == v.num && math.Abs(f) < 1<<53
	}
	return true
}

func (c *condition) match(text []byte) bool {
	if c.prefix != nil {
		return bytes.HasPrefix(text, c.prefix)
	}
	return c.regex.Match(text)
}

// holdsText is holds for metadata, which is text; absent metadata is empty.
func (c *condition) holdsText(text string) bool {
	switch c.op {
	case opExists:
		return text != ""
	case opMatch:
		return c.regex.MatchString(text)
	case opIs:
		return c.kinds&(1<<kindString) != 0 && text != ""
	case opNotEqual:
		return text != string(c.value.text)
	case opEqual, opHas:
	}
	return text == string(c.value.text)
}
