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
	case "and", "&&", "or", "||":
		return b.chain(n)
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
			if v, fixed := fixedNumber(n.Right); fixed && out != nil {
				out = limited(n.Operator, x, v, out)
			}
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

// A link is one test of a chain. needs is what it cannot hold without of the rules that fired lately; 0 when there is no
// such thing. Most links are told from it: long conditions ask for one of many rules, few of which have fired.
type link struct {
	needs unrest
	test  func(*moment) bool
}

// chain builds "a or b or c" as one test of three, and the same with and.
func (b *conditionBuilder) chain(n *ast.BinaryNode) any {
	either := n.Operator == "or" || n.Operator == "||"
	var links []link
	var collect func(n ast.Node)
	collect = func(k ast.Node) {
		if pair, ok := k.(*ast.BinaryNode); ok && pair.Operator == n.Operator {
			collect(pair.Left)
			collect(pair.Right)
			return
		}
		test, ok := b.build(k).(func(*moment) bool)
		if !ok {
			b.fault(n, "", "%s does not fit between these", n.Operator)
			return
		}
		needs := neededBy(k)
		if needs&^unrestLately != 0 {
			needs = 0
		}
		links = append(links, link{needs, test})
	}
	collect(n)
	if b.failed {
		return nil
	}
	return func(m *moment) bool {
		for i := range links {
			k := &links[i]
			if (m.lately.allows(k.needs) && k.test(m)) == either {
				return either
			}
		}
		return !either
	}
}

// fixedNumber returns the value of a number that is written out.
func fixedNumber(n ast.Node) (float64, bool) {
	switch n := n.(type) {
	case *ast.IntegerNode:
		return float64(n.Value), true
	case *ast.FloatNode:
		return n.Value, true
	}
	return 0, false
}

// limited is a comparison with a fixed number, which most conditions are; other operators stay as they were built.
func limited(op string, x func(*moment) float64, v float64, other any) any {
	switch op {
	case "==":
		return func(m *moment) bool { return x(m) == v }
	case "<":
		return func(m *moment) bool { return x(m) < v }
	case "<=":
		return func(m *moment) bool { return x(m) <= v }
	case ">":
		return func(m *moment) bool { return x(m) > v }
	case ">=":
		return func(m *moment) bool { return x(m) >= v }
	}
	return other
}

func logical(op string, x, y func(*moment) bool) any {
	switch op {
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
