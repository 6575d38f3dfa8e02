package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	"attune/deploy/bench/proc"
	"attune/deploy/bench/stage"
)

// Report is one run: what was measured where.
type Report struct {
	Date     string            `json:"date"`
	Command  string            `json:"command"`
	Machine  Machine           `json:"machine"`
	Versions map[string]string `json:"versions"`
	Settings settings          `json:"settings"`

	Measurements []Measurement `json:"measurements"`
}

// Machine is where it was measured.
type Machine struct {
	Processor string `json:"processor"`
	Cores     int    `json:"cores"`
	Memory    int64  `json:"memory_bytes"`
	Kernel    string `json:"kernel"`
	Files     int    `json:"descriptors"`
}

// String describes it in a line.
func (m Machine) String() string {
	return fmt.Sprintf("%s, %d cores, %.0f GB, Linux %s", m.Processor, m.Cores, float64(m.Memory)/1e9, m.Kernel)
}

// options are the flags that all measuring commands have.
type options struct {
	attune, bench, dir, out string
	quick                   bool
}

// parse reads the flags; more adds further ones.
func (o *options) parse(name string, args []string, stderr io.Writer, more ...func(*flag.FlagSet)) error {
	f := flags(name, stderr)
	f.StringVar(&o.attune, "attune", "attune", "path of the attune program")
	f.StringVar(&o.bench, "bench", "", "path of this program, by which it starts the backend; default: as it was called")
	f.StringVar(&o.dir, "dir", "", "directory for configurations and output; default: a temporary one")
	f.StringVar(&o.out, "out", "", "file for the figures as JSON")
	f.BoolVar(&o.quick, "quick", false, "as little as shows that everything works")
	for _, add := range more {
		add(f)
	}
	return f.Parse(args)
}

// prepare makes ready to measure. The caller calls done at the end.
func (o *options) prepare(stderr io.Writer) (b *bench, r *Report, done func(), err error) {
	s := defaults()
	if o.quick {
		s = quick()
	}
	if err := s.read(os.LookupEnv); err != nil {
		return nil, nil, nil, err
	}
	files, err := descriptors()
	if err != nil {
		return nil, nil, nil, err
	}
	s.fit(files, stderr)
	if o.bench == "" {
		if o.bench, err = os.Executable(); err != nil {
			return nil, nil, nil, err
		}
	}
	memory, err := proc.Memory(proc.Root)
	if err != nil {
		return nil, nil, nil, err
	}
	done = func() {}
	if o.dir == "" {
		if o.dir, err = os.MkdirTemp("", "attune-bench"); err != nil {
			return nil, nil, nil, err
		}
		if err := os.Chmod(o.dir, 0o755); err != nil { //nolint:gosec // nginx' workers are another user
			return nil, nil, nil, err
		}
		done = func() { _ = os.RemoveAll(o.dir) }
	}
	b = &bench{settings: s, stage: &stage.Stage{
		Dir: o.dir, Attune: o.attune, Bench: o.bench, Stiff: s.Stiff, Files: files, Sessions: max(s.Sessions, 1000), Env: s.Attune,
	}}
	r = &Report{
		Date:     time.Now().UTC().Format(time.DateOnly),
		Machine:  Machine{Processor: proc.Processor(proc.Root), Cores: runtime.NumCPU(), Memory: memory, Kernel: proc.Kernel(proc.Root), Files: files},
		Versions: versions(s.Proxies), Settings: s,
	}
	return b, r, done, nil
}

// versionNumber is the first number of what a program says about itself.
var versionNumber = regexp.MustCompile(`\d+\.\d+(\.\d+)?`)

// versions asks programs what they are; those that are not there are left out.
func versions(proxies []string) map[string]string {
	all := map[string]string{"Go": strings.TrimPrefix(runtime.Version(), "go")}
	for _, name := range append([]string{"redis-server"}, proxies...) {
		args := map[string]string{"nginx": "-v", "haproxy": "-v", "redis-server": "--version"}
		if args[name] == "" {
			continue
		}
		out, err := exec.Command(name, args[name]).CombinedOutput() //nolint:gosec,noctx // one of three
		if number := versionNumber.Find(out); err == nil && number != nil {
			all[name] = string(number)
		}
	}
	return all
}

