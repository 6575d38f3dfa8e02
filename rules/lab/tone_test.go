package lab_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"attune/rules"
	"attune/rules/lab"
)

// The pack that finds the moves is held to what every pack is: examples that fire and stay silent.
func TestMovesAreFound(t *testing.T) {
	data, err := os.ReadFile("moves.yaml")
	if err != nil {
		t.Fatal(err)
	}
	set, found := rules.Compile([]rules.File{{Name: "moves.yaml", Data: data}})
	for _, d := range found {
		t.Errorf("%v", d)
	}
	if set == nil {
		t.FailNow()
	}
	for _, d := range set.Check() {
		t.Errorf("%v", d)
	}
	ids := map[string]bool{}
	for _, r := range set.Rules() {
		ids[r.ID] = true
	}
	for _, move := range lab.Moves() {
		if !ids[move] && move != "plain-words" {
			t.Errorf("nothing finds the move %s", move)
		}
	}
}

// made lists the moves of a reply of the bot, through the report.
func made(t *testing.T, reply string) string {
	t.Helper()
	tone := lab.NewTone(compiled(t), lab.Everyday())
	d := dialogue(t, fmt.Sprintf(`{"id":"c","turns":[{"role":"bot","text":%s}]}`, quoted(reply)))
	tone.Add(d)
	var all []string
	for _, m := range tone.Report().Groups[0].Rows[0].Moves {
		if m.Replies > 0 {
			all = append(all, m.Move)
		}
	}
	return strings.Join(all, " ")
}

func quoted(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		panic(err)
	}
	return string(b)
}

func TestMovesOfAReply(t *testing.T) {
	for _, x := range []struct{ reply, want string }{
		{"Your table is booked.", "plain-words"},
		{"That must be annoying. I'll look into it now, and call you back.", "acknowledge own next-step way-out plain-words"},
		{"You entered an invalid date!", "plain-words blame cheer"},
		{"Kindly be advised that the request is being processed.", "jargon"},
		{"Great, one moment.", "plain-words cheer"},
		{"Done 🎉", "plain-words cheer"},
		{"It is " + strings.Repeat("very ", 23) + "good.", ""},
		{"It is " + strings.Repeat("very ", 22) + "good.", "plain-words"},
		{"It is (" + strings.Repeat("very ", 12) + "good.) And it is\n" + strings.Repeat("so ", 20) + "good", "plain-words"},
	} {
		if got := made(t, x.reply); got != x.want {
			t.Errorf("%q makes %q, want %q", x.reply, got, x.want)
		}
	}
}

func TestToneTellsSpeakersApart(t *testing.T) {
	tone := lab.NewTone(compiled(t), lab.Everyday())
	tone.Add(dialogue(t, `{"id":"c1","turns":[`+
		`{"role":"customer","text":"where is my parcel"},`+
		`{"role":"bot","text":"Sorry, I did not get that."},`+
		`{"role":"bot","text":"Your parcel is in Cork."},`+
		`{"role":"bot","text":" "},`+
		`{"role":"event","event":"silence"},`+
		`{"role":"agent","text":"I'll call the driver now. Sorry about that."}]}`))
	tone.Add(dialogue(t, `{"id":"c2","lang":"de","turns":[{"role":"bot","text":"Guten Tag."},{"role":"customer","text":"Hallo"}]}`))
	r := tone.Report()
	if r.OtherLanguages != 1 {
		t.Errorf("%d replies in other languages, want 1", r.OtherLanguages)
	}
	got := map[string]string{}
	for _, g := range r.Groups {
		for _, row := range g.Rows {
			text := []string{fmt.Sprint(row.Replies)}
			for _, m := range row.Moves {
				if m.Replies > 0 {
					text = append(text, fmt.Sprintf("%s %d", m.Move, m.Replies))
				}
			}
			got[g.Group+" "+row.Speaker] = strings.Join(text, " ")
		}
	}
	want := map[string]string{
		"all bot": "2 plain-words 2", "all attune": "2 next-step 1 plain-words 2",
		"all agent": "1 acknowledge 1 own 1 next-step 1 plain-words 1",
		"hard bot":  "1 plain-words 1", "hard attune": "1 next-step 1 plain-words 1",
		"changed bot": "1 plain-words 1", "changed attune": "1 next-step 1 plain-words 1",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for _, write := range []func(*bytes.Buffer) error{
		func(b *bytes.Buffer) error { return r.WriteText(b) }, func(b *bytes.Buffer) error { return r.WriteJSON(b) },
	} {
		var b bytes.Buffer
		if err := write(&b); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(b.String(), "Cork") {
			t.Error("the report quotes a reply")
		}
	}
}

func BenchmarkTone(b *testing.B) {
	set := shipped(b)
	d := dialogue(b, parcel)
	turns := 0
	b.ReportAllocs()
	for b.Loop() {
		tone := lab.NewTone(set, lab.Everyday())
		for range 100 {
			tone.Add(d)
			turns += len(d.Turns)
		}
	}
	b.ReportMetric(float64(turns)/b.Elapsed().Seconds(), "turns/s")
}
