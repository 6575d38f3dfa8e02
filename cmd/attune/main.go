package main

import (
	"os"

	"github.com/caarlos0/env/v11"
)

func main() {
	p := &program{environ: env.ToMap(os.Environ()), stdout: os.Stdout, stderr: os.Stderr}
	os.Exit(p.run(os.Args[1:]))
}
