package lab_test

import (
	"math"
	"testing"

	"attune/rules/lab"
)

func TestTransfer(t *testing.T) {
	tests := []struct {
		name        string
		alarms, due []int
		tolerance   float64
		want        float64
	}{
		{"neither", nil, nil, 1, 1},
		{"needless", []int{0}, nil, 1, 0},
		{"missed", nil, []int{0}, 1, 0},
		{"in time", []int{4}, []int{4}, 1, 1},
		{"one late", []int{5}, []int{4}, 1, math.Exp(-0.5)},
		{"one early", []int{3}, []int{4}, 1, math.Exp(-0.5)},
		{"two late, more tolerant", []int{6}, []int{4}, 2, math.Exp(-0.5)},
		{"the nearest counts", []int{5}, []int{0, 4, 9}, 1, math.Exp(-0.5)},
		{"the mean over the alarms", []int{4, 5}, []int{4}, 1, (1 + math.Exp(-0.5)) / 2},
		{"far away is worth nothing", []int{99}, []int{0}, 1, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := lab.Transfer(tt.alarms, tt.due, tt.tolerance); math.Abs(got-tt.want) > 1e-12 {
				t.Errorf("transfer = %v, want %v", got, tt.want)
			}
		})
	}
}
