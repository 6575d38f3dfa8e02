package main

import (
	"github.com/spf13/cobra"
)

func (p *program) configCommand() *cobra.Command {
	var format string
	var plan bool
	n := need{Sessions: 1_000_000, Cores: 4, Memory: 16 << 30}
	c := &cobra.Command{
		Use:   "config",
		Short: "Print every variable: name, default, value and meaning; or what so many sessions need",
		Long: `Attune is configured by environment variables. This prints them all, with
secrets hidden, and says what is wrong with the values that are set and with the
files that they name.

With --capacity it prints instead how many nodes and Redis primaries so many
sessions need, with their descriptors and ports, computed from what this version
used in the bench (deploy/bench).

Exit code 0: all is well; 1: there are faults.`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			for _, name := range []string{"sessions", "messages-per-second", "cores", "memory"} {
				if !plan && c.Flags().Changed(name) {
					return fail("add --capacity", "--%s says nothing about variables", name)
				}
			}
			if plan {
				return p.capacity(format, n, c.Flags().Changed("messages-per-second"))
			}
			return p.config(format)
		},
	}
	f := c.Flags()
	f.StringVar(&format, "format", "table", "table, markdown or env; with --capacity table, markdown or json")
	f.BoolVar(&plan, "capacity", false, "print what so many sessions need")
	f.IntVar(&n.Sessions, "sessions", n.Sessions, "with --capacity: open at once")
	f.Float64Var(&n.Messages, "messages-per-second", 0, "with --capacity: of all sessions together (default one a session every ten seconds)")
	f.IntVar(&n.Cores, "cores", n.Cores, "with --capacity: of a node")
	f.Var(&n.Memory, "memory", "with --capacity: of a node, and of a Redis primary")
	return c
}

// config prints the variables and tells what is wrong with them.
func (p *program) config(format string) error {
	c, warnings, faults := Load(p.environ)
	faults = append(faults, faultsWithin(c, faults)...)
	if err := writeConfig(p.stdout, format, p.environ, faults); err != nil {
		return err
	}
	for _, w := range warnings {
		warn(p.stderr, w)
	}
	if len(faults) > 0 {
		return &failure{exitFindings, faults}
	}
	return nil
}

// capacity prints what a need asks for. Unless rate was said, each session
// sends a message every ten seconds.
func (p *program) capacity(format string, n need, rate bool) error {
	if !rate {
		n.Messages = float64(n.Sessions) / 10
	}
	switch {
	case n.Sessions < 1 || n.Sessions > 1e9:
		return fail("from 1 to 1000000000", "--sessions %d makes no sense", n.Sessions)
	case !(n.Messages >= 0 && n.Messages <= 1e9):
		return fail("from 0 to 1000000000", "--messages-per-second %v makes no sense", n.Messages)
	case n.Cores < 1 || n.Cores > 4096:
		return fail("from 1 to 4096", "--cores %d makes no sense", n.Cores)
	}
	return writeCapacity(p.stdout, format, n)
}
