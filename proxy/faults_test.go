package proxy_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"attune/proxy/proxytest"
)

// faults are what may befall a Redis.
var faults = []struct {
	name       string
	begin, end func(r *proxytest.Redis)
}{
	{"killed", (*proxytest.Redis).Stop, (*proxytest.Redis).Start},
	{"paused", (*proxytest.Redis).Pause, (*proxytest.Redis).Resume},
	{
		"full",
		func(r *proxytest.Redis) { r.Do("CONFIG SET maxmemory 1") },
		func(r *proxytest.Redis) { r.Do("CONFIG SET maxmemory 0") },
	},
	{
		"read-only",
		func(r *proxytest.Redis) { r.Do("REPLICAOF 127.0.0.1 1") },
		func(r *proxytest.Redis) { r.Do("REPLICAOF NO ONE") },
	},
}

// TestMessagesFlowWithoutRedis: whatever befalls Redis, what is said passes both
// ways, and who asks for a person meanwhile is in the queue when it is back. (A
// primary that fails over is in TestConversationOverEveryRedis.)
func TestMessagesFlowWithoutRedis(t *testing.T) {
	for _, fault := range faults {
		t.Run(fault.name, func(t *testing.T) {
			redis := proxytest.StartRedis(t)
			h := open(t, proxytest.NewBackend(t, proxytest.BackendConfig{}), pack(t, people), redisAt(redis.URL()), leeway(10)).ready()
			w, bot := h.talk(known, "hello")
			flushed(t, h)
			fault.begin(redis)
			ended := false
			defer func() {
				if !ended {
					fault.end(redis)
				}
			}()
			for i := range 200 {
				text := say(fmt.Sprint("message ", i))
				w.SendText(text)
				bot.ExpectText(text)
				bot.SendText(text)
				w.ExpectText(text)
			}
			h.eventually("attune_degraded 1")
			back := strings.Count(h.logged(), "redis is back")
			// One who was here before, and one who comes now.
			w.SendText(say("I want to talk to a human"))
			w.ExpectText(say("One moment, I am fetching somebody."))
			other := h.widget(proxytest.WidgetConfig{})
			h.bot.Accept()
			other.SendText(say("I want to talk to a human"))
			other.ExpectText(say("One moment, I am fetching somebody."))
			bot.SendText(say("Sorry, I did not get that."))
			w.ExpectSilence(100 * time.Millisecond)

			if n := strings.Count(h.logged(), "redis is back") - back; n > 0 {
				t.Errorf("Redis was thought to be back %d times", n)
			}
			fault.end(redis)
			ended = true
			began := time.Now()
			waitFor(t, "those who asked are not in the queue", func() bool {
				list, err := h.server.Switchboard().Waiting(t.Context())
				return err == nil && len(list) == 2 && list[0].State == "queued" && list[1].State == "queued"
			})
			t.Logf("in the queue %v after Redis was back", time.Since(began).Round(10*time.Millisecond))
			h.eventually("attune_degraded 0")
		})
	}
}

// BenchmarkFaults measures a message's way to the bot and an answer's way back
// while Redis is well and while it is not: the median and the 99th percentile.
// What is added is the difference to "well".
func BenchmarkFaults(b *testing.B) {
	well := faults[:0:0]
	well = append(well, faults[0])
	well[0].name, well[0].begin, well[0].end = "well", func(*proxytest.Redis) {}, func(*proxytest.Redis) {}
	for _, fault := range append(well, faults...) {
		b.Run(fault.name, func(b *testing.B) {
			redis := proxytest.StartRedis(b)
			bot := proxytest.NewBackend(b, proxytest.BackendConfig{Answer: func(text string) []string { return []string{text} }})
			h := open(b, bot, pack(b, people), redisAt(redis.URL())).ready()
			w := h.widget(proxytest.WidgetConfig{Header: known})
			ask := func(text string) time.Duration {
				began := time.Now()
				w.SendText(text)
				w.ExpectText(text)
				return time.Since(began)
			}
			ask(say("hello"))
			fault.begin(redis)
			defer fault.end(redis)
			var took []time.Duration
			for b.Loop() {
				took = append(took, ask(say("what is it")))
				<-time.After(2 * time.Millisecond) // below the rate limit, over several flushes
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)/2].Microseconds()), "p50-us")
			b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "p99-us")
		})
	}
}
