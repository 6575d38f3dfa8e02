package wire_test

import (
	"errors"
	"path"
	"strings"
	"testing"

	"attune/proxy/wire"
)

func learn(t *testing.T, rec *wire.Recording) (*wire.Lesson, *wire.Profile) {
	t.Helper()
	lesson, err := wire.Learn(rec)
	if err != nil {
		t.Fatal(err)
	}
	all, err := wire.Parse("learned.yaml", lesson.YAML)
	if err != nil {
		t.Fatalf("%v\n%s", err, lesson.YAML)
	}
	return lesson, all[0]
}

// What is learned from a recording is a profile that stands up to it.
func TestLearn(t *testing.T) {
	for name := range recordings {
		t.Run(name, func(t *testing.T) {
			rec := recording(t, name)
			lesson, p := learn(t, rec)
			r := p.Check(rec)
			for _, f := range r.Findings {
				t.Error(f)
			}
			if known := lookup(t, recordings[name]); p.Framing() != known.Framing() {
				t.Errorf("framing %s, want %s", p.Framing(), known.Framing())
			}
			if r.Source != "recorded" || t.Failed() {
				return
			}
			golden(t, "testdata/learned/"+path.Base(name)+".yaml", string(lesson.YAML))
		})
	}
}

// Of what a real widget and bot said, the proposal reads all that the shipped profile reads.
func TestLearnReadsAll(t *testing.T) {
	for name, profile := range recordings {
		rec := recording(t, name)
		if rec.Source != "recorded" {
			continue
		}
		_, p := learn(t, rec)
		got, want := p.Check(rec).Counts, lookup(t, profile).Check(rec).Counts
		if got.Customer != want.Customer || got.Echo != want.Echo || got.Delta+got.Handoff != want.Delta+want.Handoff || got.Bot < want.Bot-1 {
			t.Errorf("%s: learned %+v\nshipped %+v", name, got, want)
		}
	}
}

// said makes a recording of messages: "up: …" or "down: …".
func said(t *testing.T, lines ...string) *wire.Recording {
	t.Helper()
	rec := &wire.Recording{File: "said", Source: "recorded"}
	for i, line := range lines {
		dir := wire.Down
		text, up := strings.CutPrefix(line, "up: ")
		if up {
			dir = wire.Up
		}
		rec.Events = append(rec.Events, wire.Event{Line: i + 1, Dir: dir, Data: []byte(strings.TrimPrefix(text, "down: "))})
	}
	return rec
}

