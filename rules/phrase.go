package rules

import (
	"fmt"
	"strings"
	"sync"
	"unicode/utf8"
)

// Bounds of what a pattern may match. They keep matching linear and captures to what a sentence can hold.
const (
	maxCapture = 25 // tokens in a {capture} of any words
	maxGap     = 4  // tokens in a gap "..."
	maxDepth   = 32 // nested brackets in one pattern
	maxPattern = 4 << 10
)

// A PhraseError says what is wrong with a phrase pattern.
type PhraseError struct {
	List  string // named list the pattern stands in; "" for a pattern written in place
	Index int    // place in the list, from 0
	Col   int    // column in the pattern, in characters from 1
	Msg   string
	Hint  string // what was probably meant; often empty

	unknown string // the name of a list that there is not
}

// Error returns the message with the list and the column.
func (e *PhraseError) Error() string {
	msg := e.Msg
	if e.Hint != "" {
		msg += "; " + e.Hint
	}
	if e.List == "" {
		return fmt.Sprintf("column %d: %s", e.Col, msg)
	}
	return fmt.Sprintf("phrase %d of %s, column %d: %s", e.Index+1, e.List, e.Col, msg)
}

// A phrase is one parsed pattern. It is immutable once its references are linked.
//
// The grammar is a subset of the rule expansions of JSGF (W3C note 2000/06):
//
//	phrase   = sequence *( "|" sequence )
//	sequence = 1*item
//	item     = word | emoji | "(" phrase ")" | "[" phrase "]" | "<" list ">" | "{" name [ ":" type ] "}" | "{" gap "}" | "..."
//	type     = "word" | "number" | "ordinal" | "duration"
//	gap      = "number" | "ordinal" | "duration"
//
// A capture must reappear in what is said; a typed gap ({number}) takes the same words and need not.
// Words are compared as Text folds them; commas, end marks and quotes in a pattern mean nothing.
type phrase struct {
	src  string
	root *node
}

type nodeKind uint8

const (
	nodeWord nodeKind = iota // any of words
	nodeSequence
	nodeChoice
	nodeOptional
	nodeList // <name>, after linking: any of target
	nodeCapture
	nodeGap // of any words, or of a type
)

type node struct {
	kind   nodeKind
	words  []string
	emoji  rune // of a nodeWord that is one
	kids   []*node
	name   string // list or capture
	typ    slotType
	col    int
	target []*phrase
}

// parsePhrase parses one pattern. The error is a *PhraseError.
func parsePhrase(src string) (*phrase, error) {
	p, _ := phraseParsers.Get().(*phraseParser)
	defer phraseParsers.Put(p)
	p.src, p.at = src, 0
	if len(src) > maxPattern {
		return nil, p.fault(0, "pattern is longer than %d bytes", maxPattern)
	}
	root, err := p.choice(0)
	if err != nil {
		return nil, err
	}
	if p.at < len(src) {
		return nil, p.fault(p.at, "%q closes nothing", src[p.at])
	}
	if root == nil {
		return nil, p.fault(0, "pattern has no words")
	}
	return &phrase{src: src, root: root}, nil
}

// captures returns the names of the captures in p, in order of appearance, those of linked lists included.
func (p *phrase) captures() []string {
	var names []string
	seen := map[string]bool{}
	var walk func(n *node)
	walk = func(n *node) {
		if n.kind == nodeCapture && !seen[n.name] {
			seen[n.name] = true
			names = append(names, n.name)
		}
		for _, k := range n.kids {
			walk(k)
		}
		for _, q := range n.target {
			walk(q.root)
		}
	}
	walk(p.root)
	return names
}

type phraseParser struct {
	src  string
	at   int
	text Text // of plainWords
}

// phraseParsers keep the memory in which patterns are cut into words; packs have thousands of patterns.
var phraseParsers = sync.Pool{New: func() any { return &phraseParser{} }}

func (p *phraseParser) fault(at int, format string, args ...any) error {
	return &PhraseError{Col: utf8.RuneCountInString(p.src[:min(at, len(p.src))]) + 1, Msg: fmt.Sprintf(format, args...)}
}

// choice parses alternatives up to a closing bracket or the end. It returns nil for nothing at all.
func (p *phraseParser) choice(depth int) (*node, error) {
	if depth > maxDepth {
		return nil, p.fault(p.at, "brackets are nested deeper than %d", maxDepth)
	}
	start := p.at
	var kids []*node
	for {
		n, err := p.sequence(depth)
		if err != nil {
			return nil, err
		}
		bar := p.at < len(p.src) && p.src[p.at] == '|'
		if n == nil && (bar || len(kids) > 0) {
			return nil, p.fault(p.at, "empty alternative; for something that may be left out write [ ]")
		}
		if n != nil {
			kids = append(kids, n)
		}
		if !bar {
			break
		}
		p.at++
	}
	switch len(kids) {
	case 0:
		return nil, nil
	case 1:
		return kids[0], nil
	}
	return &node{kind: nodeChoice, kids: kids, col: start}, nil
}

