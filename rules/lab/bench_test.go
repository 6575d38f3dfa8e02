package lab_test

import (
	"bytes"
	"strings"
	"testing"

	"attune/rules"
	"attune/rules/lab"
	"attune/rules/packs"
)

// Reading and judging together must reach 50,000 turns a second with the shipped packs, on one core.
func BenchmarkReplay(b *testing.B) {
	files, err := packs.Files()
	if err != nil {
		b.Fatal(err)
	}
	set, found := rules.Compile(files)
	if set == nil {
		b.Fatal(found)
	}
	in := []byte(strings.Repeat(parcel+"\n", 100))
	turns := 0
	b.ReportAllocs()
	for b.Loop() {
		r, replayer := lab.NewReader(bytes.NewReader(in)), lab.NewReplayer(set, lab.Everyday())
		for range 100 {
			d, err := r.Next()
			if err != nil {
				b.Fatal(err)
			}
			turns += len(d.Turns)
			if err := replayer.Run(d, func(*lab.Line) error { return nil }); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(float64(turns)/b.Elapsed().Seconds(), "turns/s")
}

func BenchmarkRead(b *testing.B) {
	in := []byte(strings.Repeat(parcel+"\n", 100))
	turns := 0
	b.ReportAllocs()
	for b.Loop() {
		r := lab.NewReader(bytes.NewReader(in))
		for range 100 {
			d, err := r.Next()
			if err != nil {
				b.Fatal(err)
			}
			turns += len(d.Turns)
		}
	}
	b.ReportMetric(float64(turns)/b.Elapsed().Seconds(), "turns/s")
}
