package lab

import "slices"

// ranked are the turns (or dialogues) of one dialogue that have the same value, by truth.
type ranked struct {
	value    int32
	dialogue int32
	yes, no  int32
}

// ranking is everything ranked by value; sort brings it in order.
type ranking []ranked

// put adds one case of a dialogue. The cases of a dialogue come one after the other, and equal ones are kept as one:
// most turns have no points, so that memory grows slower than turns do.
func (r *ranking) put(dialogue, value int32, yes bool) {
	for i := len(*r) - 1; ; i-- {
		if i < 0 || (*r)[i].dialogue != dialogue {
			*r = append(*r, ranked{value: value, dialogue: dialogue})
			i = len(*r) - 1
		}
		if x := &(*r)[i]; x.value == value {
			if yes {
				x.yes++
			} else {
				x.no++
			}
			return
		}
	}
}

func (r ranking) sort() {
	slices.SortFunc(r, func(a, b ranked) int {
		if a.value != b.value {
			return int(a.value) - int(b.value)
		}
		return int(a.dialogue) - int(b.dialogue)
	})
}

// auc is the area under the ROC curve of a sorted ranking: the chance that a yes has a higher value than a no, where a
// tie is half a win. It is exact. Each dialogue counts as often as weights says, once when weights is nil. It is not
// defined without a yes or without a no.
func (r ranking) auc(weights []int32) (area float64, ok bool) {
	// wins are counted twice, so that a tie is one and no fraction is lost.
	var wins, yes, no int64
	for i := 0; i < len(r); {
		var y, n int64
		value := r[i].value
		for ; i < len(r) && r[i].value == value; i++ {
			w := int64(1)
			if weights != nil {
				w = int64(weights[r[i].dialogue])
			}
			y += w * int64(r[i].yes)
			n += w * int64(r[i].no)
		}
		wins += y * (2*no + n)
		yes += y
		no += n
	}
	if yes == 0 || no == 0 {
		return 0, false
	}
	return float64(wins) / 2 / float64(yes) / float64(no), true
}