// sequence parses items up to "|", a closing bracket or the end.
func (p *phraseParser) sequence(depth int) (*node, error) {
	var kids []*node
	start := p.at
	for p.at < len(p.src) {
		c := p.src[p.at]
		at := p.at
		switch {
		case c == '|' || c == ')' || c == ']':
			return p.sequenceOf(kids, start)
		case c == '(' || c == '[':
			n, err := p.group(c, depth)
			if err != nil {
				return nil, err
			}
			kids = append(kids, n)
		case c == '<':
			name, err := p.name('<', '>', "a list")
			if err != nil {
				return nil, err
			}
			kids = append(kids, &node{kind: nodeList, name: name, col: at})
		case c == '{':
			n, err := p.capture()
			if err != nil {
				return nil, err
			}
			kids = append(kids, n)
		case c == '>' || c == '}':
			return nil, p.fault(at, "%q closes nothing", c)
		case c == '*' || c == '+' || c == '=' || c == '\\':
			return nil, p.fault(at, "%q is not part of the phrase grammar", c)
		case strings.HasPrefix(p.src[at:], "...") || strings.HasPrefix(p.src[at:], "…"):
			p.at += 3
			kids = append(kids, &node{kind: nodeGap, col: at})
		default:
			kids = append(kids, p.plainWords()...)
		}
	}
	return p.sequenceOf(kids, start)
}

func (p *phraseParser) sequenceOf(kids []*node, col int) (*node, error) {
	switch len(kids) {
	case 0:
		return nil, nil
	case 1:
		return kids[0], nil
	}
	for _, k := range kids {
		if k.emoji != 0 {
			return nil, p.fault(k.col, "an emoji is a phrase by itself, since those between words are passed over")
		}
	}
	return &node{kind: nodeSequence, kids: kids, col: col}, nil
}

// group parses ( … ) or [ … ].
func (p *phraseParser) group(open byte, depth int) (*node, error) {
	at := p.at
	p.at++
	inner, err := p.choice(depth + 1)
	if err != nil {
		return nil, err
	}
	closing := byte(')')
	if open == '[' {
		closing = ']'
	}
	if p.at >= len(p.src) {
		return nil, p.fault(at, "%q is not closed", open)
	}
	if p.src[p.at] != closing {
		return nil, p.fault(p.at, "%q closes the %q of column %d", p.src[p.at], open, utf8.RuneCountInString(p.src[:at])+1)
	}
	p.at++
	if inner == nil {
		return nil, p.fault(at, "brackets with nothing inside")
	}
	if open == '[' {
		return &node{kind: nodeOptional, kids: []*node{inner}, col: at}, nil
	}
	return inner, nil
}

// name parses a name between two signs.
func (p *phraseParser) name(open, closing byte, what string) (string, error) {
	at := p.at
	end := strings.IndexByte(p.src[at:], closing)
	if end < 0 {
		return "", p.fault(at, "%q is not closed", open)
	}
	name := strings.TrimSpace(p.src[at+1 : at+end])
	if name == "" {
		return "", p.fault(at, "%s without a name", what)
	}
	for i := 0; i < len(name); i++ {
		c := name[i]
		if asciiClass[c]&classWord == 0 && c != '-' && c != '_' && c != '.' && c != ':' {
			return "", p.fault(at, "the name of %s has only letters, digits, - and _", what)
		}
	}
	p.at = at + end + 1
	return name, nil
}

// capture parses {name}, {name:type} or a typed gap.
func (p *phraseParser) capture() (*node, error) {
	at := p.at
	name, err := p.name('{', '}', "a capture")
	if err != nil {
		return nil, err
	}
	if t, ok := gapType(name); ok {
		return &node{kind: nodeGap, typ: t, col: at}, nil
	}
	name, typ, _ := strings.Cut(name, ":")
	t, ok := slotTypes[typ]
	if !ok || name == "" {
		return nil, p.fault(at, "a capture is {name} or {name:type} with type word, number, ordinal or duration")
	}
	return &node{kind: nodeCapture, name: name, typ: t, col: at}, nil
}

// plainWords takes the text up to the next sign of the grammar and cuts it into words as messages are cut. Text
// without a letter, a digit or an emoji gives none.
func (p *phraseParser) plainWords() []*node {
	at := p.at
	for p.at < len(p.src) && strings.IndexByte("()[]<>{}|*+=\\", p.src[p.at]) < 0 &&
		!strings.HasPrefix(p.src[p.at:], "...") && !strings.HasPrefix(p.src[p.at:], "…") {
		p.at++
	}
	t := &p.text
	t.Reset(p.src[at:p.at])
	nodes := make([]*node, 0, len(t.tokens)+len(t.emoji))
	for _, e := range t.emoji {
		nodes = append(nodes, &node{kind: nodeWord, words: []string{string(e.r)}, emoji: e.r, col: at + t.rawSpan(e.at, e.at+1).start})
	}
	for i := range t.tokens {
		nodes = append(nodes, &node{kind: nodeWord, words: spellings(t, i), col: at + t.tokenSpan(i, i+1).start})
	}
	return nodes
}

// spellings returns the forms in which a word of a pattern may stand in a message: as written, and without the
// apostrophe when people leave it out and no other word comes of it.
func spellings(t *Text, i int) []string {
	w := string(t.word(i))
	forms := []string{w}
	if second := t.second(i); second != nil && string(second) != w {
		forms = append(forms, string(second))
	}
	if bare := strings.ReplaceAll(w, "'", ""); bare != w && !ambiguousBare[bare] {
		forms = append(forms, bare)
	}
	return forms
}

// ambiguousBare are the words that a contraction turns into when its apostrophe is dropped, and that mean something else.
var ambiguousBare = wordSet(`were well ill hell shell shed hed id wed shes lets its weve lan les des mes tes ses cest dont la las
	lui sil quel quelle nest aid`)
