package chart_test

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"

	"attune/rules/lab/chart"
)

func TestBars(t *testing.T) {
	c := chart.Bars{
		Title: "a < b", X: "hour & day", Series: []string{"before", "<after>"},
		Groups: []chart.Group{{Name: "0", Values: []float64{0, 10}}, {Name: "1", Values: []float64{5, 2.5}}},
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
	// The highest bar fills the plot, one of nothing has no height.
	for _, want := range []string{
		`y="50.0" width="120.0" height="300.0" fill="#c2571a"><title>0, &lt;after&gt;: 10</title>`,
		`y="350.0" width="120.0" height="0.0" fill="#1f6f8b"><title>0, before: 0</title>`,
		`y="200.0" width="120.0" height="150.0"`,
	} {
		if strings.Count(b.String(), want) != 1 {
			t.Errorf("no %q in\n%s", want, b.String())
		}
	}
}

func TestBarsThatCannotBeDrawn(t *testing.T) {
	for _, c := range []chart.Bars{
		{},
		{Series: []string{"one"}},
		{Groups: []chart.Group{{Name: "0"}}},
		{Series: []string{"one"}, Groups: []chart.Group{{Name: "0", Values: []float64{1, 2}}}},
	} {
		if err := c.WriteSVG(io.Discard); err == nil {
			t.Errorf("%+v was drawn", c)
		}
	}
}

// Bars of nothing at all have a scale all the same.
func TestEmptyBars(t *testing.T) {
	c := chart.Bars{Series: []string{"one"}, Groups: []chart.Group{{Name: "0", Values: []float64{0}}}}
	var b strings.Builder
	if err := c.WriteSVG(&b); err != nil || strings.Contains(b.String(), "NaN") {
		t.Errorf("%v in %s", err, b.String())
	}
}
