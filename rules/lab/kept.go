package lab

// mostKept is how many dialogues of a part are kept one by one, for the intervals. When there are more, half of them go,
// chosen by their ids, so that memory does not grow with the files. Figures are always those of all dialogues.
const mostKept = 50_000

// kept are the numbers of single dialogues: their tallies and, dialogue by dialogue, the values of their labelled turns.
type kept struct {
	tallies        []tally
	levels         []int32
	scores, points ranking
	least          int32
	limit          int     // how many are kept; 0 is mostKept
	now            sampled // the dialogue at hand
}

func (k *kept) begin(s sampled) { k.now = s }

// turn keeps a labelled turn of the dialogue at hand.
func (k *kept) turn(score, points int32, yes bool) {
	if k.now.level < k.least {
		return
	}
	number := int32(len(k.tallies)) //nolint:gosec // bounded
	k.scores.put(number, score, yes)
	k.points.put(number, points, yes)
}

// end keeps the dialogue at hand.
func (k *kept) end(t *tally) {
	if k.now.level < k.least {
		return
	}
	k.tallies, k.levels = append(k.tallies, *t), append(k.levels, k.now.level)
	limit := k.limit
	if limit == 0 {
		limit = mostKept
	}
	for len(k.tallies) > limit && k.least < maxLevel {
		k.halve()
	}
}

// halve leaves out the dialogues of the lowest level.
func (k *kept) halve() {
	k.least++
	scores, points := k.scores, k.points
	k.scores, k.points = nil, nil
	n := int32(0)
	for i := range k.tallies {
		s, q := scores.take(int32(i)), points.take(int32(i))
		scores, points = scores[len(s):], points[len(q):]
		if k.levels[i] < k.least {
			continue
		}
		k.tallies[n], k.levels[n] = k.tallies[i], k.levels[i]
		k.scores = append(k.scores, s.renamed(n)...)
		k.points = append(k.points, q.renamed(n)...)
		n++
	}
	k.tallies, k.levels = k.tallies[:n], k.levels[:n]
}

// byValue counts cases by their value: TruePositives are those that are yes, FalsePositives the others, as if all were
// alarms.
type byValue map[int32]*Counts

func (v byValue) add(value int32, yes bool) {
	c, ok := v[value]
	if !ok {
		c = &Counts{}
		v[value] = c
	}
	c.add(true, yes, 1)
}

// from are the counts if all from a value on were alarms.
func (v byValue) from(least int32) Counts {
	var all Counts
	for value, c := range v {
		all.add(value >= least, true, c.TruePositives)
		all.add(value >= least, false, c.FalsePositives)
	}
	return all
}

// area is that of all cases, with the interval of a sample of the dialogues.
func (v byValue) area(s spread, share float64) Area {
	// Twice the wins of a yes over a no, so that a tie is one.
	var wins, yes, no int64
	for _, value := range sortedKeys(v) {
		y, n := int64(v[value].TruePositives), int64(v[value].FalsePositives)
		wins += y * (2*no + n)
		yes, no = yes+y, no+n
	}
	if yes == 0 || no == 0 {
		return Area{}
	}
	auc := round(float64(wins) / 2 / float64(yes) / float64(no))
	return Area{AUC: &auc, Interval: s.interval(auc, share)}
}
