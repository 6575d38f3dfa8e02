package rules

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/file"
)

// Bounds of a condition. Conditions have no loops, so nodes bound their cost.
const (
	maxCondition      = 1000 // characters
	maxConditionNodes = 120
)

// condition is a compiled `when`, `unless` or `needs`. The nil condition holds.
//
// expr-lang parses and checks the text against the names below; what it accepts is then turned into closures over a
// moment, because they run without allocating, and conditions of escalations run on every turn.
type condition struct {
	source string // as it was written
	test   func(*moment) bool
	rules  []string // ids that fired() and count() ask about
	needs  unrest   // see mustHave
}

// holds evaluates the condition.
func (c *condition) holds(m *moment) bool {
	return c == nil || c.test(m)
}

// conditionEnv declares the names of conditions and their types to expr-lang. It is never filled: the values come
// from the moment.
type conditionEnv struct {
	Score float64 `expr:"score"`
	Limit struct {
		Offer    float64 `expr:"offer"`
		Escalate float64 `expr:"escalate"`
	} `expr:"limit"`
	Feeling struct {
		Frustrated  float64 `expr:"frustrated"`
		Angry       float64 `expr:"angry"`
		Dominated   float64 `expr:"dominated"`
		Ignored     float64 `expr:"ignored"`
		Unfulfilled float64 `expr:"unfulfilled"`
	} `expr:"feeling"`
	Band         string                 `expr:"band"`
	CustomerTurn int                    `expr:"customer_turn"`
	Fired        func(string, int) bool `expr:"fired"`
	Count        func(string) int       `expr:"count"`
	Bot          struct {
		Failures int `expr:"failures"`
	} `expr:"bot"`
	Floor      string `expr:"floor"`
	Locale     string `expr:"locale"`
	Channel    string `expr:"channel"`
	Touchpoint string `expr:"touchpoint"`
	Path       string `expr:"path"`
	Expected   string `expr:"expected"`
	Agents     struct {
		Available int `expr:"available"`
	} `expr:"agents"`
	Desk struct {
		Open func(string) bool `expr:"open"`
	} `expr:"desk"`
	Queue struct {
		Wait float64 `expr:"wait"` // seconds
	} `expr:"queue"`
	ASR struct {
		Confidence float64 `expr:"confidence"`
	} `expr:"asr"`
	Mode string `expr:"mode"`
}

// numberNames, textNames are the values behind the names.
var numberNames = map[string]func(*moment) float64{
	"score":               func(m *moment) float64 { return m.st.d.Score },
	"limit.offer":         func(m *moment) float64 { return m.limits.offer.score },
	"limit.escalate":      func(m *moment) float64 { return m.limits.escalate.score },
	"feeling.frustrated":  func(m *moment) float64 { return m.st.d.Feelings[Frustrated] },
	"feeling.angry":       func(m *moment) float64 { return m.st.d.Feelings[Angry] },
	"feeling.dominated":   func(m *moment) float64 { return m.st.d.Feelings[Dominated] },
	"feeling.ignored":     func(m *moment) float64 { return m.st.d.Feelings[Ignored] },
	"feeling.unfulfilled": func(m *moment) float64 { return m.st.d.Feelings[Unfulfilled] },
	"customer_turn":       func(m *moment) float64 { return float64(m.st.d.Turn) },
	"bot.failures":        func(m *moment) float64 { return float64(m.st.d.Failures) },
	"agents.available":    func(m *moment) float64 { return float64(m.facts.AgentsAvailable) },
	"queue.wait":          func(m *moment) float64 { return m.facts.QueueWait.Seconds() },
	"asr.confidence":      func(m *moment) float64 { return m.facts.ASRConfidence },
}

var textNames = map[string]func(*moment) string{
	"band":       func(m *moment) string { return m.band() },
	"floor":      func(m *moment) string { return m.facts.floor() },
	"locale":     func(m *moment) string { return m.facts.locale() },
	"channel":    func(m *moment) string { return m.facts.channel() },
	"touchpoint": (*moment).at,
	"path":       func(m *moment) string { return m.facts.Path },
	"expected":   func(m *moment) string { return m.st.d.Expected },
	"mode":       func(m *moment) string { return m.facts.Mode.String() },
}

