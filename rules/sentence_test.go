package rules

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSentences(t *testing.T) {
	tests := []struct {
		name, raw string
		want      []string
	}{
		{"one", "where is my parcel", []string{"where is my parcel"}},
		{"two", "Sorry. I can't help.", []string{"Sorry.", "I can't help."}},
		{"marks in a row", "What?! No!!! ok", []string{"What?!", "No!!!", "ok"}},
		{"lower case goes on", "it is broken. please help", []string{"it is broken.", "please help"}},
		{"no space behind a question mark", "what?no", []string{"what?", "no"}},
		{"title", "Dr. Smith is out. Call Mrs. Jones.", []string{"Dr. Smith is out.", "Call Mrs. Jones."}},
		{"initials", "J. R. Smith called.", []string{"J. R. Smith called."}},
		{"decimal", "It costs 12.50. Pay now.", []string{"It costs 12.50.", "Pay now."}},
		{"short forms", "z.B. morgen, e.g. today, i.e. now. Ok", []string{"z.B. morgen, e.g. today, i.e. now.", "Ok"}},
		{"number abbreviation", "See no. 5 there.", []string{"See no. 5 there."}},
		{"number abbreviation before an id", "Send order no. A-1182 back. Ok", []string{"Send order no. A-1182 back.", "Ok"}},
		{"short forms before names", "z.B. Montag, i.e. Friday, u.a. Bücher. Ok", []string{"z.B. Montag, i.e. Friday, u.a. Bücher.", "Ok"}},
		{"short forms that may end a sentence", "Acme Inc. sells pens etc. to all. They are red etc. They work.", []string{"Acme Inc. sells pens etc. to all.", "They are red etc.", "They work."}},
		{"but no as an answer", "The answer is no. Sorry.", []string{"The answer is no.", "Sorry."}},
		{"German ordinal", "Am 3. Mai kommt er. Gut.", []string{"Am 3. Mai kommt er.", "Gut."}},
		{"German date", "Zum 31.12. gekündigt. Gut.", []string{"Zum 31.12. gekündigt.", "Gut."}},
		{"a price is no date", "It costs 31.50. please pay", []string{"It costs 31.50.", "please pay"}},
		{"URL", "See https://a.b/c.d?e=f. Then wait.", []string{"See https://a.b/c.d?e=f.", "Then wait."}},
		{"trailing off", "well... maybe", []string{"well... maybe"}},
		{"trailing off, then new", "Well… I can't.", []string{"Well…", "I can't."}},
		{"new lines", "one\n\ntwo\r\nthree", []string{"one", "two", "three"}},
		{"Markdown list", "Options:\n- first one\n* second one\n2. third", []string{"Options:", "first one", "second one", "2.", "third"}},
		{"bullets", "• a • b", []string{"a", "b"}},
		{"quoted", `He said "no." Then left.`, []string{`He said "no."`, "Then left."}},
		{"brackets", "(Really?) Yes.", []string{"(Really?)", "Yes."}},
		{"emphasis", "**I can't help.** Sorry", []string{"**I can't help.**", "Sorry"}},
		{"German quotes", "„Das geht.“ Danke", []string{"„Das geht.“", "Danke"}},
		{"Spanish marks", "¿Dónde está? ¡Ayuda!", []string{"¿Dónde está?", "¡Ayuda!"}},
		{"currency at the end", "That is 5 €. Pay", []string{"That is 5 €.", "Pay"}},
		{"Chinese", "你好。再见", []string{"你好。", "再见"}},
		{"signs only", " ??? ", []string{"???"}},
		{"space only", " \n ", nil},
		{"emoji at the end belong to it", "ok 🙂", []string{"ok 🙂"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var x Text
			x.Reset(tt.raw)
			var got []string
			for i := range x.sentences {
				s := x.sentenceSpan(i)
				got = append(got, tt.raw[s.start:s.end])
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("sentences of %q (-want +got):\n%s", tt.raw, diff)
			}
		})
	}
}
