package proxy_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"attune/proxy/proxytest"
)

// fault is what may befall a Redis: start starts one, begin and end are when it is
// not well.
type fault struct {
	name  string
	start func(t testing.TB) (url string, begin, end func())
}

// single is a fault of one server.
func single(name string, begin, end func(r *proxytest.Redis)) fault {
	return fault{name, func(t testing.TB) (string, func(), func()) {
		r := proxytest.StartRedis(t)
		return r.URL(), func() { begin(r) }, func() { end(r) }
	}}
}

var faults = []fault{
	single("killed", (*proxytest.Redis).Stop, (*proxytest.Redis).Start),
	single("paused", (*proxytest.Redis).Pause, (*proxytest.Redis).Resume),
	single("full",
		func(r *proxytest.Redis) { r.Do("CONFIG SET maxmemory 1") },
		func(r *proxytest.Redis) { r.Do("CONFIG SET maxmemory 0") }),
	single("read-only",
		func(r *proxytest.Redis) { r.Do("REPLICAOF 127.0.0.1 1") },
		func(r *proxytest.Redis) { r.Do("REPLICAOF NO ONE") }),
	{"failed over", func(t testing.TB) (string, func(), func()) {
		group := proxytest.StartRedisSentinel(t)
		return group.URL(), group.Fail, group.Promote
	}},
}

// TestMessagesFlowWithoutRedis: whatever befalls Redis, what is said passes both
// ways, and who asks for a person meanwhile is in the queue when it is back.
func TestMessagesFlowWithoutRedis(t *testing.T) {
	for _, fault := range faults {
		t.Run(fault.name, func(t *testing.T) {
			url, begin, end := fault.start(t)
			h := open(t, proxytest.NewBackend(t, proxytest.BackendConfig{}), pack(t, people), redisAt(url), leeway(10)).ready()
			w, bot := h.talk(known, "hello")
			flushed(t, h)
			begin()
			ended := false
			defer func() {
				if !ended {
					end()
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
			end()
			ended = true
			h.queued(2)
			h.eventually("attune_degraded 0")
		})
	}
}

// queued waits until so many are in the queue.
func (h *house) queued(n int) {
	h.t.Helper()
	waitFor(h.t, "those who asked are not in the queue", func() bool {
		list, err := h.server.Switchboard().Waiting(h.t.Context())
		in := 0
		for i := range list {
			if list[i].State == "queued" {
				in++
			}
		}
		return err == nil && len(list) == n && in == n
	})
}

// BenchmarkFaults measures a message's way to the bot and an answer's way back
// while Redis is well and while it is not: the median and the 99th percentile.
// What is added is the difference to "well". Then five customers ask for a person, and
// queued-ms is how long after Redis is back all of them are in the queue.
func BenchmarkFaults(b *testing.B) {
	well := single("well", func(*proxytest.Redis) {}, func(*proxytest.Redis) {})
	for _, fault := range append([]fault{well}, faults...) {
		b.Run(strings.ReplaceAll(fault.name, " ", "-"), func(b *testing.B) {
			url, begin, end := fault.start(b)
			const fetching = "One moment, I am fetching somebody."
			bot := proxytest.NewBackend(b, proxytest.BackendConfig{Answer: func(text string) []string { return []string{text} }})
			h := open(b, bot, pack(b, people), redisAt(url), leeway(1)).ready()
			var widgets []*proxytest.Conn
			for range 5 {
				w := h.widget(proxytest.WidgetConfig{})
				w.SendText(say("hello"))
				w.ExpectText(say("hello"))
				widgets = append(widgets, w)
			}
			begin()
			var took []time.Duration
			for i := 0; b.Loop(); i++ {
				w := widgets[i%len(widgets)]
				began := time.Now()
				w.SendText(say("what is it"))
				w.ExpectText(say("what is it"))
				took = append(took, time.Since(began))
				<-time.After(2 * time.Millisecond) // over several flushes
			}
			for _, w := range widgets {
				w.SendText(say("I want to talk to a human"))
				w.ExpectText(say(fetching))
			}
			end()
			back := time.Now()
			h.queued(len(widgets))
			b.ReportMetric(float64(time.Since(back).Microseconds())/1e3, "queued-ms")
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)/2].Microseconds()), "p50-us")
			b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "p99-us")
		})
	}
}
