package lab_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"

	"attune/rules"
	"attune/rules/lab"
)

func TestReader(t *testing.T) {
	at := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	tests := []struct {
		name, in string
		want     lab.Dialogue
	}{
		{
			"everything",
			`{"id":"c1","lang":"de-CH","profile":"json","path":"/billing","turns":[` +
				`{"role":"customer","text":"hi","at":"2026-11-22T10:00:00Z","label":{"dissatisfied":0}},` +
				`{"role":"bot","text":"name?","expected":"form"},` +
				`{"role":"agent","text":"Mia here."},` +
				`{"role":"event","event":"dtmf","value":"0"}],"label":{"dissatisfied":1}}`,
			lab.Dialogue{
				ID: "c1", Lang: "de-CH", Profile: "json", Path: "/billing",
				Turns: []lab.Turn{
					{Turn: rules.Turn{Role: rules.Customer, Text: "hi", At: at}, Label: raw(`{"dissatisfied":0}`)},
					{Turn: rules.Turn{Role: rules.Bot, Text: "name?", Expected: "form"}},
					{Turn: rules.Turn{Role: rules.Agent, Text: "Mia here."}},
					{Turn: rules.Turn{Role: rules.Event, Event: "dtmf", Value: "0"}},
				},
				Label: raw(`{"dissatisfied":1}`),
			},
		},
		{"no id", `{"turns":[]}`, lab.Dialogue{ID: "line-1", Turns: []lab.Turn{}}},
		{"no line end, spaces around", "\t " + `{"id":"x","turns":[]}` + " \r", lab.Dialogue{ID: "x", Turns: []lab.Turn{}}},
		{"byte order mark", "\ufeff" + `{"id":"x","turns":[]}`, lab.Dialogue{ID: "x", Turns: []lab.Turn{}}},
		{"null is absent", `{"id":"x","lang":null,"turns":[{"role":"bot","text":null,"at":null}]}`, lab.Dialogue{ID: "x", Turns: []lab.Turn{
			{Turn: rules.Turn{Role: rules.Bot}},
		}}},
		{
			"unknown fields",
			`{"id":"x","split":"dev","turns":[{"role":"bot","text":"hi","time":1589375697,"entities":["a b", 1]}],"source":{"a":null}}`,
			lab.Dialogue{
				ID:    "x",
				Turns: []lab.Turn{{Turn: rules.Turn{Role: rules.Bot, Text: "hi"}, Extra: fields("time", `1589375697`, "entities", `["a b", 1]`)}},
				Extra: fields("split", `"dev"`, "source", `{"a":null}`),
			},
		},
		{
			// encoding/json would take them for the known ones.
			"fields that differ in case are unknown",
			`{"id":"x","ID":"y","turns":[{"role":"bot","text":"hi","Text":"no"}]}`,
			lab.Dialogue{
				ID:    "x",
				Turns: []lab.Turn{{Turn: rules.Turn{Role: rules.Bot, Text: "hi"}, Extra: fields("Text", `"no"`)}},
				Extra: fields("ID", `"y"`),
			},
		},
		{"white space around colons", "{\"id\"\r:\t\"x\",\"more\"\r:1,\"turns\":[]}", lab.Dialogue{ID: "x", Turns: []lab.Turn{}, Extra: fields("more", `1`)}},
		{"escaped names", `{"\u0069d":"x","turns":[]}`, lab.Dialogue{ID: "x", Turns: []lab.Turn{}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := lab.NewReader(strings.NewReader(tt.in)).Next()
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(&tt.want, got); diff != "" {
				t.Errorf("read (-want +got):\n%s", diff)
			}
			again, err := lab.NewReader(bytes.NewReader(appendJSON(t, got))).Next()
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(got, again, compact); diff != "" {
				t.Errorf("written and read again (-before +after):\n%s", diff)
			}
		})
	}
}

func raw(s string) json.RawMessage { return json.RawMessage(s) }

func fields(pairs ...string) map[string]json.RawMessage {
	m := map[string]json.RawMessage{}
	for i := 0; i < len(pairs); i += 2 {
		m[pairs[i]] = raw(pairs[i+1])
	}
	return m
}

