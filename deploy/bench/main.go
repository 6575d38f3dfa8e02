// Command bench measures Attune beside other proxies on one machine. run.sh
// installs what it needs and calls it; README.md says how to read the figures.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"syscall"

	"attune/deploy/bench/peers"
	"attune/deploy/bench/talk"
)

const usage = `usage: bench compare|growth|soak|publish|echo|gorilla|loops [flags]

compare   Attune beside its peers; table on stdout
growth    what a message costs over sessions and over rules
soak      half load for a long time: memory, goroutines, descriptors
publish   puts a result into README.md, the charts and the capacity page
echo      the backend of all proxies
gorilla   the plainest proxy
loops     Attune's event loops, which pass bytes on and read nothing
`

// errUsage is a wrong command line, already told.
var errUsage = errors.New("usage")

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	switch {
	case errors.Is(err, errUsage), errors.Is(err, flag.ErrHelp):
		os.Exit(2)
	case err != nil:
		fmt.Fprintln(os.Stderr, "bench: error:", err)
		os.Exit(1)
	}
}

// run carries out a command line.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	if len(args) == 0 {
		_, _ = io.WriteString(stderr, usage)
		return errUsage
	}
	commands := map[string]func(context.Context, []string, io.Writer, io.Writer) error{
		"compare": compare, "growth": growth, "soak": soak, "publish": publish, "echo": echo,
		"gorilla": passing("gorilla", peers.Gorilla), "loops": passing("loops", peers.Loops),
	}
	command, known := commands[args[0]]
	if !known {
		_, _ = io.WriteString(stderr, usage)
		return errUsage
	}
	return command(ctx, args[1:], stdout, stderr)
}

// flags makes a set that tells its faults on stderr.
func flags(name string, stderr io.Writer) *flag.FlagSet {
	f := flag.NewFlagSet("bench "+name, flag.ContinueOnError)
	f.SetOutput(stderr)
	return f
}

func echo(ctx context.Context, args []string, _, stderr io.Writer) error {
	f := flags("echo", stderr)
	address := f.String("listen", "127.0.0.1:0", "address")
	stiff := f.Float64("stiff", 1, "share of replies that ought to be reworded, 0 to 1")
	if err := f.Parse(args); err != nil {
		return err
	}
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", *address)
	if err != nil {
		return err
	}
	return peers.Echo(ctx, l, talk.Script{Stiff: *stiff})
}

// passing is the command of a proxy that serves as a measure.
func passing(name string, serve func(ctx context.Context, l net.Listener, backend string) error) func(context.Context, []string, io.Writer, io.Writer) error {
	return func(ctx context.Context, args []string, _, stderr io.Writer) error {
		f := flags(name, stderr)
		address := f.String("listen", "127.0.0.1:0", "address")
		backend := f.String("backend", "", "host and port of the backend")
		if err := f.Parse(args); err != nil {
			return err
		}
		l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", *address)
		if err != nil {
			return err
		}
		return serve(ctx, l, *backend)
	}
}
