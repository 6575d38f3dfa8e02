package rules

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/goccy/go-yaml/ast"
	yamltoken "github.com/goccy/go-yaml/token"
)

// Bounds of a pack file. They are far above any pack people write and keep a hostile one from costing memory.
const (
	maxFileSize = 2 << 20
	maxSetSize  = 8 << 20 // all packs of a set together
	maxNodes    = 200_000 // after aliases are expanded
	maxNesting  = 40
	maxKeys     = 10_000 // of one mapping
)

// byteOrderMark is what some editors put before UTF-8.
var byteOrderMark = []byte("\xEF\xBB\xBF")

// yamlKind is the shape of a node.
type yamlKind uint8

const (
	isScalar yamlKind = iota
	isMapping
	isSequence
	isNull
)

// yamlNode is a value of a pack file with its place. Unlike the YAML library's tree it has no comments, anchors or tags.
type yamlNode struct {
	src       *source
	line, col int
	kind      yamlKind
	text      string // of a scalar
	quoted    bool   // the scalar stands in quotes or is a block: surely a string
	entries   []entry
	keys      map[string]*yamlNode // of a mapping: the same keys by name
	items     []*yamlNode
}

type entry struct {
	key   *yamlNode
	value *yamlNode
}

// cut lets go of what stands below a node that was read: a set in force keeps the places and texts that somebody still
// asks about, and not how the file was built. The collector goes over all that it keeps again and again.
func (n *yamlNode) cut() {
	for _, e := range n.entries {
		e.key.cut()
		e.value.cut()
	}
	for _, it := range n.items {
		it.cut()
	}
	n.entries, n.keys, n.items = nil, nil, nil
}

func (k yamlKind) String() string {
	return [...]string{"text", "a mapping", "a list", "nothing"}[k]
}

// inside returns the place of the character at offset within the scalar's text, as exactly as its spelling in the
// file allows: escapes and folded lines give the start of the scalar.
func (n *yamlNode) inside(offset int) (line, col int) {
	text := []rune(n.text)
	if n.line < 1 || n.line > len(n.src.lines) || offset < 0 || offset > len(text) {
		return n.line, n.col
	}
	runes := []rune(n.src.lines[n.line-1])
	start := n.col - 1
	if start < len(runes) && (runes[start] == '"' || runes[start] == '\'') {
		start++
	}
	if start+offset > len(runes) || !slices.Equal(runes[start:start+offset], text[:offset]) {
		return n.line, n.col
	}
	return n.line, start + offset + 1
}

// readDocument parses one file into nodes. It reports every fault it can find and returns nil when there is no
// document to go on with.
func readDocument(f File, src *source, r *report) (root *yamlNode) {
	if len(f.Data) > maxFileSize {
		r.add(Error, src, 0, 0, "split it into several packs", "the file is too large; a pack has at most %d bytes", maxFileSize)
		return nil
	}
	if !utf8.Valid(f.Data) {
		line, col := firstInvalid(f.Data)
		r.add(Error, src, line, col, "save the file as UTF-8", "the file is not valid UTF-8")
		r.lose(string(f.Data))
		return nil
	}
	if line, col, r0 := firstControl(f.Data); line > 0 {
		r.add(Error, src, line, col, "take it out; most editors do not show it", "the file holds a control character (%s)", fmt.Sprintf("%U", r0))
		r.lose(string(f.Data))
		return nil
	}
	// The YAML library is fed whatever operators upload; a fault of its own must not take the proxy down with it.
	defer func() {
		if p := recover(); p != nil {
			r.add(Error, src, 0, 0, "", "the file cannot be read as YAML")
			root = nil
		}
	}()
	file := parse(string(f.Data), src, r)
	if file == nil {
		return nil
	}
	var docs []ast.Node
	for _, d := range file.Docs {
		if d != nil && d.Body != nil {
			docs = append(docs, d.Body)
		}
	}
	if len(docs) == 0 {
		r.add(Error, src, 0, 0, "a pack starts with: pack: NAME", "the file is empty")
		return nil
	}
	t := tree{src: src, report: r, left: maxNodes, anchors: map[string]ast.Node{}}
	root = t.convert(docs[0], 0)
	if len(docs) > 1 {
		n := t.convert(docs[1], 0)
		if n != nil {
			r.hintf(n, "put each pack into a file of its own", "a pack file holds one YAML document")
		}
	}
	if t.spent {
		return nil
	}
	return root
}

// firstControl finds a control character that YAML does not allow; line is 0 when there is none.
func firstControl(data []byte) (line, col int, r rune) {
	line = 1
	start := 0
	for i, c := range data {
		switch {
		case c == '\n':
			line, start = line+1, i+1
		case c < ' ' && c != '\t' && c != '\r' || c == 0x7F:
			return line, utf8.RuneCount(data[start:i]) + 1, rune(c)
		}
	}
	return 0, 0, 0
}

