package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"

	"attune/proxy/wire"
	"attune/rules/lab"
)

// maxBadLines is how many lines that cannot be read are told of one by one.
const maxBadLines = 20

// transcripts are the files of a command that runs through recorded
// conversations, and what was wrong with them.
type transcripts struct {
	names []string
	files []io.ReadCloser
	size  int64 // -1 when it is not known beforehand
	bar   bar
	next  func() // is called before each file but the first; may be nil

	wanted string // what a line should be

	empty   []string // files without a conversation
	unread  []advise // files that broke off
	bad     []advise // lines that were passed over
	badMore int      // beyond maxBadLines
}

// telephone are the shipped profiles of telephone platforms: what was recorded through
// them is judged as calls.
var telephone = sync.OnceValue(func() map[string]bool {
	voice := map[string]bool{}
	for _, name := range wire.Shipped() {
		if prof, err := wire.Lookup(name); err == nil && prof.Channel() == "voice" {
			voice[name] = true
		}
	}
	return voice
})

// next reads one conversation, and knows a call by its profile.
func next(r *lab.Reader) (*lab.Dialogue, error) {
	d, err := r.Next()
	if err == nil && d.Channel == "" && telephone()[d.Profile] {
		d.Channel = "voice"
	}
	return d, err
}

// inputName is how messages call a file.
func inputName(name string) string {
	if name == "-" {
		return "standard input"
	}
	return name
}

// openAll opens the files, standard input for "-". What is returned must be
// closed, after an error too.
func (p *program) openAll(names []string) (*transcripts, error) {
	t := &transcripts{names: names, wanted: "one conversation a line is wanted, see 'attune replay --help'"}
	stdin := false
	for _, name := range names {
		if name == "-" {
			if stdin {
				return t, fail("name - once", "read transcripts: standard input can be read only once")
			}
			t.files, t.size, stdin = append(t.files, io.NopCloser(p.stdin)), -1, true
			continue
		}
		f, err := os.Open(name) //nolint:gosec // the caller named it
		if err != nil {
			return t, fileFailure("read transcripts", err)
		}
		t.files = append(t.files, f)
		switch info, err := f.Stat(); {
		case err != nil:
			return t, fileFailure("read transcripts", err)
		case info.IsDir():
			return t, fail("name the files in it", "read transcripts: %s is a directory", name)
		case !info.Mode().IsRegular():
			t.size = -1
		case t.size >= 0:
			t.size += info.Size()
		}
	}
	return t, nil
}

func (t *transcripts) close() {
	for _, f := range t.files {
		_ = f.Close()
	}
}

// each hands all conversations to handle, in order, until that fails.
func (t *transcripts) each(ctx context.Context, handle func(*lab.Dialogue) error) error {
	defer t.bar.end()
	for i, f := range t.files {
		if i > 0 && t.next != nil {
			t.next()
		}
		if err := t.file(ctx, inputName(t.names[i]), f, handle); err != nil {
			return err
		}
	}
	return nil
}

// dialogue is one step of reading a file.
type dialogue struct {
	*lab.Dialogue
	err  error // instead of a dialogue
	read int64 // bytes up to here
}

// file reads one file. Decoding runs ahead of handling, on a goroutine that
// ends with the file or with ctx. What is wrong with the file is kept for
// later; the error is that of handle.
func (t *transcripts) file(ctx context.Context, name string, in io.Reader, handle func(*lab.Dialogue) error) error {
	ctx, cancel := context.WithCancel(ctx)
	read := make(chan dialogue, 64)
	defer func() {
		cancel()
		for range read {
			// Until the reader has seen that nobody listens.
		}
	}()
	go func() {
		defer close(read)
		reader := lab.NewReader(in)
		for {
			d, err := next(reader)
			if errors.Is(err, io.EOF) {
				return
			}
			select {
			case read <- dialogue{d, err, reader.Bytes()}:
			case <-ctx.Done():
				return
			}
			var line *lab.LineError
			if err != nil && !errors.As(err, &line) {
				return
			}
		}
	}()
	var shown int64
	nothing := true
	for d := range read {
		t.bar.add(d.read - shown)
		shown, nothing = d.read, false
		var line *lab.LineError
		switch {
		case errors.As(d.err, &line):
			t.badLine(name, line)
		case d.err != nil:
			t.unread = append(t.unread, fileFailure(name, d.err).problems...)
		default:
			if err := handle(d.Dialogue); err != nil {
				return err
			}
		}
	}
	if nothing {
		t.empty = append(t.empty, name)
	}
	return nil
}

func (t *transcripts) badLine(name string, e *lab.LineError) {
	where := fmt.Sprintf("%s:%d: ", name, e.Line)
	if e.Turn >= 0 {
		where += fmt.Sprintf("turn %d: ", e.Turn)
	}
	t.passed(advise{problem: where + e.Msg})
}

// passed keeps what was wrong with a line that was passed over.
func (t *transcripts) passed(a advise) {
	if len(t.bad) == maxBadLines {
		t.badMore++
		return
	}
	t.bad = append(t.bad, a)
}

// fault warns of files that hold nothing and tells of what could not be read,
// and of another fault after that.
func (t *transcripts) fault(stderr io.Writer, other *failure) error {
	for _, name := range t.empty {
		warn(stderr, advise{name + " holds no conversation", ""})
	}
	all := t.unread
	if len(t.bad) > 0 {
		all = append(all, t.bad...)
		if t.badMore > 0 {
			all = append(all, advise{problem: fmt.Sprintf("%d more lines cannot be read", t.badMore)})
		}
		all[len(all)-1].hint = "the lines were passed over; " + t.wanted
	}
	if other != nil {
		all = append(all, other.problems...)
	}
	if len(all) == 0 {
		return nil
	}
	return &failure{code: exitFailure, problems: all}
}
