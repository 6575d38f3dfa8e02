package lab_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"attune/rules"
	"attune/rules/lab"
)

// compiled is the set of testdata/pack.yaml.
func compiled(t testing.TB) *rules.Set {
	t.Helper()
	data, err := os.ReadFile("testdata/pack.yaml")
	if err != nil {
		t.Fatal(err)
	}
	set, found := rules.Compile([]rules.File{{Name: "pack.yaml", Data: data}})
	if set == nil || len(found) > 0 {
		t.Fatalf("compile:\n%s", found)
	}
	return set
}

// dialogue reads one.
func dialogue(t testing.TB, line string) *lab.Dialogue {
	t.Helper()
	d, err := lab.NewReader(strings.NewReader(line)).Next()
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// parcel is a conversation in which everything of the format comes up.
const parcel = `{"id":"c1","lang":"en","turns":[` +
	`{"role":"bot","text":"Hello."},` +
	`{"role":"customer","text":"my parcel <12> & more"},` +
	`{"role":"bot","text":"Sorry, I did not get that."},` +
	`{"role":"customer","text":"parcel"},` +
	`{"role":"bot","text":"Sorry, I did not get that. Please wait 5 minutes."},` +
	`{"role":"event","event":"dtmf","value":"0"},` +
	`{"role":"customer","text":"I want a human"},` +
	`{"role":"agent","text":"Hello."},` +
	`{"role":"customer","text":"thank you"}]}`

func TestPackOfTheTests(t *testing.T) {
	if found := compiled(t).Check(); len(found) > 0 {
		t.Errorf("check:\n%s", found)
	}
}

// The lines are a promise to scripts: every field, its order and its spelling.
func TestJSONLines(t *testing.T) {
	want := strings.Join([]string{
		`{"dialogue":"c1","turn":0,"role":"bot","text":"Hello.","score":0,"points":0,"feelings":{},"flagged":false,"decision":"none","signals":[],"reason":"","sent":"Hello.","rules":[],"rejected":[{"rule":"greeting-in-trial","by":"shadow"}]}`,
		`{"dialogue":"c1","turn":1,"role":"customer","text":"my parcel <12> & more","score":0,"points":0,"feelings":{},"flagged":false,"decision":"none","signals":[],"reason":""}`,
		`{"dialogue":"c1","turn":2,"role":"bot","text":"Sorry, I did not get that.","score":2,"points":2,"feelings":{"ignored":2,"unfulfilled":2},"flagged":true,"decision":"none","signals":["bot-fallback"],"reason":"","sent":"That did not reach me, please use other words.","rules":["plain-misses"],"rejected":[]}`,
		`{"dialogue":"c1","turn":3,"role":"customer","text":"parcel","score":1.6818,"points":0,"feelings":{"ignored":1.6818,"unfulfilled":1.6818},"flagged":false,"decision":"none","signals":[],"reason":""}`,
		`{"dialogue":"c1","turn":4,"role":"bot","text":"Sorry, I did not get that. Please wait 5 minutes.","score":3.6818,"points":2,"feelings":{"ignored":3.6818,"unfulfilled":3.6818},"flagged":true,"decision":"none","signals":["bot-fallback"],"reason":"","sent":"I did not understand, please put it another way. Please wait 5 minutes.","rules":["plain-misses"],"rejected":[{"rule":"no-hurry","by":"facts"}]}`,
		`{"dialogue":"c1","turn":5,"role":"event","text":"","score":6.1818,"points":2.5,"feelings":{"dominated":2.5,"ignored":3.6818,"unfulfilled":3.6818},"flagged":true,"decision":"offer","signals":["pressed-zero"],"reason":"pressed-zero"}`,
		`{"dialogue":"c1","turn":6,"role":"customer","text":"I want a human","score":5.1982,"points":0,"feelings":{"dominated":2.1022,"ignored":3.096,"unfulfilled":3.096},"flagged":false,"decision":"escalate","signals":["asks-for-person"],"reason":"asks-for-person"}`,
		`{"dialogue":"c1","turn":7,"role":"agent","text":"Hello.","score":5.1982,"points":0,"feelings":{"dominated":2.1022,"ignored":3.096,"unfulfilled":3.096},"flagged":false,"decision":"none","signals":[],"reason":""}`,
		`{"dialogue":"c1","turn":8,"role":"customer","text":"thank you","score":2.1856,"points":0,"feelings":{"dominated":0.8839,"ignored":1.3017,"unfulfilled":1.3017},"flagged":false,"decision":"none","signals":["thanks"],"reason":""}`,
	}, "\n") + "\n"
	if diff := cmp.Diff(want, written(t, compiled(t), parcel)); diff != "" {
		t.Errorf("lines (-want +got):\n%s", diff)
	}
}

// written replays transcripts and returns the lines as JSON.
func written(t *testing.T, set *rules.Set, transcripts ...string) string {
	t.Helper()
	r := lab.NewReplayer(set, lab.Everyday())
	var w lab.LineWriter
	var out []byte
	for _, line := range transcripts {
		err := r.Run(dialogue(t, line), func(l *lab.Line) (err error) {
			out, err = w.Append(out, l)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return string(out)
}

// Fields that scripts rely on are there on every turn, whatever the role.
func TestEveryLineIsComplete(t *testing.T) {
	always := []string{"dialogue", "turn", "role", "text", "score", "points", "feelings", "flagged", "decision", "signals", "reason"}
	// An empty set has the least to say.
	none, found := rules.Compile(nil)
	if none == nil {
		t.Fatal(found)
	}
	for name, set := range map[string]*rules.Set{"pack": compiled(t), "no rules": none} {
		for line := range strings.Lines(written(t, set, parcel)) {
			var got map[string]json.RawMessage
			if err := json.Unmarshal([]byte(line), &got); err != nil {
				t.Fatal(err)
			}
			want := always
			if string(got["role"]) == `"bot"` {
				want = append(append([]string{}, always...), "sent", "rules", "rejected")
			}
			for _, f := range want {
				if v, ok := got[f]; !ok || string(v) == "null" {
					t.Errorf("%s: turn %s: no %q", name, got["turn"], f)
				}
			}
			if len(got) != len(want) {
				t.Errorf("%s: turn %s has %d fields, want %d: %s", name, got["turn"], len(got), len(want), line)
			}
		}
	}
}

func TestSameTranscriptSameBytes(t *testing.T) {
	other := strings.Replace(parcel, `"c1"`, `"c2"`, 1)
	first := written(t, compiled(t), parcel, other)
	if diff := cmp.Diff(first, written(t, compiled(t), parcel, other)); diff != "" {
		t.Errorf("a second run differs:\n%s", diff)
	}
	// What came before in the same run leaves no trace either.
	alone := written(t, compiled(t), other)
	if !strings.HasSuffix(first, alone) {
		t.Errorf("after another conversation:\n%s\nalone:\n%s", first, alone)
	}
}

// The variants rotate within a conversation; which comes first depends on its id.
func TestVariantsRotate(t *testing.T) {
	set := compiled(t)
	firsts := map[string]bool{}
	for _, id := range []string{"a", "b", "c", "d", "e", "f", "g", "h"} {
		lines := lab.Replay(set, dialogue(t, strings.Replace(parcel, `"c1"`, `"`+id+`"`, 1)))
		if strings.HasPrefix(lines[4].Sent, lines[2].Sent) {
			t.Errorf("conversation %q hears %q twice in a row", id, lines[2].Sent)
		}
		firsts[lines[2].Sent] = true
	}
	if len(firsts) != 2 {
		t.Errorf("all conversations begin with the same variant: %v", firsts)
	}
}

// Times in a transcript may count, those of the machine never do.
func TestNoClock(t *testing.T) {
	d := dialogue(t, parcel)
	without := lab.Replay(compiled(t), d)
	at := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	for i := range d.Turns {
		d.Turns[i].At = at.Add(time.Duration(i) * time.Minute)
	}
	if diff := cmp.Diff(without, lab.Replay(compiled(t), d)); diff != "" {
		t.Errorf("a calm pace changes the result (-without +with):\n%s", diff)
	}
}

func TestReplayKeepsCopies(t *testing.T) {
	set := compiled(t)
	lines := lab.Replay(set, dialogue(t, parcel))
	if got := lines[5].Signals; !cmp.Equal(got, []string{"pressed-zero"}) {
		t.Errorf("signals of turn 5: %q", got)
	}
	if got := lines[2].Rules; !cmp.Equal(got, []string{"plain-misses"}) {
		t.Errorf("rules of turn 2: %q", got)
	}
	if lines[5].Reply != nil || lines[0].Reply == nil {
		t.Error("Reply is for bot turns, all of them and no others")
	}
}

func TestFactsReachTheRules(t *testing.T) {
	set := compiled(t)
	facts := lab.Everyday()
	facts.Mode = rules.Escalation
	facts.Floor = "agent" // a recording has no floor but the bot's
	var sent []string
	err := lab.NewReplayer(set, facts).Run(dialogue(t, parcel), func(l *lab.Line) error {
		if l.Reply != nil {
			sent = append(sent, l.Sent)
		}
		return nil
	})
	want := []string{"Hello.", "Sorry, I did not get that.", "Sorry, I did not get that. Please wait 5 minutes."}
	if diff := cmp.Diff(want, sent); err != nil || diff != "" {
		t.Errorf("in mode escalation nothing is reworded (error %v, -want +got):\n%s", err, diff)
	}
}

func TestRunStopsWhenNobodyListens(t *testing.T) {
	full := errors.New("disk full")
	calls := 0
	err := lab.NewReplayer(compiled(t), lab.Everyday()).Run(dialogue(t, parcel), func(*lab.Line) error {
		calls++
		return full
	})
	if !errors.Is(err, full) || calls != 1 {
		t.Errorf("Run = %v after %d calls", err, calls)
	}
}

func TestSummary(t *testing.T) {
	set := compiled(t)
	var s lab.Summary
	for _, id := range []string{"c1", "c1", "c2"} { // an id may come twice
		for _, l := range lab.Replay(set, dialogue(t, strings.Replace(parcel, `"c1"`, `"`+id+`"`, 1))) {
			s.Add(&l)
		}
	}
	for _, l := range lab.Replay(set, dialogue(t, `{"id":"calm","turns":[{"role":"customer","text":"thanks"}]}`)) {
		s.Add(&l)
	}
	var out bytes.Buffer
	if err := s.Write(&out); err != nil {
		t.Fatal(err)
	}
	want := strings.TrimPrefix(`
4 dialogues, 28 turns (13 customer, 9 bot, 3 agent, 3 events)
flagged           9 turns in 3 dialogues (75.0 %)
offer             3 turns in 3 dialogues (75.0 %)
escalate          3 turns in 3 dialogues (75.0 %)
route             0 turns in 0 dialogues (0.0 %)
crisis            0 turns in 0 dialogues (0.0 %)
reworded          6 replies of 9 (66.7 %)

rule                  fired  decided  applied  rejected
asks-for-person           3        3        0
bot-fallback              6        0        0
plain-misses              0        0        6
pressed-zero              3        3        0
thanks                    4        0        0
greeting-in-trial         0        0        0  shadow 3
no-hurry                  0        0        0  facts 3
`, "\n")
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("summary (-want +got):\n%s", diff)
	}
}

const journeysPack = `
pack: journeys
messages: {felt: ["Understood?"]}
touchpoints:
  - {id: billing, when: "path == '/billing'", story: x, feel: [understood], ask: {text: felt}, target: 80%, proxies: {restated-facts: "<= 10%", promises-kept: ">= 95%"}}
  - {id: elsewhere, when: "path == '/else'", story: x}
`

func TestSummaryOfTouchpoints(t *testing.T) {
	set, found := rules.Compile([]rules.File{{Name: "j.yaml", Data: []byte(journeysPack)}})
	if set == nil {
		t.Fatal(found)
	}
	s := lab.Summary{Touchpoints: set.Touchpoints()}
	r := lab.NewReplayer(set, lab.Everyday())
	for _, line := range []string{
		`{"id":"a","path":"/billing","turns":[{"role":"customer","text":"thanks"},{"role":"bot","text":"Bye."},{"role":"customer","text":"yes"}]}`,
		`{"id":"b","path":"/billing","turns":[{"role":"customer","text":"thanks"},{"role":"bot","text":"Bye."},{"role":"customer","text":"no"}]}`,
		`{"id":"c","path":"/billing","turns":[{"role":"customer","text":"order 1182"},{"role":"bot","text":"Which?"},{"role":"customer","text":"1182"}]}`,
		`{"id":"d","turns":[{"role":"customer","text":"thanks"},{"role":"bot","text":"Bye."}]}`,
	} {
		err := r.Run(dialogue(t, line), func(l *lab.Line) error {
			s.Add(l)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		s.Journey(r.Scorecards())
	}
	var out bytes.Buffer
	if err := s.Write(&out); err != nil {
		t.Fatal(err)
	}
	want := strings.TrimPrefix(`
touchpoint              dialogues  share     aim
billing                         3  75.0 %
  asked 2, said yes        1 of 2  50.0 %    at least 80 %
  understood               3 of 3  100.0 %
  restated-facts           1 of 3  33.3 %    at most 10 %
`, "\n")
	if _, got, _ := strings.Cut(out.String(), "\n\n"); got != want {
		t.Errorf("summary (-want +got):\n%s", cmp.Diff(want, got))
	}
}

func TestSummaryOfNothing(t *testing.T) {
	var s lab.Summary
	var out bytes.Buffer
	if err := s.Write(&out); err != nil {
		t.Fatal(err)
	}
	if got := out.String(); !strings.HasPrefix(got, "0 dialogues, 0 turns ") || strings.Contains(got, "second") || strings.Contains(got, "NaN") {
		t.Errorf("summary of nothing:\n%s", got)
	}
}
