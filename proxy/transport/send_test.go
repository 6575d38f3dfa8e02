package transport

import (
	"errors"
	"net"
	"os"
	"testing"
	"testing/synctest"
	"time"
)

// sluggish is a conn that takes so many bytes a call, and then none until the call times out.
type sluggish struct {
	net.Conn
	takes    []int
	deadline time.Time
}

func (c *sluggish) SetWriteDeadline(t time.Time) error {
	c.deadline = t
	return nil
}

func (c *sluggish) Write(p []byte) (int, error) {
	n := 0
	if len(c.takes) > 0 {
		n, c.takes = min(len(p), c.takes[0]), c.takes[1:]
	}
	if n == len(p) {
		return n, nil
	}
	time.Sleep(time.Until(c.deadline))
	return n, os.ErrDeadlineExceeded
}

// A system takes something now and then for a peer that reads nothing; what counts is when it last did.
func TestStallCountsFromTheLastByte(t *testing.T) {
	const stall = 10 * time.Second
	often := make([]int, 100)
	for i := range often {
		often[i] = 1
	}
	tests := []struct {
		name  string
		takes []int
		least time.Duration // until the peer is given up
	}{
		{"nothing", nil, stall},
		{"some at once", []int{70_000}, stall},
		{"some twice", []int{70_000, 70_000, 100, 50}, stall},
		{"a byte now and then", often, 100*stall/sendLooks + stall},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := &link{t: &goroutines{cfg: Config{Stall: stall}}}
				began := time.Now()
				err := l.send(&sluggish{takes: tt.takes}, make([]byte, 1<<20))
				if !errors.Is(err, os.ErrDeadlineExceeded) {
					t.Fatalf("error %v, want a timeout", err)
				}
				if got := time.Since(began); got < tt.least || got > tt.least+stall/2 {
					t.Errorf("given up after %v, want about %v", got, tt.least)
				}
			})
		})
	}
}
