package main

import (
	"math"
	"strings"
	"testing"
)

// soaked is an hour of samples with a memory of its own.
func soaked(memory func(i int) float64) *Soak {
	s := &Soak{Date: "2026-01-01"}
	for i := range 360 {
		s.Samples = append(s.Samples, SoakSample{Seconds: float64(10 * i), Memory: memory(i), Goroutines: 1000, Files: 1000 + float64(i%3)})
	}
	return s
}

func TestFlat(t *testing.T) {
	saw := func(i int) float64 { return 100 + 20*float64(i%7)/7 } // as a collector leaves it
	for _, tt := range []struct {
		name   string
		memory func(i int) float64
		fault  string
	}{
		{"steady", func(int) float64 { return 100 }, ""},
		{"up and down", saw, ""},
		{"fills up, then steady", func(i int) float64 { return 100 * (1 - math.Exp(-float64(i)/30)) }, ""},
		{"shrinks", func(i int) float64 { return 500 - float64(i) }, ""},
		{"one peak", func(i int) float64 {
			if i == 200 {
				return 1000
			}
			return 100
		}, ""},
		{"leaks", func(i int) float64 { return saw(i) + float64(i)/20 }, "memory grew by"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			err := soaked(tt.memory).flat()
			if (err == nil) != (tt.fault == "") || err != nil && !strings.Contains(err.Error(), tt.fault) {
				t.Errorf("flat() = %v, want %q", err, tt.fault)
			}
		})
	}
	if err := (&Soak{}).flat(); err == nil {
		t.Error("nothing seen is called flat")
	}
}

func TestSoakIsShown(t *testing.T) {
	s := soaked(func(int) float64 { return 2e6 })
	svg, err := s.chart()
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(svg), "<polyline"); n != 3 {
		t.Errorf("%d lines, want memory, goroutines and descriptors", n)
	}
	if text := s.Markdown(); !strings.Contains(text, "| memory | 2,000,000 | 2,000,000 | +0.0 % |") {
		t.Errorf("table:\n%s", text)
	}
}
