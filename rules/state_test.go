package rules_test

import (
	"fmt"
	"strings"
	"testing"

	"attune/rules"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// remembering is a pack that makes a state as large as it gets: many rules that conditions ask about, many escalations
// that hold, many messages that rotate, and captures of the customer's words.
func remembering() string {
	var b strings.Builder
	b.WriteString("scoring: {offer: {score: 5}, escalate: {score: 500}}\nsignals:\n")
	for i := range 40 {
		b.WriteString(signalOf(fmt.Sprintf("signal-with-a-rather-long-name-%d", i), "customer", fmt.Sprintf(`{phrases: ["(w%d)"]}`, i), "points: 1, feels: [angry, ignored],"))
	}
	b.WriteString("escalations:\n")
	for i := range 40 {
		fmt.Fprintf(&b, "  - {id: escalation-%d, what: a, why: b, when: \"count('signal-with-a-rather-long-name-%d') > 0\", do: offer}\n", i, i)
	}
	b.WriteString("rewrites:\n")
	for i := range 30 {
		b.WriteString(rewriteOf(fmt.Sprintf("say-%d", i), fmt.Sprintf(`move: soften, match: {text: "say r%d"}, say: ["A told.", "B told.", "D told."]`, i)))
	}
	for i := range 3 {
		b.WriteString(rewriteOf(fmt.Sprintf("hear-%d", i), fmt.Sprintf(`move: acknowledge, from: customer, match: {phrases: ["my {a} and {b} is h%d"]}, say: ["So your {a} and {b}."]`, i)))
	}
	return packOf("en", b.String())
}

func TestAStateStaysSmall(t *testing.T) {
	set := compile(t, remembering())
	rapid.Check(t, func(t *rapid.T) {
		k := newTalk(set)
		for range rapid.IntRange(1, 60).Draw(t, "turns") {
			n := rapid.IntRange(0, 39).Draw(t, "n")
			k.customer(fmt.Sprintf("w%d my %s and %s is h%d", n, rapid.StringN(1, 30, 60).Draw(t, "a"), strings.Repeat("\u2028", 20), n%3))
			k.bot(fmt.Sprintf("Say r%d. %s", n%30, rapid.StringN(0, 200, 400).Draw(t, "reply")))
			k.facts.Floor = ""
		}
		b, err := k.st.MarshalBinary()
		if err != nil {
			t.Fatal(err)
		}
		if len(b) > rules.MaxState {
			t.Fatalf("%d bytes: %s", len(b), b)
		}
	})
}

// TestAStateGoesOnElsewhere judges half a conversation, carries the state over as bytes, and judges the rest.
func TestAStateGoesOnElsewhere(t *testing.T) {
	set := shipped(t)
	for i, lines := range recorded(t) {
		for cut := range lines {
			here, there := newTalk(set), newTalk(set)
			for _, line := range lines[:cut] {
				here.say(t, line)
			}
			b, err := here.st.MarshalBinary()
			if err != nil {
				t.Fatal(err)
			}
			if err := there.st.UnmarshalBinary(b); err != nil {
				t.Fatal(err)
			}
			for _, line := range lines[cut:] {
				here.j, there.j = rules.Judgement{}, rules.Judgement{}
				if diff := cmp.Diff(*here.say(t, line), *there.say(t, line)); diff != "" {
					t.Fatalf("conversation %d, cut before turn %d, at %q (-here +there):\n%s", i, cut, line, diff)
				}
			}
		}
	}
}

func TestAClonedStateIsAnother(t *testing.T) {
	set := compile(t, scored(ordinaryScoring))
	k := newTalk(set)
	k.customer("awful, where is my parcel")
	k.bot("Hm.")
	before, err := k.st.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	other := &talk{set: set, facts: k.facts, st: *k.st.Clone()}
	for range 6 {
		other.customer("terrible, where is my parcel now")
		other.bot("oops, something else")
	}
	after, err := k.st.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(before), string(after)); diff != "" {
		t.Errorf("a clone changed its original (-before +after):\n%s", diff)
	}
}

// FuzzState reads arbitrary bytes as a state. What is read can be judged with and written again.
func FuzzState(f *testing.F) {
	set := compile(f, scored(ordinaryScoring))
	k := newTalk(set)
	for _, line := range []string{"c: awful, my parcel", "b: oops", "c: bad again, my parcel", "b: Hm."} {
		k.say(f, line)
		b, err := k.st.MarshalBinary()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	for _, seed := range []string{"", "{}", `{"v":1}`, `{"v":2}`, `{"v":1,"s":-1}`, `{"v":1,"s":1e300}`, `{"v":1,"n":[[1,2,3,9223372036854775807]],"t":3}`, `{"v":1,"k":{"i":"connect","n":-5},"m":[[1,4294967295]]}`, `{"v":1,"x":{"c":[{"s":"AAAA"}]}}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		k := newTalk(set)
		if err := k.st.UnmarshalBinary(b); err != nil {
			return
		}
		for _, line := range []string{"c: bad", "b: oops", "c: yes", "e: silence", "c: awful"} {
			if j := k.say(t, line); !(j.Score >= 0 && j.Score <= 1000) {
				t.Fatalf("score %v", j.Score)
			}
		}
		out, err := k.st.MarshalBinary()
		if err != nil || len(out) > rules.MaxState && len(b) <= rules.MaxState {
			t.Fatalf("%d bytes became %d: %v", len(b), len(out), err)
		}
	})
}
