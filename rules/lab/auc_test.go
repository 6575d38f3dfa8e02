package lab_test

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"attune/rules/lab"
)

func TestAUC(t *testing.T) {
	tests := []struct {
		name    string
		yes, no []int32
		want    float64
		ok      bool
	}{
		{"all right", []int32{3, 2}, []int32{1, 0}, 1, true},
		{"all wrong", []int32{0}, []int32{1, 2}, 0, true},
		{"ties are half a win", []int32{1, 1}, []int32{1, 1, 1}, 0.5, true},
		{"mixed", []int32{2, 0}, []int32{0, 1}, 0.625, true},
		{"below zero", []int32{-1}, []int32{-2}, 1, true},
		{"yes is missing", nil, []int32{1}, 0, false},
		{"no is missing", []int32{1}, nil, 0, false},
		{"nothing", nil, nil, 0, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var cases []lab.Ranked
			for _, v := range tt.yes {
				cases = append(cases, lab.Ranked{Value: v, Yes: true})
			}
			for _, v := range tt.no {
				cases = append(cases, lab.Ranked{Value: v})
			}
			if got, ok := lab.AUC(cases, nil); got != tt.want || ok != tt.ok {
				t.Errorf("AUC = %v, %v; want %v, %v", got, ok, tt.want, tt.ok)
			}
		})
	}
}

// The area is the share of pairs that are in order, ties by half, whatever the values and however often a dialogue
// counts.
func TestAUCAgainstPairs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var cases []lab.Ranked
		weights := rapid.SliceOfN(rapid.Int32Range(0, 3), 1, 8).Draw(t, "weights")
		for d := range weights {
			for _, v := range rapid.SliceOfN(rapid.Int32Range(-3, 9), 0, 8).Draw(t, "values") {
				cases = append(cases, lab.Ranked{Dialogue: int32(d), Value: v, Yes: rapid.Bool().Draw(t, "yes")})
			}
		}
		ones := make([]int32, len(weights))
		for i := range ones {
			ones[i] = 1
		}
		for _, w := range [][]int32{ones, weights} {
			wins, pairs := 0.0, 0.0
			for _, a := range cases {
				for _, b := range cases {
					if !a.Yes || b.Yes {
						continue
					}
					n := float64(w[a.Dialogue] * w[b.Dialogue])
					pairs += n
					switch {
					case a.Value > b.Value:
						wins += n
					case a.Value == b.Value:
						wins += n / 2
					}
				}
			}
			got, ok := lab.AUC(cases, w)
			if ok != (pairs > 0) || ok && math.Abs(got-wins/pairs) > 1e-12 {
				t.Fatalf("AUC = %v, %v; %v of %v pairs are in order", got, ok, wins, pairs)
			}
		}
		plain, ok := lab.AUC(cases, nil)
		if same, also := lab.AUC(cases, ones); same != plain || ok != also {
			t.Fatalf("without weights %v, %v; with ones %v, %v", plain, ok, same, also)
		}
	})
}
