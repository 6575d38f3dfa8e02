package wire_test

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"attune/proxy/wire"
)

func TestRecording(t *testing.T) {
	rec, err := wire.ReadRecording("r", strings.NewReader(`
{"protocol":"x","conn":2,"dir":"client","opcode":"upgrade","data":"GET /chat/a%20b?session=s-1&x=%2B\r\nsec-websocket-protocol: a, b\r\nCookie: k=v\n\nbody: no","t":4}

{"dir":"server","opcode":"binary","data":"AQI="}
{"dir":"server","opcode":"text","data":"","source":"documented"}`))
	if err != nil {
		t.Fatal(err)
	}
	if len(rec.Events) != 3 || rec.Source != "documented" {
		t.Fatalf("%+v", rec)
	}
	u := rec.Events[0].Upgrade()
	if u.Path != "/chat/a b" || u.Query.Get("session") != "s-1" || u.Query.Get("x") != "+" || u.Header.Get("Sec-WebSocket-Protocol") != "a, b" || u.Header.Get("Cookie") != "k=v" || u.Header.Get("Body") != "" {
		t.Errorf("upgrade %+v", u)
	}
	if ev := rec.Events[1]; ev.Line != 4 || ev.Conn != 0 || ev.Dir != wire.Down || ev.Opcode != wire.OpBinary || string(ev.Data) != "\x01\x02" {
		t.Errorf("binary %+v", ev)
	}
	if u := rec.Events[1].Upgrade(); u.Path != "" || u.Header != nil {
		t.Errorf("upgrade of another event: %+v", u)
	}
}

func TestRecordingFaults(t *testing.T) {
	_, err := wire.ReadRecording("r.jsonl", strings.NewReader("{\"dir\":\"client\",\"opcode\":\"text\",\"data\":\""+strings.Repeat("x", 17<<20)+"\"}\n"))
	var faults wire.RecordingFaults
	if !errors.As(err, &faults) || len(faults) != 1 || !strings.HasPrefix(faults[0].Message, "longer than 16 MiB") {
		t.Errorf("a long line: %v", err)
	}
	if _, err := wire.ReadRecording("r.jsonl", iotest.ErrReader(io.ErrUnexpectedEOF)); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("a reader that fails: %v", err)
	}
}

func TestCheckFindings(t *testing.T) {
	const say = `frames: [{dir: any, kind: message, when: ["$.type == say"], text: ["$.text"]}]` + "\n"
	hello := []string{`up: {"type":"say","text":"hello"}`, `down: {"type":"say","text":"Hello to you."}`}
	tests := []struct {
		name, profile string
		lines         []string
		want          string // the finding, "" for none
	}{
		{"all is well", say + `inject: {bot: '{"type":"say","text":{{text}}}', to_backend: '{"type":"say","text":{{text}}}', typing: '{"type":"typing"}'}`, hello, ""},
		{"another protocol", `frames: [{dir: any, kind: message, when: ["$.kind == say"], text: ["$.text"]}]`, hello, "said: no message of the recording is one the profile knows"},
		{"opaque", "framing: opaque", hello, ""},
		{"a condition on the words", `frames: [{dir: any, kind: message, when: ["$.text ~ ^Hello"], text: ["$.text"]}]`, hello, "said:2: with other words in it the message is read in another way"},
		{"a reply that is not read back", say + `inject: {bot: '{"type":"said","text":{{text}}}'}`, hello, "said: inject bot: the profile does not know its own message again"},
		{"an utterance that is not read back", say + `inject: {to_backend: '{"text":{{text}}}'}`, hello, "said: inject to_backend: "},
		{"typing that says something", say + `inject: {typing: '{"type":"say","text":"..."}'}`, hello, "said: inject typing: "},
		{"a handoff that is none", say + `inject: {handoff: '{"type":"say","text":{{text}}}'}`, hello, "said: inject handoff: "},
		{"no room for edits", say + "max_message: 40\n", hello, ""},
		{"words in two places", `frames: [{dir: any, kind: message, text: ["$.text", {path: "$.speak", syntax: ssml, follow: "$.text"}]}]`, []string{
			`down: {"text":"It's 1 & 2","speak":"<speak>It's 1 &amp; 2</speak>"}`, `down: {"text":"Don't","speak":"<speak>Don't <break/></speak>"}`, `down: {"text":"a","speak":"a a"}`,
		}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := define(t, tt.profile).Check(said(t, tt.lines...))
			var got []string
			for _, f := range r.Findings {
				got = append(got, f.String())
			}
			if all := strings.Join(got, "\n"); len(got) > 1 || (tt.want == "") != (all == "") || !strings.HasPrefix(all, tt.want) {
				t.Errorf("found %s\nwant %s", all, tt.want)
			}
			if tt.want == "" && r.Counts.Edits != r.Counts.EditsOK {
				t.Errorf("%d of %d edits undone", r.Counts.EditsOK, r.Counts.Edits)
			}
		})
	}
}

// A template whose variables are never seen is not called wrong, but untried.
func TestCheckNotReady(t *testing.T) {
	p := define(t, "session: $.s\nframes: [{dir: any, kind: message, text: [$.t]}]\ninject: {bot: '{\"s\":{{session}},\"t\":{{text}}}'}\n")
	r := p.Check(said(t, `up: {"t":"hi"}`))
	if r.Inject["bot"] != "not ready" || len(r.Findings) > 0 || !strings.Contains(strings.Join(r.Notes, "\n"), "inject: bot was not tried") {
		t.Errorf("%+v", r)
	}
}

func TestFollowersThatDoNotMatchTheirLeaders(t *testing.T) {
	p := define(t, `frames: [{dir: down, kind: message, text: ["$.say[*].text", {path: "$.say[*].again", follow: "$.say[*].text"}]}]`)
	for msg, want := range map[string]string{
		`{"say":[{"text":"a","again":"a"},{"text":"b","again":"b"}]}`: "message bot [a] [b] [a]<0 [b]<1",
		`{"say":[{"text":"a"},{"text":"b","again":"b"}]}`:             "message bot [a]! [b]! [b]!",
		`{"say":[{"text":"a"},{"text":"b"}]}`:                         "message bot [a] [b]",
		`{"say":[{"text":"a","again":"x"}]}`:                          "message bot [a]! [x]<0",
	} {
		if got := show(p.Open(wire.Upgrade{}).Read(wire.Down, []byte(msg))); got != want {
			t.Errorf("%s reads\n%s\nwant\n%s", msg, got, want)
		}
	}
}