// compact compares raw JSON without its white space, which writing leaves out.
var compact = cmp.Transformer("compact", func(m json.RawMessage) string {
	var b bytes.Buffer
	if json.Compact(&b, m) != nil {
		return string(m)
	}
	return b.String()
})

func appendJSON(t testing.TB, d *lab.Dialogue) []byte {
	t.Helper()
	b, err := d.AppendJSON(nil)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestAppendJSON(t *testing.T) {
	const line = `{"id":"c1","lang":"en","profile":"json","path":"/billing","turns":[` +
		`{"role":"customer","text":"<1> & \"2\"","at":"2026-11-22T10:00:00+01:00","label":{"a":"<b>"},"act":"x"},` +
		`{"role":"bot","text":"","expected":"form"},` +
		`{"role":"event","text":"beep","event":"dtmf","value":"0"}],"label":null,"source":"s","split":"dev"}`
	got, err := dialogue(t, line).AppendJSON([]byte("before "))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff("before "+line, string(got)); diff != "" {
		t.Errorf("written (-want +got):\n%s", diff)
	}
	if _, err := (&lab.Dialogue{Label: raw("{")}).AppendJSON(nil); err == nil {
		t.Error("a label that is no JSON is written")
	}
	d := &lab.Dialogue{Turns: []lab.Turn{{Extra: fields("x", "{")}}}
	if _, err := d.AppendJSON(nil); err == nil || !strings.Contains(err.Error(), "turn 0") {
		t.Errorf("a turn with a field that is no JSON: %v", err)
	}
}

// Every error tells the line and the turn, and none quotes a transcript.
func TestReaderErrors(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"not JSON", `SECRET`, `line 2: not valid JSON at byte 1`},
		{"cut short", `{"id":"SECRET`, `line 2: not valid JSON at byte 13`},
		{"more behind it", `{"turns":[]} SECRET`, `line 2: not valid JSON at byte 14`},
		{"a list", `["SECRET"]`, `line 2: not a JSON object`},
		{"no turns", `{"id":"SECRET"}`, `line 2: no "turns"`},
		{"null turns", `{"id":"SECRET","turns":null}`, `line 2: no "turns"`},
		{"turns of another kind", `{"turns":"SECRET"}`, `line 2: "turns" is not a list`},
		{"id of another kind", `{"id":{"SECRET":1},"turns":[]}`, `line 2: "id" is not a string`},
		{"a turn that is a string", `{"turns":["SECRET"]}`, `line 2: turn 0: not a JSON object`},
		{"unknown role", `{"turns":[{"role":"bot"},{"role":"SECRET"}]}`, `line 2: turn 1: the role is not customer, bot, agent or event`},
		{"no role", `{"turns":[{"text":"SECRET"}]}`, `line 2: turn 0: the role is not customer, bot, agent or event`},
		{"text of another kind", `{"turns":[{"role":"bot","text":["SECRET"]}]}`, `line 2: turn 0: "text" is not a string`},
		{"time of another kind", `{"turns":[{"role":"bot","at":"SECRET"}]}`, `line 2: turn 0: "at" is not a time like "2026-11-22T10:00:00Z"`},
		{"event without a name", `{"turns":[{"role":"event","text":"SECRET"}]}`, `line 2: turn 0: an event lacks "event"`},
		{"nested without end", `{"SECRET":` + strings.Repeat("[", 20_000), `line 2: not valid JSON at byte 10010`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := lab.NewReader(strings.NewReader("\n" + tt.in + "\n" + `{"id":"next","turns":[]}`))
			_, err := r.Next()
			var line *lab.LineError
			if !errors.As(err, &line) {
				t.Fatalf("Next = %v, want a *LineError", err)
			}
			if err.Error() != tt.want {
				t.Errorf("error %q, want %q", err, tt.want)
			}
			if strings.Contains(err.Error(), "SECRET") {
				t.Errorf("the error quotes the transcript: %q", err)
			}
			if d, err := r.Next(); err != nil || d.ID != "next" {
				t.Errorf("the line after it: %v, %v", d, err)
			}
			if _, err := r.Next(); !errors.Is(err, io.EOF) {
				t.Errorf("after the last line: %v, want EOF", err)
			}
		})
	}
}

