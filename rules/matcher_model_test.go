package rules

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// modelMatch follows a pattern as it is written, without a program, an index or anything else that makes it quick: it calls
// then with the token behind each way to match from token at on, the best way first, until one of them will do.
func modelMatch(m *model, n *node, at int, bounded bool, then func(at int) bool) bool {
	repeat := func(least, most int, greedy bool, then func(at int) bool) bool {
		most = min(most, m.last-at)
		for k := least; k <= most; k++ {
			count := k
			if greedy {
				count = most + least - k
			}
			if then(at + count) {
				return true
			}
		}
		return false
	}
	switch n.kind {
	case nodeWord:
		return at < m.last && m.ids[at].in(m.numbers(n.words)) && then(at+1)
	case nodeSequence:
		return modelRow(m, n.kids, at, bounded, then)
	case nodeChoice: // single words first
		try := func(single bool) bool {
			return slices.ContainsFunc(n.kids, func(k *node) bool { return (onlyWords(k) != nil) == single && modelMatch(m, k, at, bounded, then) })
		}
		return try(true) || try(false)
	case nodeOptional:
		return modelMatch(m, n.kids[0], at, bounded, then) || then(at)
	case nodeGap:
		return repeat(0, maxGap, false, then)
	case nodeCapture:
		took := func(end int) bool {
			was := m.took[n.name]
			if m.took[n.name] = [2]int{at, end}; then(end) {
				return true
			}
			m.took[n.name] = was
			return false
		}
		switch n.typ {
		case slotAny:
			return repeat(1, maxCapture, !bounded, took)
		case slotWord:
			return repeat(1, 1, false, took)
		default:
			k := m.t.slot(n.typ, at, m.last)
			return k > 0 && took(at+k)
		}
	}
	panic("no such part is drawn")
}

func modelRow(m *model, kids []*node, at int, bounded bool, then func(at int) bool) bool {
	if len(kids) == 0 {
		return then(at)
	}
	follows := bounded || slices.ContainsFunc(kids[1:], func(k *node) bool { return !nullable(k) })
	return modelMatch(m, kids[0], at, follows, func(at int) bool { return modelRow(m, kids[1:], at, bounded, then) })
}

// A model is a text that one phrase is tried on.
type model struct {
	t       *Text
	ids     []wordID
	last    int
	lexicon *lexicon
	took    map[string][2]int
}

func (m *model) numbers(words []string) []uint32 {
	var ids []uint32
	for _, w := range words {
		ids = append(ids, m.lexicon.number(w))
	}
	return sortedSet(ids)
}

// modelHits are all matches of a phrase, as they are told.
func modelHits(x *matcher, p sought, root *node, t *Text) []string {
	var out []string
	ids := x.read(t)
	if p.written {
		ids = t.ids
	}
	for s := range t.sentences {
		first, last := int(t.sentences[s].first), int(t.sentences[s].last)
		for i := first; i < last && (i == first || !p.whole); i++ {
			m := &model{t: t, ids: ids, last: last, lexicon: x.lexicon, took: map[string][2]int{}}
			end := -1
			modelMatch(m, root, i, p.whole, func(at int) bool {
				if p.whole && at != last {
					return false
				}
				end = at
				return true
			})
			if end < 0 || p.exact && t.work.slippedIn(i, end) {
				continue
			}
			var captures []capture
			for _, name := range p.captures {
				if k, ok := m.took[name]; ok && k[1] > k[0] {
					where := t.slotSpan(k[0], k[1], s)
					captures = append(captures, capture{name, where.start, where.end})
				}
			}
			out = append(out, fmt.Sprint(s, i, end, captures))
		}
	}
	return out
}

// modelWords are words with other ways to write them: the same word, one with a slip, or another.
var modelWords = map[string][]string{
	"no": {"nooo", "NO"}, "noo": {"nooo", "no"}, "stopped": {"stpoped", "stopppped", "stopped."}, "certain": {"certian", "certaiin"},
	"working": {"wroking", "workking", "working!"}, "shipping": {"shippping", "shiping"}, "it": {"it,", "is"}, "two": {"2", "twooo"},
	"don't": {"don`t", "dont"}, "wa": {"wb", "wc"}, "wd": {"we", "wd."}, "possible": {"posible"}, "posible": {"possible"},
}