// conditionNames are all names and functions, for hints.
func conditionNames() []string {
	names := []string{"fired", "count", "desk.open"}
	for n := range numberNames {
		names = append(names, n)
	}
	for n := range textNames {
		names = append(names, n)
	}
	slices.Sort(names)
	return names
}

// compileCondition checks and compiles the parts of a condition. Faults are reported at their column; known tells
// whether a rule id may be asked about.
func compileCondition(e *exprSpec, known func(id string) bool, ids func() []string, r *report) *condition {
	if e == nil {
		return nil
	}
	c := &condition{}
	var tests []func(*moment) bool
	for i, p := range e.parts {
		if i > 0 {
			c.source += " && "
		}
		c.source += p.source
		if t := c.part(p, known, ids, r); t != nil {
			tests = append(tests, t)
		}
	}
	switch len(tests) {
	case 0:
		c.test = func(*moment) bool { return false }
	case 1:
		c.test = tests[0]
	default:
		c.test = func(m *moment) bool {
			for _, t := range tests {
				if !t(m) {
					return false
				}
			}
			return true
		}
	}
	return c
}

// fault reports a message at a character of the part's source.
func (p exprPart) fault(r *report, at int, hint, format string, args ...any) {
	n := p.at
	if p.key != nil && at < utf8.RuneCountInString(p.key.text) {
		n = p.key
	} else {
		at -= p.shift
	}
	line, col := n.inside(max(0, at))
	r.add(Error, p.at.src, line, col, hint, format, args...)
}

func (c *condition) part(p exprPart, known func(string) bool, ids func() []string, r *report) func(*moment) bool {
	if utf8.RuneCountInString(p.source) > maxCondition {
		p.fault(r, 0, "split the rule", "a condition has at most %d characters", maxCondition)
		return nil
	}
	program, err := expr.Compile(p.source, expr.Env(conditionEnv{}), expr.AsBool(), expr.DisableAllBuiltins(),
		expr.MaxNodes(maxConditionNodes), expr.Optimize(false))
	if err != nil {
		reportCondition(err, p, r)
		p.otherNames(known, ids, r)
		return nil
	}
	b := &conditionBuilder{part: p, known: known, ids: ids, report: r}
	test, ok := b.build(program.Node()).(func(*moment) bool)
	if b.failed || !ok {
		if !b.failed {
			p.fault(r, 0, "", "the condition is not true or false")
		}
		return nil
	}
	c.rules = append(c.rules, b.asked...)
	c.needs = stricter(c.needs, neededBy(program.Node()))
	return test
}

func reportCondition(err error, p exprPart, r *report) {
	var fe *file.Error
	if !errors.As(err, &fe) {
		msg, _, _ := strings.Cut(err.Error(), "\n")
		if strings.HasPrefix(msg, "expected bool") {
			msg = "the condition is not true or false"
		}
		p.fault(r, 0, "", "%s", msg)
		return
	}
	msg, hint := inPlainWords(fe.Message), ""
	if strings.HasPrefix(msg, "bad number syntax") {
		hint = "a wait is a number of seconds: 5 minutes are 300"
	}
	if strings.HasSuffix(msg, "exceeds maximum allowed nodes") {
		p.fault(r, 0, "split the rule", "a condition has at most %d names, values and operators", maxConditionNodes)
		return
	}
	if name, at := nameAround(p.source, fe.From); name != "" {
		if meant := unknownName(name); meant != "" {
			msg, hint, fe.From = fmt.Sprintf("unknown name %s", name), meant, at
		}
	}
	p.fault(r, fe.From, hint, "%s", msg)
}

// unknownName says what may have been meant by a name of no condition; "" for one that is known.
func unknownName(name string) string {
	if conditionWords[name] || slices.Contains(conditionNames(), name) {
		return ""
	}
	if hint := didYouMean(name, slices.Concat(conditionNames(), slices.Sorted(maps.Keys(conditionWords)))); hint != "" {
		return hint
	}
	return "text stands in quotes, like '" + name + "'; " + nearestOr(name, conditionNames())
}