func TestLearnGuesses(t *testing.T) {
	tests := []struct {
		name  string
		lines []string
		want  []string // parts of the proposal
	}{
		{"words by a usual name, though only one is a sentence", []string{
			`up: {"type":"say","text":"menu"}`, `up: {"type":"say","text":"I want my money"}`, `down: {"type":"hello","v":1}`,
		}, []string{`when: ["$.type == say"]`, `text: ["$.text"] # in 2 of 2 messages, 1 of 2 strings like sentences`}},
		{"buttons and clicks", []string{
			`down: {"type":"say","text":"Which one?","choices":[{"label":"The first","value":"#1"},{"label":"The second","value":"#2"}]}`,
			`up: {"type":"say","text":"the one of yesterday"}`, `up: {"type":"say","text":"#2"}`,
		}, []string{`labels: ["$.choices[*].label"]`, `payloads: ["$.choices[*].value"]`, `opaque_if_offered: true # 1 utterance was`}},
		{"an echo, told by a mark", []string{
			`up: {"type":"say","text":"where is it"}`, `down: {"type":"said","by":"x1","text":"where is it","mine":true}`, `down: {"type":"said","by":"x2","text":"No idea, sorry"}`,
		}, []string{`kind: echo, role: customer, when: ["$.type == said", "$.mine == true"]`}},
		{"a stream that ends with a mark, and its repetition", []string{
			`down: {"type":"piece","id":"a1","t":"x","delta":"I am "}`, `down: {"type":"piece","id":"a1","t":"x","delta":"very "}`, `down: {"type":"piece","id":"a1","t":"x","delta":"sorry."}`,
			`down: {"type":"whole","id":"a1","text":"I am very sorry."}`,
		}, []string{`kind: delta # 1 reply seen in pieces, in 3 messages`, `stream: {mode: append, key: "$.id", end_when: ["$.type == whole"]}`, `kind: final # says again`}},
		{"a stream of growing texts", []string{
			`down: {"type":"draft","text":"I am"}`, `down: {"type":"draft","text":"I am very"}`, `down: {"type":"draft","text":"I am very sorry."}`, `down: {"type":"end"}`,
		}, []string{`stream: {mode: replace, end_when: ["$.type == end"]}`}},
		{"heartbeats by name and by repetition", []string{
			`up: {"op":"ping","n":1}`, `down: {"op":"x","n":1}`, `up: {"op":"x","n":1}`, `up: {"op":"x","n":2}`, `down: {"op":"x","n":2}`, `down: {"op":"say","text":"Hello, who is there?"}`,
		}, []string{`{dir: up, kind: heartbeat, when: ["$.op == ping"]}`, `{dir: any, kind: heartbeat, when: ["$.op == x"]}`}},
		{"messages of nothing", []string{`down: `, `up: {"text":"is anybody there"}`, `down: `, `down: ping`}, []string{`keepalive: ["", "ping"]`}},
		{"a request for a person", []string{`down: {"type":"say","text":"One moment, please.","handoff":true}`, `down: {"type":"say","text":"Hello to you."}`}, []string{`handoff: ["$.handoff == true"]`, `bot: '{"type":"say","text":{{text}}}'`}},
		{"a hypothesis", []string{`up: {"type":"speech","text":"I want","final":false}`, `up: {"type":"speech","text":"I want my money","final":true}`}, []string{`kind: partial, role: customer, when: ["$.type == speech", "$.final == false"]`}},
		{"keys and barging in", []string{`up: {"type":"dtmf","digit":"4"}`, `up: {"type":"interrupt","heard":"Please hold the"}`, `down: {"type":"say","text":"Please hold the line."}`}, []string{`kind: dtmf, when: ["$.type == dtmf"], text: ["$.digit"]`, `kind: interrupt`}},
		{"no template with a secret in it", []string{`down: {"type":"say","text":"Hello to you.","token":"s3cr3t"}`}, []string{`inject: unsupported`}},
		{"JSON where others have words", []string{
			`down: {"type":"say","text":"Hello to you."}`, `down: {"type":"say","text":"{\"title\":\"Choose one of these\"}"}`,
		}, []string{`when: ["$.type == say", "$.text|json.title exists"]`}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			rec := said(t, tt.lines...)
			lesson, p := learn(t, rec)
			for _, want := range tt.want {
				if !strings.Contains(string(lesson.YAML), want) {
					t.Errorf("without %s:\n%s", want, lesson.YAML)
				}
			}
			for _, f := range p.Check(rec).Findings {
				t.Errorf("%s\n%s", f, lesson.YAML)
			}
		})
	}
}

func TestLearnNothing(t *testing.T) {
	if _, err := wire.Learn(&wire.Recording{Events: []wire.Event{{Opcode: wire.OpClose}}}); !errors.Is(err, wire.ErrNothingToLearn) {
		t.Errorf("a recording without messages: %v", err)
	}
	lesson, p := learn(t, &wire.Recording{Events: []wire.Event{{Opcode: wire.OpBinary, Data: []byte{1}}}})
	if p.Framing() != "opaque" || len(lesson.Remarks) == 0 {
		t.Errorf("binary messages: framing %s, remarks %q", p.Framing(), lesson.Remarks)
	}
}

// Whatever a recording holds, a proposal comes of it that can be parsed.
func FuzzLearn(f *testing.F) {
	f.Add(`{"type":"say","text":"Hello to you."}`, `{"type":"say","text":"no idea 'what' \"it\" is"}`)
	f.Add("a[\"{}\"]", "{\"a b\":{\"it's\":[1,[2],{\"'\":\"x y\"}]}}")
	f.Add("{\"a\\n'] b\":{\"type\":\"x\"}}", "{\"a\\n b\":{\"type\":\"x\"},\"'\":{\"event\":\"'\"}}")
	f.Add("MESSAGE\n\n{}\x00", "42[\"it's a\",{\"text\":\"a b\"}]")
	f.Fuzz(func(t *testing.T, one, two string) {
		rec := said(t, "up: "+one, "down: "+two, "up: "+two, "down: "+one)
		lesson, err := wire.Learn(rec)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := wire.Parse("learned.yaml", lesson.YAML); err != nil {
			t.Fatalf("%v\n%s", err, lesson.YAML)
		}
	})
}
