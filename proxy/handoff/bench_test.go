package handoff_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/redis/go-redis/v9"

	"attune/proxy/handoff"
	"attune/proxy/proxytest"
)

// BenchmarkHandoffsTold asks for people, 32 at a time, until each desk has been
// told. The Redis writes to its disk before it answers.
func BenchmarkHandoffsTold(b *testing.B) {
	c := redis.NewUniversalClient(clientOptions("unix", proxytest.StartRedis(b).Socket()))
	b.Cleanup(func() { _ = c.Close() })
	var told atomic.Int64
	all := make(chan struct{})
	out := handoff.NewOutbox(handoff.OutboxConfig{
		Client: c, Shards: shards(), Desks: []string{"help"},
		Deliver: func(context.Context, handoff.Mail) error {
			if told.Add(1) == int64(b.N) {
				close(all)
			}
			return nil
		},
	})
	board := handoff.NewBoard(handoff.Config{Client: c, Prefix: prefix, Shards: shards(), Outbox: out})
	ctx, cancel := context.WithCancel(b.Context())
	done := make(chan error, 1)
	go func() { done <- out.Run(ctx) }()
	b.ResetTimer()
	var next atomic.Int64
	var wg sync.WaitGroup
	for range 32 {
		wg.Go(func() {
			for i := next.Add(1); i <= int64(b.N); i = next.Add(1) {
				token := fmt.Sprint("t", i)
				if _, _, err := board.Request(b.Context(), handoff.Handoff{Session: fmt.Sprint("session", i), Token: token, Desk: "help"}); err != nil {
					b.Error(err)
				}
			}
		})
	}
	wg.Wait()
	<-all
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "handoffs/s")
	cancel()
	if err := <-done; err != nil {
		b.Error(err)
	}
}
