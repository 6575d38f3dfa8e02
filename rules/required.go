package rules

import (
	"regexp/syntax"
	"slices"
)

// A need is text, in lower case, that stands in a match. left and right say that no ASCII letter touches it on that
// side: "no" as a word of its own is a far better reason to run an expression than the letters of "know".
//
// While an expression is read, head and tail say that the text is at the very beginning or end of what its part matches, so
// that what stands beside the part stands beside the text.
type need struct {
	text        string
	left, right bool
	head, tail  bool
}

// stands tells whether the need, whose text ends before p[end], has the company it allows.
func (n *need) stands(p []byte, end int) bool {
	if start := end - len(n.text); n.left && start > 0 && asciiClass[p[start-1]]&classLetter != 0 {
		return false
	}
	return !n.right || end == len(p) || asciiClass[p[end]]&classLetter == 0
}

// required is what is known of the matches of an expression.
type required struct {
	exact []string // all texts it can match, in lower case; nil when there are too many
	needs []need   // every match holds at least one; nil when none are known
	also  []need   // and at least one of these, which belong to another part of the expression; may be nil
}

// Bounds of what is kept for one expression.
const (
	mostRequired = 256 // needs
	mostExact    = 16  // texts of a part that are written out
	mostMembers  = 8   // members of a character class
)

// requiredBy reads a simplified expression.
func requiredBy(re *syntax.Regexp) required {
	switch re.Op {
	case syntax.OpLiteral:
		return exactly([]string{lowerRunes(re.Rune)})
	case syntax.OpEmptyMatch, syntax.OpBeginText, syntax.OpEndText, syntax.OpBeginLine, syntax.OpEndLine,
		syntax.OpWordBoundary, syntax.OpNoWordBoundary:
		return exactly([]string{""})
	case syntax.OpCharClass:
		return exactly(classText(re.Rune))
	case syntax.OpCapture:
		return requiredBy(re.Sub[0])
	case syntax.OpQuest:
		if exact := requiredBy(re.Sub[0]).exact; exact != nil && len(exact) < mostExact {
			return exactly(append(slices.Clone(exact), ""))
		}
	case syntax.OpPlus:
		r := required{needs: requiredBy(re.Sub[0]).needs}
		for i := range r.needs { // of the first round
			r.needs[i].tail = false
		}
		return r
	case syntax.OpConcat:
		return requiredInConcat(re.Sub)
	case syntax.OpAlternate:
		return requiredInAny(re.Sub)
	}
	return required{}
}

// exactly is known of an expression that matches these texts and no others.
func exactly(texts []string) required {
	r := required{exact: texts}
	if !slices.Contains(texts, "") {
		for _, s := range texts {
			r.needs = append(r.needs, need{text: s, head: true, tail: true})
		}
	}
	return r
}

func requiredInAny(subs []*syntax.Regexp) required {
	all := required{exact: []string{}, needs: []need{}}
	for _, sub := range subs {
		r := requiredBy(sub)
		if all.exact == nil || r.exact == nil || len(all.exact)+len(r.exact) > mostExact {
			all.exact = nil
		} else {
			all.exact = append(all.exact, r.exact...)
		}
		if all.needs == nil || r.needs == nil || len(all.needs)+len(r.needs) > mostRequired {
			all.needs = nil
		} else {
			all.needs = append(all.needs, r.needs...)
		}
	}
	return all
}

// requiredInConcat writes out neighbouring parts as long as they have few texts, and keeps the best two of what it finds.
func requiredInConcat(subs []*syntax.Regexp) required {
	var out required
	run, from := []string{""}, 0 // the texts of subs[from:i]
	whole := true                // run covers everything so far
	keep := func(list []need) {
		if better(list, out.needs) {
			list, out.needs = out.needs, list
		}
		if better(list, out.also) {
			out.also = list
		}
	}
	for i, sub := range subs {
		r := requiredBy(sub)
		again := sub.Op == syntax.OpPlus
		if again {
			r.exact = requiredBy(sub.Sub[0]).exact // at least once, and then who knows
		}
		next := crossed(run, r.exact)
		if next == nil {
			keep(bounded(run, subs, from, i, true))
			if r.exact == nil {
				keep(prefixed(run, r.needs, subs, from, i))
				run, from, whole = []string{""}, i+1, false
				continue
			}
			from, whole = i, false
			next = r.exact
		}
		run = next
		if again {
			keep(bounded(run, subs, from, i+1, false))
			run, from, whole = []string{""}, i+1, false
		}
	}
	keep(bounded(run, subs, from, len(subs), true))
	if whole {
		out.exact = run
	}
	return out
}

// crossed joins each of a with each of b; nil when that is too many.
func crossed(a, b []string) []string {
	if b == nil || len(a)*len(b) > mostExact {
		return nil
	}
	out := make([]string, 0, len(a)*len(b))
	for _, x := range a {
		for _, y := range b {
			out = append(out, x+y)
		}
	}
	return out
}

// bounded makes needs of the texts of subs[from:end] with what must stand beside them; behind them only where they are at
// the tail of those.
func bounded(texts []string, subs []*syntax.Regexp, from, end int, tail bool) []need {
	if slices.Contains(texts, "") {
		return nil
	}
	out := make([]need, len(texts))
	for i, s := range texts {
		out[i] = need{text: s, head: true, tail: tail}
	}
	return placed(out, subs, from, end)
}

