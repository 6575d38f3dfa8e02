package main

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
)

// writeJSON writes figures into a file; without a name it does not.
func writeJSON(file string, v any) error {
	if file == "" {
		return nil
	}
	data, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		return err
	}
	return os.WriteFile(file, append(data, '\n'), 0o644) //nolint:gosec // figures are for everybody
}

// readJSON reads what writeJSON wrote.
func readJSON(file string, v any) error {
	data, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(data, v); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	return nil
}

// figure is what is read off a measurement.
type figure func(Measurement) float64

// find returns the measurement of a proxy in a scenario of a round.
func (r *Report) find(round int, scenario, proxy string) (Measurement, bool) {
	i := slices.IndexFunc(r.Measurements, func(m Measurement) bool {
		return m.Round == round && m.Scenario == scenario && m.Proxy == proxy
	})
	if i < 0 {
		return Measurement{}, false
	}
	return r.Measurements[i], true
}

// rounds is how many rounds were measured.
func (r *Report) rounds() int {
	n := 0
	for _, m := range r.Measurements {
		n = max(n, m.Round+1)
	}
	return n
}

// over takes of, round by round, what a figure of two proxies makes, and
// returns the median. The second may be empty. ok is false when nothing was
// measured.
func (r *Report) over(scenario, proxy, other string, of figure, join func(a, b float64) float64) (value float64, ok bool) {
	var all []float64
	for round := range r.rounds() {
		m, found := r.find(round, scenario, proxy)
		if !found {
			continue
		}
		v := of(m)
		if other != "" {
			o, found := r.find(round, scenario, other)
			if !found {
				continue
			}
			v = join(v, of(o))
		}
		all = append(all, v)
	}
	return median(all)
}

// median of an even number is the mean of the two in the middle.
func median(all []float64) (value float64, ok bool) {
	if len(all) == 0 {
		return 0, false
	}
	slices.Sort(all)
	n := len(all)
	return (all[(n-1)/2] + all[n/2]) / 2, true
}

func ratio(a, b float64) float64 {
	if b == 0 {
		return 0
	}
	return a / b
}

func difference(a, b float64) float64 { return a - b }
