package rules_test

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"attune/rules"

	"github.com/google/go-cmp/cmp"
)

// everyDetector is a pack in which each detector scores.
func everyDetector() string {
	var signals strings.Builder
	for i, name := range rules.DetectorNames() {
		from, _, _ := strings.Cut(name, ".")
		signals.WriteString(signalOf(fmt.Sprintf("d%d", i), from, "{detect: "+name+"}", "points: 1,"))
	}
	return packOf("en", "signals:\n"+signals.String())
}

// unseen takes the characters out that take no room.
var unseen = strings.NewReplacer("\u200b", "", "\u200c", "", "\u200d", "", "\u2060", "", "\ufeff", "", "\u00ad", "", "\u200e", "", "\ufe0f", "")

// sprinkled puts a zero-width space between all characters.
func sprinkled(s string) string {
	var b strings.Builder
	for _, r := range s {
		b.WriteRune(r)
		b.WriteRune('\u200b')
	}
	return b.String()
}

// FuzzDetectors plays the lines of a text as turns, customer and bot in turn. No detector may panic, and characters
// that nobody sees change no score.
func FuzzDetectors(f *testing.F) {
	for _, seed := range []string{
		"where is my parcel\nSorry, I did not get that.\nwhere is my parcel\nI can't help with that.\nno, I said Tuesday\nHm.\nthanks",
		"WHERE IS MY PARCEL\nChoose:\n- a\n- b\n- c", "no\u200bpe, the o\u200dther one\n...\n???\n\n", "ich habe\u00ad es schon dreimal gesagt\nDas ist nicht möglich.\nnein!",
		"sooooo\u0301\u0301\u0301\u0301\u0301\u0301 slow\n12345\n12345", "👍🏽\n🇩🇪\n1️⃣", "can\u2060’t\u200b log in\nمرحبا\nلا",
	} {
		f.Add(seed)
	}
	set := compile(f, everyDetector())
	play := func(lines []string) []rules.Judgement {
		k := newTalk(set)
		out := make([]rules.Judgement, len(lines))
		for i, line := range lines {
			role := rules.Customer
			if i%2 == 1 {
				role = rules.Bot
			}
			set.Judge(&k.st, &rules.Turn{Role: role, Text: line}, &k.facts, &out[i])
			out[i].Sent, out[i].Words = "", nil
		}
		return out
	}
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 10_000 || !utf8.ValidString(text) {
			return
		}
		lines := strings.Split(text, "\n")
		got := play(lines)
		var without, with []string
		for _, l := range lines {
			without, with = append(without, unseen.Replace(l)), append(with, sprinkled(l))
		}
		if diff := cmp.Diff(play(without), got); diff != "" {
			t.Errorf("without what nobody sees (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(got, play(with)); diff != "" {
			t.Errorf("with zero-width spaces (-want +got):\n%s", diff)
		}
	})
}

// FuzzDetectorParameters writes any text into the parameters of any detector: it is refused, or the detector works.
func FuzzDetectorParameters(f *testing.F) {
	names := rules.DetectorNames()
	for i := range names {
		f.Add(uint8(i), "window", "3")
	}
	f.Add(uint8(0), "same", "mostly")
	f.Add(uint8(3), "times", "1e9")
	f.Add(uint8(5), "share", "NaN")
	f.Add(uint8(7), "value", "*0#")
	f.Fuzz(func(t *testing.T, which uint8, param, value string) {
		if !utf8.ValidString(param) || !utf8.ValidString(value) {
			return
		}
		name := names[int(which)%len(names)]
		from, _, _ := strings.Cut(name, ".")
		pack := packOf("en", "signals:\n"+signalOf("it", from, fmt.Sprintf("{detect: %s, %q: %q}", name, param, value), "points: 1,"))
		set, found := rules.Compile([]rules.File{{Name: "p.yaml", Data: []byte(pack)}})
		if (set == nil) != found.HasErrors() {
			t.Fatalf("a set: %v, with\n%s", set != nil, found)
		}
		if set == nil {
			return
		}
		k := newTalk(set)
		for _, line := range []string{"c: no, the other one", "b: Sorry, I did not get that.", "b: Sorry, I did not get that.", "c: no, the other one", "e: dtmf 0", "e: no_input"} {
			if j := k.say(t, line); j.Points > 1 || j.Points < 0 {
				t.Fatalf("%q has %v points", line, j.Points)
			}
		}
	})
}
