package chart

import (
	"fmt"
	"io"
	"strings"
)

// Bars is groups of upright bars over a common scale, a bar for each series.
type Bars struct {
	// Title says what is shown, for people who cannot see it; X names what the groups run over.
	Title, X string
	// Series names the bars of each group, in their order.
	Series []string
	Groups []Group
}

// Group is some bars that belong together. It has one value, not below 0, for each series.
type Group struct {
	Name   string
	Values []float64
}

// WriteSVG draws the chart. Each bar says its value when it is pointed at.
func (c *Bars) WriteSVG(w io.Writer) error {
	if len(c.Groups) == 0 || len(c.Series) == 0 {
		return ErrScale
	}
	most := 0.0
	for _, g := range c.Groups {
		if len(g.Values) != len(c.Series) {
			return fmt.Errorf("chart: group %q has %d values for %d series", g.Name, len(g.Values), len(c.Series))
		}
		for _, v := range g.Values {
			most = max(most, v)
		}
	}
	end := Above(most)
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="sans-serif" font-size="12" role="img">`+"\n", width, height)
	fmt.Fprintf(&b, "<title>%s</title>\n", escape(c.Title))
	fmt.Fprintf(&b, `<rect width="%d" height="%d" fill="#ffffff"/>`+"\n", width, height)
	for i, name := range c.Series {
		fmt.Fprintf(&b, `<rect x="%d" y="21" width="10" height="10" fill="%s"/><text x="%d" y="30" fill="#333333">%s</text>`+"\n",
			left+110*i, colours[i%len(colours)], left+16+110*i, escape(name))
	}
	b.WriteString(`<g stroke="#dddddd" fill="#333333">` + "\n")
	scale := Chart{Top: end}
	for i := range steps + 1 {
		v := end * float64(i) / steps
		fmt.Fprintf(&b, `<line x1="%d" y1="%.1f" x2="%d" y2="%.1f"/><text x="%d" y="%.1f" text-anchor="end" stroke="none">%s</text>`+"\n",
			left, scale.y(v), right, scale.y(v), left-8, scale.y(v)+4, number(v))
	}
	b.WriteString("</g>\n")
	room := float64(right-left) / float64(len(c.Groups))
	bar := room * 0.8 / float64(len(c.Series))
	for i, g := range c.Groups {
		x := left + room*float64(i) + room*0.1
		for j, v := range g.Values {
			fmt.Fprintf(&b, `<rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" fill="%s"><title>%s, %s: %s</title></rect>`+"\n",
				x+bar*float64(j), scale.y(v), bar, bottom-scale.y(v), colours[j%len(colours)], escape(g.Name), escape(c.Series[j]), number(v))
		}
		fmt.Fprintf(&b, `<text x="%.1f" y="%d" text-anchor="middle" fill="#333333">%s</text>`+"\n", x+room*0.4, bottom+18, escape(g.Name))
	}
	fmt.Fprintf(&b, `<text x="%d" y="%d" text-anchor="middle" fill="#333333">%s</text>`+"\n</svg>\n", (left+right)/2, bottom+40, escape(c.X))
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("write chart: %w", err)
	}
	return nil
}
