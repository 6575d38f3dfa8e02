package main

import (
	"context"
	"crypto/sha256"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"attune/proxy/console"
)

// tokensEvery is how often the file of tokens is looked at: whoever is taken out of it
// is out a moment later, without a signal.
const tokensEvery = time.Second

// keyring is what ATTUNE_TOKENS_FILE says, as it was read last. Safe for concurrent use.
type keyring struct {
	path string // empty: nobody has a token

	held atomic.Pointer[console.Tokens]

	reading sync.Mutex
	read    [sha256.Size]byte // of the file last read
}

// load reads the file. What is faulty leaves the tokens as they were.
func (k *keyring) load() error {
	k.reading.Lock()
	defer k.reading.Unlock()
	if k.path == "" {
		return nil
	}
	data, err := os.ReadFile(k.path)
	if err != nil {
		return err
	}
	k.read = sha256.Sum256(data)
	tokens, err := console.ParseTokens(k.path, data)
	if err != nil {
		return err
	}
	k.held.Store(tokens)
	return nil
}

// watch calls changed whenever the file holds something else than what was read last,
// until ctx ends. A file that cannot be read has not changed: it may be about to be replaced.
func (k *keyring) watch(ctx context.Context, changed func()) {
	if k.path == "" {
		return
	}
	look := time.NewTicker(tokensEvery)
	defer look.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-look.C:
			if k.stale() {
				changed()
			}
		}
	}
}

func (k *keyring) stale() bool {
	data, err := os.ReadFile(k.path)
	k.reading.Lock()
	defer k.reading.Unlock()
	return err == nil && sha256.Sum256(data) != k.read
}

// holder names whose token it is, "" for nobody's.
func (k *keyring) holder(token string) string {
	who, _ := k.held.Load().Lookup(token)
	return who.Name
}

// opensMetrics guards /metrics when somebody holds a token for it.
func (k *keyring) opensMetrics(token string) bool {
	tokens := k.held.Load()
	if !tokens.Has(console.Metrics) {
		return true
	}
	who, ok := tokens.Lookup(token)
	return ok && who.Role == console.Metrics
}