// modelPattern draws a pattern. Captures have names of their own.
func modelPattern(t *rapid.T, words []string, depth int, captures *int) string {
	var row []string
	for range rapid.IntRange(1, 3).Draw(t, "parts") {
		kind := rapid.IntRange(0, 11).Draw(t, "kind")
		if depth == 0 && kind > 8 {
			kind = 0
		}
		switch kind {
		case 6: // so many that few of them make too many beginnings
			row = append(row, "(wa | wb | wc | wd | we | wf | wg | wh | wi | wj | wk | wl)")
		case 7:
			*captures++
			row = append(row, fmt.Sprintf("{c%d%s}", *captures, rapid.SampledFrom([]string{"", "", ":word", ":number"}).Draw(t, "type")))
		case 8:
			row = append(row, "...")
		case 9, 10:
			row = append(row, "("+modelPattern(t, words, depth-1, captures)+" | "+modelPattern(t, words, depth-1, captures)+")")
		case 11:
			row = append(row, "["+modelPattern(t, words, depth-1, captures)+"]")
		default:
			row = append(row, rapid.SampledFrom(words).Draw(t, "word"))
		}
	}
	return strings.Join(row, " ")
}

// TestMatcherFindsWhatPatternsSay holds what matchers find by first words, anchors and needs, and verify from behind them,
// against patterns that are followed as they are written from every word.
func TestMatcherFindsWhatPatternsSay(t *testing.T) {
	all := slices.Sorted(maps.Keys(modelWords))
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.SliceOfNDistinct(rapid.SampledFrom(all), 2, 3, rapid.ID).Draw(t, "words")
		said := slices.Clone(words)
		for _, w := range words {
			said = append(said, modelWords[w]...)
		}
		b := matcherBuilder{slips: rapid.Bool().Draw(t, "slips")}
		var roots []*node
		for range rapid.IntRange(1, 8).Draw(t, "patterns") {
			captures := 0
			src := modelPattern(t, words, 2, &captures)
			p, err := parsePhrase(src)
			if err != nil {
				continue // an optional part alone, or a gap at an end
			}
			e := sought{id: len(roots), exact: rapid.IntRange(0, 3).Draw(t, "exact") == 0, written: rapid.IntRange(0, 2).Draw(t, "written") == 0}
			if b.enter(p, e, rapid.IntRange(0, 3).Draw(t, "whole") == 0) == nil {
				roots = append(roots, p.root)
			}
		}
		if len(roots) == 0 {
			return
		}
		for _, w := range words[1:] { // by which slips are found
			p, err := parsePhrase(w)
			if err != nil || b.enter(p, sought{id: len(roots)}, false) != nil {
				t.Fatal(err)
			}
			roots = append(roots, p.root)
		}
		m := b.build()
		var text Text
		for range 60 {
			s := strings.Join(rapid.SliceOfN(rapid.SampledFrom(said), 1, 8).Draw(t, "said"), " ")
			text.Reset(s)
			got := make([][]string, len(roots))
			m.scan(&text, func(h *hit) { got[h.id] = append(got[h.id], fmt.Sprint(h.sentence, h.first, h.last, h.captures)) })
			for id, root := range roots {
				want := modelHits(m, m.sought[id], root, &text)
				if m.sought[id].begins == nil { // found by an anchor: not from every start
					if (len(got[id]) > 0) == (len(want) > 0) && !slices.ContainsFunc(got[id], func(h string) bool { return !slices.Contains(want, h) }) {
						continue
					}
				} else if slices.Sort(want); slices.Equal(slices.Sorted(slices.Values(got[id])), want) {
					continue
				}
				t.Fatalf("pattern %d, whole %v, exact %v, written %v on %q: %v, want %v", id, m.sought[id].whole, m.sought[id].exact, m.sought[id].written, s, got[id], want)
			}
		}
	})
}
