package rules

import (
	"math"
	"slices"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/parser"
)

// unreachable tells why a condition can never hold: it asks two things of one name that exclude each other, or
// something that the name never is. It looks at parts joined by "and" and says nothing of what it cannot judge.
func unreachable(e *exprSpec) string {
	if e == nil {
		return ""
	}
	r := reach{numbers: map[string]interval{}, texts: map[string][]string{}}
	for _, p := range e.parts {
		tree, err := parser.Parse(p.source)
		if err != nil {
			return "" // reported when it was compiled
		}
		if why := r.and(tree.Node); why != "" {
			return why
		}
	}
	return ""
}

// reach is what a condition has asked for so far.
type reach struct {
	numbers map[string]interval
	texts   map[string][]string // the values that are left
}

// interval is a range of numbers; open ends do not belong to it.
type interval struct {
	low, high         float64
	openLow, openHigh bool
}

func (i interval) empty() bool {
	return i.low > i.high || i.low == i.high && (i.openLow || i.openHigh)
}

// everything a name can be: numbers are at least 0, the recogniser's confidence is at most 1.
func everything(name string) interval {
	if name == "asr.confidence" {
		return interval{high: 1}
	}
	return interval{high: math.Inf(1)}
}

// closedTexts are the names that have few values.
var closedTexts = map[string][]string{
	"channel": {"text", "voice"},
	"floor":   {"bot", "attune", "agent", "nobody"},
	"mode":    {"full", "tone", "escalation", "observe", "observe-all"},
}

func (r *reach) and(n ast.Node) string {
	b, ok := n.(*ast.BinaryNode)
	if !ok {
		return ""
	}
	switch b.Operator {
	case "and", "&&":
		if why := r.and(b.Left); why != "" {
			return why
		}
		return r.and(b.Right)
	case "==", "<", "<=", ">", ">=":
	default:
		return ""
	}
	name, value, op := dotted(b.Left), b.Right, b.Operator
	if name == "?" {
		name, value, op = dotted(b.Right), b.Left, mirrored(b.Operator)
	}
	if text, ok := value.(*ast.StringNode); ok && op == "==" {
		return r.text(name, text.Value)
	}
	if v, ok := numberOf(value); ok {
		if _, known := numberNames[name]; known {
			return r.number(name, op, v)
		}
	}
	return ""
}

func (r *reach) number(name, op string, v float64) string {
	i, ok := r.numbers[name]
	if !ok {
		i = everything(name)
	}
	if op == ">" || op == ">=" || op == "==" {
		if v > i.low || v == i.low && op == ">" {
			i.low, i.openLow = v, op == ">"
		}
	}
	if op == "<" || op == "<=" || op == "==" {
		if v < i.high || v == i.high && op == "<" {
			i.high, i.openHigh = v, op == "<"
		}
	}
	r.numbers[name] = i
	if i.empty() {
		return "no " + name + " is that"
	}
	return ""
}

func (r *reach) text(name, value string) string {
	if _, known := textNames[name]; !known {
		return ""
	}
	left, ok := r.texts[name]
	if !ok {
		if left, ok = closedTexts[name]; !ok {
			left = []string{value}
		}
	}
	if !slices.Contains(left, value) {
		return "no " + name + " is that"
	}
	r.texts[name] = []string{value}
	return ""
}

func mirrored(op string) string {
	switch op {
	case "<":
		return ">"
	case "<=":
		return ">="
	case ">":
		return "<"
	case ">=":
		return "<="
	}
	return op
}

func numberOf(n ast.Node) (float64, bool) {
	switch n := n.(type) {
	case *ast.IntegerNode:
		return float64(n.Value), true
	case *ast.FloatNode:
		return n.Value, true
	case *ast.UnaryNode:
		if v, ok := numberOf(n.Node); ok && n.Operator == "-" {
			return -v, true
		}
	}
	return 0, false
}
