package lab

import (
	"errors"
	"io"

	"attune/rules/lab/chart"
)

// ErrNoTurns says that a chart over the turns cannot be drawn.
var ErrNoTurns = errors.New("lab: no turn is labelled")

var chartLines = []struct {
	name string
	of   func(*Measure) float64
}{
	{"precision", func(m *Measure) float64 { return m.Precision }},
	{"recall", func(m *Measure) float64 { return m.Recall }},
	{"F1", func(m *Measure) float64 { return m.F1 }},
}

// WriteSVG draws precision, recall and F1 over the flag threshold: solid for the first part, dashed for the one set
// aside.
func (r *EvalReport) WriteSVG(w io.Writer) error {
	c := chart.Chart{X: "points of a turn from which it is flagged", Top: 1}
	for i := range sweepSteps {
		c.Ticks = append(c.Ticks, sweepThreshold(i))
	}
	if len(r.Parts) > 1 {
		c.Note = "dashed: " + r.Parts[1].Part
	}
	for i := range r.Parts {
		p := &r.Parts[i]
		if p.ByTurn == nil {
			continue
		}
		for _, l := range chartLines {
			line := chart.Line{Name: l.name, Dashed: i > 0}
			for _, s := range p.Sweep {
				line.Points = append(line.Points, chart.Point{X: s.Flag, Y: l.of(s.Turns)})
			}
			c.Lines = append(c.Lines, line)
		}
	}
	if c.Lines == nil {
		return ErrNoTurns
	}
	return c.WriteSVG(w)
}
