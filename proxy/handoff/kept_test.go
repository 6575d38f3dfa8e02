package handoff_test

import (
	"context"
	"testing"
	"time"

	"attune/proxy/handoff"
	"attune/proxy/proxytest"
)

// TestAClaimEndsWhatWaitsInMemory: asked again while Redis was gone, a customer has a
// request in memory and an older one in the queue. Who takes that one has it.
func TestAClaimEndsWhatWaitsInMemory(t *testing.T) {
	server := proxytest.StartRedis(t)
	b := newBoard(t, clientOptions("unix", server.Socket()), handoff.Config{}) // nothing is delivered: it does not run
	request(t, b, "a", "t1")
	server.Stop()
	ctx, cancel := context.WithTimeout(t.Context(), proxytest.Timeout)
	defer cancel()
	h, won, err := b.Request(ctx, handoff.Handoff{Session: "a", Token: "t2", Card: handoff.Card{Explicit: true}})
	if err != nil || !won || h.State != handoff.Requested {
		t.Fatalf("Request = %v, %v, %v", h.State, won, err)
	}
	server.Start()
	for deadline := time.Now().Add(proxytest.Timeout); ; <-time.After(10 * time.Millisecond) {
		if h, err = b.Claim(t.Context(), "a", "mia", "c1"); err == nil || time.Now().After(deadline) {
			break
		}
	}
	if err != nil || h.Token != "t1" {
		t.Fatalf("Claim = %v, %v", h.Token, err)
	}
	if h, err := b.Get(t.Context(), "a"); err != nil || h.State != handoff.Accepted || h.Agent != "mia" {
		t.Errorf("after the claim it is %v of %q, %v", h.State, h.Agent, err)
	}
	if n := b.Kept(); n != 0 {
		t.Errorf("%d kept", n)
	}
}
