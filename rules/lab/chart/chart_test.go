package chart_test

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"attune/rules/lab/chart"
)

func Example() {
	c := chart.Chart{
		X: "sessions", Ticks: []float64{100, 1000, 10000}, Log: true, Top: 50,
		Lines: []chart.Line{{Name: "cost", Points: []chart.Point{{X: 100, Y: 25}, {X: 10000, Y: 50}}}},
	}
	var b strings.Builder
	if err := c.WriteSVG(&b); err != nil {
		fmt.Println(err)
	}
	for line := range strings.Lines(b.String()) {
		if strings.HasPrefix(line, "<polyline") {
			fmt.Print(line)
		}
	}
	// Output:
	// <polyline fill="none" stroke="#1f6f8b" stroke-width="2" points="60.0,200.0 660.0,50.0"/>
}

func TestDrawing(t *testing.T) {
	line := func(name string, dashed bool) chart.Line {
		return chart.Line{Name: name, Dashed: dashed, Points: []chart.Point{{X: 1, Y: 1}, {X: 2, Y: 2}}}
	}
	c := chart.Chart{
		X: "a & b", Note: "x < y", Ticks: []float64{1, 1.5, 2}, Top: 2,
		Lines: []chart.Line{line("one", false), line("one", true), line("two", false)},
	}
	var b strings.Builder
	if err := c.WriteSVG(&b); err != nil {
		t.Fatal(err)
	}
	for dec := xml.NewDecoder(strings.NewReader(b.String())); ; {
		if _, err := dec.Token(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
	for part, want := range map[string]int{"<polyline": 3, "stroke-dasharray": 1, ">one<": 1, ">two<": 1, ">1.5<": 1, ">0.4<": 1, ">2<": 2, `points="60.0,200.0 660.0,50.0"`: 3} {
		if got := strings.Count(b.String(), part); got != want {
			t.Errorf("%s is there %d times, want %d", part, got, want)
		}
	}
	if err := (&chart.Chart{Ticks: []float64{1}, Top: 1}).WriteSVG(io.Discard); !errors.Is(err, chart.ErrScale) {
		t.Errorf("one tick: %v", err)
	}
}

func TestAbove(t *testing.T) {
	for v, want := range map[float64]float64{0: 1, 1: 1, 1.1: 2, 2.5: 5, 7: 10, 83: 100, 130: 200, 0.03: 0.05} {
		if got := chart.Above(v); got != want {
			t.Errorf("Above(%v) = %v, want %v", v, got, want)
		}
	}
}