// ruleID is an id that a condition asks about, conditionToken a text, a number, a key or a name in one.
var (
	ruleID         = regexp.MustCompile(`\b(?:fired|count)\(\s*['"]([^'"]*)['"]`)
	conditionToken = regexp.MustCompile(`'[^']*'|"[^"]*"|\d[\p{L}\d_.]*|[\p{L}_][\p{L}\d_.]*(\s*:)?`)
)

// otherNames reports what a condition names and there is not. The parser of conditions stops at the first fault; these
// are told beside it.
func (p exprPart) otherNames(known func(string) bool, ids func() []string, r *report) {
	for _, at := range ruleID.FindAllStringSubmatchIndex(p.source, -1) {
		if id := p.source[at[2]:at[3]]; !known(id) && !r.lost[id] {
			p.fault(r, utf8.RuneCountInString(p.source[:at[2]])-1, nearestOr(id, ids()), "no rule is named %q", id)
		}
	}
	for _, at := range conditionToken.FindAllStringIndex(p.source, -1) {
		name := p.source[at[0]:at[1]]
		if strings.ContainsAny(name[:1], `"'0123456789`) || strings.HasSuffix(name, ":") || slices.ContainsFunc(conditionNames(), func(n string) bool { return strings.HasPrefix(n, name+".") }) {
			continue
		}
		if hint := unknownName(name); hint != "" {
			p.fault(r, utf8.RuneCountInString(p.source[:at[0]]), hint, "unknown name %s", name)
		}
	}
}

// conditionWords are words of the language of conditions, which are no names.
var conditionWords = map[string]bool{
	"and": true, "or": true, "not": true, "in": true, "contains": true, "startsWith": true, "endsWith": true, "matches": true,
	"true": true, "false": true, "nil": true,
}

var groupType = regexp.MustCompile(`struct \{[^}]*\}|map\[string\]interface \{\}`)

// inPlainWords names types as authors of packs would.
func inPlainWords(msg string) string {
	msg = groupType.ReplaceAllString(strings.TrimSpace(msg), "group")
	return strings.NewReplacer("float64", "number", "int)", "number)", "and int", "and number", "types int", "types number",
		"type int", "type number", "string", "text", "non-bool expression", "expression that is not true or false", "bool", "true or false").Replace(msg)
}

// nameAround returns the dotted name that covers character at of a condition, and where it starts. Text in quotes is
// no name.
func nameAround(source string, at int) (name string, start int) {
	runes := []rune(source)
	part := func(i int) bool {
		return i >= 0 && i < len(runes) && (runes[i] == '.' || runes[i] == '_' || unicode.IsLetter(runes[i]) || unicode.IsDigit(runes[i]))
	}
	if !part(at) {
		return "", 0
	}
	start, end := at, at
	for part(start - 1) {
		start--
	}
	for part(end) {
		end++
	}
	if !unicode.IsLetter(runes[start]) || start > 0 && strings.ContainsRune(`"'`, runes[start-1]) {
		return "", 0
	}
	return string(runes[start:end]), start
}

// conditionBuilder turns a checked tree into closures of three types: func(*moment) bool, float64 and string.
type conditionBuilder struct {
	part   exprPart
	known  func(string) bool
	ids    func() []string
	report *report
	asked  []string
	failed bool
}

func (b *conditionBuilder) fault(n ast.Node, hint, format string, args ...any) any {
	if !b.failed {
		b.part.fault(b.report, n.Location().From, hint, format, args...)
	}
	b.failed = true
	return nil
}

func (b *conditionBuilder) build(n ast.Node) any {
	switch n := n.(type) {
	case *ast.IntegerNode:
		v := float64(n.Value)
		return func(*moment) float64 { return v }
	case *ast.FloatNode:
		v := n.Value
		return func(*moment) float64 { return v }
	case *ast.BoolNode:
		v := n.Value
		return func(*moment) bool { return v }
	case *ast.StringNode:
		v := n.Value
		return func(*moment) string { return v }
	case *ast.IdentifierNode, *ast.MemberNode:
		return b.name(n)
	case *ast.ChainNode:
		return b.build(n.Node)
	case *ast.UnaryNode:
		return b.unary(n)
	case *ast.BinaryNode:
		return b.binary(n)
	case *ast.ConditionalNode:
		return b.conditional(n)
	case *ast.CallNode:
		return b.call(n)
	}
	return b.fault(n, "use comparisons, and, or, not, in, startsWith, endsWith, contains, matches and arithmetic", "this is not used in conditions")
}

