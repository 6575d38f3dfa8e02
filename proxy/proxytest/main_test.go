package proxytest_test

import (
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m)
}

// doubtful is a testing.TB whose failures are the result of a test.
type doubtful struct {
	testing.TB

	mu      sync.Mutex
	failure string
}

func (d *doubtful) Helper() {}

func (d *doubtful) Fatalf(format string, args ...any) {
	d.mu.Lock()
	d.failure = fmt.Sprintf(format, args...)
	d.mu.Unlock()
	runtime.Goexit()
}

// failing runs f, which must fail, and wants the words in what it says.
func failing(t *testing.T, words string, f func(tb testing.TB)) {
	t.Helper()
	d := &doubtful{TB: t}
	done := make(chan struct{})
	go func() {
		defer close(done)
		f(d)
	}()
	<-done
	if !strings.Contains(d.failure, words) {
		t.Errorf("failed with %q, want %q in it", d.failure, words)
	}
}
