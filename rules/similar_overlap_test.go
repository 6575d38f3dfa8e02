package rules

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// TestOverlapCountsCommonMembers holds the count by bitmap against looking for each member.
func TestOverlapCountsCommonMembers(t *testing.T) {
	few := rapid.SliceOfNDistinct(rapid.Map(rapid.IntRange(0, 7), func(k int) uint16 { return uint16(k%4*64 + k/4*256) }), 0, 8, rapid.ID)
	all := rapid.SliceOfNDistinct(rapid.Uint16(), 0, 24, rapid.ID)
	rapid.Check(t, func(t *rapid.T) {
		a, b := append(few.Draw(t, "few"), all.Draw(t, "a")...), append(few.Draw(t, "few"), all.Draw(t, "b")...)
		slices.Sort(a)
		slices.Sort(b)
		a, b = slices.Compact(a), slices.Compact(b)
		want := 0
		for _, x := range a {
			if slices.Contains(b, x) {
				want++
			}
		}
		bits := bitsOf(a)
		if got := overlap(a, b, &bits); got != want {
			t.Fatalf("%v and %v have %d in common, want %d", a, b, got, want)
		}
	})
}
