package main

import (
	"io"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
)

// bar shows people at a terminal how far a long command is; nobody else gets
// one. It only decorates, so no fault of its own ends a command.
type bar struct{ *progressbar.ProgressBar }

// newBar makes a bar on stderr. A size of 0 or less means that it is not
// known. What is printed meanwhile must not end up on the same terminal.
func (p *program) newBar(what string, size int64, printsMeanwhile bool) bar {
	if !isTerminal(p.stderr) || printsMeanwhile && isTerminal(p.stdout) {
		return bar{}
	}
	if size <= 0 {
		size = -1
	}
	return bar{progressbar.NewOptions64(size,
		progressbar.OptionSetWriter(p.stderr), progressbar.OptionSetDescription(what),
		progressbar.OptionShowBytes(true), progressbar.OptionSetWidth(30),
		progressbar.OptionThrottle(100*time.Millisecond),
		// An interval would keep a goroutine of its own.
		progressbar.OptionSetSpinnerChangeInterval(0))}
}

// add tells of more bytes done.
func (b bar) add(n int64) {
	if b.ProgressBar != nil {
		_ = b.Add64(n)
	}
}

// end takes the bar off the screen.
func (b bar) end() {
	if b.ProgressBar != nil {
		_ = b.Clear()
		_ = b.Exit()
	}
}

// isTerminal tells whether what is written to w is read by a person.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