func firstInvalid(data []byte) (line, col int) {
	line, col = 1, 1
	for len(data) > 0 {
		r, size := utf8.DecodeRune(data)
		if r == utf8.RuneError && size == 1 {
			return line, col
		}
		col++
		if r == '\n' {
			line, col = line+1, 1
		}
		data = data[size:]
	}
	return line, col
}

// tooMuch returns the token at which nesting passes maxNesting or a mapping maxKeys. The library's parser recurses into
// levels, and copies all keys of a block for each of them, so this is looked at before it runs.
func tooMuch(tokens yamltoken.Tokens) (tk *yamltoken.Token, why string) {
	type block struct{ column, keys int } // the library's own count of levels drifts in long files
	var blocks []block
	var braces bareKeys
	flow, inLine, line := 0, 0, 0
	for _, tk := range tokens {
		if tk.Position == nil {
			continue
		}
		if braces.see(tk.Type); braces.bare > maxKeys {
			return tk, fmt.Sprintf("more than %d keys without a value", maxKeys)
		}
		if tk.Position.Line != line {
			line, inLine = tk.Position.Line, 0
			if flow == 0 {
				here := block{column: tk.Position.Column}
				for len(blocks) > 0 && blocks[len(blocks)-1].column >= here.column {
					if last := blocks[len(blocks)-1]; last.column == here.column && tk.Type != yamltoken.SequenceEntryType {
						here.keys = last.keys + 1
					}
					blocks = blocks[:len(blocks)-1]
				}
				blocks = append(blocks, here)
				if here.keys >= maxKeys {
					return tk, fmt.Sprintf("a mapping with more than %d keys", maxKeys)
				}
			}
		}
		switch tk.Type {
		case yamltoken.SequenceStartType, yamltoken.MappingStartType:
			flow++
		case yamltoken.SequenceEndType, yamltoken.MappingEndType:
			flow--
		case yamltoken.SequenceEntryType, yamltoken.MappingKeyType, yamltoken.TagType, yamltoken.AnchorType:
			inLine++
		}
		if flow > maxNesting || inLine > maxNesting || len(blocks) > maxNesting {
			return tk, fmt.Sprintf("nested more than %d levels deep", maxNesting)
		}
	}
	return nil, ""
}

// bareKeys counts the keys in braces that have no value, like those of {a, b}: the library moves all that follows for
// each of them.
type bareKeys struct {
	open  []bool // brackets, outermost first; true for braces
	value bool   // a colon stood since the last comma
	bare  int
}

func (b *bareKeys) see(t yamltoken.Type) {
	switch t {
	case yamltoken.SequenceStartType, yamltoken.MappingStartType:
		b.open = append(b.open, t == yamltoken.MappingStartType)
	case yamltoken.MappingValueType:
		b.value = true
		return
	case yamltoken.CollectEntryType, yamltoken.SequenceEndType, yamltoken.MappingEndType:
		if len(b.open) == 0 {
			return
		}
		if b.open[len(b.open)-1] && !b.value {
			b.bare++
		}
		b.value = t != yamltoken.CollectEntryType // what closes was itself a value
		if b.value {
			b.open = b.open[:len(b.open)-1]
		}
		return
	default:
		return
	}
	b.value = false
}

// syntaxHints name the likely fix of what the YAML library finds, by a piece of its message.
var syntaxHints = []struct{ message, hint string }{
	{"'\t' that cannot start", "indent with spaces, not with tabs"},
	{"mapping value is not allowed", `text that holds ": " needs quotes; or the line is indented wrongly`},
	{"flow map content", "text that begins with { or [ needs quotes"},
	{"end character of", "close the quotes"},
	{"end token", "the closing bracket is missing"},
	{"unexpected key name", "a key ends with a colon and a space: KEY: VALUE"},
	{"is a reserved character", "text that begins with this sign needs quotes"},
	{"block sequence entries", "put the list on lines of its own, or write it in [ ]"},
	{"unknown escape character", `write \\ for one \, or put the text into single quotes`},
	{"unexpected scalar value", "a text is missing between two commas, or a comma is too many"},
	{"value is not allowed in this context", "the line is indented wrongly, or text that begins with a quotation mark goes on behind the closing one"},
	{"',' or ']' must be specified", "a comma between two items, or the closing bracket, is missing"},
	{"',' or '}' must be specified", "a comma between two keys, or the closing brace, is missing"},
}

