package rules

import (
	"slices"
	"strings"
	"testing"
)

// slippery compiles patterns as they are for customers.
func slippery(t testing.TB, patterns ...string) *matcher {
	t.Helper()
	b := matcherBuilder{slips: true}
	for i, src := range patterns {
		p, err := parsePhrase(src)
		if err == nil {
			err = b.add(p, i, false)
		}
		if err != nil {
			t.Fatalf("%q: %v", src, err)
		}
	}
	return b.build()
}

// Cues stand as they are written, whatever the rules of the same matcher take a word for.
func TestCuesHaveNoSlips(t *testing.T) {
	b := matcherBuilder{slips: true}
	enter := func(src string, e sought) {
		p, err := parsePhrase(src)
		if err == nil {
			err = b.enter(p, e, false)
		}
		if err != nil {
			t.Fatalf("%q: %v", src, err)
		}
	}
	const rule, whole, open = 0, -1, -2
	enter("charged", sought{id: rule})
	enter("charged me", sought{id: whole, written: true})
	enter("charged [again] ... twice", sought{id: open, written: true})
	m := b.build()
	for said, want := range map[string][]int{
		"you charged me twice":          {rule, whole, open},
		"you chaarged me twice":         {rule},
		"you charged my carrd twice":    {rule, open},
		"you chaarged my account twice": {rule},
	} {
		var text Text
		text.Reset(said)
		got := map[int]bool{}
		m.scan(&text, func(h *hit) { got[h.id] = true })
		for _, id := range []int{rule, whole, open} {
			if got[id] != slices.Contains(want, id) {
				t.Errorf("%q: phrase %d is met: %v", said, id, got[id])
			}
		}
	}
}

