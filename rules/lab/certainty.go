package lab

// certainty collects the figures of a part over samples of its dialogues.
type certainty struct {
	turns               measureSpread
	talks               [alarmKinds]measureSpread
	calm                [alarmKinds]spread
	score, points       spread
	topScore, topPoints spread
}

// certainty draws the samples. What would be divided by nothing in a sample tells nothing and is left out of it.
func (g *grouped) certainty() *certainty {
	c := &certainty{}
	g.resample(func(weights []int32) {
		s := g.sums(weights)
		c.turns.add(s.turns)
		for kind := range alarmKinds {
			c.talks[kind].add(s.talks[kind])
			if s.calm > 0 {
				c.calm[kind] = append(c.calm[kind], ratio(s.alarms[kind], s.calm))
			}
		}
		c.score.area(g.scores, weights)
		c.points.area(g.points, weights)
		c.topScore.area(g.topScores, weights)
		c.topPoints.area(g.topPoints, weights)
	})
	return c
}

func (s *spread) area(r ranking, weights []int32) {
	if v, ok := r.auc(weights); ok {
		*s = append(*s, v)
	}
}

type measureSpread struct{ precision, recall, f1 spread }

func (m *measureSpread) add(c Counts) {
	if c.Said() > 0 {
		m.precision = append(m.precision, c.Precision())
	}
	if c.Yes() > 0 {
		m.recall = append(m.recall, c.Recall())
	}
	if c.Said()+c.Yes() > 0 {
		m.f1 = append(m.f1, c.F1())
	}
}

// with is the measure over all dialogues, with its intervals.
func (m *measureSpread) with(all Counts, share float64) Measure {
	out := *measured(all)
	out.Intervals = &Intervals{
		Precision: m.precision.interval(out.Precision, share), Recall: m.recall.interval(out.Recall, share), F1: m.f1.interval(out.F1, share),
	}
	return out
}
