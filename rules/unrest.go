package rules

import (
	"math/bits"

	"github.com/expr-lang/expr/ast"
)

// unrest is a set of things that make a conversation more than calm. Most conditions ask for a few of them, and most turns
// have few: a condition that cannot hold without is not evaluated.
type unrest uint64

const (
	unrestScore    unrest = 1 << (Feelings + iota) // below them, one bit for each feeling above 0
	unrestFailures                                 // the bot has failed
	unrestHeard                                    // an acknowledgement waits for the reply
	unrestFired                                    // some rule that conditions ask about has fired
	unrestRecent                                   // the first of those for rules that fired lately, see recently
)

// unrestLately is what moment.lately tells of.
const unrestLately = ^(unrestFired - 1)

// recentTurns is within how many customer turns a rule fired lately: what most conditions ask for.
const recentTurns = 3

// recently stands for a rule that fired lately, and for one in 55 of the others.
func recently(rule uint32) unrest {
	const first = Feelings + 4
	return unrestRecent << (uint64(rule) * (64 - first) >> 32)
}

var unrestNames = map[string]unrest{
	"score": unrestScore, "bot.failures": unrestFailures,
	"feeling.frustrated": 1 << Frustrated, "feeling.angry": 1 << Angry, "feeling.dominated": 1 << Dominated,
	"feeling.ignored": 1 << Ignored, "feeling.unfulfilled": 1 << Unfulfilled,
}

// unrest is what there is of it now.
func (m *moment) unrest() unrest {
	d, u := &m.st.d, m.lately
	for f, v := range d.Feelings {
		if v > 0 {
			u |= 1 << f
		}
	}
	if d.Score > 0 {
		u |= unrestScore
	}
	if d.Failures > 0 {
		u |= unrestFailures
	}
	if len(d.Heard) > 0 {
		u |= unrestHeard
	}
	return u
}

// lately is the part of it that tells which rules fired.
func (st *State) lately() unrest {
	d, u := &st.d, unrest(0)
	for i := range d.Tallies {
		u |= unrestFired
		if t := &d.Tallies[i]; d.Turn-t.turn < recentTurns {
			u |= recently(t.rule)
		}
	}
	return u
}

// record counts that a rule fired on this turn.
func (m *moment) record(rule uint32) {
	m.st.record(rule)
	m.lately |= unrestFired | recently(rule)
}

// firedLately tells whether a rule fired within the last n customer turns, at most recentTurns.
func (m *moment) firedLately(rule uint32, n int) bool {
	return m.lately&recently(rule) != 0 && m.st.fired(rule, n)
}

// allows tells whether what needs one of a set can be, where there is no other unrest.
func (u unrest) allows(needs unrest) bool { return needs == 0 || needs&u != 0 }

// mustHave is what the condition cannot hold without: one of the set, or, when it is empty, nothing that is known.
func (c *condition) mustHave() unrest {
	if c == nil {
		return 0
	}
	return c.needs
}

// neededBy is what an expression cannot be true without: one of the set, or, when it is empty, nothing that is known.
func neededBy(n ast.Node) unrest {
	switch n := n.(type) {
	case *ast.ChainNode:
		return neededBy(n.Node)
	case *ast.CallNode:
		if dotted(n.Callee) == "fired" {
			return firedBy(n)
		}
	case *ast.BinaryNode:
		switch n.Operator {
		case "and", "&&":
			return stricter(neededBy(n.Left), neededBy(n.Right))
		case "or", "||":
			if left, right := neededBy(n.Left), neededBy(n.Right); left != 0 && right != 0 {
				return left | right
			}
		case ">", ">=", "==":
			if v, fixed := fixedNumber(n.Right); fixed && (v > 0 || v == 0 && n.Operator == ">") {
				return measuredBy(n.Left)
			}
		}
	}
	return 0
}

// firedBy is what fired(id, turns) cannot be true without.
func firedBy(n *ast.CallNode) unrest {
	if rule, _, ok := asFiredLately(n); ok {
		return recently(rule)
	}
	return unrestFired
}

// asFiredLately recognises fired(id, n) with a number of turns, at most recentTurns.
func asFiredLately(n ast.Node) (rule uint32, turns int, ok bool) {
	call, ok := n.(*ast.CallNode)
	if !ok || dotted(call.Callee) != "fired" || len(call.Arguments) != 2 {
		return 0, 0, false
	}
	id, named := call.Arguments[0].(*ast.StringNode)
	within, fixed := fixedNumber(call.Arguments[1])
	if !named || !fixed || within > recentTurns {
		return 0, 0, false
	}
	return hashID(id.Value), int(within), true
}

// stricter is what two expressions that are both true cannot be true without: what is there less often of the two.
func stricter(a, b unrest) unrest {
	if a == 0 || b != 0 && b.often() < a.often() {
		return b
	}
	return a
}

// often compares how often some of u is there: a score or a rule that fired at some time is what most conversations have.
func (u unrest) often() int {
	n := bits.OnesCount64(uint64(u))
	if u&(unrestScore|unrestFired) != 0 {
		n += 64
	}
	return n
}

// measuredBy is what a number cannot be above 0 without.
func measuredBy(n ast.Node) unrest {
	switch n := n.(type) {
	case *ast.ChainNode:
		return measuredBy(n.Node)
	case *ast.CallNode:
		if dotted(n.Callee) == "count" {
			return unrestFired
		}
	case *ast.IdentifierNode, *ast.MemberNode:
		return unrestNames[dotted(n)]
	}
	return 0
}
