package proxy_test

import (
	"slices"
	"testing"
	"time"

	"attune/proxy"
	"attune/proxy/proxytest"
)

// BenchmarkFloorChange is a person asked for, brought, and gone again, one after the
// other: two nodes share a Redis, the widget is at one and the agent at the other,
// and a desk of another system is told. It reports how long a change of the floor
// takes from the agent's claim until the widget is told.
func BenchmarkFloorChange(b *testing.B) {
	help := newHelpdesk(b, nil)
	bot := proxytest.NewBackend(b, proxytest.BackendConfig{})
	server := proxytest.StartRedis(b)
	shared := []option{
		pack(b, people), help.desks(b), redisAt(server.URL()),
		limits(func(l *proxy.Limits) { l.PerAddress, l.Sessions, l.Rate = 0, 0, 0 }),
	}
	widgets, agents := open(b, bot, shared...), open(b, bot, shared...).server.Switchboard()
	w := widgets.widget(proxytest.WidgetConfig{})
	var changes []time.Duration
	n := 0
	for b.Loop() {
		w.SendText(say("I want to talk to a human"))
		w.ExpectText(say("One moment, I am fetching somebody."))
		id := help.expect(b, n, "handoff.requested").Data.Session
		begin := time.Now()
		if err := agents.Claim(b.Context(), id, "mia"); err != nil {
			b.Fatal(err)
		}
		w.ExpectText(say("mia is here."))
		changes = append(changes, time.Since(begin))
		help.expect(b, n+1, "handoff.accepted")
		if err := agents.Return(b.Context(), id, "mia"); err != nil {
			b.Fatal(err)
		}
		w.ExpectText(say("The bot goes on."))
		help.expect(b, n+2, "handoff.returned")
		n += 3
	}
	slices.Sort(changes)
	b.ReportMetric(float64(changes[len(changes)/2].Microseconds())/1e3, "p50-ms")
	b.ReportMetric(float64(changes[len(changes)*99/100].Microseconds())/1e3, "p99-ms")
}
