// Package chart draws lines over a scale as SVG, which browsers and README files show. It knows nothing of what the
// lines mean. The same chart gives the same bytes every time.
package chart

import (
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
)

// Chart is lines over a common scale.
type Chart struct {
	// X names what the lines run over.
	X string
	// Note, if not empty, stands at the top right.
	Note string
	// Ticks are marked on the horizontal scale, in growing order; two or more. The scale reaches from the first to the
	// last.
	Ticks []float64
	// Log makes the horizontal scale logarithmic; then all its values must be above 0.
	Log bool
	// Top is the end of the vertical scale, which begins at 0. It must be above 0.
	Top   float64
	Lines []Line
}

// Line is one of them. Two lines of a name share colour and legend.
type Line struct {
	Name   string
	Dashed bool
	Points []Point
}

// Point is where a line passes.
type Point struct{ X, Y float64 }

// ErrScale says that a chart cannot be drawn, as its scales reach nowhere.
var ErrScale = errors.New("chart: a scale needs two ticks and a top")

// The chart's measures, in pixels: the plot between left, top, right and bottom.
const (
	width, height = 680, 400
	left, right   = 60, 660
	top, bottom   = 50, 350
)

var colours = []string{"#1f6f8b", "#c2571a", "#555555", "#5b8c2a", "#7a4fa3"}

// steps is how many lines the vertical scale has.
const steps = 5

// WriteSVG draws the chart.
func (c *Chart) WriteSVG(w io.Writer) error {
	if len(c.Ticks) < 2 || c.Top <= 0 {
		return ErrScale
	}
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="sans-serif" font-size="12">`+"\n", width, height)
	fmt.Fprintf(&b, `<rect width="%d" height="%d" fill="#ffffff"/>`+"\n", width, height)
	c.scales(&b)
	if c.Note != "" {
		fmt.Fprintf(&b, `<text x="%d" y="30" text-anchor="end" fill="#333333">%s</text>`+"\n", right, escape(c.Note))
	}
	colour := map[string]string{}
	for _, l := range c.Lines {
		if _, known := colour[l.Name]; !known {
			n := len(colour)
			colour[l.Name] = colours[n%len(colours)]
			fmt.Fprintf(&b, `<text x="%d" y="30" fill="%s">%s</text>`+"\n", left+110*n, colour[l.Name], escape(l.Name))
		}
	}
	for _, l := range c.Lines {
		c.line(&b, l, colour[l.Name])
	}
	b.WriteString("</svg>\n")
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("write chart: %w", err)
	}
	return nil
}

func (c *Chart) scales(b *strings.Builder) {
	b.WriteString(`<g stroke="#dddddd" fill="#333333">` + "\n")
	for i := range steps + 1 {
		v := c.Top * float64(i) / steps
		y := c.y(v)
		fmt.Fprintf(b, `<line x1="%d" y1="%.1f" x2="%d" y2="%.1f"/><text x="%d" y="%.1f" text-anchor="end" stroke="none">%s</text>`+"\n",
			left, y, right, y, left-8, y+4, number(v))
	}
	for _, t := range c.Ticks {
		x := c.x(t)
		fmt.Fprintf(b, `<line x1="%.1f" y1="%d" x2="%.1f" y2="%d"/><text x="%.1f" y="%d" text-anchor="middle" stroke="none">%s</text>`+"\n",
			x, bottom, x, bottom+4, x, bottom+20, number(t))
	}
	b.WriteString("</g>\n")
	fmt.Fprintf(b, `<text x="%d" y="%d" text-anchor="middle" fill="#333333">%s</text>`+"\n", (left+right)/2, bottom+40, escape(c.X))
}

func (c *Chart) line(b *strings.Builder, l Line, colour string) {
	dash := ""
	if l.Dashed {
		dash = ` stroke-dasharray="6 4"`
	}
	points := make([]string, len(l.Points))
	for i, p := range l.Points {
		points[i] = fmt.Sprintf("%.1f,%.1f", c.x(p.X), c.y(p.Y))
	}
	fmt.Fprintf(b, `<polyline fill="none" stroke="%s" stroke-width="2"%s points="%s"/>`+"\n", colour, dash, strings.Join(points, " "))
}

// x is where a value lies on the horizontal scale.
func (c *Chart) x(v float64) float64 {
	first, last := c.Ticks[0], c.Ticks[len(c.Ticks)-1]
	if c.Log {
		v, first, last = math.Log(v), math.Log(first), math.Log(last)
	}
	return left + (v-first)/(last-first)*(right-left)
}

// y is where a value lies on the vertical scale.
func (c *Chart) y(v float64) float64 { return bottom - v/c.Top*(bottom-top) }

// number writes a tick with as few digits as tell it from its neighbours.
func number(v float64) string { return strconv.FormatFloat(v, 'g', 5, 64) }

// Above returns an end for a scale that holds v: 1, 2 or 5 times a power of ten.
func Above(v float64) float64 {
	if v <= 0 {
		return 1
	}
	power := math.Pow(10, math.Floor(math.Log10(v)))
	for _, f := range []float64{1, 2, 5} {
		if v <= f*power {
			return f * power
		}
	}
	return 10 * power
}

var escaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

func escape(s string) string { return escaper.Replace(s) }