// prefixed makes needs of a row out of those of subs[i], which run, the texts of subs[from:i], stand before.
func prefixed(run []string, needs []need, subs []*syntax.Regexp, from, i int) []need {
	inner := func(n need) bool { return !n.head }
	if run = slices.Clone(run); slices.ContainsFunc(needs, inner) || len(run)*len(needs) > mostRequired {
		run, from = []string{""}, i
	}
	var out []need
	for _, s := range run {
		for _, n := range needs {
			n.text, n.left = s+n.text, n.left && s == ""
			out = append(out, n)
		}
	}
	return placed(out, subs, from, i+1)
}

// placed finds out what must stand beside needs of subs[from:end], and which are at the head or tail of the row.
func placed(needs []need, subs []*syntax.Regexp, from, end int) []need {
	for from < end && zeroWidth(subs[from]) {
		from++
	}
	for end > from && zeroWidth(subs[end-1]) {
		end--
	}
	left, right := beside(subs[:from], true), beside(subs[end:], false)
	first, last := !slices.ContainsFunc(subs[:from], takesRoom), !slices.ContainsFunc(subs[end:], takesRoom)
	for i := range needs {
		n := &needs[i]
		n.left = n.left || n.head && left.parts(n.text[0])
		n.right = n.right || n.tail && right.parts(n.text[len(n.text)-1])
		n.head, n.tail = n.head && first, n.tail && last
	}
	return needs
}

func takesRoom(re *syntax.Regexp) bool { return !zeroWidth(re) }

// neighbour says what stands next to a text.
type neighbour uint8

const (
	besideNone   neighbour = iota // anything
	besideEdge                    // an edge of a word: no letter, if the text has one there
	besideOthers                  // never an ASCII letter
)

func (b neighbour) parts(edge byte) bool {
	return b == besideOthers || b == besideEdge && asciiClass[edge]&classWord != 0
}

// beside finds out what the nearest end of a row of parts keeps away; last tells that the row ends there.
func beside(subs []*syntax.Regexp, last bool) neighbour {
	for len(subs) > 0 {
		sub := subs[0]
		if last {
			sub, subs = subs[len(subs)-1], subs[:len(subs)-1]
		} else {
			subs = subs[1:]
		}
		switch sub.Op {
		case syntax.OpWordBoundary:
			return besideEdge
		case syntax.OpStar, syntax.OpQuest: // may be missing: what is behind it decides as well
			if beside(sub.Sub, last) != besideOthers {
				return besideNone
			}
		case syntax.OpEmptyMatch:
		default:
			return besidePart(sub, last)
		}
	}
	return besideNone
}

func besidePart(re *syntax.Regexp, last bool) neighbour {
	none := false
	switch re.Op {
	case syntax.OpBeginText, syntax.OpBeginLine:
		none = last
	case syntax.OpEndText, syntax.OpEndLine:
		none = !last
	case syntax.OpCharClass:
		none = !hasLetter(re.Rune)
	case syntax.OpLiteral:
		r := re.Rune[0]
		if last {
			r = re.Rune[len(re.Rune)-1]
		}
		none = !hasLetter([]rune{r, r}) && r < 0x80
	case syntax.OpPlus, syntax.OpCapture, syntax.OpConcat:
		return beside(re.Sub, last)
	case syntax.OpAlternate:
		none = !slices.ContainsFunc(re.Sub, func(s *syntax.Regexp) bool { return beside([]*syntax.Regexp{s}, last) != besideOthers })
	}
	if none {
		return besideOthers
	}
	return besideNone
}

// hasLetter tells whether the ranges of a class hold an ASCII letter.
func hasLetter(ranges []rune) bool {
	for i := 0; i+1 < len(ranges); i += 2 {
		if low, high := ranges[i], ranges[i+1]; low <= 'z' && high >= 'a' || low <= 'Z' && high >= 'A' {
			return true
		}
	}
	return false
}

func zeroWidth(re *syntax.Regexp) bool {
	switch re.Op {
	case syntax.OpEmptyMatch, syntax.OpBeginText, syntax.OpEndText, syntax.OpBeginLine, syntax.OpEndLine,
		syntax.OpWordBoundary, syntax.OpNoWordBoundary:
		return true
	}
	return false
}

// better prefers the set whose weakest member says most, then the smaller one.
func better(a, b []need) bool {
	if a == nil || b == nil {
		return a != nil
	}
	if x, y := weakest(a), weakest(b); x != y {
		return x > y
	}
	return len(a) < len(b)
}

// weakest measures the member that is met most easily: a bound is worth a letter.
func weakest(set []need) int {
	least := 1 << 30
	for _, n := range set {
		w := len(n.text)
		if n.left {
			w++
		}
		if n.right {
			w++
		}
		least = min(least, w)
	}
	return least
}

// classText returns the members of a small character class.
func classText(ranges []rune) []string {
	var set []string
	for i := 0; i+1 < len(ranges); i += 2 {
		for r := ranges[i]; r <= ranges[i+1]; r++ {
			if len(set) == mostMembers {
				return nil
			}
			if low := string(lowerRune(r)); !slices.Contains(set, low) {
				set = append(set, low)
			}
		}
	}
	return set
}

func lowerRunes(runes []rune) string {
	low := make([]rune, len(runes))
	for i, r := range runes {
		low[i] = lowerRune(r)
	}
	return string(low)
}
