package rules

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// In a text of ASCII the words and signs must lead to every expression that the search for its texts leads to.
func TestGateMissesNoExpression(t *testing.T) {
	names, err := filepath.Glob("packs/*.yaml")
	if err != nil || len(names) == 0 {
		t.Fatal("no packs", err)
	}
	var files []File
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, File{Name: filepath.Base(name), Data: data})
	}
	set, found := Compile(files)
	if set == nil {
		t.Fatal(found)
	}
	random := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // repeatable
	for locale, tongue := range set.tongues {
		for _, side := range tongue.sides {
			r := side.regexes
			if r == nil || len(r.needs) == 0 {
				continue
			}
			pieces := strings.Fields("don't i'm no1 2no sooo hmmm !! ?! , . - ' ` _ / @ x http://a.example/no?!! me@no.example NO No")
			for _, n := range r.needs {
				pieces = append(pieces, n.text, strings.ToUpper(n.text))
			}
			text := Text{lexicon: set.lexicon}
			for range 3000 {
				var s strings.Builder
				for range 1 + random.IntN(8) {
					s.WriteString(pieces[random.IntN(len(pieces))])
					s.WriteString([]string{" ", "", ", ", "'", "-", "x", "7"}[random.IntN(7)])
				}
				text.Reset(s.String())
				if !text.identity {
					continue
				}
				n := (len(r.items) + 31) / 32
				want, got := make([]uint64, n), make([]uint64, n)
				r.filter.scan(text.plain, func(lit, end int) {
					if n := &r.needs[lit]; n.stands(text.plain, end) {
						want[n.block] |= n.marks
					}
				})
				r.gate.want(&text, got)
				for i := range want {
					if missed := want[i] &^ got[i]; missed != 0 {
						t.Fatalf("%s: %q: expressions are missed: %b of block %d", locale, s.String(), missed, i)
					}
				}
			}
		}
	}
}
