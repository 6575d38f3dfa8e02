package lab

import (
	"math"
	"slices"
)

// transfer scores alarms against the turns where people say one was due (Golden Transfer within Tolerance, the measure
// of the MHCH papers): each alarm counts by its distance to the nearest due turn, exp(-d²/2T²), and the dialogue is
// the mean over its alarms. A dialogue with neither scores 1, one that has only the one or the other 0. Positions
// count the turns that are judged.
func transfer(alarms, due []int, tolerance float64) float64 {
	switch {
	case len(alarms) == 0 && len(due) == 0:
		return 1
	case len(alarms) == 0 || len(due) == 0:
		return 0
	}
	sum := 0.0
	for _, a := range alarms {
		nearest := math.MaxInt
		for _, d := range due {
			nearest = min(nearest, max(a-d, d-a))
		}
		d := float64(nearest)
		sum += math.Exp(-d * d / (2 * tolerance * tolerance))
	}
	return sum / float64(len(alarms))
}

// FirstAlarm tells when the first alarm of a dialogue comes, against its first turn labelled yes. Dialogues without
// such a turn are left out.
type FirstAlarm struct {
	Before int `json:"before"`
	Same   int `json:"same"`
	After  int `json:"after"`
	Never  int `json:"never"`
	// Median is how many turns the alarm comes late, below 0 when it comes early, over the dialogues that have one.
	Median *float64 `json:"median_turns"`

	late map[int]int // dialogues by turns late
}

// never stands for an alarm that does not come.
const never = math.MinInt32

func (f *FirstAlarm) add(late int) {
	switch {
	case late == never:
		f.Never++
		return
	case late < 0:
		f.Before++
	case late == 0:
		f.Same++
	default:
		f.After++
	}
	if f.late == nil {
		f.late = map[int]int{}
	}
	f.late[late]++
}

// done works out the median.
func (f FirstAlarm) done() FirstAlarm {
	f.Median = median(f.late)
	return f
}

// median is that of numbers that come up so often; nil for none.
func median(times map[int]int) *float64 {
	var all []int
	for _, n := range sortedKeys(times) {
		all = append(all, slices.Repeat([]int{n}, times[n])...)
	}
	if len(all) == 0 {
		return nil
	}
	m := float64(all[(len(all)-1)/2]+all[len(all)/2]) / 2
	return &m
}
