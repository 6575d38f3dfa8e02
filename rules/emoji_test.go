package rules

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestEmojiInPhrases(t *testing.T) {
	tests := []struct {
		name, pattern, raw string
		whole              bool
		want               []string
	}{
		{"alone", "👍", "👍", false, []string{"👍"}},
		{"among words", "😡", "where is it 😡 now", false, []string{"😡"}},
		{"between sentences", "😡", "Great! 😡 Where is it?", false, []string{"😡"}},
		{"at the end", "😡", "Where is it? 😡", false, []string{"😡"}},
		{"in a word", "🙏", "help🙏🏽me", false, []string{"🙏"}},
		{"before an address", "😡", "look 😡 www.example.com", false, []string{"😡"}},
		{"tone of skin in the text", "👍", "👍🏿", false, []string{"👍"}},
		{"tone of skin in the pattern", "👍🏿", "👍", false, []string{"👍"}},
		{"variation selector", "❤", "❤️", false, []string{"❤"}},
		{"joined", "🤷‍♂️", "🤷🏽‍♀️", false, []string{"🤷"}},
		{"one of several", "(thanks | 🙏 | ❤️)", "❤️ 🙏", false, []string{"❤", "🙏"}},
		{"twice", "👍", "👍👍", false, []string{"👍", "👍"}},
		{"another", "👍", "👎", false, []string{}},
		{"does not part words", "my parcel", "my 📦 parcel", false, []string{"my 📦 parcel"}},
		{"whole", "👍", " 👍 ", true, []string{"👍"}},
		{"whole, several times", "👍", "👍👍🏽!", true, []string{"👍👍🏽!"}},
		{"whole, with another", "👍", "👍👎", true, []string{}},
		{"whole, with a word", "👍", "👍 no", true, []string{}},
		{"whole, beside its word", "yes", "yes 👍", true, []string{"yes 👍"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, matched(matcherOf(t, tt.whole, tt.pattern), tt.raw)); diff != "" {
				t.Errorf("hits (-want +got):\n%s", diff)
			}
		})
	}
}

// Hits come sentence by sentence, as whatever reads them expects.
func TestEmojiHitsComeInOrder(t *testing.T) {
	m := matcherOf(t, false, "(angry | 😡)")
	var x Text
	x.Reset("😡 I am angry. 😡 Angry! Still angry 😡. Bye.")
	last := 0
	m.scan(&x, func(h *hit) {
		if h.sentence < last || h.sentence > 2 || h.first < int(x.sentences[h.sentence].first) || h.last > int(x.sentences[h.sentence].last) {
			t.Errorf("hit %+v behind sentence %d", h, last)
		}
		last = h.sentence
	})
}

func TestEmojiAmongWordsIsAnError(t *testing.T) {
	for _, src := range []string{"thanks 👍", "👍👎", "🙏 please (do | help)"} {
		if _, err := parsePhrase(src); err == nil {
			t.Errorf("parsePhrase(%q): no error", src)
		}
	}
}

func TestEmojiAllocateNothing(t *testing.T) {
	m := matcherOf(t, false, "(angry | 😡)", "👍")
	var x Text
	text := strings.Repeat("😡 I am angry 👍👍🏽. ", 100)
	run := func() {
		x.Reset(text)
		m.scan(&x, func(*hit) {})
	}
	run()
	if n := testing.AllocsPerRun(20, run); n > 0 {
		t.Errorf("%v allocations, want none", n)
	}
	if len(x.emoji) != maxEmoji {
		t.Errorf("%d emoji are kept, want at most %d", len(x.emoji), maxEmoji)
	}
}
