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

// The parts of protocols that streams are about, as their profiles have them.
const (
	conversationRelay = `
profile: relay
framing: raw
channel: voice
session: "$.callSid"
locale: "$.lang"
frames:
  - {dir: up, kind: partial, when: ["$.type == prompt", "$.last == false"], text: ["$.voicePrompt"]}
  - {dir: up, kind: message, when: ["$.type == prompt"], text: ["$.voicePrompt"]}
  - {dir: up, kind: dtmf, when: ["$.type == dtmf"]}
  - {dir: up, kind: interrupt, when: ["$.type == interrupt"], flush: down}
  - {dir: down, kind: delta, when: ["$.type == text"], text: ["$.token"], stream: {mode: append, end_when: ["$.last == true"]}}
  - {dir: down, kind: handoff, when: ["$.type == end"]}
inject: {bot: '{"type":"text","token":{{text}},"last":true}'}`

	jambonz = `
profile: jambonz
framing: raw
channel: voice
remember: {reply_to: "$.msgid", tokens: "$.data.id"}
session: "$.call_sid"
frames:
  - {dir: up, kind: message, when: ["$.type == verb:hook", "$.data.speech exists"], text: ["$.data.speech.alternatives[*].transcript"], reply_deadline: 5s}
  - {dir: up, kind: control, when: ["$.type == tts:tokens-result"], id: "$.data.id"}
  - dir: down
    kind: delta
    when: ["$.command == tts:tokens"]
    text: ["$.data.tokens"]
    id: "$.data.id"
    stream: {mode: append, end_when: ["$.command == tts:flush"]}
    inject: {ack_backend: '{"type":"tts:tokens-result","data":{"id":{{tokens}},"status":"ok"}}'}
  - {dir: down, kind: message, role: bot, when: ["$.data[*].verb exists"], text: [{path: "$.data[*].text", syntax: ssml}, {path: "$.data[*].say.text", syntax: ssml}]}
inject: {bot: '{"type":"command","command":"redirect","queueCommand":false,"data":[{"verb":"say","text":{{text}}}]}'}`

	directLine = `
profile: directline
framing: raw
each: "$.activities[*]"
keepalive: [""]
session: "$.conversation.id"
frames:
  - {dir: down, kind: echo, when: ["$.channelData.clientActivityID exists"], text: ["$.text"]}
  - {dir: down, kind: delta, when: ["$.type == typing", "$.text exists"], text: [{path: "$.text", syntax: markdown}], stream: {mode: replace, key: "$.replyToId", end_when: ["$.type == message"]}}
  - {dir: down, kind: typing, when: ["$.type == typing"]}
  - {dir: down, kind: message, when: ["$.type == message"], text: [{path: "$.text", syntax: markdown}, {path: "$.speak", syntax: ssml, follow: "$.text"}], stream: {key: "$.replyToId", final: true}}
inject: {bot: '{"activities":[{"type":"message","text":{{text}}}]}'}`

	signalR = `
profile: signalr
framing: signalr
frames:
  - {dir: up, kind: message, when: ["$.type == 1", "$.target == SendMessage"], text: ["$.arguments[1]"]}
  - {dir: down, kind: echo, when: ["$.target == ReceiveMessage", "$.arguments[0] != bot"], text: ["$.arguments[1]"]}
  - {dir: down, kind: message, when: ["$.target == ReceiveMessage"], text: ["$.arguments[1]"]}
  - {dir: down, kind: delta, when: ["$.type == 2"], text: ["$.item"], stream: {mode: append, key: "$.invocationId", end_when: ["$.type == 3"]}}
  - {dir: any, kind: heartbeat, when: ["$.type == 6"]}
inject: {bot: '{"type":1,"target":"ReceiveMessage","arguments":["bot",{{text}}]}'}`

	openAI = `
profile: openai
framing: raw
frames:
  - {dir: up, kind: message, when: ["$.type == conversation.item.create"], text: ["$.item.content[*].text"]}
  - {dir: down, kind: delta, when: ["$.type == response.output_text.delta"], text: ["$.delta"], stream: {mode: append, key: "$.item_id", end_when: ["$.type == response.output_text.done"]}}
  - {dir: down, kind: final, when: ["$.type == response.output_text.done"], text: ["$.text"], stream: {key: "$.item_id", final: true}}
  - {dir: down, kind: final, when: ["$.type == response.output_item.done"], text: ["$.item.content[*].text"], stream: {key: "$.item.id", final: true}}
inject: unsupported`

	botpress = `
profile: botpress
framing: raw
keepalive: ["ping"]
frames:
  - {dir: down, kind: echo, when: ["$.type == message_created", "$.data.isBot == false"], text: ["$.data.payload.text"]}
  - {dir: down, kind: message, when: ["$.type == message_created"], text: ["$.data.payload.text"]}
  - {dir: down, kind: delta, when: ["$.type == message_stream_delta"], text: ["$.data.delta"], stream: {mode: append, key: "$.data.streamId", seq: "$.data.sequence", end_when: ["$.type == message_stream_complete"]}}
  - {dir: down, kind: final, when: ["$.type == message_stream_complete"], text: ["$.data.message.payload.text"], stream: {key: "$.data.streamId", final: true}}
inject: {bot: '{"type":"message_created","data":{"payload":{"text":{{text}}},"isBot":true}}'}`

	retell = `
profile: retell
framing: raw
channel: voice
frames:
  - {dir: any, kind: heartbeat, when: ["$.response_type == ping_pong"]}
  - {dir: up, kind: message, when: ["$.interaction_type == response_required"], text: ["$.transcript[-1].content"]}
  - {dir: down, kind: handoff, role: bot, when: ["$.transfer_number exists"], text: ["$.content"]}
  - {dir: down, kind: delta, when: ["$.response_type == response"], text: ["$.content"], stream: {mode: append, key: "$.response_id", end_when: ["$.content_complete == true"]}}
inject: unsupported`
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
		{"conversationrelay", conversationRelay, "conversationrelay", `{text: "you pressed {key}"}`, "That was the key {key}.",
			`"token":"([^"]*)"`, "You pressed 4.", "That was the key 4."},
		{"jambonz", jambonz, "jambonz_ws", `{text: "I'm checking that"}`, "I'm on it.", `"tokens":"([^"]*)"`, "I'm checking that.", "I'm on it."},
		{"signalr", signalR, "signalr_json", `{text: "I am looking"}`, "I have a look.", `"item":"([^"]*)"`, "I am looking.", "I have a look."},
		{"openai", openAI, "documented/openai_realtime", `{text: "I am sorry"}`, "That went wrong.", `"(?:delta|text)":"((?:I am|sorry|That| ?went| ?wrong)[^"]*)"`,
			"I am sorry.I am sorry.", "That went wrong.That went wrong."},
		{"botpress", botpress, "documented/botpress_chat", `{text: "let me check"}`, "I look at it now.", `"(?:delta|text)":"((?:Let|check|I| it| now)[^"]*)"`,
			"Let me check.Let me check.", "I look at it now.I look at it now."},
		{"retell", retell, "documented/retell_llm", `{text: "I'm sorry about that"}`, "That went wrong.", `"content":"([^"]*)"`,
			"I'm sorry about that.Transferring you now.", "That went wrong.Transferring you now."},
		{"directline", directLine, "directline_ws", `{text: "I'm looking into that for you now"}`, "I look it up.", `"text":"(I'?m? look[^"]*)"`,
			"I'm lookingI'm looking into thatI'm looking into that for you now.", "I lookI look itI look it up."},
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
			p := play(t, reading(t, tt.profile), only(`{text: "nothing"}`, "Not a thing."))
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
			p = play(t, reading(t, tt.profile), only(tt.match, tt.say))
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
	p := play(t, reading(t, conversationRelay), only(`{text: "[sorry] I can't find {what}"}`, "I have no {what} here."))
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
	p := play(t, reading(t, jambonz), tone)
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
