package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"slices"
	"strings"

	"attune/rules/lab/chart"
)

// Growth is what a message costs as something grows.
type Growth struct {
	Date    string   `json:"date"`
	Command string   `json:"command"`
	Machine Machine  `json:"machine"`
	Set     settings `json:"settings"`
	Costs   []Cost   `json:"costs"`
}

// Cost is one point in one round.
type Cost struct {
	Round int     `json:"round"`
	Over  string  `json:"over"` // sessions or rules
	N     int     `json:"n"`
	Proxy string  `json:"proxy"`
	CPU   float64 `json:"cpu_us"` // microseconds a message
}

const (
	overSessions = "sessions"
	overRules    = "rules"
	// growthRate is the messages a second of all sessions together: the same
	// whatever their number, so that nothing but the number grows.
	growthRate = 2000
)

// growth measures the cost of a message over the number of sessions and of
// rules.
func growth(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	var o options
	if err := o.parse("growth", args, stderr); err != nil {
		return err
	}
	b, report, done, err := o.prepare(stderr)
	if err != nil {
		return err
	}
	defer done()
	g := &Growth{Date: report.Date, Command: commandLine(" --growth"), Machine: report.Machine, Set: report.Settings}
	var steps []Cost
	for _, n := range []int{100, 1000, b.Sessions} {
		steps = append(steps, Cost{Over: overSessions, N: n, Proxy: "haproxy"}, Cost{Over: overSessions, N: n, Proxy: "attune"})
	}
	for _, n := range []int{100, 1000, 10000} {
		steps = append(steps, Cost{Over: overRules, N: n, Proxy: "attune"})
	}
	for round := range b.Rounds {
		for i := range steps {
			c := steps[(i+round)%len(steps)]
			c.Round = round
			err := b.grow(ctx, &c)
			if err = errors.Join(err, ctx.Err()); err != nil {
				return fmt.Errorf("round %d, %d %s, %s: %w", round+1, c.N, c.Over, c.Proxy, err)
			}
			fmt.Fprintf(stderr, "%d %d %s, %s: %.1f us a message\n", round+1, c.N, c.Over, c.Proxy, c.CPU)
			g.Costs = append(g.Costs, c)
			debug.FreeOSMemory()
		}
	}
	if err := writeJSON(o.out, g); err != nil {
		return err
	}
	_, err = io.WriteString(stdout, g.Markdown())
	return err
}

// grow measures a fresh proxy with so many sessions, or further rules.
func (b *bench) grow(ctx context.Context, c *Cost) error {
	sc := scenario{name: "c64", widgets: 64}
	b.stage.Rules = crowd(c.N)
	if c.Over == overSessions {
		sc = scenario{name: "r", rate: growthRate, widgets: c.N}
		b.stage.Rules = nil
	}
	show, err := b.stage.Start(ctx, c.Proxy)
	if err != nil {
		return err
	}
	defer show.Stop()
	m, err := b.measure(ctx, show, sc)
	c.CPU = m.CPU
	return err
}

// packRules is how many rules go into one pack, whose size has a limit.
const packRules = 1000

// crowd is packs of n rules together that never match here: phrases for the
// most part, and some expressions, as packs have them.
func crowd(n int) [][]byte {
	var packs [][]byte
	for first := 0; first < n; first += packRules {
		var b bytes.Buffer
		fmt.Fprintf(&b, "pack: further-%d\nversion: 1\nlocale: en\nregister: informal\nowner: bench@example.com\nsignals:\n", first)
		for i := first; i < min(n, first+packRules); i++ {
			word := fmt.Sprintf("zq%dx", i)
			match := fmt.Sprintf(`{phrases: ["I (want | need) [the] %s", "when %s"]}`, word, word)
			if i%10 == 0 {
				match = fmt.Sprintf(`{regex: '(?i)tracking %s'}`, word)
			}
			fmt.Fprintf(&b, "  - {id: further-%d, what: Notice %s., why: It is in the way., from: customer, match: %s, points: 1, examples: {fires: [\"%s\"], silent: [\"hello\"]}}\n",
				i, word, match, fires(word, i))
		}
		packs = append(packs, b.Bytes())
	}
	return packs
}

func fires(word string, i int) string {
	if i%10 == 0 {
		return "tracking " + word
	}
	return "when " + word
}

// medians are the cost at each n, in growing order.
func (g *Growth) medians(over, proxy string) (points []chart.Point) {
	by := map[int][]float64{}
	for _, c := range g.Costs {
		if c.Over == over && c.Proxy == proxy {
			by[c.N] = append(by[c.N], c.CPU)
		}
	}
	for n, all := range by {
		v, _ := median(all)
		points = append(points, chart.Point{X: float64(n), Y: v})
	}
	slices.SortFunc(points, func(a, b chart.Point) int { return int(a.X - b.X) })
	return points
}

// charts draws both; the names are those of the files.
func (g *Growth) charts() (map[string][]byte, error) {
	all := map[string][]byte{}
	for name, c := range map[string]struct {
		over, x string
		proxies []string
	}{
		"growth-sessions.svg": {overSessions, fmt.Sprintf("sessions, together %d messages a second: microseconds of CPU a message", growthRate), []string{"attune", "haproxy"}},
		"growth-rules.svg":    {overRules, "further rules, 64 connections in a closed loop: microseconds of CPU a message", []string{"attune"}},
	} {
		drawn := chart.Chart{X: c.x, Log: true, Note: g.Date}
		highest := 0.0
		for _, proxy := range c.proxies {
			line := chart.Line{Name: titles[proxy], Points: g.medians(c.over, proxy)}
			drawn.Lines = append(drawn.Lines, line)
			drawn.Ticks = drawn.Ticks[:0]
			for _, p := range line.Points {
				drawn.Ticks = append(drawn.Ticks, p.X)
				highest = max(highest, p.Y)
			}
		}
		drawn.Top = chart.Above(highest)
		var b bytes.Buffer
		if err := drawn.WriteSVG(&b); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		all[name] = b.Bytes()
	}
	return all, nil
}

// Markdown is the charts' figures.
func (g *Growth) Markdown() string {
	var b strings.Builder
	for _, over := range []string{overSessions, overRules} {
		fmt.Fprintf(&b, "| %s | HAProxy, us a message | Attune, us a message |\n| --- | --- | --- |\n", over)
		other := g.medians(over, "haproxy")
		for i, p := range g.medians(over, "attune") {
			cell := ""
			if i < len(other) {
				cell = fmt.Sprintf("%.1f", other[i].Y)
			}
			fmt.Fprintf(&b, "| %.0f | %s | %.1f |\n", p.X, cell, p.Y)
		}
		b.WriteString("\n")
	}
	return b.String()
}
