package proxy

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"attune/proxy/session"
	"attune/proxy/wire"
)

// capture is one recorded message.
type capture struct {
	Dir    string `json:"dir"`
	Opcode string `json:"opcode"`
	Data   string `json:"data"`
	T      int    `json:"t"`
}

// captured reads a recording.
func captured(t *testing.T, name string) []capture {
	t.Helper()
	f, err := os.Open(filepath.Join("wire", "testdata", name+".jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var all []capture
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var c capture
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			t.Fatal(err)
		}
		if c.Opcode == "text" {
			all = append(all, c)
		}
	}
	return all
}

// replaying plays a recording with its own timing.
func (p *script) replaying(all []capture) {
	p.t.Helper()
	last := 0
	for _, c := range all {
		if c.T > last && last > 0 {
			p.wait(time.Duration(c.T-last) * time.Millisecond)
		}
		last = c.T
		if c.Dir == "client" {
			p.customer(c.Data)
		} else {
			p.bot(c.Data)
		}
	}
	p.wait(10 * time.Second)
}

// only is a pack with one rewrite.
func only(match, say string) string {
	return `
pack: one
version: 1
locale: en
scoring: {half_life: 4, flag: 2, offer: {score: 50}, escalate: {score: 80}, rearm_below: 3, bands: {calm: 0}}
rewrites:
  - id: it
    what: One thing.
    why: It is looked at.
    move: own
    match: ` + match + `
    say: ["` + say + `"]
    adds: [fact]
    examples: [{in: "nothing", unchanged: true}]
`
}

// Recorded conversations pass byte for byte, in order, where no rule is about them; where one is, only its words change.
func TestRecordedStreams(t *testing.T) {
	tests := []struct {
		name, profile, recording string
		match, say               string
		text                     string // path of the pieces' text, as an expression
		was, becomes             string // what the pieces add up to, in every message that has such a text
	}{
		{
			"conversationrelay", "twilio-conversationrelay", "conversationrelay", `{text: "you pressed {key}"}`, "That was the key {key}.",
			`"token":"([^"]*)"`, "You pressed 4.", "That was the key 4.",
		},
		{"jambonz", "jambonz", "jambonz_ws", `{text: "I'm checking that"}`, "I'm on it.", `"tokens":"([^"]*)"`, "I'm checking that.", "I'm on it."},
		{"signalr", "signalr-json", "signalr_json", `{text: "I am looking"}`, "I have a look.", `"item":"([^"]*)"`, "I am looking.", "I have a look."},
		{
			"openai", "openai-realtime", "documented/openai_realtime", `{text: "I am sorry"}`, "That went wrong.", `"(?:delta|text)":"((?:I am|sorry|That| ?went| ?wrong)[^"]*)"`,
			"I am sorry.I am sorry.", "That went wrong.That went wrong.",
		},
		{
			"botpress", "botpress-chat", "documented/botpress_chat", `{text: "let me check"}`, "I look at it now.", `"(?:delta|text)":"((?:Let|check|I| it| now)[^"]*)"`,
			"Let me check.Let me check.", "I look at it now.I look at it now.",
		},
		{
			"retell", "retell-custom-llm", "documented/retell_llm", `{text: "I'm sorry about that"}`, "That went wrong.", `"content":"([^"]*)"`,
			"I'm sorry about that.Transferring you now.", "That went wrong.Transferring you now.",
		},
		{
			"directline", "directline", "directline_ws", `{text: "I'm looking into that for you now"}`, "I look it up.", `"text":"(I'?m? look[^"]*)"`,
			"I'm lookingI'm looking into thatI'm looking into that for you now.", "I lookI look itI look it up.",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			all := captured(t, tt.recording)
			var want []string
			for _, c := range all {
				if c.Dir == "server" {
					want = append(want, c.Data)
				}
			}
			p := play(t, shipped(t, tt.profile), only(`{text: "nothing"}`, "Not a thing."))
			p.replaying(all)
			p.sees(want...)
			p.rests()

			text := regexp.MustCompile(tt.text)
			added := func(lines []string) (sum string, rest []string) {
				for _, l := range lines {
					for _, m := range text.FindAllStringSubmatch(l, -1) {
						sum += m[1]
					}
					rest = append(rest, text.ReplaceAllString(l, ""))
				}
				return sum, rest
			}
			was, around := added(want)
			if !strings.Contains(was, tt.was) {
				t.Fatalf("the recording says %q, not %q", was, tt.was)
			}
			p = play(t, shipped(t, tt.profile), only(tt.match, tt.say))
			p.replaying(all)
			got, still := added(p.saw)
			if becomes := strings.Replace(was, tt.was, tt.becomes, 1); got != becomes {
				t.Errorf("the pieces say\n%q, want\n%q", got, becomes)
			}
			if !slices.Equal(still, around) {
				t.Errorf("around the text the messages are\n%s\nwant\n%s", strings.Join(still, "\n"), strings.Join(around, "\n"))
			}
			p.rests()
		})
	}
}

