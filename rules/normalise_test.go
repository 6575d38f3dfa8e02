package rules

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/unicode/norm"
)

// wordsOf returns the folded words of a message.
func wordsOf(raw string) []string {
	var t Text
	t.Reset(raw)
	words := []string{}
	for i := range t.tokens {
		words = append(words, string(t.word(i)))
	}
	return words
}

func TestWords(t *testing.T) {
	tests := []struct {
		name, raw string
		want      []string
	}{
		{"nothing", "", []string{}},
		{"signs only", " ?! … 😀 ", []string{}},
		{"case and spacing", "Where   IS\tmy parcel?", []string{"where", "is", "my", "parcel"}},
		{"apostrophes of every keyboard", "can't can’t can‘t canʼt can´t can`t can＇t", []string{"can't", "can't", "can't", "can't", "can't", "can't", "can't"}},
		{"quotes are no apostrophes", "say 'yes' or ‘no’", []string{"say", "yes", "or", "no"}},
		{"a trailing apostrophe", "the customers' data", []string{"the", "customers", "data"}},
		{"drawn out", "sooooo", []string{"so"}},
		{"capitals drawn out", "HEEEELP", []string{"help"}},
		{"numbers are not drawn out", "1000000", []string{"1000000"}},
		{"numbers with separators", "12.50 1,250.50 1.250,50 10:30", []string{"12.50", "1,250.50", "1.250,50", "10:30"}},
		{"a full stop behind a number", "costs 12.", []string{"costs", "12"}},
		{"Arabic-Indic digits", "١٢٫٥٠", []string{"12.50"}},
		{"full width", "ＨＥＬＰ ４２", []string{"help", "42"}},
		{"ligatures", "oﬃce", []string{"office"}},
		{"sharp s", "Straße STRASSE groẞ", []string{"strasse", "strasse", "gross"}},
		{"Turkish i", "İPTAL ıptal iptal IPTAL", []string{"iptal", "iptal", "iptal", "iptal"}},
		{"final sigma", "ΟΔΟΣ οδος", []string{"οδοσ", "οδοσ"}},
		{"composed and decomposed", "caf\u00e9 cafe\u0301", []string{"café", "café"}},
		{"zero width inside words", "hu\u200bm\u2060an\ufeff ag\u00adent", []string{"human", "agent"}},
		{"controls inside words", "hu\x00man", []string{"human"}},
		{"emoji", "help🙏🏽me👨‍👩‍👧", []string{"help", "me"}},
		{"keycap", "press 1️⃣", []string{"press", "1"}},
		{"Cyrillic among Latin", "аgеnt", []string{"agent"}},
		{"Greek among Latin", "humαn", []string{"human"}},
		{"Russian stays Russian", "человек", []string{"человек"}},
		{"stacked marks", "he\u0336l\u0336p\u0336\u0336\u0336\u0336\u0336\u0336", []string{"help"}},
		{"Han by character", "人工客服", []string{"人", "工", "客", "服"}},
		{"hyphens part words", "e-mail", []string{"e", "mail"}},
		{"URL", "see https://Example.com/a-b?c=d.", []string{"see", "https://example.com/a-b?c=d"}},
		{"URL in brackets", "(https://e.org/x_(y))", []string{"https://e.org/x_(y)"}},
		{"bare www", "www.example.com, ok", []string{"www.example.com", "ok"}},
		{"e-mail address", "to ann.b+c@mail.example.org!", []string{"to", "ann.b+c@mail.example.org"}},
		{"not an address", "me@home a@b", []string{"me", "home", "a", "b"}},
		{"invalid bytes", "he\xffllo \xc3", []string{"he", "llo"}},
		{"a run of invalid bytes", "he\xff\xc0\xffllo\xff\xff", []string{"he", "llo"}},
		{"circled and squared letters", "ⓗⓔⓛⓟ Ⓗⓔⓛⓟ 🄷🄴🄻🄿", []string{"help", "help", "help"}},
		{"mathematical letters", "𝐡𝐞𝐥𝐩 𝓱𝓮𝓵𝓹", []string{"help", "help"}},
		{"Cyrillic look-alikes", "раrcel сustomer", []string{"parcel", "customer"}},
		{"elision", "J’ai qu'il", []string{"j'ai", "qu'il"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, wordsOf(tt.raw)); diff != "" {
				t.Errorf("words of %q (-want +got):\n%s", tt.raw, diff)
			}
		})
	}
}

func TestSecondReading(t *testing.T) {
	var x Text
	x.Reset("gooood helloooo plain")
	for i, want := range []string{"good", "helloo", ""} {
		if got := string(x.second(i)); got != want {
			t.Errorf("second reading of word %d: got %q, want %q", i, got, want)
		}
	}
}

func TestSpansOfWords(t *testing.T) {
	tests := []struct {
		name, raw string
		want      []string
	}{
		{"plain", "a bc, d", []string{"a", "bc", "d"}},
		{"zero width", "x hu\u200bman\u200b y", []string{"x", "hu\u200bman", "y"}},
		{"decomposed", "un cafe\u0301 noir", []string{"un", "cafe\u0301", "noir"}},
		{"ligature", "oﬃce ok", []string{"oﬃce", "ok"}},
		{"apostrophe", "I can’t.", []string{"I", "can’t"}},
		{"emoji before", "🙂🙂 hi", []string{"hi"}},
		{"behind invalid bytes", "a \xff\xff\xff b\xff\xff", []string{"a", "b"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var x Text
			x.Reset(tt.raw)
			var got []string
			for i := range x.tokens {
				s := x.tokenSpan(i, i+1)
				got = append(got, tt.raw[s.start:s.end])
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("raw words of %q (-want +got):\n%s", tt.raw, diff)
			}
		})
	}
}

