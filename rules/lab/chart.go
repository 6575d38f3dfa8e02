package lab

import (
	"errors"
	"fmt"
	"io"
	"strings"
)

// ErrNoTurns says that a chart over the turns cannot be drawn.
var ErrNoTurns = errors.New("lab: no turn is labelled")

// The chart's measures, in pixels: the plot between left, top, right and bottom.
const (
	chartWidth, chartHeight = 680, 400
	chartLeft, chartRight   = 60, 660
	chartTop, chartBottom   = 50, 350
)

var chartLines = []struct {
	name, colour string
	of           func(*Measure) float64
}{
	{"precision", "#1f6f8b", func(m *Measure) float64 { return m.Precision }},
	{"recall", "#c2571a", func(m *Measure) float64 { return m.Recall }},
	{"F1", "#555555", func(m *Measure) float64 { return m.F1 }},
}

// WriteSVG draws precision, recall and F1 over the flag threshold: solid for the first part, dashed for the one set
// aside.
func (r *EvalReport) WriteSVG(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="sans-serif" font-size="12">`+"\n", chartWidth, chartHeight)
	fmt.Fprintf(&b, `<rect width="%d" height="%d" fill="#ffffff"/>`+"\n", chartWidth, chartHeight)
	b.WriteString(`<g stroke="#dddddd" fill="#333333">` + "\n")
	for i := 0; i <= 10; i += 2 {
		y := chartY(float64(i) / 10)
		fmt.Fprintf(&b, `<line x1="%d" y1="%.1f" x2="%d" y2="%.1f"/><text x="%d" y="%.1f" text-anchor="end" stroke="none">%.1f</text>`+"\n",
			chartLeft, y, chartRight, y, chartLeft-8, y+4, float64(i)/10)
	}
	for i := range sweepSteps {
		x := chartX(i)
		fmt.Fprintf(&b, `<line x1="%.1f" y1="%d" x2="%.1f" y2="%d"/><text x="%.1f" y="%d" text-anchor="middle" stroke="none">%.1f</text>`+"\n",
			x, chartBottom, x, chartBottom+4, x, chartBottom+20, sweepThreshold(i))
	}
	b.WriteString("</g>\n")
	fmt.Fprintf(&b, `<text x="%d" y="%d" text-anchor="middle" fill="#333333">points of a turn from which it is flagged</text>`+"\n",
		(chartLeft+chartRight)/2, chartBottom+40)
	for i, l := range chartLines {
		fmt.Fprintf(&b, `<text x="%d" y="30" fill="%s">%s</text>`+"\n", chartLeft+110*i, l.colour, l.name)
	}
	if len(r.Parts) > 1 {
		fmt.Fprintf(&b, `<text x="%d" y="30" text-anchor="end" fill="#333333">dashed: %s</text>`+"\n", chartRight, r.Parts[1].Part)
	}
	drawn := false
	for i := range r.Parts {
		p := &r.Parts[i]
		if p.ByTurn == nil {
			continue
		}
		drawn = true
		dash := ""
		if i > 0 {
			dash = ` stroke-dasharray="6 4"`
		}
		for _, l := range chartLines {
			fmt.Fprintf(&b, `<polyline fill="none" stroke="%s" stroke-width="2"%s points="%s"/>`+"\n", l.colour, dash, p.path(l.of))
		}
	}
	if !drawn {
		return ErrNoTurns
	}
	b.WriteString("</svg>\n")
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("write chart: %w", err)
	}
	return nil
}

func (p *EvalPart) path(of func(*Measure) float64) string {
	points := make([]string, len(p.Sweep))
	for i, s := range p.Sweep {
		points[i] = fmt.Sprintf("%.1f,%.1f", chartX(i), chartY(of(s.Turns)))
	}
	return strings.Join(points, " ")
}

func chartX(step int) float64 {
	return chartLeft + float64(step)*(chartRight-chartLeft)/(sweepSteps-1)
}

func chartY(v float64) float64 {
	return chartBottom - v*(chartBottom-chartTop)
}