func TestReaderCounts(t *testing.T) {
	const in = "\n" + `{"turns":[]}` + "\n\n \r\n" + `{"turns":[]}`
	r := lab.NewReader(strings.NewReader(in))
	for _, want := range []struct {
		id    string
		bytes int64
	}{{"line-2", 14}, {"line-5", int64(len(in))}} {
		d, err := r.Next()
		if err != nil {
			t.Fatal(err)
		}
		if d.ID != want.id || fmt.Sprint("line-", r.Line()) != want.id || r.Bytes() != want.bytes {
			t.Errorf("%s: line %d, %d bytes; want %s and %d", d.ID, r.Line(), r.Bytes(), want.id, want.bytes)
		}
	}
	for range 2 {
		if _, err := r.Next(); !errors.Is(err, io.EOF) {
			t.Errorf("at the end: %v, want EOF", err)
		}
	}
}

func TestReaderPassesOnFaults(t *testing.T) {
	broken := errors.New("cable cut")
	r := lab.NewReader(io.MultiReader(strings.NewReader(`{"turns":[]}`+"\n"+`{"id":`), iotest.ErrReader(broken)))
	if _, err := r.Next(); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Next(); !errors.Is(err, broken) {
		t.Errorf("Next = %v, want the reader's error", err)
	}
}

// A line beyond the limit is passed over without being held in memory, and does not take the next one with it.
func TestHugeLines(t *testing.T) {
	const limit = 64 << 20
	huge := io.LimitReader(letters{}, limit+1)
	r := lab.NewReader(io.MultiReader(huge, strings.NewReader("\n"+`{"id":"next","turns":[]}`)))
	var line *lab.LineError
	if _, err := r.Next(); !errors.As(err, &line) || line.Line != 1 || line.Msg != "longer than 67108864 bytes" {
		t.Errorf("Next = %v, want an error about the length of line 1", err)
	}
	if d, err := r.Next(); err != nil || d.ID != "next" {
		t.Errorf("the line after it: %v, %v", d, err)
	}
	// The same at the end of a file.
	r = lab.NewReader(io.LimitReader(letters{}, limit+1))
	if _, err := r.Next(); !errors.As(err, &line) {
		t.Errorf("Next = %v, want a *LineError", err)
	}
	if _, err := r.Next(); !errors.Is(err, io.EOF) {
		t.Errorf("after it: %v, want EOF", err)
	}
}

// letters reads as endless letters.
type letters struct{}

func (letters) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'a'
	}
	return len(p), nil
}

func TestDissatisfied(t *testing.T) {
	tests := []struct {
		label      string
		yes, known bool
	}{
		{`{"dissatisfied":1}`, true, true},
		{`{"dissatisfied":0,"score":3}`, false, true},
		{`{"dissatisfied":0.5}`, true, true},
		{`{"dissatisfied":null}`, false, false},
		{`{}`, false, false},
		{`null`, false, false},
		{``, false, false},
		{`"angry"`, false, false},
		{`{"dissatisfied":"yes"}`, false, false},
	}
	for _, tt := range tests {
		if yes, known := lab.Dissatisfied(raw(tt.label)); yes != tt.yes || known != tt.known {
			t.Errorf("Dissatisfied(%s) = %v, %v; want %v, %v", tt.label, yes, known, tt.yes, tt.known)
		}
	}
}

// TestChannelIsKept: a channel says whether it was a call only where it is text or
// voice, and whatever it says stays in the transcript.
func TestChannelIsKept(t *testing.T) {
	for value, want := range map[string]string{`"voice"`: "voice", `"text"`: "text", `"web"`: "", `5`: ""} {
		line := `{"id":"c","channel":` + value + `,"turns":[]}`
		d, err := lab.NewReader(strings.NewReader(line)).Next()
		if err != nil {
			t.Fatal(err)
		}
		written, err := d.AppendJSON(nil)
		if err != nil || d.Channel != want || !strings.Contains(string(written), `"channel":`+value) {
			t.Errorf("%s: channel %q, written as %s, %v", line, d.Channel, written, err)
		}
	}
}
