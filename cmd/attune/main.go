// Command attune is a WebSocket proxy that gives an existing chatbot or IVR
// bot the manners of a good human agent.
//
// This package only wires: it reads the configuration ([Config]), builds the
// rooms of attune/proxy and runs them (app), and offers the tools for people
// who write rules. What a command prints for machines goes to stdout,
// everything for people to stderr. Exit codes: 0 all is well, 1 there are
// findings, 2 usage, configuration, input or output.
package main

import (
	"os"

	"github.com/caarlos0/env/v11"
)

func main() {
	p := &program{environ: env.ToMap(os.Environ()), stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr}
	os.Exit(p.run(os.Args[1:]))
}
