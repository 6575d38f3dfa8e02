package proxy

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// wires is a protocol with pieces that add up, pieces that hold the text so far, finals and whole messages.
const wires = `
profile: wires
framing: raw
frames:
  - {dir: up, kind: message, when: ["$.type == said"], text: ["$.text"]}
  - {dir: down, kind: delta, when: ["$.type == add"], text: ["$.text"], stream: {mode: append, key: "$.id", seq: "$.n", end_when: ["$.type == done"]}}
  - {dir: down, kind: delta, when: ["$.type == so_far"], text: ["$.text"], stream: {mode: replace, key: "$.id", end_when: ["$.type == done"]}}
  - {dir: down, kind: final, when: ["$.type == done"], text: ["$.text"], stream: {key: "$.id", final: true}}
  - {dir: down, kind: message, when: ["$.type == whole"], text: ["$.text"]}
  - {dir: down, kind: heartbeat, when: ["$.type == ping"]}
  - {dir: down, kind: typing, when: ["$.type == typing"]}
  - {dir: down, kind: turn_end, when: ["$.type == over"]}
inject: {bot: '{"type":"whole","id":"att","text":{{text}}}'}
`

// event is a message of wires.
type event struct {
	Type string  `json:"type"`
	ID   string  `json:"id"`
	N    int     `json:"n"`
	Big  float64 `json:"big"`
	Text string  `json:"text"`
}

// line writes a message with odd spacing, which has to survive.
func (e event) line() string {
	text, err := json.Marshal(e.Text)
	if err != nil {
		panic(err)
	}
	return fmt.Sprintf(`{ "type":"%s", "id":"%s","n": %d, "big":1.0,  "text":%s }`, e.Type, e.ID, e.N, text)
}

// events reads what the widget saw.
func events(t fatal, lines []string) []event {
	t.Helper()
	var all []event
	for _, l := range lines {
		var e event
		if err := json.Unmarshal([]byte(l), &e); err != nil {
			t.Fatalf("%s: %v", l, err)
		}
		all = append(all, e)
	}
	return all
}

type fatal interface {
	Helper()
	Fatalf(format string, args ...any)
}

// lively is tone with the rest of what happens to replies.
const lively = tone + `
  - id: calm
    what: No cheer.
    why: Cheer grates.
    move: strip-cheer
    when: "score >= 0"
    examples: [{in: "Great! It is here!", out: "It is here."}, {in: "It is here.", unchanged: true}]
  - id: nice-day
    what: No wishes.
    why: A door closed with a smile.
    move: strip-cheer
    match: {text: "have a nice day"}
    place: sentence
    say: [""]
    examples: [{in: "It is here. Have a nice day.", out: "It is here."}, {in: "It is here.", unchanged: true}]
  - id: sadly
    what: No sorrow.
    why: It comes too often.
    move: plain-words
    match: {regex: '(?i)\bunfortunately,?\s'}
    say: [""]
    examples: [{in: "Unfortunately, it is closed.", out: "It is closed."}, {in: "It is closed.", unchanged: true}]
`

// sentences are what replies are made of, each with what may be made of it.
var sentences = map[string][]string{
	"Hello.": nil, "It costs 1,250.50 euro.": nil, "See e.g. the app.": nil, "Dr. Smith utilizes it.": nil, "Is it ok?": nil, "Sorry": {""},
	"I can't help": nil, "Have a nice": nil, "can": nil, "Sooo sorry...": nil, "Ünser café is open.": nil, "No. 5 is open at 3. May": nil,
	"Sorry, I can't help with that fee of 12.50 euro.":           {"What is beyond me is that fee of 12.50 euro, since I can't help with it."},
	"You can utilize it, or not.":                                {"You can use it, or not."},
	"1. Sorry, I can't help with that.":                          {"1. What is beyond me is that, since I can't help with it."},
	"- utilize one":                                              {"- use one", "use one", "utilize one"}, // the dash may go with a cheer before it
	"Write to a.b@example.com or utilize http://example.com/a.b": {"Write to a.b@example.com or use http://example.com/a.b"},
	"**Sorry**, I can't help with that.":                         nil,
}

// fussy are those of which the rules look at more than one at a time.
var fussy = map[string][]string{
	"I cannot help you with refunds!": {"I cannot help you with refunds.", "What is beyond me is refunds, since I can't help with it.", "What is beyond me is refunds, since I can't help with it!"},
	"Great!":                          {"Great.", ""},
	"Great news!":                     {"Great news.", ""},
	"Have a nice day!":                {"Have a nice day.", ""},
	"Oh! Well!! 🎉":                    {"Oh. Well.", "Oh! Well.", "Oh! Well!!", "Oh. Well!!", "Oh. Well!! 🎉", "Oh! Well. 🎉", "Oh. Well. 🎉"},
	"Unfortunately, it is closed.":    {"It is closed.", "it is closed."},
	"It is, unfortunately, closed.":   {"It is closed.", "It is, closed."},
	"He said \"utilize it\".":         nil,
	"Ünser Büro ist zu.":              nil,
	"`utilize` it.":                   nil,
}