func TestMarkup(t *testing.T) {
	tests := []struct {
		name, raw string
		words     []string
		sentences []string
	}{
		{"inline tags", "I <b>can't</b> help", []string{"i", "can't", "help"}, []string{"I <b>can't</b> help"}},
		{"a tag inside a word", "refu<i>nd</i>", []string{"refund"}, []string{"refu<i>nd"}},
		{"block tags", "<p>One two</p><p>three</p>", []string{"one", "two", "three"}, []string{"One two", "three"}},
		{"references", "I can&#39;t &amp; won&rsquo;t", []string{"i", "can't", "won't"}, []string{"I can&#39;t &amp; won&rsquo;t"}},
		{"no tag", "5 < 6 & 7 > 3", []string{"5", "6", "7", "3"}, []string{"5 < 6 & 7 > 3"}},
		{"SSML", `<speak>Call <say-as interpret-as="telephone">555</say-as><break time="1s"/>now</speak>`, []string{"call", "555", "now"}, []string{"Call <say-as interpret-as=\"telephone\">555", "now"}},
		{"unclosed", "a <b", []string{"a", "b"}, []string{"a <b"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var x Text
			x.ResetMarkup(tt.raw)
			var words, sentences []string
			for i := range x.tokens {
				words = append(words, string(x.word(i)))
			}
			for i := range x.sentences {
				s := x.sentenceSpan(i)
				sentences = append(sentences, tt.raw[s.start:s.end])
			}
			if diff := cmp.Diff(tt.words, words); diff != "" {
				t.Errorf("words (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.sentences, sentences); diff != "" {
				t.Errorf("sentences (-want +got):\n%s", diff)
			}
		})
	}
}

func TestPlainIsNFKC(t *testing.T) {
	for _, raw := range []string{"cafe\u0301 ﬁn ½ Å x\u0323\u0307", "각 \u1100\u1161\u11a8", "㎏ ㍿ ガ", "e\u0301\u0323a", "\u0301 lone"} {
		var x Text
		x.Reset(raw)
		if want := norm.NFKC.String(raw); string(x.plain) != want {
			t.Errorf("plain of %q is %q, want %q", raw, x.plain, want)
		}
		if len(x.backStart) != len(x.plain) || len(x.backEnd) != len(x.plain) {
			t.Errorf("map of %q has %d and %d entries for %d bytes", raw, len(x.backStart), len(x.backEnd), len(x.plain))
		}
	}
}

func TestMarkFloodsAreBounded(t *testing.T) {
	var x Text
	x.Reset("a" + strings.Repeat("\u0301", 1000) + "b")
	if n := utf8.RuneCount(x.plain); n > 2+marksPerLetter {
		t.Errorf("a letter with a thousand marks keeps %d characters", n)
	}
}

func TestFloodsOfInvalidBytesAreBounded(t *testing.T) {
	var x Text
	x.Reset("a" + strings.Repeat("\xff\xc0", 1000) + "b")
	if len(x.plain) != 3 {
		t.Errorf("two thousand invalid bytes are kept as %d bytes", len(x.plain)-2)
	}
	if s := x.rawSpan(1, 2); s != (span{1, 2001}) {
		t.Errorf("what is kept stands for %v, want all of them", s)
	}
}

func TestFloodsOfLigaturesAreBounded(t *testing.T) {
	var x Text
	for _, s := range []string{"\ufdfa", "\ufdfb", "\ufdfa\ufb01", "\u3316"} {
		raw := strings.Repeat(s, 20_000)
		x.Reset(raw)
		if len(x.plain) > 2*len(raw) {
			t.Errorf("%d bytes of %q became %d", len(raw), s, len(x.plain))
		}
	}
}

func TestLargeBuffersAreGivenBack(t *testing.T) {
	var x Text
	x.Reset(strings.Repeat("word ", 20_000))
	x.Reset("small")
	if cap(x.plain) > keepBytes {
		t.Errorf("a small message keeps %d bytes", cap(x.plain))
	}
	if got := string(x.word(0)); got != "small" {
		t.Errorf("word is %q", got)
	}
}

func TestResetDoesNotAllocate(t *testing.T) {
	var x Text
	texts := []string{"hi, my router will not connect to the internet, please help me now", "Ça ne marche pas… s’il vous plaît"}
	for _, s := range texts {
		x.Reset(s)
	}
	if n := testing.AllocsPerRun(100, func() {
		for _, s := range texts {
			x.Reset(s)
		}
	}); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

// Eight bytes at once say the same of each as one alone, wherever it stands.
func TestPlainASCII(t *testing.T) {
	for c := range 256 {
		for at := range 19 {
			p := []byte("plain and simple it") // the last eight overlap those before
			p[at] = byte(c)
			if got, want := isPlainASCII(p), allPlain(p); got != want {
				t.Errorf("%q: plain is %v, want %v", p, got, want)
			}
			folded, want := make([]byte, len(p)), slices.Clone(p)
			foldCase(folded, p)
			if c >= 'A' && c <= 'Z' {
				want[at] += 'a' - 'A'
			}
			if string(folded) != string(want) {
				t.Errorf("%q folded is %q", p, folded)
			}
		}
	}
}
