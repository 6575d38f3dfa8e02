package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"sync"
	"time"

	"attune/deploy/bench/load"
	"attune/deploy/bench/proc"
	"attune/deploy/bench/stage"
	"attune/rules/lab/chart"
)

// Soak is a long time under half load.
type Soak struct {
	Date    string       `json:"date"`
	Command string       `json:"command"`
	Machine Machine      `json:"machine"`
	Rate    float64      `json:"rate"` // messages a second
	Load    load.Result  `json:"load"`
	Samples []SoakSample `json:"samples"`
}

// SoakSample is what Attune used at a moment.
type SoakSample struct {
	Seconds    float64 `json:"seconds"` // since the beginning
	Memory     float64 `json:"memory_bytes"`
	Goroutines float64 `json:"goroutines"`
	Files      float64 `json:"descriptors"`
	Redis      float64 `json:"redis_bytes"`
}

// uses are what must not grow.
var uses = []struct {
	name string
	of   func(SoakSample) float64
}{
	{"memory", func(s SoakSample) float64 { return s.Memory }},
	{"goroutines", func(s SoakSample) float64 { return s.Goroutines }},
	{"descriptors", func(s SoakSample) float64 { return s.Files }},
}

const (
	// soakEvery is the time between two samples; a short soak has as many as
	// soakLeast.
	soakEvery = 10 * time.Second
	soakLeast = 30
	// settled is the share of the time after which nothing may grow any more:
	// before, buffers and the last turns of each session fill up.
	settled = 1.0 / 3
	// flat is how much something may grow in the rest, as a share of itself.
	flat = 0.05
	// visitors come each second, talk for a moment and leave, so that what
	// belongs to connections is made and given back all the time.
	visitors = 5
)

// soak holds Attune at half of what it can carry and looks whether anything
// grows.
func soak(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	var o options
	minutes := 60.0
	if err := o.parse("soak", args, stderr, func(f *flag.FlagSet) {
		f.Float64Var(&minutes, "minutes", minutes, "how long")
	}); err != nil {
		return err
	}
	if minutes <= 0 {
		return errors.New("-minutes must be above 0")
	}
	b, report, done, err := o.prepare(stderr)
	if err != nil {
		return err
	}
	defer done()
	s := &Soak{Date: report.Date, Command: commandLine(fmt.Sprintf(" --soak %v", minutes)), Machine: report.Machine}
	show, err := b.stage.Start(ctx, "attune")
	if err != nil {
		return err
	}
	defer show.Stop()
	full, err := b.measure(ctx, show, scenario{name: "full", widgets: b.Spread})
	if err != nil {
		return err
	}
	s.Rate = full.Load.PerSecond / 2
	fmt.Fprintf(stderr, "full load %.0f messages/s; half of it for %v minutes\n", full.Load.PerSecond, minutes)
	err = b.soak(ctx, show, s, time.Duration(minutes*float64(time.Minute)), stderr)
	if err = errors.Join(err, writeJSON(o.out, s)); err != nil {
		return err
	}
	if _, err = io.WriteString(stdout, s.Markdown()); err != nil {
		return err
	}
	return s.flat()
}

// soak fills in what was seen.
func (b *bench) soak(ctx context.Context, show *stage.Show, s *Soak, length time.Duration, talk io.Writer) error {
	before, err := judged(ctx, show)
	if err != nil {
		return err
	}
	crowd, err := b.dial(ctx, show, b.Spread)
	if err != nil {
		return err
	}
	defer crowd.Close()
	w := newWatch(show)
	defer w.close()
	beside, stop := context.WithCancel(ctx)
	var wg sync.WaitGroup
	var visitErr, sampleErr error
	wg.Go(func() { visitErr = b.visit(beside, show) })
	wg.Go(func() {
		start := time.Now()
		every := min(soakEvery, length/soakLeast)
		for pause(beside, every); beside.Err() == nil && sampleErr == nil; pause(beside, every) {
			var at SoakSample
			if at, sampleErr = w.sample(beside); sampleErr == nil {
				at.Seconds = time.Since(start).Seconds()
				s.Samples = append(s.Samples, at)
				fmt.Fprintf(talk, "%5.0f s: %.1f MiB, %.0f goroutines, %.0f descriptors, redis %.1f MiB\n",
					at.Seconds, at.Memory/(1<<20), at.Goroutines, at.Files, at.Redis/(1<<20))
			}
		}
	})
	s.Load, err = crowd.Open(ctx, s.Rate, load.Window{Warm: b.Warm, Length: length})
	stop()
	wg.Wait()
	if sampleErr != nil && beside.Err() != nil && errors.Is(sampleErr, context.Canceled) {
		sampleErr = nil // the end came in the middle of it
	}
	if err = errors.Join(err, visitErr, sampleErr); err != nil {
		return err
	}
	return b.everythingOn(ctx, show, before, s.Load)
}

