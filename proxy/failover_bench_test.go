package proxy_test

import (
	"fmt"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"attune/proxy"
	"attune/proxy/proxytest"
)

// died is what a customer and an agent notice of a node's death.
type died struct {
	words, floor time.Duration
}

// BenchmarkFailover cuts a node off from Redis and from its widgets, as if its machine
// had died, with 50 conversations that it owns. Their customers come to another node at
// once and ask for a person, who takes them as soon as they wait. Reported are, in the
// median and the 99th percentile of all conversations of all rounds:
//
//   - words: from the death until what the customer said on the other node was judged
//     there, and answered;
//   - floor: from the agent's claim there until the handoff is active, with no node left
//     that might let the bot speak. That waits for the dead node's lease.
func BenchmarkFailover(b *testing.B) {
	const customers = 50
	redis := proxytest.StartRedis(b)
	bot := proxytest.NewBackend(b, proxytest.BackendConfig{Answer: func(string) []string { return nil }})
	all := limits(func(l *proxy.Limits) { l.PerAddress, l.Sessions, l.Rate = 0, 0, 0 })
	many := config(func(c *proxy.Config) { c.AgentCapacity = 1 << 20 })
	left := open(b, bot, pack(b, people), redisAt(redis.URL()), leeway(1), all, many).ready()
	var seen []died
	round := 0
	for b.Loop() {
		round++
		cable := proxytest.NewCable(b, redis.Socket())
		dead := open(b, bot, pack(b, people), redisAt(cable.URL()), leeway(1), all, many).ready()
		widgets := make([]*proxytest.Conn, customers)
		header := func(i int) http.Header {
			return http.Header{"Authorization": {fmt.Sprint("Bearer ", round, " ", i)}}
		}
		for i := range widgets {
			widgets[i] = dead.widget(proxytest.WidgetConfig{Header: header(i)})
			widgets[i].SendText(say("hello"))
		}
		stored := func() bool {
			if err := dead.store.Flush(b.Context()); err != nil {
				b.Fatal(err)
			}
			return len(left.store.Client().Keys(b.Context(), "*:s:*").Val()) >= round*customers
		}
		for !stored() {
			<-time.After(10 * time.Millisecond)
		}
		seen = append(seen, left.outlive(b, cable, widgets, header)...)
	}
	for name, of := range map[string]func(died) time.Duration{
		"words": func(d died) time.Duration { return d.words }, "floor": func(d died) time.Duration { return d.floor },
	} {
		var took []time.Duration
		for _, d := range seen {
			took = append(took, of(d))
		}
		slices.Sort(took)
		b.ReportMetric(float64(took[len(took)/2].Microseconds())/1e3, name+"-p50-ms")
		b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1e3, name+"-p99-ms")
	}
}

// outlive lets a node die by its cable, and its customers go on here.
func (h *house) outlive(b *testing.B, cable *proxytest.Cable, widgets []*proxytest.Conn, header func(int) http.Header) []died {
	b.Helper()
	seen := make([]died, len(widgets))
	began := time.Now()
	cable.Break()
	var wg sync.WaitGroup
	for i, w := range widgets {
		wg.Go(func() {
			w.Drop()
			again := h.widget(proxytest.WidgetConfig{Header: header(i)})
			again.SendText(say("I want to talk to a human"))
			again.ExpectText(say("One moment, I am fetching somebody."))
			seen[i].words = time.Since(began)
		})
	}
	wg.Wait()
	h.claimAll(b, seen)
	return seen
}

// claimAll has an agent take everybody who waits here, and notes when each handoff
// becomes active; then the bot has them back.
func (h *house) claimAll(b *testing.B, seen []died) {
	b.Helper()
	board := h.server.Switchboard()
	claimed := map[string]time.Time{}
	for n, deadline := 0, time.Now().Add(30*time.Second); n < len(seen); <-time.After(5 * time.Millisecond) {
		list, err := board.Waiting(b.Context())
		if err != nil {
			b.Fatal(err)
		}
		for i := range list {
			id, at := list[i].Session, time.Now()
			switch since := claimed[id]; {
			case list[i].State == "queued" && since.IsZero():
				if err := board.Claim(b.Context(), id, "mia"); err != nil {
					b.Fatal(err)
				}
				claimed[id] = at
			case list[i].State == "active" && !since.IsZero():
				seen[n].floor = at.Sub(since)
				n++
				if err := board.Return(b.Context(), id, "mia"); err != nil {
					b.Fatal(err)
				}
			}
		}
		if time.Now().After(deadline) {
			b.Fatalf("%d of %d handoffs are active", n, len(seen))
		}
	}
}
