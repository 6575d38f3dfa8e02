package rules_test

import (
	"strings"
	"testing"

	"attune/rules"

	"github.com/google/go-cmp/cmp"
)

// TestWordsThatMustNotBeReplacedTogether: rules of words are held against the facts all at once, and one by one where
// that fails, so that one of them does not keep another from being used.
func TestWordsThatMustNotBeReplacedTogether(t *testing.T) {
	long := strings.TrimSpace(strings.Repeat("so on ", 15)) // 89 characters; a short reply may grow by 160
	set := compile(t, rewriting(rewriteOf("a-long", `move: plain-words, match: {phrases: ["(etcetera)"]}, say: ["`+long+`"]`)+
		rewriteOf("b-long", `move: plain-words, match: {phrases: ["(et cetera)"]}, say: ["`+long+`"]`)+
		rewriteOf("c-use", `move: plain-words, match: {phrases: ["(utilize)"]}, say: ["use"]`)+
		rewriteOf("d-cost", `move: plain-words, match: {phrases: ["(12 euros)"]}, say: ["little"]`)))
	tests := []struct {
		reply, sent string
		rules       []string
		rejected    []rules.Rejection
	}{
		{"Utilize it etcetera.", "Use it " + long + ".", []string{"a-long", "c-use"}, nil},
		{"Go on etcetera et cetera.", "Go on etcetera " + long + ".", []string{"b-long"}, []rules.Rejection{{Rule: "a-long", By: rules.ByGrowth}}},
		{"Utilize it for 12 euros.", "Use it for 12 euros.", []string{"c-use"}, []rules.Rejection{{Rule: "d-cost", By: rules.ByFacts}}},
		{"It is 12 euros.", "It is 12 euros.", nil, []rules.Rejection{{Rule: "d-cost", By: rules.ByFacts}}},
	}
	for _, tt := range tests {
		t.Run(tt.reply, func(t *testing.T) {
			j := newTalk(set).bot(tt.reply)
			if j.Sent != tt.sent {
				t.Errorf("sent %q, want %q", j.Sent, tt.sent)
			}
			if diff := cmp.Diff(tt.rules, j.Rules); diff != "" {
				t.Errorf("rules (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.rejected, j.Rejected); diff != "" {
				t.Errorf("rejected (-want +got):\n%s", diff)
			}
		})
	}
}
