//go:build !race

package transport_test

import (
	"testing"

	"attune/proxy/transport"
)

// TestRelayingAllocatesNothing: in the steady state a message costs no memory. (Under
// the race detector pools forget on purpose.)
func TestRelayingAllocatesNothing(t *testing.T) {
	r := start(t, &tunnel{}, transport.Config{}, "")
	if n := testing.AllocsPerRun(500, roundTrip(t, r, 300)); n >= 1 {
		t.Errorf("%v allocations a round trip", n)
	}
}