// compare measures all proxies in all scenarios and prints the table.
func compare(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	var o options
	if err := o.parse("compare", args, stderr); err != nil {
		return err
	}
	b, report, done, err := o.prepare(stderr)
	if err != nil {
		return err
	}
	defer done()
	report.Command = commandLine("")
	if o.quick {
		report.Command = commandLine(" --quick")
	}
	if err := b.rounds(ctx, report, stderr); err != nil {
		return err
	}
	if err := writeJSON(o.out, report); err != nil {
		return err
	}
	_, err = io.WriteString(stdout, report.Markdown())
	return err
}

// rounds fills the report. Each round goes through all scenarios, each scenario
// through all proxies, another one first each time, so that a machine that
// changes its mind changes it for all. After the time limit no other round
// begins.
func (b *bench) rounds(ctx context.Context, report *Report, talk io.Writer) error {
	start := time.Now()
	var longest time.Duration
	for round := range b.Rounds {
		if round > 0 && time.Since(start)+longest > b.Limit {
			fmt.Fprintf(talk, "%d rounds instead of %d, by the limit of %v\n", round, b.Rounds, b.Limit)
			break
		}
		began := time.Now()
		if err := b.round(ctx, round, report, talk); err != nil {
			return err
		}
		longest = max(longest, time.Since(began))
	}
	return nil
}

// round measures everything once. Processes are fresh for idle, as what a
// session takes is compared with before; for the other scenarios all run side
// by side until the round is over.
func (b *bench) round(ctx context.Context, round int, report *Report, talk io.Writer) error {
	shows := map[string]*stage.Show{}
	defer func() {
		for _, s := range shows {
			s.Stop()
		}
	}()
	for _, name := range b.Scenarios {
		sc, err := b.parseScenario(name)
		if err != nil {
			return err
		}
		for i := range b.Proxies {
			proxy := b.Proxies[(i+round)%len(b.Proxies)]
			m, err := b.one(ctx, proxy, sc, shows)
			if err = errors.Join(err, ctx.Err()); err != nil {
				return fmt.Errorf("round %d, %s, %s: %w", round+1, name, proxy, err)
			}
			m.Round = round
			report.Measurements = append(report.Measurements, m)
			fmt.Fprintln(talk, m)
			debug.FreeOSMemory() // what thousands of widgets took
		}
	}
	return nil
}

func (b *bench) one(ctx context.Context, proxy string, sc scenario, shows map[string]*stage.Show) (Measurement, error) {
	if sc.name == "idle" {
		show, err := b.stage.Start(ctx, proxy)
		if err != nil {
			return Measurement{}, err
		}
		defer show.Stop()
		return b.idle(ctx, show)
	}
	if shows[proxy] == nil {
		show, err := b.stage.Start(ctx, proxy)
		if err != nil {
			return Measurement{}, err
		}
		shows[proxy] = show
	}
	return b.measure(ctx, shows[proxy], sc)
}

// String is a line of progress.
func (m Measurement) String() string {
	if m.Scenario == "idle" {
		return fmt.Sprintf("%d %-7s %-8s %6.0f handshakes/s, %5.1f / %5.1f / %5.1f KiB a session, redis %.0f B",
			m.Round+1, m.Scenario, m.Proxy, m.Handshakes.PerSecond, m.Opened/1024, m.Used/1024, m.Talked/1024, m.Redis.Bytes)
	}
	return fmt.Sprintf("%d %-7s %-8s %6.0f messages/s, p50 %.2f ms, p99 %.2f ms, %.1f us a message, redis %.3f/%.3f, reworded %d of %d, due %d, shed %d",
		m.Round+1, m.Scenario, m.Proxy, m.Load.PerSecond, m.Load.P50, m.Load.P99, m.CPU, m.Redis.Scripts, m.Redis.Calls, m.Load.Reworded, m.Load.Sent, m.Load.Due, m.Load.Shed)
}
