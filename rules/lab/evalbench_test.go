package lab_test

import (
	"testing"

	"attune/rules"
	"attune/rules/lab"
	"attune/rules/packs"
)

// shipped is the set of the shipped packs.
func shipped(tb testing.TB) *rules.Set {
	tb.Helper()
	files, err := packs.Files()
	if err != nil {
		tb.Fatal(err)
	}
	set, found := rules.Compile(files)
	if set == nil {
		tb.Fatal(found)
	}
	return set
}

const labelledParcel = `{"id":"c1","turns":[` +
	`{"role":"customer","text":"where is my parcel","label":{"dissatisfied":0,"score":3.5}},` +
	`{"role":"bot","text":"Sorry, I did not get that."},` +
	`{"role":"customer","text":"where is my parcel please","label":{"dissatisfied":1,"score":2.5}},` +
	`{"role":"bot","text":"I can't help with that."},` +
	`{"role":"customer","text":"this is useless, I want to talk to a person","label":{"dissatisfied":1,"score":1}},` +
	`{"role":"bot","text":"Your parcel is in Cork."}],"label":{"dissatisfied":1}}`

// Judging and counting, with the shipped packs on one core; reading runs beside it on another. 50,000 turns a second
// are wanted.
func BenchmarkEval(b *testing.B) {
	const dialogues = 100
	set := shipped(b)
	d := dialogue(b, labelledParcel)
	b.ReportAllocs()
	for b.Loop() {
		e := lab.NewEval(set, lab.Everyday(), lab.EvalOptions{})
		for range dialogues {
			e.Add(d)
		}
	}
	b.ReportMetric(float64(b.N*dialogues*len(d.Turns))/b.Elapsed().Seconds(), "turns/s")
}

// The figures of ten thousand turns, with their intervals.
func BenchmarkReport(b *testing.B) {
	set := compiled(b)
	d := dialogue(b, labelledParcel)
	for b.Loop() {
		b.StopTimer()
		e := lab.NewEval(set, lab.Everyday(), lab.EvalOptions{})
		for range 10_000 / len(d.Turns) {
			e.Add(d)
		}
		b.StartTimer()
		e.Report()
	}
}
