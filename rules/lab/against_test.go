package lab_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"attune/rules"
	"attune/rules/lab"
)

// eager is the pack of the tests with a threshold that is reached sooner and another wording.
func eager(tb testing.TB) *rules.Set {
	tb.Helper()
	data, err := os.ReadFile("testdata/pack.yaml")
	if err != nil {
		tb.Fatal(err)
	}
	text := strings.NewReplacer("offer: {score: 5}", "offer: {score: 2}", "please put it another way.", "please say it in another way.",
		"please use other words.", "kindly use other words.").Replace(string(data))
	set, found := rules.Compile([]rules.File{{Name: "pack.yaml", Data: []byte(text)}})
	if set == nil {
		tb.Fatal(found)
	}
	return set
}

const lost = `{"id":"<b>lost</b>","turns":[{"role":"customer","text":"where & how","at":"2026-11-22T10:50:00Z"},` +
	`{"role":"bot","text":"Sorry, I did not get that.","at":"2026-11-22T11:10:00Z"},{"role":"customer","text":"<script>alert(1)</script>","at":"2026-11-22T11:11:00Z"}]}`

// compared runs dialogues through both sets.
func compared(t *testing.T, before, after *rules.Set, lines ...string) (*lab.AgainstReport, []lab.Difference) {
	t.Helper()
	a := lab.NewAgainst(before, after, lab.Everyday())
	var all []lab.Difference
	for _, line := range lines {
		if err := a.Run(dialogue(t, line), func(d *lab.Difference) error {
			all = append(all, *d)
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
	return a.Report(8), all
}

func TestAgainstTheSameSet(t *testing.T) {
	r, all := compared(t, compiled(t), compiled(t), parcel, lost)
	if len(all) > 0 || r.Different > 0 || r.OtherWords > 0 || len(r.Outcomes) > 0 || len(r.Rules()) > 0 {
		t.Errorf("the same set differs from itself: %+v, %+v", all, r)
	}
	if got, want := r.Moves, [3][3]int{{1, 0, 0}, {0, 0, 0}, {0, 0, 1}}; got != want {
		t.Errorf("moves %v, want %v", got, want)
	}
}

func TestAgainstTellsWhatDiffers(t *testing.T) {
	r, all := compared(t, compiled(t), eager(t), lost)
	if len(all) != 1 {
		t.Fatalf("%d turns differ, want that of the bot: %+v", len(all), all)
	}
	d := all[0]
	if diff := cmp.Diff([]string{"decision", "sent"}, d.Changes); diff != "" || d.Turn != 1 || d.Dialogue != "<b>lost</b>" {
		t.Errorf("turn %d of %s: changes (-want +got):\n%s", d.Turn, d.Dialogue, diff)
	}
	if d.Before.Decision != "none" || d.After.Decision != "offer" || d.At == nil || d.At.Hour() != 11 {
		t.Errorf("difference %+v", d)
	}
	var before, after string
	for _, c := range d.Diff {
		if c.Kind != lab.Added {
			before += c.Text
		}
		if c.Kind != lab.Removed {
			after += c.Text
		}
	}
	if before != d.Before.Sent || after != d.After.Sent || before == after {
		t.Errorf("the diff makes %q and %q of %q and %q", before, after, d.Before.Sent, d.After.Sent)
	}
	if r.Moves[0][1] != 1 || r.Different != 1 || r.OtherWords != 1 {
		t.Errorf("moves %v, different %d, other words %d", r.Moves, r.Different, r.OtherWords)
	}
	if offer, people := r.Newly(); offer != 1 || people != 0 {
		t.Errorf("newly %d offered, %d given a person", offer, people)
	}
	if offer, people := r.NoLonger(); offer+people != 0 {
		t.Errorf("no longer %d offered, %d given a person", offer, people)
	}
	want := []lab.Outcome{{Dialogue: "<b>lost</b>", Turn: 1, Text: "Sorry, I did not get that.", Before: "nothing", After: "offer", AfterReason: d.After.Reason}}
	if diff := cmp.Diff(want, r.Outcomes); diff != "" {
		t.Errorf("outcomes (-want +got):\n%s", diff)
	}
	// It began at ten, and the offer came at eleven.
	if h := r.Hours; h[10].Dialogues != 1 || h[11].Dialogues != 0 || h[11].After.Offers != 1 || h[11].Before.Offers != 0 || r.CalendarHours != 2 {
		t.Errorf("hours %+v in %d", h[10:12], r.CalendarHours)
	}
	// The other way round.
	r, _ = compared(t, eager(t), compiled(t), lost)
	if offer, people := r.NoLonger(); offer != 1 || people != 0 || r.Outcomes[0].Before != "offer" {
		t.Errorf("no longer %d offered, %d given a person, %+v", offer, people, r.Outcomes)
	}
}

func TestAgainstStopsAtAnError(t *testing.T) {
	stop := errors.New("enough")
	a := lab.NewAgainst(compiled(t), eager(t), lab.Everyday())
	if err := a.Run(dialogue(t, lost), func(*lab.Difference) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("error %v, want %v", err, stop)
	}
}

// Lists are bounded whatever comes, and nothing is lost in the counts.
func TestAgainstKeepsABoundedList(t *testing.T) {
	a := lab.NewAgainst(compiled(t), eager(t), lab.Everyday())
	const n = 700
	for i := range n {
		d := dialogue(t, fmt.Sprintf(`{"id":"c%d","turns":[{"role":"bot","text":"Number %d. Sorry, I did not get that."}]}`, i, i))
		if err := a.Run(d, nil); err != nil {
			t.Fatal(err)
		}
	}
	r := a.Report(8)
	times := r.MoreWordings
	for _, w := range r.Wordings {
		times += w.Times
	}
	if len(r.Wordings) > 500 || times != n || len(r.Outcomes) > 200 || len(r.Outcomes)+r.MoreOutcomes != n {
		t.Errorf("%d wordings and %d more, %d outcomes and %d more", len(r.Wordings), r.MoreWordings, len(r.Outcomes), r.MoreOutcomes)
	}
	if before, after := r.Load(); before.Offers != 0 || after.Offers != n {
		t.Errorf("load %+v -> %+v", before, after)
	}
}

// The page is well-formed, and no text of a recording becomes markup.
func TestAgainstPage(t *testing.T) {
	for _, lines := range [][]string{{lost, parcel}, {}, {parcel}} {
		r, _ := compared(t, compiled(t), eager(t), lines...)
		r.Before.Name, r.After.Name = "<i>old</i>", "new & better"
		var b bytes.Buffer
		if err := r.WriteHTML(&b); err != nil {
			t.Fatal(err)
		}
		page := b.String()
		for _, bad := range []string{"<script", "<b>lost", "<i>old", "& better", "%!"} {
			if strings.Contains(page, bad) {
				t.Errorf("%q stands in the page", bad)
			}
		}
		// Apart from elements without an end, the page is XML.
		page = strings.Replace(page, "<!doctype html>", "", 1)
		dec := xml.NewDecoder(strings.NewReader(page))
		dec.AutoClose, dec.Entity, dec.Strict = []string{"meta"}, xml.HTMLEntity, false
		var open []string
		for {
			token, err := dec.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatalf("%v in\n%s", err, page)
			}
			switch x := token.(type) {
			case xml.StartElement:
				open = append(open, x.Name.Local)
			case xml.EndElement:
				if len(open) == 0 || open[len(open)-1] != x.Name.Local {
					t.Fatalf("</%s> closes %v", x.Name.Local, open)
				}
				open = open[:len(open)-1]
			}
		}
		if open = slices.DeleteFunc(open, func(s string) bool { return s == "meta" }); len(open) > 0 {
			t.Errorf("%v stay open", open)
		}
		var text bytes.Buffer
		if err := r.WriteText(&text); err != nil {
			t.Fatal(err)
		}
	}
}

func BenchmarkAgainst(b *testing.B) {
	set := shipped(b)
	d := dialogue(b, parcel)
	turns := 0
	b.ReportAllocs()
	for b.Loop() {
		a := lab.NewAgainst(set, set, lab.Everyday())
		for range 100 {
			if err := a.Run(d, nil); err != nil {
				b.Fatal(err)
			}
			turns += len(d.Turns)
		}
	}
	b.ReportMetric(float64(turns)/b.Elapsed().Seconds(), "turns/s")
}
