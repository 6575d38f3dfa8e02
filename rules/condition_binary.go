package rules

import (
	"math"
	"slices"
	"strings"

	"github.com/expr-lang/expr/ast"
)

// binary builds an operator with two sides.
func (b *conditionBuilder) binary(n *ast.BinaryNode) any {
	switch n.Operator {
	case "in":
		return b.membership(n)
	case "matches":
		return b.matches(n)
	}
	left, right := b.build(n.Left), b.build(n.Right)
	if b.failed {
		return nil
	}
	var out any
	switch x := left.(type) {
	case func(*moment) bool:
		if y, ok := right.(func(*moment) bool); ok {
			out = logical(n.Operator, x, y)
		}
	case func(*moment) float64:
		if y, ok := right.(func(*moment) float64); ok {
			out = numeric(n.Operator, x, y)
		}
	case func(*moment) string:
		if y, ok := right.(func(*moment) string); ok {
			out = textual(n.Operator, x, y)
		}
	}
	if out == nil {
		return b.fault(n, "", "%s does not fit between these", n.Operator)
	}
	return out
}

func logical(op string, x, y func(*moment) bool) any {
	switch op {
	case "and", "&&":
		return func(m *moment) bool { return x(m) && y(m) }
	case "or", "||":
		return func(m *moment) bool { return x(m) || y(m) }
	case "==":
		return func(m *moment) bool { return x(m) == y(m) }
	case "!=":
		return func(m *moment) bool { return x(m) != y(m) }
	}
	return nil
}

func numeric(op string, x, y func(*moment) float64) any {
	switch op {
	case "==":
		return func(m *moment) bool { return x(m) == y(m) }
	case "!=":
		return func(m *moment) bool { return x(m) != y(m) }
	case "<":
		return func(m *moment) bool { return x(m) < y(m) }
	case "<=":
		return func(m *moment) bool { return x(m) <= y(m) }
	case ">":
		return func(m *moment) bool { return x(m) > y(m) }
	case ">=":
		return func(m *moment) bool { return x(m) >= y(m) }
	case "+":
		return func(m *moment) float64 { return x(m) + y(m) }
	case "-":
		return func(m *moment) float64 { return x(m) - y(m) }
	case "*":
		return func(m *moment) float64 { return x(m) * y(m) }
	case "/":
		return func(m *moment) float64 { return x(m) / y(m) }
	case "%":
		return func(m *moment) float64 { return math.Mod(x(m), y(m)) }
	case "**", "^":
		return func(m *moment) float64 { return math.Pow(x(m), y(m)) }
	}
	return nil
}

func textual(op string, x, y func(*moment) string) any {
	switch op {
	case "==":
		return func(m *moment) bool { return x(m) == y(m) }
	case "!=":
		return func(m *moment) bool { return x(m) != y(m) }
	case "startsWith":
		return func(m *moment) bool { return strings.HasPrefix(x(m), y(m)) }
	case "endsWith":
		return func(m *moment) bool { return strings.HasSuffix(x(m), y(m)) }
	case "contains":
		return func(m *moment) bool { return strings.Contains(x(m), y(m)) }
	}
	return nil
}

// membership builds `x in [a, b]` and `x in 1..3`.
func (b *conditionBuilder) membership(n *ast.BinaryNode) any {
	switch list := n.Right.(type) {
	case *ast.ArrayNode:
		return b.inList(n, list)
	case *ast.BinaryNode:
		if list.Operator != ".." {
			break
		}
		x, okX := b.build(n.Left).(func(*moment) float64)
		low, okLow := b.build(list.Left).(func(*moment) float64)
		high, okHigh := b.build(list.Right).(func(*moment) float64)
		if okX && okLow && okHigh {
			return func(m *moment) bool {
				v := x(m)
				return v >= low(m) && v <= high(m) && v == math.Trunc(v)
			}
		}
	}
	return b.fault(n, "", "in takes a list like ['a', 'b'] or a range like 1..3")
}

func (b *conditionBuilder) inList(n *ast.BinaryNode, list *ast.ArrayNode) any {
	switch x := b.build(n.Left).(type) {
	case func(*moment) string:
		var words []string
		for _, item := range list.Nodes {
			s, ok := item.(*ast.StringNode)
			if !ok {
				return b.fault(item, "", "the list holds texts, as what is looked for is one")
			}
			words = append(words, s.Value)
		}
		return func(m *moment) bool { return slices.Contains(words, x(m)) }
	case func(*moment) float64:
		var numbers []func(*moment) float64
		for _, item := range list.Nodes {
			f, ok := b.build(item).(func(*moment) float64)
			if !ok {
				return b.fault(item, "", "the list holds numbers, as what is looked for is one")
			}
			numbers = append(numbers, f)
		}
		return func(m *moment) bool {
			v := x(m)
			for _, f := range numbers {
				if f(m) == v {
					return true
				}
			}
			return false
		}
	}
	return b.fault(n, "", "in takes a text or a number on its left")
}

func (b *conditionBuilder) matches(n *ast.BinaryNode) any {
	x, ok := b.build(n.Left).(func(*moment) string)
	if !ok {
		return b.fault(n, "", "matches takes a text on its left")
	}
	re, err := compileMatches(n.Right)
	if err != nil {
		return b.fault(n.Right, "", "%s", err.Error())
	}
	return func(m *moment) bool { return re.MatchString(x(m)) }
}
