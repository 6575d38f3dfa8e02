package load

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestQuantiles(t *testing.T) {
	hundred := make([]uint32, 100)
	for i, n := range rand.Perm(100) {
		hundred[i] = tenths(time.Duration(n+1) * time.Millisecond)
	}
	for _, tt := range []struct {
		name   string
		values []uint32
		want   []float64 // of 0, 0.5, 0.99, 0.999 and 1
	}{
		{"none", nil, []float64{0, 0, 0, 0, 0}},
		{"one", []uint32{tenths(1500 * time.Microsecond)}, []float64{1.5, 1.5, 1.5, 1.5, 1.5}},
		{"two", []uint32{30_000, 10_000}, []float64{1, 1, 3, 3, 3}},
		{"1 to 100 ms", hundred, []float64{1, 50, 99, 100, 100}},
	} {
		if diff := cmp.Diff(tt.want, quantiles(tt.values, 0, 0.5, 0.99, 0.999, 1)); diff != "" {
			t.Errorf("%s:\n%s", tt.name, diff)
		}
	}
}

func TestTenthsStayInBounds(t *testing.T) {
	for d, want := range map[time.Duration]uint32{-time.Second: 0, 99: 0, 100: 1, time.Second: 10_000_000, 24 * time.Hour: 1<<32 - 1} {
		if got := tenths(d); got != want {
			t.Errorf("tenths(%v) = %d, want %d", d, got, want)
		}
	}
}
