package wire_test

import (
	"fmt"
	"strings"
	"testing"

	"attune/proxy/wire"
)

// showStreams writes what a message is to streams, and which of them it ends.
func showStreams(tr *wire.Translator, msg string) string {
	var parts []string
	for _, it := range tr.Read(wire.Down, []byte(msg)) {
		part := it.Kind.String()
		if s := it.Stream; s.Of > 0 {
			part += fmt.Sprintf(" %d %q", s.Of, s.Key)
			if s.Mode == wire.Replace {
				part += " so far"
			}
			if s.Idle > 0 {
				part += " " + s.Idle.String()
			}
			if s.Final {
				part += " final"
			}
		}
		parts = append(parts, part)
	}
	for _, e := range tr.Ends() {
		part := fmt.Sprintf("end %d %q after %d", e.Of, e.Key, e.After)
		if e.Every {
			part = fmt.Sprintf("end %d after %d", e.Of, e.After)
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, "; ")
}

func TestStreams(t *testing.T) {
	type step struct{ msg, want string }
	tests := []struct {
		name, profile string
		steps         []step
	}{
		{"pieces with a mark in the last", `frames: [{dir: down, kind: delta, text: ["$.token"], stream: {end_when: ["$.last == true"]}}]`, []step{
			{`{"token":"a","last":false}`, `delta 1 ""`},
			{`{"token":"b","last":true}`, `delta 1 ""; end 1 after 1`},
		}},
		{"keyed, with a final", `
frames:
  - {dir: down, kind: delta, when: ["$.type == delta"], text: ["$.d"], stream: {mode: append, key: ["$.id", "$.item"], seq: "$.n", end_when: ["$.type ~ done$"]}}
  - {dir: down, kind: final, when: ["$.type == done"], text: ["$.text"], stream: {key: "$.id", final: true}}
  - {dir: down, kind: final, when: ["$.type == all.done"], text: ["$.text"]}`, []step{
			{`{"type":"delta","id":"x","d":"a"}`, `delta 1 "x"`},
			{`{"type":"delta","item":7,"d":"a"}`, `delta 1 "7"`},
			{`{"type":"done","id":"x","text":"a"}`, `final 2 "x" final; end 1 "x" after 1`},
			{`{"type":"all.done","text":"a"}`, `final 3 "" final; end 1 after 1`},
			{`{"type":"delta","id":"` + strings.Repeat("x", 257) + `","d":"a"}`, `delta 1 ""`},
		}},
		{"the text so far, ended by a message", `
each: "$.activities[*]"
frames:
  - {dir: down, kind: delta, when: ["$.type == typing"], text: ["$.text"], stream: {mode: replace, key: "$.to", end_when: ["$.type == message"]}}
  - {dir: down, kind: message, when: ["$.type == message"], text: ["$.text"], stream: {key: "$.to", final: true}}`, []step{
			{`{"activities":[{"type":"typing","to":"1","text":"a"},{"type":"typing","to":"2","text":"b"}]}`, `delta 1 "1" so far; delta 1 "2" so far`},
			{
				`{"activities":[{"type":"message","to":"1","text":"ab"},{"type":"typing","to":"2","text":"bc"}]}`,
				`message 2 "1" final; delta 1 "2" so far; end 1 "1" after 1`,
			},
		}},
		{"messages that may be pieces, by the end mark", deepChat, []step{
			{`{"text":"whole"}`, `message`},
			{`{"text":"stream-end"}`, `turn_end; end 1 after 1`},
			{`{"text":"piece"}`, `delta 1 "" 700ms`},
			{`{"html":"<b>x</b>"}`, `message`},
		}},
		{"messages that may be pieces, by their spaces", deepChat, []step{
			{`{"text":"I'm "}`, `delta 1 "" 700ms`},
			{`{"text":"sorry"}`, `delta 1 "" 700ms`},
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := lookup(t, "deep-chat")
			if tt.profile != deepChat {
				p = define(t, tt.profile)
			}
			tr := p.Open(wire.Upgrade{})
			for _, s := range tt.steps {
				if got := showStreams(tr, s.msg); got != s.want {
					t.Errorf("%s\n got %s\nwant %s", s.msg, got, s.want)
				}
			}
		})
	}
}

// deepChat stands for the shipped profile.
const deepChat = ""

func TestDeadlines(t *testing.T) {
	tr := define(t, `
frames:
  - {dir: up, kind: interrupt, when: ["$.type == stop"], flush: down}
  - {dir: up, kind: message, text: ["$.text"], reply_deadline: 5s}
  - {dir: down, kind: message, text: ["$.text"], ack_deadline: 2s}`).Open(wire.Upgrade{})
	if it := tr.Read(wire.Up, []byte(`{"type":"stop"}`))[0]; !it.Flush {
		t.Error("an interrupt does not flush")
	}
	if it := tr.Read(wire.Up, []byte(`{"text":"a"}`))[0]; it.ReplyBy.Seconds() != 5 || it.Flush {
		t.Errorf("an utterance: %+v", it)
	}
	if it := tr.Read(wire.Down, []byte(`{"text":"a"}`))[0]; it.AckBy.Seconds() != 2 {
		t.Errorf("a reply: %+v", it)
	}
}
