package rules_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"attune/rules"
)

// judged benchmarks one turn with a state that stays as it is.
func judged(b *testing.B, set *rules.Set, turn rules.Turn, facts rules.Facts) {
	b.Helper()
	var st rules.State
	var j rules.Judgement
	for range 8 { // until nothing grows any more
		set.Judge(&st, &turn, &facts, &j)
	}
	b.ReportAllocs()
	b.SetBytes(int64(len(turn.Text)))
	for b.Loop() {
		set.Judge(&st, &turn, &facts, &j)
	}
}

// replied benchmarks a reply as the fourth of a conversation, the same one each time.
func replied(b *testing.B, set *rules.Set, text string) {
	b.Helper()
	var before, st rules.State
	var j rules.Judgement
	turn, facts := rules.Turn{Role: rules.Bot}, rules.Facts{AgentsAvailable: 1}
	for _, turn.Text = range plainReplies[:3] {
		set.Judge(&before, &turn, &facts, &j)
	}
	turn.Text = text
	b.ReportAllocs()
	for b.Loop() {
		st = before
		set.Judge(&st, &turn, &facts, &j)
	}
	if len(j.Rules) == 0 {
		b.Fatalf("%q was not touched", text)
	}
}

// utterance120 is 120 characters long and of no particular mood.
const utterance120 = "hello, I would like to know when the blue kettle that I ordered last week will be sent to my new address in Cork please"

// utterances are what customers of several moods say, 119 to 122 characters each. They are more than a conversation
// remembers, so that none is a repetition.
var utterances = []string{
	utterance120,
	"Can you tell me which of the trains to Galway has room for two bicycles and whether we have to book for them before Friday",
	"my parcel was to be here on Tuesday, it is Thursday now and nobody has told me anything about it, what is going on here",
	"I need a table for six people on Saturday evening, somewhere quiet with food for a child who does not eat any nuts please",
	"no, that is not what I asked, I want to change the name on the second ticket and not the date of the journey, thank you",
	"the app keeps crashing when I try to pay, I have installed it again twice already and the error is still the same as ever",
	"We moved last month, so could you please send the bill for the heating to the new flat and close the account of the old",
	"is there a cheaper room with a view of the lake for the first week of June, and can we bring the dog along if it is small",
	"this is the third time that I explain it, the charger you sent me does not fit and I would like to have my money back now",
	"Thanks, the booking arrived, and I only wonder whether the breakfast is part of the price or has to be paid at the hotel",
	"how do I send the shoes back, they are half a size too small, and will you change them for larger ones of the same colour",
	"I was told that somebody would call me back this morning about the broken boiler, but the phone did not ring until noon",
}

// BenchmarkUtterance also gives the median of single utterances, each with the cost of reading the clock once.
func BenchmarkUtterance(b *testing.B) {
	set, facts := shipped(b), rules.Facts{Session: "s"}
	var st rules.State
	var j rules.Judgement
	took := make([]time.Duration, 0, 1<<16)
	b.ReportAllocs()
	last, turn := time.Now(), rules.Turn{Role: rules.Customer}
	for i := 0; b.Loop(); i++ {
		turn.Text = utterances[i%len(utterances)]
		set.Judge(&st, &turn, &facts, &j)
		now := time.Now()
		if len(took) < cap(took) {
			took = append(took, now.Sub(last))
		}
		last = now
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Nanoseconds()), "p50-ns")
}

// newAndAgain benchmarks replies that are read anew each time, and those that are remembered.
func newAndAgain(b *testing.B, bench func(b *testing.B, set *rules.Set)) {
	set := shipped(b)
	b.Run("new", func(b *testing.B) { bench(b, set.Forgetful()) })
	b.Run("again", func(b *testing.B) { bench(b, set) })
}

func BenchmarkUntouchedReply(b *testing.B) { newAndAgain(b, untouched) }

// plainReplies are more than a conversation remembers, so that none is a repetition, and no rule touches them.
var plainReplies = []string{
	"The blue kettle leaves our store in Cork in the morning, and the mail brings it to your door two days later.",
	"Your garden chairs stand in the shed behind the house, where our driver put them in the early afternoon.",
	"The summer timetable has a train to Galway every hour, and the slow one stops at each of the villages.",
	"Both tickets are in your mailbox now, together with a map of the hall and the name of the side entrance.",
	"A battery of that size runs the lamp for a whole night, and a small one about half as long as that.",
	"Our gardeners trim the hedges along the lake in March, long after the birds have left their nests there.",
}