// syntaxHint advises on a fault of YAML in a line.
func syntaxHint(message, line string) string {
	indent, _, _ := strings.Cut(line, strings.TrimLeftFunc(line, unicode.IsSpace))
	if strings.ContainsFunc(indent, func(r rune) bool { return r > unicode.MaxASCII }) {
		return "the line begins with spaces that are none to YAML (no-break spaces, for instance); indent with ordinary ones"
	}
	if strings.Contains(message, "value is not allowed") {
		switch _, value, _ := strings.Cut(line, ": "); {
		case strings.HasPrefix(value, "{"), strings.HasPrefix(value, "["):
			return "text that begins with { or [ needs quotes"
		case strings.HasPrefix(value, "'"):
			return `inside '...' an apostrophe is written twice; inside "..." once`
		}
	}
	for _, h := range syntaxHints {
		if strings.Contains(message, h.message) {
			return h.hint
		}
	}
	return "text with signs in it stands in quotes, a key ends with a colon and a space"
}

// spentNodes is said of a document that passes maxNodes or maxNesting.
const spentNodes = "the document is too large or too deep once its aliases are expanded"

// tree converts the library's nodes, expanding aliases under a budget.
type tree struct {
	src     *source
	report  *report
	left    int
	spent   bool
	anchors map[string]ast.Node
	open    []string // aliases being expanded, against cycles
}

func (t *tree) at(n ast.Node) *yamlNode {
	out := &yamlNode{src: t.src}
	if tk := n.GetToken(); tk != nil && tk.Position != nil {
		out.line, out.col = tk.Position.Line, tk.Position.Column
	}
	return out
}

func (t *tree) convert(n ast.Node, depth int) *yamlNode {
	if n == nil {
		return &yamlNode{src: t.src, kind: isNull}
	}
	out := t.at(n)
	if t.spent {
		out.kind = isNull
		return out
	}
	t.left--
	if t.left < 0 || depth > maxNesting {
		t.spent = true
		t.report.hintf(out, "write repeated parts out, or split the pack", spentNodes)
		out.kind = isNull
		return out
	}
	switch n := n.(type) {
	case *ast.MappingNode:
		out.kind = isMapping
		for _, v := range n.Values {
			t.pair(out, v, depth)
		}
		if len(out.entries) > 0 && !n.IsFlowStyle {
			out.line, out.col = out.entries[0].key.line, out.entries[0].key.col
		}
	case *ast.MappingValueNode:
		out.kind = isMapping
		t.pair(out, n, depth)
		if len(out.entries) > 0 {
			out.line, out.col = out.entries[0].key.line, out.entries[0].key.col
		}
	case *ast.SequenceNode:
		out.kind = isSequence
		for _, v := range n.Values {
			out.items = append(out.items, t.convert(v, depth+1))
		}
	case *ast.AnchorNode:
		if n.Name != nil && n.Value != nil {
			t.anchors[n.Name.GetToken().Value] = n.Value
		}
		return t.convert(n.Value, depth+1)
	case *ast.AliasNode:
		return t.alias(n, out, depth)
	case *ast.TagNode:
		t.report.errorf(out, "YAML tags are not used in packs")
		return t.convert(n.Value, depth+1)
	case *ast.NullNode:
		out.kind = isNull
	case *ast.LiteralNode:
		out.text, out.quoted = n.Value.Value, true
	case *ast.StringNode:
		out.text = n.Value
		tk := n.GetToken()
		out.quoted = tk.Type == yamltoken.SingleQuoteType || tk.Type == yamltoken.DoubleQuoteType
	default:
		out.text = strings.TrimSpace(n.GetToken().Value)
	}
	return out
}

func (t *tree) alias(n *ast.AliasNode, out *yamlNode, depth int) *yamlNode {
	name := n.Value.GetToken().Value
	target, ok := t.anchors[name]
	if !ok {
		t.report.errorf(out, "alias %q has no anchor before it", name)
		out.kind = isNull
		return out
	}
	for _, o := range t.open {
		if o == name {
			t.report.errorf(out, "alias %q contains itself", name)
			out.kind = isNull
			return out
		}
	}
	t.open = append(t.open, name)
	got := t.convert(target, depth+1)
	t.open = t.open[:len(t.open)-1]
	return got
}

func (t *tree) pair(out *yamlNode, v *ast.MappingValueNode, depth int) {
	if v.Key == nil {
		return
	}
	key := t.at(v.Key)
	if _, merge := v.Key.(*ast.MergeKeyNode); merge {
		t.report.hintf(key, "write the keys out", "merge keys are not used in packs")
		return
	}
	if mk, ok := v.Key.(*ast.MappingKeyNode); ok && mk.Value != nil {
		key = t.at(mk.Value)
		key.text = mk.Value.GetToken().Value
	} else {
		key.text = v.Key.GetToken().Value
	}
	if out.keys == nil {
		out.keys = map[string]*yamlNode{}
	}
	if first, twice := out.keys[key.text]; twice {
		t.report.hintf(key, fmt.Sprintf("the first one is on line %d", first.line), "key %q stands twice in this mapping", key.text)
		return
	}
	out.keys[key.text] = key
	value := t.convert(v.Value, depth+1)
	if value.line == 0 || value.kind == isNull {
		value.line, value.col = key.line, key.col
	}
	out.entries = append(out.entries, entry{key: key, value: value})
}