// A caller who breaks in hears nothing of a sentence that was held.
func TestRecordedInterrupt(t *testing.T) {
	p := play(t, shipped(t, "twilio-conversationrelay"), only(`{text: "[sorry] I can't find {what}"}`, "I have no {what} here."))
	p.replaying(captured(t, "conversationrelay"))
	for _, l := range p.saw[:3] {
		if !strings.Contains(l, "pressed") && !strings.Contains(l, `"4"`) && !strings.Contains(l, `"."`) {
			t.Errorf("the caller who broke in hears %s", l)
		}
	}
	if n := p.count("attune_stream_held_seconds", "outcome=flushed"); n != 8 {
		t.Errorf("%v pieces thrown away, want 8", n)
	}
}

// Tokens that the caller is not to hear are confirmed all the same, in the order of their ids.
func TestTokensAreConfirmedInOrder(t *testing.T) {
	tokens := func(id, text string) string {
		return `{"type":"command","command":"tts:tokens","queueCommand":false,"data":{"id":` + id + `,"tokens":"` + text + `"}}`
	}
	result := func(id string) string { return `{"type":"tts:tokens-result","data":{"id":` + id + `,"status":"ok"}}` }
	p := play(t, shipped(t, "jambonz"), tone)
	p.bot(tokens("1", "Hello "), tokens("2", "there."))
	p.sees(tokens("1", "Hello "), tokens("2", "there."))
	p.floor(session.Agent)
	p.bot(tokens("3", " I"), tokens("4", " wait."))
	p.sees()
	p.told() // the platform owes two results yet
	p.customer(result("1"))
	p.told(result("1"))
	p.customer(result("2"))
	p.told(result("2"), result("3"), result("4"))
	p.bot(tokens("5", " Still."))
	p.told(result("5"))
	p.rests()
}

func TestInterleavedStreams(t *testing.T) {
	p := play(t, reading(t, wires), tone)
	a := func(text string) string { return event{Type: "add", ID: "a", Text: text}.line() }
	b := func(text string) string { return event{Type: "add", ID: "b", Text: text}.line() }
	whole := event{Type: "whole", Text: "Something else."}.line()
	p.bot(a("Sorry, I can't help"), b("Of course."), `{"type":"ping","text":""}`, `{"type":"typing","text":""}`)
	p.sees(b("Of course."), `{"type":"ping","text":""}`, `{"type":"typing","text":""}`) // neither waits for a
	p.bot(whole, b(" What is it?"))
	p.sees() // what the bot says whole comes after what it has begun to say
	p.bot(a(" with that. Really"))
	p.sees(a("What is beyond me is that, since I can't"), whole, b(" What is it?"), a(" help with it. Really"))
	p.bot(event{Type: "done", ID: "b", Text: "Of course. What is it?"}.line(), event{Type: "done", ID: "a", Text: "Sorry, I can't help with that. Really"}.line())
	p.sees(event{Type: "done", ID: "b", Text: "Of course. What is it?"}.line(),
		event{Type: "done", ID: "a", Text: "What is beyond me is that, since I can't help with it. Really"}.line())
	p.rests()
}

func TestStreamsThatEndByThemselves(t *testing.T) {
	p := play(t, shipped(t, "deep-chat"), tone)
	said := func(text string) string { return `{"text":"` + text + `"}` }
	p.bot(said("Sorry, "), said("I can't help "), said("with that."))
	p.wait(700*time.Millisecond - 1)
	p.sees()
	p.wait(1)
	p.sees(said("What is beyond"), said(" me is that, since I can't"), said(" help with it."))
	p.bot(said("Bye."))
	p.sees(said("Bye."))
	p.bot(said("stream-end"))
	p.sees(said("stream-end"))
	if got, want := p.story(), "bot: Sorry, I can't help with that. -> What is beyond me is that, since I can't help with it.\nbot: Bye."; got != want {
		t.Errorf("story %q\nwant  %q", got, want)
	}
	p.rests()
}

// shipped is a profile that comes with Attune.
func shipped(t *testing.T, name string) *wire.Profile {
	t.Helper()
	p, err := wire.Lookup(name)
	if err != nil {
		t.Fatal(err)
	}
	return p
}
