package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"

	"attune/metrics/footprint"
)

// Where figures are kept, from the root of the repository. What is shown is
// made of them, and a test sees to it that it stays so.
const (
	tableFile    = "deploy/bench/table.json"
	growthFile   = "deploy/bench/growth.json"
	soakFile     = "deploy/bench/soak.json"
	measuredFile = "metrics/footprint/measured.json"

	blockStart = "<!-- bench -->\n"
	blockEnd   = "<!-- /bench -->"
)

// publish takes figures over into the repository: the table into README.md and
// into what `attune config --capacity` computes with, the charts beside this
// file.
func publish(_ context.Context, args []string, _, stderr io.Writer) error {
	f := flags("publish", stderr)
	root := f.String("root", ".", "root of the repository")
	files := map[string]*string{
		tableFile:  f.String("table", "", "figures of compare"),
		growthFile: f.String("growth", "", "figures of growth"),
		soakFile:   f.String("soak", "", "figures of soak"),
	}
	if err := f.Parse(args); err != nil {
		return err
	}
	for into, from := range files {
		if *from == "" {
			continue
		}
		data, err := os.ReadFile(*from)
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(*root, into), data, 0o644); err != nil { //nolint:gosec // for everybody
			return err
		}
	}
	shown, err := derived(*root)
	if err != nil {
		return err
	}
	for name, data := range shown {
		if err := os.WriteFile(filepath.Join(*root, name), data, 0o644); err != nil { //nolint:gosec // for everybody
			return err
		}
	}
	return nil
}

// derived is every file that is made of the figures kept, as it ought to be.
func derived(root string) (map[string][]byte, error) {
	all := map[string][]byte{}
	var r Report
	if found, err := kept(root, tableFile, &r); err != nil {
		return nil, err
	} else if found {
		if all[measuredFile], err = json.MarshalIndent(r.measured(), "", "  "); err != nil {
			return nil, err
		}
		all[measuredFile] = append(all[measuredFile], '\n')
		if all["README.md"], err = withBlock(filepath.Join(root, "README.md"), r.Markdown()); err != nil {
			return nil, err
		}
	}
	var g Growth
	if found, err := kept(root, growthFile, &g); err != nil {
		return nil, err
	} else if found {
		charts, err := g.charts()
		if err != nil {
			return nil, err
		}
		for name, data := range charts {
			all["deploy/bench/"+name] = data
		}
	}
	var s Soak
	if found, err := kept(root, soakFile, &s); err != nil {
		return nil, err
	} else if found {
		if all["deploy/bench/soak.svg"], err = s.chart(); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// kept reads figures; found is false when there are none yet.
func kept(root, file string, into any) (found bool, err error) {
	err = readJSON(filepath.Join(root, file), into)
	if errors.Is(err, os.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

// withBlock is a file with another text between the marks.
func withBlock(file, text string) ([]byte, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	before, rest, opened := strings.Cut(string(data), blockStart)
	_, after, closed := strings.Cut(rest, blockEnd)
	if !opened || !closed {
		return nil, fmt.Errorf("%s has no lines %s and %s", file, strings.TrimSpace(blockStart), blockEnd)
	}
	return []byte(before + blockStart + text + blockEnd + after), nil
}

// busy are the scenarios in which a proxy has more to do than to wake up.
var busy = []string{"c64", "c1000", "r10000"}

// measured sums the report up for planning: medians, of several the dearest.
func (r *Report) measured() footprint.Footprint {
	of := func(scenario string, f figure) float64 {
		v, _ := r.over(scenario, "attune", "", f, nil)
		return math.Round(10*v) / 10
	}
	m := footprint.Footprint{
		Date: r.Date, Machine: r.Machine.String(), Command: r.Command,
		HandshakeCPU:    of("idle", func(m Measurement) float64 { return m.CPU }),
		BaseBytes:       of("idle", func(m Measurement) float64 { return float64(m.Base) }),
		SessionBytes:    of("idle", func(m Measurement) float64 { return max(m.Opened, m.Used, m.Talked) }),
		SessionMessages: talks,
		SocketBytes:     of("idle", func(m Measurement) float64 { return m.Socket }),
		RedisBytes:      of("idle", func(m Measurement) float64 { return m.Redis.Bytes }),
	}
	for _, sc := range busy {
		m.MessageCPU = max(m.MessageCPU, of(sc, func(m Measurement) float64 { return m.CPU }))
	}
	// The rarer a session speaks, the less is written at once.
	for _, sc := range append([]string{"r2000"}, busy...) {
		m.RedisCPU = max(m.RedisCPU, of(sc, func(m Measurement) float64 { return m.Redis.CPU }))
	}
	return m
}
