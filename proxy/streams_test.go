package proxy

import (
	"testing"
	"time"

	"attune/proxy/session"
)

// tone is a pack with one rule of each kind that matters to streams.
const tone = `
pack: tone
version: 1
locale: en
scoring: {half_life: 4, flag: 2, offer: {score: 50}, escalate: {score: 80}, rearm_below: 3, bands: {calm: 0}}
rewrites:
  - id: refusal
    what: A refusal gets a way on.
    why: A dead end feels like being dominated.
    move: soften
    match: {text: "[sorry] I (can't | cannot) help [you] with {what}"}
    say: ["What is beyond me is {what}, since I can't help with it."]
    examples:
      - {in: "Sorry, I can't help with that fee.", out: "What is beyond me is that fee, since I can't help with it."}
      - {in: "I can help with that.", unchanged: true}
  - id: utilize
    what: Plain words.
    why: Plain words are read once.
    move: plain-words
    match: {phrases: ["(utilize)"]}
    say: ["use"]
    examples: [{in: "You can utilize it.", out: "You can use it."}, {in: "You can use it.", unchanged: true}]
`

// relay is ConversationRelay, as far as streams go.
const relay = `
profile: relay
framing: raw
channel: text
frames:
  - {dir: up, kind: message, when: ["$.type == prompt"], text: ["$.voicePrompt"]}
  - {dir: up, kind: interrupt, when: ["$.type == interrupt"], flush: down}
  - {dir: down, kind: delta, when: ["$.type == text"], text: ["$.token"], stream: {mode: append, end_when: ["$.last == true"]}}
  - {dir: down, kind: handoff, when: ["$.type == end"]}
inject: {bot: '{"type":"text","token":{{text}},"last":true}'}
`

func token(text, last string) string {
	return `{"type":"text","token":"` + text + `","last":` + last + `}`
}

func TestStreamIsRewordedBeforeItLeaves(t *testing.T) {
	p := play(t, reading(t, relay), tone)
	p.bot(token("Hello", "false"), token(".", "false"))
	p.sees(token("Hello", "false"), token(".", "false"))
	for _, piece := range []string{" I", " can", "'t", " help", " with", " that", " fee", "."} {
		p.bot(token(piece, "false"))
	}
	p.sees() // the sentence matches, and may go on
	p.bot(token(" Anything", "false"))
	p.sees(token(" What", "false"), token(" is beyond", "false"), token(" me", "false"), token(" is that fee,", "false"),
		token(" since I", "false"), token(" can't help", "false"), token(" with it", "false"), token(".", "false"), token(" Anything", "false"))
	p.bot(token(" else?", "true"))
	p.sees(token(" else?", "true"))
	if got, want := p.story(), "bot: Hello. I can't help with that fee. Anything else? -> Hello. What is beyond me is that fee, since I can't help with it. Anything else?"; got != want {
		t.Errorf("story %q\nwant  %q", got, want)
	}
	if n := p.count("attune_rewrites_total", "rule=refusal", "outcome=applied"); n != 1 {
		t.Errorf("applied %v times", n)
	}
	p.rests()
}

func TestHeldNoLongerThanAllowed(t *testing.T) {
	p := play(t, reading(t, relay), tone)
	p.bot(token("Sorry", "false"), token(", I", "false"))
	p.wait(maxHold - time.Millisecond)
	p.sees()
	p.wait(time.Millisecond)
	p.sees(token("Sorry", "false"), token(", I", "false"))
	p.bot(token(" can't help with that fee.", "false"), token(" You can utilize", "false"))
	p.sees(token(" can't help with that fee.", "false")) // its sentence has left, but not the next one
	p.bot(token(" the form.", "true"))
	p.sees(token(" You can use", "false"), token(" the form.", "true"))
	if n := p.count("attune_rewrites_total", "rule=refusal", "outcome=spent"); n != 1 {
		t.Errorf("the refusal that left too soon counts %v times", n)
	}
	if n := p.count("attune_stream_held_seconds", "outcome=overdue"); n != 2 {
		t.Errorf("%v pieces overdue", n)
	}
	p.rests()
}

func TestStreamsWithoutAFloor(t *testing.T) {
	p := play(t, reading(t, relay), tone)
	p.bot(token("Hello", "true"))
	p.sees(token("Hello", "true"))
	p.floor(session.Agent)
	p.bot(token("Never", "false"), token(" mind.", "true"))
	p.sees()
	p.floor(session.Bot)
	p.bot(token("Back", "false"))
	p.sees(token("Back", "false"))
	p.floor(session.Attune)
	p.bot(token(" again", "false"), token(" here.", "true"))
	p.sees(token("", "true")) // the widget is not left in the middle
	if got, want := p.story(), "bot: Hello\nbot: Never mind. (late)\nbot: Back\nbot:  again here. (late)"; got != want {
		t.Errorf("story %q\nwant  %q", got, want)
	}
	if n := p.count("attune_late_frames_dropped_total"); n != 2 {
		t.Errorf("%v late", n)
	}
	p.rests()
}

func TestInterruptThrowsAwayWhatIsHeld(t *testing.T) {
	p := play(t, reading(t, relay), tone)
	p.bot(token("Well", "false"), token(".", "false"), token(" I", "false"), token(" can't", "false"), token(" help", "false"))
	p.sees(token("Well", "false"), token(".", "false"))
	p.customer(`{"type":"interrupt"}`)
	p.sees()
	p.told(`{"type":"interrupt"}`)
	p.bot(token("You", "false"), token(" said?", "true"))
	p.sees(token("You", "false"), token(" said?", "true"))
	if got, want := p.story(), "bot: Well.\nbot: You said?"; got != want {
		t.Errorf("story %q\nwant  %q", got, want)
	}
	if n := p.count("attune_stream_held_seconds", "outcome=flushed"); n != 3 {
		t.Errorf("%v pieces flushed", n)
	}
	p.rests()
}
