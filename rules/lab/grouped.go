package lab

import "encoding/binary"

// grouped are the kept dialogues of a part with the dialogues put together that are alike in every number. Short dialogues often are, and
// drawing a thousand samples is then a matter of counting.
type grouped struct {
	of      []int32 // the group of each dialogue
	size    []int32 // how many dialogues each group has
	tallies []tally // of one dialogue of each group
	// The rankings are sorted and hold groups for dialogues.
	scores, points       ranking
	topScores, topPoints ranking
}

func (k *kept) grouped() *grouped {
	type numbers struct {
		tally
		ranked string
	}
	g := &grouped{of: make([]int32, len(k.tallies))}
	known := map[numbers]int32{}
	scores, points := k.scores, k.points
	var key []byte
	for i, t := range k.tallies {
		s, q := scores.take(int32(i)), points.take(int32(i))
		scores, points = scores[len(s):], points[len(q):]
		key = q.append(s.append(key[:0]))
		at, ok := known[numbers{t, string(key)}]
		if !ok {
			at = int32(len(g.tallies)) //nolint:gosec // no more than dialogues
			known[numbers{t, string(key)}] = at
			g.tallies = append(g.tallies, t)
			g.size = append(g.size, 0)
			g.scores = append(g.scores, s.renamed(at)...)
			g.points = append(g.points, q.renamed(at)...)
			if t.known {
				g.topScores.put(at, t.topScore, t.yes)
				g.topPoints.put(at, t.topPoints, t.yes)
			}
		}
		g.of[i] = at
		g.size[at]++
	}
	for _, r := range []ranking{g.scores, g.points, g.topScores, g.topPoints} {
		r.sort()
	}
	return g
}

// sums adds the groups up, each as often as weights says.
func (g *grouped) sums(weights []int32) *sums {
	s := &sums{}
	for i, n := range weights {
		if n > 0 {
			s.add(&g.tallies[i], int(n))
		}
	}
	return s
}

// take returns what belongs to a dialogue at the start of an unsorted ranking.
func (r ranking) take(dialogue int32) ranking {
	n := 0
	for n < len(r) && r[n].dialogue == dialogue {
		n++
	}
	return r[:n]
}

// renamed gives everything to another dialogue.
func (r ranking) renamed(dialogue int32) ranking {
	for i := range r {
		r[i].dialogue = dialogue
	}
	return r
}

// append writes the numbers one after the other, with their count in front.
func (r ranking) append(b []byte) []byte {
	b = binary.AppendUvarint(b, uint64(len(r)))
	for _, x := range r {
		for _, v := range [...]int32{x.value, x.yes, x.no} {
			b = binary.AppendVarint(b, int64(v))
		}
	}
	return b
}
