package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"attune/proxy/console"
)

// The times of the demo. A bot that answers at once does not look like one,
// and a page that plays too fast cannot be read.
const (
	demoBotPause  = 700 * time.Millisecond
	demoPagePause = 1200 * time.Millisecond
	demoTicket    = time.Hour // how long the printed log-in link works
)

// demoAgent is the name under which the demo's user speaks to customers.
const demoAgent = "Alex"

func (p *program) demoCommand() *cobra.Command {
	var page, botOnly string
	c := &cobra.Command{
		Use:   "demo",
		Short: "Try Attune: a clumsy bot, a chat page, the console, all in one process",
		Long: `Runs everything in one process: Attune with an embedded store, a sample bot
that is as clumsy as real ones, a page with a chat widget, the console and the
metrics. It needs nothing else and keeps nothing.

Prints where the page, the console (a link that logs in, once) and the metrics
are. The listeners' addresses are those of 'attune serve' and are changed by
the same variables.`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if botOnly != "" {
				return p.demoBotOnly(c.Context(), botOnly)
			}
			return p.demo(c.Context(), page)
		},
	}
	c.Flags().StringVar(&botOnly, "bot", "", "run only the sample bot, on this address, for an Attune elsewhere")
	c.Flags().StringVar(&page, "page", "127.0.0.1:8082", "address of the page")
	return c
}

func (p *program) demo(ctx context.Context, pageAddress string) error {
	c, err := p.load()
	if err != nil {
		return err
	}
	k := &checker{}
	if k.address("--page", pageAddress); len(k.faults) > 0 {
		return &failure{exitFailure, k.faults}
	}
	play, err := parseScript(demoScript)
	if err != nil {
		return err
	}
	signals, release := p.signals()
	defer release()

	log := p.logger(p.demoConfig(&c))
	bot, err := startDemoBot(ctx, play, log)
	if err != nil {
		return err
	}
	defer bot.stop()
	c.BackendURL = "ws://" + bot.listener.net.Addr().String()

	opened, err := listen(ctx, "--page", pageAddress)
	if err != nil {
		return err
	}
	host, _, err := net.SplitHostPort(reach(opened))
	if err != nil {
		return fmt.Errorf("address of the page: %w", err)
	}
	for _, h := range []string{host, "127.0.0.1", "localhost"} {
		if origin := "http://" + net.JoinHostPort(h, port(opened)); !slices.Contains(c.Origins, origin) {
			c.Origins = append(c.Origins, origin)
		}
	}
	a, err := build(ctx, c, log)
	if err != nil {
		_ = opened.Close()
		return err
	}
	logIn := func(host string, life time.Duration) (string, error) {
		ticket, err := a.console.NewTicket(demoAgent, console.Agent, life)
		if err != nil {
			return "", err
		}
		return "http://" + net.JoinHostPort(host, port(a.agents.net)) + "/console/login?ticket=" + url.QueryEscape(ticket), nil
	}
	page := &demoPage{
		script: play, port: port(a.widgets.net), pause: demoPagePause,
		console: func(host string) (string, error) { return logIn(host, time.Minute) },
	}
	handler, err := page.handler()
	if err != nil {
		_ = opened.Close()
		a.close()
		return err
	}
	a.add(&listener{name: "page", net: opened, server: newServer(handler, c.HandshakeTimeout, log)})
	return a.run(ctx, signals, func() error {
		consoleHost, _, err := net.SplitHostPort(reach(a.agents.net))
		if err != nil {
			return fmt.Errorf("address of the console: %w", err)
		}
		link, err := logIn(consoleHost, demoTicket)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(p.stdout, "widget: http://%s/\nconsole: %s\nmetrics: http://%s/metrics\n", reach(opened), link, reach(a.admin.net))
		p.demoHints()
		return err
	})
}

// demoConfig sets what a demo wants unless the environment says otherwise:
// few log lines, readable ones, and an end without waiting. The bot is the
// demo's own.
func (p *program) demoConfig(c *Config) Config {
	unset := func(name string) bool { return strings.TrimSpace(p.environ[name]) == "" }
	if unset("ATTUNE_LOG_LEVEL") {
		c.LogLevel = Level(slog.LevelError)
	}
	if unset("ATTUNE_LOG_FORMAT") {
		c.LogFormat = "text"
	}
	if unset("ATTUNE_DRAIN") {
		c.Drain = 0
	}
	for _, name := range []string{"ATTUNE_BACKEND_URL", "ATTUNE_ROUTES", "ATTUNE_PROFILE"} {
		if !unset(name) {
			warn(p.stderr, advise{"the demo brings its own bot; " + name + " has no effect", "use 'attune serve' with a bot of yours"})
		}
	}
	c.Routes, c.BackendHTTPURL, c.Profile = "", "", "json"
	return *c
}

// demoHints says what to try.
func (p *program) demoHints() {
	_, _ = io.WriteString(p.stderr, `
Everything runs in this process and is forgotten when it ends (Ctrl-C).

Try this:
  1. Open the console link, so that a person is there. It works once; the page
     has a link that makes more.
  2. Open the widget page and play "A lost parcel". Below each reworded reply
     stands what the bot wanted to say.
  3. When the customer has accepted a person, take the conversation in the
     console, say something, and return it to the bot.
  4. Look at the metrics: what fired, what was reworded, who waited.
`)
}

// runningBot is the sample bot with its listener.
type runningBot struct {
	bot      *demoBot
	listener *listener
	cancel   context.CancelFunc
}

// demoBotOnly runs the sample bot until a signal comes.
func (p *program) demoBotOnly(ctx context.Context, address string) error {
	k := &checker{}
	if k.address("--bot", address); len(k.faults) > 0 {
		return &failure{exitFailure, k.faults}
	}
	c, err := p.load()
	if err != nil {
		return err
	}
	play, err := parseScript(demoScript)
	if err != nil {
		return err
	}
	signals, release := p.signals()
	defer release()
	bot, err := demoBotAt(ctx, "--bot", address, play, p.logger(p.demoConfig(&c)))
	if err != nil {
		return err
	}
	defer bot.stop()
	if _, err := fmt.Fprintf(p.stdout, "bot: ws://%s/\n", reach(bot.listener.net)); err != nil {
		return err
	}
	select {
	case <-signals:
	case <-ctx.Done():
	}
	return nil
}

// startDemoBot runs the sample bot on a free port of this machine.
func startDemoBot(ctx context.Context, s *script, log *slog.Logger) (*runningBot, error) {
	return demoBotAt(ctx, "the demo's bot", "127.0.0.1:0", s, log)
}

// demoBotAt runs it on an address; variable is what that was given in.
func demoBotAt(ctx context.Context, variable, address string, s *script, log *slog.Logger) (*runningBot, error) {
	opened, err := listen(ctx, variable, address)
	if err != nil {
		return nil, err
	}
	life, cancel := context.WithCancel(context.WithoutCancel(ctx))
	b := &runningBot{bot: &demoBot{script: s, pause: demoBotPause, log: log}, cancel: cancel}
	b.listener = &listener{name: "bot", net: opened, server: newServer(b.bot, 10*time.Second, log)}
	b.listener.server.BaseContext = func(net.Listener) context.Context { return life }
	b.listener.start(func(err error) { log.Error("the demo's bot stopped", "error", err) })
	return b, nil
}

// stop ends the bot and its conversations.
func (b *runningBot) stop() {
	b.cancel()
	_ = b.listener.stop()
	b.bot.conns.Wait()
}
