package main

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"attune/metrics"
)

// program is what the commands share: where they read from and write to. It
// stands between main and the commands so that tests run exactly what users
// run.
type program struct {
	environ        map[string]string
	stdin          io.Reader
	stdout, stderr io.Writer
}

// run carries out a command line and returns its exit code.
func (p *program) run(args []string) int {
	root := p.root()
	root.SetArgs(args)
	err := root.Execute()
	if err == nil {
		return exitOK
	}
	var f *failure
	if !errors.As(err, &f) {
		f = fail("", "%v", err)
	}
	f.print(p.stderr)
	return f.code
}

func (p *program) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "attune",
		Short: "A WebSocket proxy that gives a chatbot the manners of a good human agent",
		Long: `Attune stands between chat widgets and a bot. It rewords replies that would
make matters worse, notices a customer who is losing patience, and brings in a
person in time.

Try it:     attune demo
Use it:     ATTUNE_BACKEND_URL=ws://127.0.0.1:3000 attune serve
Configure:  attune config`,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          cobra.ArbitraryArgs,
		RunE:          p.group,
	}
	root.SetOut(p.stdout)
	root.SetErr(p.stderr)
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		return fail("see '"+c.CommandPath()+" --help'", "%v", err)
	})
	root.AddCommand(p.serveCommand(), p.demoCommand(), p.configCommand(), p.rulesCommand(), p.replayCommand(), p.evalCommand(), p.fitCommand(), p.importCommand(), p.profilesCommand(), p.sessionsCommand(), p.versionCommand())
	return root
}

// group runs when a command that only holds others is called without one of
// them, or with one that does not exist.
func (p *program) group(c *cobra.Command, args []string) error {
	see := "see '" + c.CommandPath() + " --help'"
	c.SuggestionsMinimumDistance = 2
	if len(args) == 0 {
		c.SetOut(p.stderr)
		if err := c.Usage(); err != nil {
			return err
		}
		return fail(see, "no command given")
	}
	if near := c.SuggestionsFor(args[0]); len(near) > 0 {
		see = "did you mean '" + c.CommandPath() + " " + strings.Join(near, "' or '") + "'?"
	}
	return fail(see, "unknown command %q", args[0])
}

// noArgs refuses arguments in our own words.
func noArgs(c *cobra.Command, args []string) error {
	if len(args) > 0 {
		return fail("see '"+c.CommandPath()+" --help'", "'%s' takes no argument, got %q", c.CommandPath(), args[0])
	}
	return nil
}

func (p *program) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version and what it was built with",
		Args:  noArgs,
		RunE: func(*cobra.Command, []string) error {
			version, goversion := metrics.Build()
			_, err := fmt.Fprintf(p.stdout, "attune %s (%s)\n", version, goversion)
			return err
		},
	}
}