// drawReply makes up a reply of sentences, and the expression that whatever may be made of it matches.
func drawReply(t *rapid.T, from ...map[string][]string) (string, *regexp.Regexp) {
	all := map[string][]string{}
	for _, m := range from {
		maps.Copy(all, m)
	}
	known := slices.Sorted(maps.Keys(all))
	var reply, want strings.Builder
	for i := range rapid.IntRange(1, 6).Draw(t, "sentences") {
		if i > 0 {
			reply.WriteString(rapid.SampledFrom([]string{" ", " ", " ", "\n", "  "}).Draw(t, "between"))
			want.WriteString(`\s*`)
		}
		sentence := rapid.SampledFrom(known).Draw(t, "sentence")
		reply.WriteString(sentence)
		want.WriteString("(?:" + regexp.QuoteMeta(sentence))
		for _, alt := range all[sentence] {
			want.WriteString("|" + regexp.QuoteMeta(alt))
		}
		want.WriteString(")")
	}
	return reply.String(), regexp.MustCompile(`^\s*` + want.String() + `\s*$`)
}

// cutUp cuts a reply into pieces, none of which ends in a space: a space that has left is not taken back.
func cutUp(t *rapid.T, reply string) []string {
	runes := []rune(reply)
	var pieces []string
	for len(runes) > 0 {
		n := min(len(runes), rapid.IntRange(1, 12).Draw(t, "length"))
		for n < len(runes) && strings.ContainsRune(" \n", runes[n-1]) {
			n++
		}
		pieces = append(pieces, string(runes[:n]))
		runes = runes[n:]
	}
	return pieces
}

// However a reply is cut up, the customer sees what they would see of the whole one.
func TestPiecesAddUpToTheWholeReply(t *testing.T) {
	p := play(t, reading(t, wires), tone)
	rapid.Check(t, func(rt *rapid.T) {
		reply, _ := drawReply(rt, sentences)
		p.now = p.now.Add(time.Hour)
		p.open()
		p.bot(event{Type: "whole", Text: reply}.line())
		want := events(rt, p.saw)[0].Text

		p.now = p.now.Add(time.Hour)
		p.open()
		pieces := cutUp(rt, reply)
		mode := rapid.SampledFrom([]string{"add", "so_far"}).Draw(rt, "mode")
		sofar := ""
		for i, piece := range pieces {
			if sofar += piece; mode == "so_far" {
				piece = sofar
			}
			p.bot(event{Type: mode, ID: "a", N: i, Text: piece}.line())
		}
		p.bot(event{Type: "done", ID: "a", N: len(pieces), Text: reply}.line())
		saw := events(rt, p.saw)
		if len(saw) != len(pieces)+1 {
			rt.Fatalf("%d messages became %d", len(pieces)+1, len(saw))
		}
		sofar = ""
		for i, e := range saw[:len(pieces)] {
			if e.N != i || e.Type != mode || e.Big != 1 || !strings.Contains(p.saw[i], `"big":1.0,  "text":`) {
				rt.Fatalf("message %d has become %s", i, p.saw[i])
			}
			if mode == "add" {
				sofar += e.Text
				continue
			}
			if !strings.HasPrefix(e.Text, sofar) {
				rt.Fatalf("what was seen is taken back:\n%q\n%q", sofar, e.Text)
			}
			sofar = e.Text
		}
		final := saw[len(pieces)].Text
		if mode == "add" && final != sofar {
			rt.Fatalf("the final says %q, the pieces %q", final, sofar)
		}
		if final != want {
			rt.Fatalf("of %q\n in %q\n the customer sees %q\n        but whole %q", reply, pieces, final, want)
		}
	})
}

// Whatever is held too long or cut at a space, the customer sees every sentence as the bot said it or as the rules do, and a
// final says what its pieces said.
func TestFinalSaysWhatThePiecesSaid(t *testing.T) {
	p := play(t, reading(t, wires), lively)
	rapid.Check(t, func(rt *rapid.T) {
		reply, want := drawReply(rt, sentences, fussy)
		p.now = p.now.Add(time.Hour)
		p.open()
		seen := ""
		runes := []rune(reply)
		for i := 0; len(runes) > 0; i++ {
			n := min(len(runes), rapid.IntRange(1, 12).Draw(rt, "length"))
			p.bot(event{Type: "add", ID: "a", N: i, Text: string(runes[:n])}.line())
			runes = runes[n:]
			if rapid.IntRange(0, 9).Draw(rt, "pause") == 0 {
				p.wait(time.Second)
			}
		}
		p.bot(event{Type: "done", ID: "a", Text: reply}.line())
		saw := events(rt, p.saw)
		for _, e := range saw[:len(saw)-1] {
			seen += e.Text
		}
		if final := saw[len(saw)-1].Text; final != seen {
			rt.Fatalf("the final says %q, the pieces %q", final, seen)
		}
		if !want.MatchString(seen) {
			rt.Fatalf("of %q\n the customer sees %q", reply, seen)
		}
	})
}