// visit has widgets come and go until ctx ends.
func (b *bench) visit(ctx context.Context, show *stage.Show) error {
	for n := 0; ctx.Err() == nil; n++ {
		crowd, err := load.Dial(context.WithoutCancel(ctx), load.Config{
			Address: show.Address, Widgets: visitors, Run: fmt.Sprintf("visit%d", n), Script: b.script(),
		})
		if err != nil {
			return fmt.Errorf("visitors: %w", err)
		}
		err = crowd.Exchange(context.WithoutCancel(ctx), 3)
		crowd.Close()
		if err != nil {
			return fmt.Errorf("visitors: %w", err)
		}
		pause(ctx, time.Second)
	}
	return nil
}

// sample looks at what the show uses now.
func (w *watch) sample(ctx context.Context) (SoakSample, error) {
	p, err := proc.Take(proc.Root, w.show.Proxy, true)
	if err != nil {
		return SoakSample{}, err
	}
	metrics, err := scrape(ctx, w.show.Admin)
	if err != nil {
		return SoakSample{}, err
	}
	st, err := store(ctx, w.client)
	return SoakSample{
		Memory: float64(p.PSS), Goroutines: metrics["go_goroutines"], Files: float64(p.Files), Redis: float64(st.memory),
	}, err
}

// growth is by which share of itself a use grew after the time in which it
// settles: the slope by Theil and Sen (the median of the slopes between all
// pairs of samples, which single outliers do not move) over that time.
func (s *Soak) growth(of func(SoakSample) float64) float64 {
	rest := s.Samples[int(float64(len(s.Samples))*settled):]
	var slopes, values []float64
	for i, a := range rest {
		values = append(values, of(a))
		for _, z := range rest[i+1:] {
			if z.Seconds > a.Seconds {
				slopes = append(slopes, (of(z)-of(a))/(z.Seconds-a.Seconds))
			}
		}
	}
	slope, ok := median(slopes)
	middle, _ := median(slices.Clone(values))
	if !ok || middle == 0 {
		return 0
	}
	return slope * (rest[len(rest)-1].Seconds - rest[0].Seconds) / middle
}

// flat is an error when something grew, or when there are too few samples to
// say.
func (s *Soak) flat() error {
	if len(s.Samples) < soakLeast/2 {
		return fmt.Errorf("%d samples are too few to tell", len(s.Samples))
	}
	var errs []error
	for _, u := range uses {
		if g := s.growth(u.of); g > flat {
			errs = append(errs, fmt.Errorf("%s grew by %.1f %% in the last two thirds", u.name, 100*g))
		}
	}
	return errors.Join(errs...)
}

// Markdown tells what was used at first and at last.
func (s *Soak) Markdown() string {
	var b strings.Builder
	b.WriteString("| use | after a third | at the end | growth |\n| --- | --- | --- | --- |\n")
	if len(s.Samples) == 0 {
		return b.String()
	}
	first, last := s.Samples[int(float64(len(s.Samples))*settled)], s.Samples[len(s.Samples)-1]
	for _, u := range uses {
		fmt.Fprintf(&b, "| %s | %s | %s | %+.1f %% |\n", u.name, grouped(u.of(first), 0), grouped(u.of(last), 0), 100*s.growth(u.of))
	}
	fmt.Fprintf(&b, "\n%s; %s; %.0f messages/s, %s in all, p50 %.2f ms, p99 %.2f ms. `%s`\n",
		s.Date, s.Machine, s.Rate, grouped(float64(s.Load.Sent), 0), s.Load.P50, s.Load.P99, s.Command)
	return b.String()
}

// chart draws all uses in percent of what they were when they had settled.
func (s *Soak) chart() ([]byte, error) {
	if len(s.Samples) < 2 {
		return nil, errors.New("a soak without samples")
	}
	c := chart.Chart{X: "minutes at half load: percent of what it was after a third", Note: s.Date}
	first := s.Samples[int(float64(len(s.Samples))*settled)]
	minutes := int(math.Ceil(s.Samples[len(s.Samples)-1].Seconds / 60))
	parts := 6
	for minutes%parts != 0 { // whole minutes
		parts--
	}
	for i := range parts + 1 {
		c.Ticks = append(c.Ticks, float64(i*minutes/parts))
	}
	highest := 0.0
	for _, u := range uses {
		line := chart.Line{Name: u.name}
		for _, at := range s.Samples {
			p := chart.Point{X: at.Seconds / 60, Y: 100 * ratio(u.of(at), u.of(first))}
			line.Points = append(line.Points, p)
			highest = max(highest, p.Y)
		}
		c.Lines = append(c.Lines, line)
	}
	c.Top = chart.Above(highest)
	var b bytes.Buffer
	err := c.WriteSVG(&b)
	return b.Bytes(), err
}
