package lab

import (
	"crypto/sha256"
	"encoding/binary"
	"math"
	"math/bits"
	"slices"
)

// folds is in how many parts dialogues are cut, to learn from some and try on the others.
const folds = 5

// maxCases bounds what is kept to learn from, so that memory does not grow with the files: some 100 MB.
const maxCases = 500_000

// maxLevel is how often a sample can be halved.
const maxLevel = 30

// gathering merges cases that are alike. When there are too many to keep it goes on with half of the dialogues, then
// half of these, chosen by their ids: the same dialogues give the same sample in whatever order they come. The zero
// value is ready.
type gathering struct {
	at     map[string]int32
	cases  []cases
	levels []int32 // of the dialogues behind each: all of them have the same
	least  int32   // dialogues of a lower level are left out
	limit  int     // how many cases are kept; 0 is maxCases
	key    []byte
}

// sampled is what a dialogue's id says about it: its fold, and how many halvings it survives.
type sampled struct{ fold, level int32 }

// sampling reads an id. It uses other bytes of the hash than SetAside.
func sampling(id string) sampled {
	sum := sha256.Sum256([]byte(id))
	return sampled{
		fold:  int32(binary.BigEndian.Uint32(sum[4:8]) % folds),
		level: int32(min(bits.TrailingZeros64(binary.BigEndian.Uint64(sum[8:16])), maxLevel)), //nolint:gosec // at most maxLevel
	}
}

// share is the part of the dialogues that the sample holds.
func (g *gathering) share() float64 { return math.Ldexp(1, -int(g.least)) }

// add counts one case of a dialogue; weight is 1 for a whole one. The features are in the order of their rules.
func (g *gathering) add(s sampled, intercept int32, features []feature, yes bool, weight float64) {
	if s.level < g.least {
		return
	}
	g.key = appendCase(g.key[:0], s, intercept, features)
	i, ok := g.at[string(g.key)]
	if !ok {
		if g.at == nil {
			g.at = map[string]int32{}
		}
		i = int32(len(g.cases)) //nolint:gosec // bounded
		g.at[string(g.key)] = i
		g.cases = append(g.cases, cases{features: slices.Clone(features), intercept: intercept, fold: s.fold})
		g.levels = append(g.levels, s.level)
	}
	if yes {
		g.cases[i].yes += weight
	} else {
		g.cases[i].no += weight
	}
	limit := g.limit
	if limit == 0 {
		limit = maxCases
	}
	for len(g.cases) > limit && g.least < maxLevel {
		g.halve()
	}
}

func appendCase(b []byte, s sampled, intercept int32, features []feature) []byte {
	for _, v := range [...]int32{s.fold, s.level, intercept} {
		b = binary.AppendVarint(b, int64(v))
	}
	for _, f := range features {
		b = binary.AppendVarint(b, int64(f.rule))
		b = binary.BigEndian.AppendUint64(b, math.Float64bits(f.value))
	}
	return b
}

// halve leaves out the dialogues of the lowest level.
func (g *gathering) halve() {
	g.least++
	g.at = map[string]int32{}
	kept := 0
	for i := range g.cases {
		if g.levels[i] < g.least {
			continue
		}
		c := g.cases[i]
		g.cases[kept], g.levels[kept] = c, g.levels[i]
		g.at[string(appendCase(nil, sampled{c.fold, g.levels[i]}, c.intercept, c.features))] = int32(kept)
		kept++
	}
	clear(g.cases[kept:])
	g.cases, g.levels = g.cases[:kept], g.levels[:kept]
}
