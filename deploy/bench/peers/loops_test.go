package peers_test

import (
	"net"
	"testing"
	"time"

	"attune/deploy/bench/peers"
)

// TestLoopsEndWithTheirListener: one that fails is told of and not waited behind.
func TestLoopsEndWithTheirListener(t *testing.T) {
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- peers.Loops(t.Context(), l, "127.0.0.1:1") }()
	select {
	case err := <-ended:
		if err == nil {
			t.Error("no error")
		}
	case <-time.After(20 * time.Second):
		t.Fatal("it goes on without a listener")
	}
}
