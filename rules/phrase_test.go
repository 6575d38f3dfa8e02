package rules

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestPhraseErrors(t *testing.T) {
	tests := []struct {
		name, src, msg string
		col            int
	}{
		{"empty", "", "no words", 1},
		{"punctuation only", "?!, .", "no words", 1},
		{"open bracket", "a (b | c", "not closed", 3},
		{"wrong bracket", "a [b) c", "closes the '['", 5},
		{"stray bracket", "a b)", "closes nothing", 4},
		{"stray brace", "a } b", "closes nothing", 3},
		{"empty alternative", "a | | b", "empty alternative", 5},
		{"empty last alternative", "(a | b |)", "empty alternative", 9},
		{"empty group", "a ()", "nothing inside", 3},
		{"empty option", "a [ ]", "nothing inside", 3},
		{"open reference", "a <b", "not closed", 3},
		{"nameless reference", "a <>", "without a name", 3},
		{"bad name", "a <b c>", "only letters", 3},
		{"open capture", "a {b", "not closed", 3},
		{"unknown type", "{a:date} b", "{name:type}", 1},
		{"repetition", "a* b", "not part of the phrase grammar", 2},
		{"columns count characters", "é é (", "not closed", 5},
		{"too deep", strings.Repeat("(", 40) + "a" + strings.Repeat(")", 40), "nested deeper", 34},
		{"too long", strings.Repeat("a ", 3000), "longer than", 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := parsePhrase(tt.src)
			var pe *PhraseError
			if !errors.As(err, &pe) {
				t.Fatalf("parsePhrase(%q) = %v, want a PhraseError", tt.src, err)
			}
			if pe.Col != tt.col || !strings.Contains(pe.Msg, tt.msg) {
				t.Errorf("parsePhrase(%q): column %d, %q; want column %d, %q", tt.src, pe.Col, pe.Msg, tt.col, tt.msg)
			}
		})
	}
}

// bookOf parses named lists.
func bookOf(t testing.TB, lists map[string][]string) phraseBook {
	t.Helper()
	b := phraseBook{}
	for name, phrases := range lists {
		b[name] = nil
		for _, src := range phrases {
			p, err := parsePhrase(src)
			if err != nil {
				t.Fatalf("%s: %q: %v", name, src, err)
			}
			b[name] = append(b[name], p)
		}
	}
	return b
}

func TestResolve(t *testing.T) {
	tests := []struct {
		name  string
		lists map[string][]string
		want  []string
	}{
		{"fine", map[string][]string{"a": {"x <b>"}, "b": {"y", "z"}}, nil},
		{"unknown", map[string][]string{"a": {"x", "y <bb>"}, "b": {"y"}}, []string{"phrase 2 of a, column 3: no list of phrases is named \"bb\"; did you mean \"b\"?"}},
		{"empty list", map[string][]string{"a": {"x <b>"}, "b": {}}, []string{"phrase 1 of a, column 3: the list \"b\" is empty"}},
		{"itself", map[string][]string{"a": {"x <a>"}}, []string{"phrase 1 of a, column 3: the list a contains itself"}},
		{"circle", map[string][]string{"a": {"<b>"}, "b": {"<c>"}, "c": {"q", "<a>"}}, []string{"phrase 2 of c, column 1: the list a contains itself"}},
		{"nothing needed", map[string][]string{"a": {"[x]"}}, []string{"phrase 1 of a, column 1: matches without any word"}},
		{"nothing needed through a list", map[string][]string{"a": {"<b> [x]"}, "b": {"[y]", "z"}}, []string{
			"phrase 1 of a, column 1: matches without any word", "phrase 1 of b, column 1: matches without any word",
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for _, err := range bookOf(t, tt.lists).resolve() {
				got = append(got, err.Error())
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("errors (-want +got):\n%s", diff)
			}
		})
	}
}

func TestLink(t *testing.T) {
	book := bookOf(t, map[string][]string{"person": {"human", "agent"}})
	if errs := book.resolve(); errs != nil {
		t.Fatal(errs)
	}
	for src, want := range map[string]string{
		"a <person>":  "",
		"a <persons>": "column 3: no list of phrases is named \"persons\"; did you mean \"person\"?",
		"[<person>]":  "column 1: matches without any word",
	} {
		p, err := parsePhrase(src)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		if errs := book.link(p); len(errs) > 0 {
			got = errs[0].Error()
		}
		if got != want {
			t.Errorf("link(%q) = %q, want %q", src, got, want)
		}
	}
}

func TestCaptureNames(t *testing.T) {
	book := bookOf(t, map[string][]string{"thing": {"the {colour} one"}})
	p, err := parsePhrase("({a} for {b} | {b} for {a}) with <thing>")
	if err != nil {
		t.Fatal(err)
	}
	if errs := append(book.resolve(), book.link(p)...); len(errs) > 0 {
		t.Fatal(errs)
	}
	if diff := cmp.Diff([]string{"a", "b", "colour"}, p.captures()); diff != "" {
		t.Errorf("captures (-want +got):\n%s", diff)
	}
}

func TestNearest(t *testing.T) {
	names := []string{"customer.repeat", "customer.again", "bot.repeat"}
	for want, given := range map[string]string{
		"customer.repeat": "customer.repaet",
		"bot.repeat":      "bot.repeats",
		"":                "something else",
	} {
		if got := nearest(given, names); got != want {
			t.Errorf("nearest(%q) = %q, want %q", given, got, want)
		}
	}
}
