package rules

import (
	"testing"
	"unicode"
)

// What is taken for granted about ranges of Unicode, against its tables.
func TestRangesOfUnicode(t *testing.T) {
	for r := rune(0); r <= unicode.MaxRune; r++ {
		if caseless(r) && (unicode.IsUpper(r) || unicode.ToLower(r) != r) {
			t.Errorf("%U has case", r)
		}
		if got, want := isMark(r), unicode.Is(unicode.M, r); got != want {
			t.Errorf("isMark(%U) is %v, want %v", r, got, want)
		}
	}
}
