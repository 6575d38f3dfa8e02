package main

import (
	"crypto/tls"
	"fmt"
	"os"
	"sync"
	"time"
)

// keyPair is a certificate with its key, from two files. Certificates are
// renewed while the process runs, so it looks at the files again, at most
// once a minute; a pair that cannot be read leaves the old one in use.
type keyPair struct {
	cert, key string // paths

	mu      sync.Mutex
	pair    *tls.Certificate
	checked time.Time
	changed time.Time // the later of the files' times when pair was read
}

const keyPairEvery = time.Minute

// newKeyPair reads the files.
func newKeyPair(cert, key string) (*keyPair, error) {
	p := &keyPair{cert: cert, key: key}
	if err := p.read(time.Now()); err != nil {
		return nil, err
	}
	return p, nil
}

// get is meant for tls.Config.GetCertificate.
func (p *keyPair) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if now := time.Now(); now.Sub(p.checked) >= keyPairEvery {
		_ = p.read(now) // a pair half written is read whole the next time
	}
	return p.pair, nil
}

// read takes the pair from the files if they have changed.
func (p *keyPair) read(now time.Time) error {
	p.checked = now
	var changed time.Time
	for _, name := range []string{p.cert, p.key} {
		info, err := os.Stat(name)
		if err != nil {
			return fmt.Errorf("read the certificate: %w", err)
		}
		if info.ModTime().After(changed) {
			changed = info.ModTime()
		}
	}
	if p.pair != nil && changed.Equal(p.changed) {
		return nil
	}
	pair, err := tls.LoadX509KeyPair(p.cert, p.key)
	if err != nil {
		return fmt.Errorf("read the certificate: %w", err)
	}
	p.pair, p.changed = &pair, changed
	return nil
}
