package rules_test

import (
	"strings"
	"testing"

	"attune/rules"
)

// The YAML library's own count of levels rises with every comment and list of a long file, so nesting is counted here.
func TestDepthIsNestingAndNotLength(t *testing.T) {
	var long strings.Builder
	long.WriteString("pack: long\nphrases:\n")
	for i := range 200 {
		long.WriteString("  # a comment\n  list-" + strings.Repeat("a", i%7) + string(rune('a'+i%26)) + strings.Repeat("b", i/26) + ":\n    - \"a word\"\n    - \"(b | c) word\"\n")
	}
	tests := []struct {
		name, pack string
		deep       bool
	}{
		{"a long file", long.String(), false},
		{"many brackets", "pack: x\nphrases: " + strings.Repeat("[", 60) + strings.Repeat("]", 60), true},
		{"many dashes", "pack: x\nphrases:\n  " + strings.Repeat("- ", 60) + "a", true},
		{"many steps", "pack: x\n" + steps(60), true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, found := rules.Compile([]rules.File{{Name: "x.yaml", Data: []byte(tt.pack)}})
			deep := false
			for _, d := range found {
				deep = deep || strings.Contains(d.Message, "levels deep")
			}
			if deep != tt.deep {
				t.Errorf("refused as too deep: %v, want %v; findings %v", deep, tt.deep, found)
			}
		})
	}
}

func steps(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(strings.Repeat(" ", i) + "a:\n")
	}
	return b.String()
}
