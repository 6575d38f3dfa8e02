package main

import (
	"context"
	"log/slog"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"github.com/spf13/cobra"
)

func (p *program) serveCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "serve",
		Short: "Run the proxy",
		Long: `Runs the proxy, configured by ATTUNE_* variables only ('attune config' lists
them). At least ATTUNE_BACKEND_URL must be set.

Signals: SIGTERM and SIGINT drain and exit, a second one exits at once; SIGHUP
loads rules and tokens anew.`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error { return p.serve(c.Context()) },
	}
}

func (p *program) serve(ctx context.Context) error {
	c, err := p.load()
	if err != nil {
		return err
	}
	signals, release := p.signals()
	defer release()
	a, err := build(ctx, c, p.logger(c))
	if err != nil {
		return err
	}
	if a.unstaffed {
		a.log.Warn("nobody can come to customers who ask for a person: no token in ATTUNE_TOKENS_FILE has the role agent; ATTUNE_MODE=observe-all promises nobody")
	}
	if _, chosen := p.environ["GOGC"]; !chosen {
		defer debug.SetGCPercent(debug.SetGCPercent(gcPercent))
	}
	return a.run(ctx, signals, nil)
}

// gcPercent is the GOGC of a proxy for which none is set: at most half as much as
// is in use waits for the collector. Beside Go's 100 that is 0.5 to 4 KiB less for
// each of 9,000 sessions; the collector, which took 1.7 % of the CPU at 64 busy
// connections, runs about twice as often.
const gcPercent = 50

// load reads the configuration, warns, and fails on any fault.
func (p *program) load() (Config, error) {
	c, warnings, faults := Load(p.environ)
	for _, w := range warnings {
		warn(p.stderr, w)
	}
	if len(faults) > 0 {
		return c, &failure{exitFailure, append(faults, faultsWithin(c, faults)...)}
	}
	return c, nil
}

// logger writes to stderr as the configuration says.
func (p *program) logger(c Config) *slog.Logger {
	options := &slog.HandlerOptions{Level: slog.Level(c.LogLevel)}
	if c.LogFormat == "text" {
		return slog.New(slog.NewTextHandler(p.stderr, options))
	}
	return slog.New(slog.NewJSONHandler(p.stderr, options))
}

// signals begins to catch the signals that app.run understands.
func (p *program) signals() (<-chan os.Signal, func()) {
	ch := make(chan os.Signal, 4)
	signal.Notify(ch, syscall.SIGTERM, os.Interrupt, syscall.SIGHUP)
	return ch, func() { signal.Stop(ch) }
}
