package transport_test

import (
	"os"
	"testing"
	"time"
)

// descriptors counts what this process has open.
func descriptors(t *testing.T) int {
	t.Helper()
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(entries)
}

// settled waits until no more descriptors are open than before.
func settled(t *testing.T, before int) {
	t.Helper()
	deadline := time.Now().Add(time.Minute)
	for now := descriptors(t); now > before; now = descriptors(t) {
		if time.Now().After(deadline) {
			t.Fatalf("%d descriptors, %d before", now, before)
		}
		<-time.After(10 * time.Millisecond)
	}
}