// dotted writes a member chain as a dotted name.
func dotted(n ast.Node) string {
	switch n := n.(type) {
	case *ast.IdentifierNode:
		return n.Value
	case *ast.ChainNode:
		return dotted(n.Node)
	case *ast.MemberNode:
		if p, ok := n.Property.(*ast.StringNode); ok {
			return dotted(n.Node) + "." + p.Value
		}
	}
	return "?"
}

func (b *conditionBuilder) name(n ast.Node) any {
	name := dotted(n)
	if f, ok := numberNames[name]; ok {
		return f
	}
	if f, ok := textNames[name]; ok {
		return f
	}
	return b.fault(n, nearestOr(name, conditionNames()), "%s is not a value", name)
}

func (b *conditionBuilder) unary(n *ast.UnaryNode) any {
	switch x := b.build(n.Node).(type) {
	case func(*moment) bool:
		if n.Operator == "!" || n.Operator == "not" {
			return func(m *moment) bool { return !x(m) }
		}
	case func(*moment) float64:
		switch n.Operator {
		case "-":
			return func(m *moment) float64 { return -x(m) }
		case "+":
			return x
		}
	}
	return b.fault(n, "", "%s does not fit here", n.Operator)
}

func (b *conditionBuilder) conditional(n *ast.ConditionalNode) any {
	cond, ok := b.build(n.Cond).(func(*moment) bool)
	if !ok {
		return b.fault(n, "", "the condition of ?: is not true or false")
	}
	switch x := b.build(n.Exp1).(type) {
	case func(*moment) bool:
		if y, ok := b.build(n.Exp2).(func(*moment) bool); ok {
			return func(m *moment) bool {
				if cond(m) {
					return x(m)
				}
				return y(m)
			}
		}
	case func(*moment) float64:
		if y, ok := b.build(n.Exp2).(func(*moment) float64); ok {
			return func(m *moment) float64 {
				if cond(m) {
					return x(m)
				}
				return y(m)
			}
		}
	case func(*moment) string:
		if y, ok := b.build(n.Exp2).(func(*moment) string); ok {
			return func(m *moment) string {
				if cond(m) {
					return x(m)
				}
				return y(m)
			}
		}
	}
	return b.fault(n, "", "both sides of ?: are of one type")
}

// call builds fired(id, n), count(id) and desk.open(id). The ids stand as text, so that they can be checked now.
func (b *conditionBuilder) call(n *ast.CallNode) any {
	name := dotted(n.Callee)
	if len(n.Arguments) == 0 {
		return b.fault(n, "", "%s needs an id", name)
	}
	arg, ok := n.Arguments[0].(*ast.StringNode)
	if !ok {
		return b.fault(n.Arguments[0], "write the id in quotes", "%s takes the id as text", name)
	}
	if name == "desk.open" {
		desk := arg.Value
		return func(m *moment) bool { return m.facts.deskOpen(desk) }
	}
	if !b.known(arg.Value) && !b.report.lost[arg.Value] {
		return b.fault(arg, nearestOr(arg.Value, b.ids()), "no rule is named %q", arg.Value)
	}
	b.asked = append(b.asked, arg.Value)
	rule := hashID(arg.Value)
	switch name {
	case "count":
		return func(m *moment) float64 { return float64(m.st.count(rule)) }
	case "fired":
		within, ok := b.build(n.Arguments[1]).(func(*moment) float64)
		if !ok {
			return b.fault(n, "", "fired takes a number of turns")
		}
		if rule, turns, ok := asFiredLately(n); ok {
			return func(m *moment) bool { return m.firedLately(rule, turns) }
		}
		return func(m *moment) bool { return m.st.fired(rule, int(within(m))) }
	}
	return b.fault(n, "", "%s cannot be called", name)
}

func compileMatches(n ast.Node) (*regexp.Regexp, error) {
	s, ok := n.(*ast.StringNode)
	if !ok {
		return nil, errors.New("matches takes a pattern in quotes")
	}
	return regexp.Compile(s.Value)
}