func untouched(b *testing.B, set *rules.Set) {
	var st rules.State
	var j rules.Judgement
	facts, turn := rules.Facts{AgentsAvailable: 1}, rules.Turn{Role: rules.Bot}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		turn.Text = plainReplies[i%len(plainReplies)]
		set.Judge(&st, &turn, &facts, &j)
		if len(j.Rules) > 0 {
			b.Fatalf("%q was touched by %v", turn.Text, j.Rules)
		}
	}
}

func BenchmarkRewrite(b *testing.B) {
	for name, text := range map[string]string{
		"words":    "Please note that order 1182 leaves on Monday.",
		"sentence": "I'm sorry, I did not understand your question.",
		"capture":  "I can't help with that fee of 12.50.",
	} {
		b.Run(name, func(b *testing.B) {
			newAndAgain(b, func(b *testing.B, set *rules.Set) { replied(b, set, text) })
		})
	}
}

// crowded is a pack of n rules, none of which matches anything that is said here.
func crowded(n int) string {
	var s strings.Builder
	s.WriteString("signals:\n")
	for i := range n {
		word := fmt.Sprintf("x%da", i)
		match := fmt.Sprintf(`{phrases: ["I (want | need) [the] %s", "when %s"]}`, word, word)
		if i%10 == 0 {
			match = fmt.Sprintf(`{regex: '(?i)kettle %s'}`, word)
		}
		s.WriteString(signalOf(fmt.Sprintf("s%d", i), "customer", match, "points: 1,"))
	}
	return packOf("en", s.String())
}

func BenchmarkRulesThatDoNotMatch(b *testing.B) {
	for _, n := range []int{100, 10_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			judged(b, compile(b, crowded(n)), rules.Turn{Role: rules.Customer, Text: utterance120}, rules.Facts{Session: "s"})
		})
	}
}

// BenchmarkCompileShipped is what every command spends before it begins.
func BenchmarkCompileShipped(b *testing.B) {
	for b.Loop() {
		shipped(b)
	}
}

func BenchmarkCompile10000Rules(b *testing.B) {
	files := []rules.File{{Name: "p.yaml", Data: []byte(crowded(10_000))}}
	for b.Loop() {
		if set, found := rules.Compile(files); set == nil {
			b.Fatal(found)
		}
	}
}

const hostileSize = 64 << 10

// hostile are texts of 64 KiB made to keep the engine busy.
func hostile() map[string]string {
	fill := func(s string) string { return strings.Repeat(s, hostileSize/len(s)) }
	return map[string]string{
		"marks":     "a" + strings.Repeat("\u0301", 100_000),
		"word":      fill("a"),
		"drawn out": fill("aaabbb"),
		"tags":      fill("<b>") + fill("</b>"),
		"open tags": fill("<a "),
		"quotes":    fill("\"a “b "),
		"ticks":     fill("`a "),
		"refusals":  fill("I can't help with a "),
		"person":    fill("agent human person "),
		"at signs":  fill("a@"),
		"schemes":   fill("a://"),
		"points":    fill("a.b."),
		"ligature":  fill("\ufdfa"),
		"ligatures": fill("\ufdfb\ufb01"),
		"emoji":     fill("🎉!"),
		"sentences": fill("I can't help with that. "),
		"numbers":   fill("1-2 "),
		"brackets":  fill("(["),
		"cheer":     fill("Great! "),
		"not utf-8": fill("\xff\xc0"),
		"slips":     fill("represantative mangaer "),
		"quote in":  fill("a'"),
		"list":      fill("- a\n"),
		"regret":    fill("unfortunately, "),
		"upsell":    fill("Have you heard about our Gold Plan? "),
	}
}

func BenchmarkHostile(b *testing.B) {
	set := shipped(b)
	for name, text := range hostile() {
		for _, role := range []rules.Role{rules.Customer, rules.Bot} {
			b.Run(name+"/"+role.String(), func(b *testing.B) {
				judged(b, set, rules.Turn{Role: role, Text: text}, rules.Facts{Session: "s", Syntax: rules.HTML})
			})
		}
	}
}
