package rules_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"attune/rules"
)

// FuzzCompile compiles arbitrary bytes as a pack. It may find any fault but must not panic, and what compiles can be
// checked and can judge.
func FuzzCompile(f *testing.F) {
	names, err := filepath.Glob("testdata/broken/*.yaml")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range append(names, "testdata/design-sample.yaml") {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte(treating()))
	f.Add([]byte(failing(afterTwo)))
	f.Add([]byte("a: &a [*a]\nb: !!binary x\n? [x]\n: y\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 16<<10 {
			return
		}
		files := []rules.File{{Name: "p.yaml", Data: data}}
		set, found := rules.Compile(files)
		if (set == nil) != found.HasErrors() {
			t.Fatalf("a set: %v, with findings:\n%s", set != nil, found)
		}
		_ = found.String()
		if set == nil {
			_ = rules.Rest(files, found)
			return
		}
		_ = set.Check().String()
		k := newTalk(set)
		for _, line := range []string{"c: I want a human, this is the third time", "b: Sorry, I can't help with that!", "e: dtmf 0", "c: yes"} {
			k.say(t, line)
		}
	})
}

// FuzzMatch puts a pattern into a pack, beside a text that it reads. Neither may make the engine panic, and what a
// capture took is part of the text.
func FuzzMatch(f *testing.F) {
	for _, seed := range [][2]string{
		{"I (can't | cannot) help with {what}", "Sorry. I can't help with that fee of $5 (five)."},
		{"[really] {a} ... {b:number} [please]", "so take 5 of 12 please"},
		{"(a | b [c | d]) e", "b d e"},
		{"{x} is {y}", "«this» is “that”"},
		{"soo good", "sooooo gooood"},
		{"<list>", "x"},
		{"... a", "b c a"},
		{"{", "}"},
	} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, pattern, text string) {
		if len(pattern) > 200 || len(text) > 2000 || !utf8.ValidString(pattern) || !utf8.ValidString(text) {
			return
		}
		quoted := "'" + strings.NewReplacer("'", "''", "\n", " ", "\r", " ").Replace(pattern) + "'"
		set, _ := rules.Compile([]rules.File{{Name: "p.yaml", Data: []byte(packOf("en", "signals:\n"+
			signalOf("anywhere", "customer", "{phrases: ["+quoted+", 'a b']}", "points: 1,")+signalOf("whole", "customer", "{text: ["+quoted+"]}", "points: 1,")))}})
		if set == nil {
			return
		}
		j := newTalk(set).customer(text)
		for _, w := range j.Words {
			if !strings.Contains(text, w) {
				t.Fatalf("%q is not in %q", w, text)
			}
		}
	})
}

// FuzzReply has the shipped packs treat arbitrary replies to arbitrary utterances. Text that is UTF-8 stays UTF-8, and
// a reply in a language without a pack stays as it is.
func FuzzReply(f *testing.F) {
	for _, seed := range [][2]string{
		{"my order 1182 has not arrived!!!", "Great! 🎉 Your order 1182 is marked as lost."},
		{"this is ridiculous", "I can't help with **that** fee of 12,50 €."},
		{"I was charged twice", "<p>Please <b>note</b> that <a href='x'>it</a> is late.</p>"},
		{"???", "Kindly\u200b utilize e\u0301 \xff\xfe\u202e`code`"},
		{"yes", "Sorry, I did not get that. Sorry, I did not get that.\n- one\n- two:\n"},
		{"", "<<<>>>&amp;&#x0;&nosuch;"},
		{"\u0300\u0300", strings.Repeat("\u0300", 50) + "Great!"},
	} {
		for syntax := range 4 {
			f.Add(seed[0], seed[1], uint8(syntax))
		}
	}
	set := shipped(f)
	f.Fuzz(func(t *testing.T, said, reply string, how uint8) {
		if len(said)+len(reply) > 20_000 {
			return
		}
		for _, channel := range []string{"text", "voice"} {
			k := newTalk(set)
			k.facts.Syntax, k.facts.Channel = rules.Syntax(how%4), channel
			for range 3 {
				k.customer(said)
				j := k.bot(reply)
				if utf8.ValidString(reply) && utf8.ValidString(said) && !utf8.ValidString(j.Sent) {
					t.Fatalf("%q became %q, which is no UTF-8", reply, j.Sent)
				}
			}
			k = newTalk(set)
			k.facts.Syntax, k.facts.Channel, k.facts.Locale = rules.Syntax(how%4), channel, "pt-BR"
			k.customer(said)
			if j := k.bot(reply); j.Sent != reply {
				t.Fatalf("%q became %q in a language without a pack", reply, j.Sent)
			}
		}
	})
}
