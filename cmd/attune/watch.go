package main

import (
	"context"
	"crypto/sha256"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/fsnotify/fsnotify"

	"attune/rules"
)

// settle is how long a directory must be quiet before its rules are read: an
// editor or a deployment writes several files, and half of them is no set.
const settle = 250 * time.Millisecond

// watchRules calls changed once at the beginning and then after files in a directory of rules have changed,
// until ctx ends. The directory itself is watched, and not its files, since
// editors and mounted volumes put new files in the place of old ones; and the
// folder around it, since deployments swap the directory as a whole, often by
// a symbolic link. What cannot be watched is told of once: SIGHUP and
// POST /-/reload still work.
func watchRules(ctx context.Context, dir string, log *slog.Logger, changed func()) error {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return fmt.Errorf("watch the rules: %w", err)
	}
	w, err := fsnotify.NewWatcher()
	if err != nil {
		return fmt.Errorf("watch the rules: %w", err)
	}
	defer func() { _ = w.Close() }()
	for _, d := range []string{dir, filepath.Dir(dir)} {
		if err := w.Add(d); err != nil {
			return fmt.Errorf("watch the rules: %w", err)
		}
	}
	quiet := time.NewTimer(settle) // the first look is for what changed before
	defer quiet.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case e, ok := <-w.Events:
			if !ok {
				return nil
			}
			if rulesEvent(dir, e) {
				quiet.Reset(settle)
			}
		case err, ok := <-w.Errors: // events were lost: look
			if !ok {
				return nil
			}
			log.Warn("watching the rules", "error", err)
			quiet.Reset(settle)
		case <-quiet.C:
			// The directory may be another one by now.
			_ = w.Remove(dir)
			if err := w.Add(dir); err != nil {
				log.Warn("rules directory cannot be watched until it is back", "error", err)
				continue
			}
			changed()
		}
	}
}

// ruleSource reads the rules of ATTUNE_RULES and remembers what it read, so
// that a change which somebody has loaded already is not loaded again. Safe for
// concurrent use.
type ruleSource struct {
	dir string

	mu   sync.Mutex
	read [sha256.Size]byte // of the files last read; nothing's where they could not be
}

// load reads and compiles the rules.
func (s *ruleSource) load() (*rules.Set, rules.Diagnostics, error) {
	files, err := rulesIn(s.dir)
	s.mu.Lock()
	s.read = [sha256.Size]byte{} // so that files that are back as they were are read
	if err == nil {
		s.read = fingerprint(files)
	}
	s.mu.Unlock()
	if err != nil {
		return nil, nil, err
	}
	set, found := rules.Compile(files)
	return set, found, nil
}

// changed tells whether the files are others than those last read.
func (s *ruleSource) changed() bool {
	files, err := rulesIn(s.dir)
	s.mu.Lock()
	defer s.mu.Unlock()
	return err != nil || fingerprint(files) != s.read
}

func fingerprint(files []rules.File) (sum [sha256.Size]byte) {
	h := sha256.New()
	for _, f := range files {
		fmt.Fprintf(h, "%s %d\n", f.Name, len(f.Data))
		h.Write(f.Data)
	}
	h.Sum(sum[:0])
	return sum
}

// rulesEvent tells whether an event may have changed the rules of a directory:
// a pack in it, the link behind which a mounted volume keeps them ("..data"),
// or the directory itself. Rights count: what could not be read can be now.
func rulesEvent(dir string, e fsnotify.Event) bool {
	if e.Name == dir {
		return true
	}
	if filepath.Dir(e.Name) != dir {
		return false
	}
	switch filepath.Ext(e.Name) {
	case ".yaml", ".yml":
		return true
	}
	return strings.HasPrefix(filepath.Base(e.Name), "..")
}
