package main

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"attune/deploy/bench/stage"
)

// settings are how much is measured. BENCH_* variables change the defaults.
type settings struct {
	Rounds    int           `json:"rounds"`
	Window    time.Duration `json:"window_ns"`
	Warm      time.Duration `json:"warm_ns"`
	Hold      time.Duration `json:"hold_ns"` // before memory is read
	Sessions  int           `json:"sessions"`
	Spread    int           `json:"spread"` // connections of an open loop
	Scenarios []string      `json:"scenarios"`
	Proxies   []string      `json:"proxies"`
	Stiff     float64       `json:"stiff"`
	Limit     time.Duration `json:"limit_ns"`         // of the whole run
	Attune    []string      `json:"attune,omitempty"` // further variables for it
}

// talks is how many messages each idle session exchanges before its bytes in
// Redis are counted: a conversation of ordinary length.
const talks = 10

func defaults() settings {
	return settings{
		Rounds: 3, Window: 3 * time.Second, Warm: time.Second, Hold: 1500 * time.Millisecond, Sessions: 9000, Spread: 500,
		Scenarios: []string{"idle", "c1000", "c64", "r10000", "r2000"}, Proxies: []string{"direct", "nginx", "haproxy", "gorilla", "attune"}, Stiff: 1, Limit: 10 * time.Minute,
	}
}

// quick is enough to see that everything works, and nothing to read figures
// from.
func quick() settings {
	s := defaults()
	s.Rounds, s.Window, s.Warm, s.Hold = 1, 300*time.Millisecond, 100*time.Millisecond, 100*time.Millisecond
	s.Sessions, s.Spread, s.Limit = 100, 20, time.Minute
	s.Scenarios = []string{"idle", "c16", "r200"}
	return s
}

// read changes settings by the environment and checks them.
func (s *settings) read(env func(string) (string, bool)) error {
	for name, set := range map[string]func(string) error{
		"ROUNDS":   number(&s.Rounds),
		"SESSIONS": number(&s.Sessions),
		"SPREAD":   number(&s.Spread),
		"WINDOW":   duration(&s.Window),
		"WARM":     duration(&s.Warm),
		"HOLD":     duration(&s.Hold),
		"LIMIT":    duration(&s.Limit),
		"SCENARIOS": func(v string) error {
			s.Scenarios = strings.Fields(v)
			for _, name := range s.Scenarios {
				if _, err := s.parseScenario(name); err != nil {
					return err
				}
			}
			return nil
		},
		"PROXIES": func(v string) error {
			s.Proxies = strings.Fields(v)
			for _, name := range s.Proxies {
				if !slices.Contains(stage.Names, name) {
					return fmt.Errorf("no proxy %q, use %s", name, strings.Join(stage.Names, ", "))
				}
			}
			return nil
		},
		"ATTUNE": func(v string) error {
			s.Attune = strings.Fields(v)
			for _, variable := range s.Attune {
				if name, _, given := strings.Cut(variable, "="); !given || !strings.HasPrefix(name, "ATTUNE_") {
					return fmt.Errorf("%q is not ATTUNE_NAME=VALUE", variable)
				}
			}
			return nil
		},
		"STIFF": func(v string) (err error) {
			if s.Stiff, err = strconv.ParseFloat(v, 64); err == nil && (s.Stiff < 0 || s.Stiff > 1) {
				err = fmt.Errorf("%v is not between 0 and 1", s.Stiff)
			}
			return err
		},
	} {
		if v, given := env("BENCH_" + name); given && v != "" {
			if err := set(v); err != nil {
				return fmt.Errorf("BENCH_%s: %w", name, err)
			}
		}
	}
	return nil
}

func number(into *int) func(string) error {
	return func(v string) (err error) {
		if *into, err = strconv.Atoi(v); err == nil && *into < 1 {
			err = fmt.Errorf("%d is less than 1", *into)
		}
		return err
	}
}

func duration(into *time.Duration) func(string) error {
	return func(v string) (err error) {
		if *into, err = time.ParseDuration(v); err == nil && *into <= 0 {
			err = fmt.Errorf("%v is not positive", *into)
		}
		return err
	}
}

// fit takes back what the limit of descriptors does not allow: a session needs
// two in a proxy.
func (s *settings) fit(files int, talk io.Writer) {
	if most := (files - 500) / 2; s.Sessions > most {
		fmt.Fprintf(talk, "%d sessions instead of %d, by the limit of %d descriptors\n", most, s.Sessions, files)
		s.Sessions = most
	}
}

// descriptors raises the limit of this process and its children to the hard
// limit and returns it.
func descriptors() (int, error) {
	var l syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &l); err != nil {
		return 0, err
	}
	l.Cur = l.Max
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &l); err != nil {
		return 0, err
	}
	return int(min(l.Max, 1<<20)), nil //nolint:gosec // bounded
}

// scenario is one way to load a proxy.
type scenario struct {
	name    string
	widgets int
	rate    float64 // open loop: messages a second; 0 = closed loop
}

// parseScenario reads idle, cN (closed loop, N connections) or rN (open loop, N
// messages a second).
func (s *settings) parseScenario(name string) (scenario, error) {
	if name == "idle" {
		return scenario{name: name, widgets: s.Sessions}, nil
	}
	if n, err := strconv.Atoi(name[min(1, len(name)):]); err == nil && n > 0 {
		switch name[0] {
		case 'c':
			return scenario{name: name, widgets: n}, nil
		case 'r':
			return scenario{name: name, widgets: s.Spread, rate: float64(n)}, nil
		}
	}
	return scenario{}, fmt.Errorf("no scenario %q, use idle, cN or rN", name)
}

// commandLine says how the run was called for, for whoever repeats it.
func commandLine(command string) string {
	line := "bash deploy/bench/run.sh" + command
	for _, v := range slices.Backward(slices.Sorted(slices.Values(os.Environ()))) {
		if name, value, _ := strings.Cut(v, "="); strings.HasPrefix(name, "BENCH_") && name != "BENCH_OUT" {
			line = fmt.Sprintf("%s='%s' %s", name, value, line)
		}
	}
	return line
}
