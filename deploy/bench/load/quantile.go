package load

import (
	"math"
	"slices"
	"time"
)

// tenths is a duration in tenths of a microsecond, at most seven minutes.
func tenths(d time.Duration) uint32 {
	return uint32(min(max(d.Nanoseconds()/100, 0), math.MaxUint32)) //nolint:gosec // within bounds
}

// quantiles returns exact quantiles in milliseconds, by the nearest rank: the
// smallest value that at least the share q of all values does not exceed. It
// sorts the values. Without any the quantiles are 0.
func quantiles(values []uint32, qs ...float64) []float64 {
	slices.Sort(values)
	out := make([]float64, len(qs))
	for i, q := range qs {
		if len(values) == 0 {
			continue
		}
		rank := int(math.Ceil(q * float64(len(values))))
		out[i] = float64(values[min(max(rank, 1), len(values))-1]) / 1e4
	}
	return out
}