// A word of a cue in one language may be a slip in another: both are found.
func TestAWordOfACueMayBeASlip(t *testing.T) {
	b := matcherBuilder{slips: true}
	for id, e := range []struct {
		src     string
		written bool
	}{{"lo antes posible", false}, {"still possible", true}, {"possible que no", true}, {"(posible | {x} que) no", false}} {
		p, err := parsePhrase(e.src)
		if err == nil {
			err = b.enter(p, sought{id: id, written: e.written}, false)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	m := b.build()
	for said, want := range map[string][]int{
		"lo antes possible":    {0},
		"lo antes posible":     {0},
		"is it still possible": {1},
		"is it still posible":  nil,
		"possible que no":      {2, 3},
		"possible no":          {3},
	} {
		var text Text
		text.Reset(said)
		var got []int
		m.scan(&text, func(h *hit) { got = append(got, h.id) })
		if slices.Sort(got); !slices.Equal(got, want) {
			t.Errorf("%q: phrases %v are met, want %v", said, got, want)
		}
	}
}

func TestSlips(t *testing.T) {
	tests := []struct {
		name, meant, said string
		want              bool
	}{
		{"missing", "representative", "represntative", true},
		{"replaced, long word", "representative", "represantative", true},
		{"replaced by the key beside it", "service", "servixe", true},
		{"replaced by a far key in a short word", "service", "servipe", false},
		{"doubled", "account", "accoount", true},
		{"double one letter", "operator", "opperator", true},
		{"single one of two", "tomorrow", "tomorow", true},
		{"swapped", "manager", "mangaer", true},
		{"swapped", "received", "recieved", true},
		{"accent left out", "cancelación", "cancelacion", true},
		{"accent left out", "rückgabe", "ruckgabe", true},
		{"capitals", "manager", "MANGAER", true},
		{"two slips", "representative", "reprasantative", false},
		{"letter added that is not doubled", "account", "acxount", true},
		{"letter added that is not doubled", "account", "acxcount", false},
		{"first letter", "manager", "nanager", false},
		{"last letter", "manager", "managed", false},
		{"plural", "customer", "customers", false},
		{"singular", "customers", "customer", false},
		{"another word", "operator", "operation", false},
		{"short word", "person", "perosn", false},
		{"short when misspelt", "manager", "manger", false},
		{"common word", "charges", "changes", false},
		{"common word", "shopping", "shipping", false},
		{"common word in Spanish", "perdidos", "pedidos", false},
		{"stop word", "throughly", "through", false},
		{"denial", "without", "withuot", false},
		{"denial", "doesn't", "doenst", false},
		{"with digits", "x100000a", "x10000a", false},
		{"very long", strings.Repeat("ab", 20), strings.Repeat("ab", 19) + "a", false},
	}
	for _, tt := range tests {
		t.Run(tt.name+"/"+tt.said, func(t *testing.T) {
			if got := len(matched(slippery(t, tt.meant), tt.said)) > 0; got != tt.want {
				t.Errorf("%q read as %q: %v, want %v", tt.said, tt.meant, got, tt.want)
			}
			if len(matched(matcherOf(t, false, tt.meant), tt.said)) > 0 {
				t.Errorf("%q read as %q where words are taken as written", tt.said, tt.meant)
			}
		})
	}
}

// Ordinary words of each language are not read as the word of a rule that they look like; slips still are.
func TestFalseFriends(t *testing.T) {
	for _, tt := range []struct{ meant, friend, slip string }{
		{"zurückgeben", "zurückgehen", "zuürckgeben"},
		{"verschwenden", "verschwunden", "vershwenden"},
		{"verwendet", "versendet", "verwenndet"},
		{"schmerzen", "scherzen", "schemrzen"},
		{"bewertung", "bewerbung", "bewertnug"},
		{"schulden", "schulen", "schudlen"},
		{"parfait", "partait", "prafait"},
		{"courrier", "courtier", "courier"},
		{"rembourser", "rembourrer", "remboruser"},
		{"conteste", "contexte", "contetse"},
		{"étrangle", "étrange", "étrnagle"},
		{"collègue", "collège", "colègue"},
		{"invidente", "incidente", "invdiente"},
		{"estaría", "estadía", "estraía"},
		{"reclamar", "recamar", "recalmar"},
		{"excelente", "excedente", "excelnete"},
	} {
		m := slippery(t, tt.meant)
		if len(matched(m, tt.friend)) > 0 {
			t.Errorf("%q read as %q", tt.friend, tt.meant)
		}
		if len(matched(m, tt.slip)) == 0 {
			t.Errorf("%q not read as %q", tt.slip, tt.meant)
		}
	}
}

// A word that patterns know is that word, and one that may be two of them is neither.
func TestSlipsOfKnownWords(t *testing.T) {
	m := slippery(t, "trading", "tracing", "canceled", "cancelled")
	for said, want := range map[string]int{"tracing": 1, "trading": 1, "cancelled": 1, "canceled": 1, "cancceled": 1, "traxing": 0} {
		if got := len(matched(m, said)); got != want {
			t.Errorf("%q: %d hits, want %d", said, got, want)
		}
	}
	if got := matched(slippery(t, "bedding", "beading", "bearing"), "beafing"); len(got) > 0 {
		t.Errorf("a word near to several was read as one of them: %q", got)
	}
}

func TestExactPhrasesTakeNoSlips(t *testing.T) {
	b := matcherBuilder{slips: true}
	for id, src := range []string{"laughing out loud", "out loud"} {
		p, err := parsePhrase(src)
		if err == nil {
			err = b.addExact(p, id, false)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	m := b.build()
	if got := len(matched(m, "laughing out loud")); got != 2 {
		t.Errorf("as written: %d hits, want 2", got)
	}
	if got := len(matched(m, "laughign out loud")); got != 1 {
		t.Errorf("with a slip: %d hits, want 1", got)
	}
}

func TestSlipsAllocateNothing(t *testing.T) {
	m := slippery(t, "I want a representative", "cancelación")
	var x Text
	run := func() {
		x.Reset("I want a represantative, cancelacion, unrelated interruptions")
		m.scan(&x, func(*hit) {})
	}
	run()
	if n := testing.AllocsPerRun(100, run); n > 0 {
		t.Errorf("%v allocations, want none", n)
	}
}
