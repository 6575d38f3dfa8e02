package session_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/alicebob/miniredis/v2"

	"attune/proxy/proxytest"
	"attune/proxy/session"
)

// BenchmarkMessage is what a message costs: one Do with one Append. A session
// gets 32 messages between two flushes, a new one is opened for the next 32.
func BenchmarkMessage(b *testing.B) {
	store, err := session.Open(session.Config{NewState: func() session.State { return new(score) }, MaxWaiting: 1 << 50})
	if err != nil {
		b.Fatal(err)
	}
	defer store.Close()
	for _, bm := range []struct{ name, text string }{
		{"plain", "Where is my parcel? I have been waiting since last week."},
		{"card", "Please charge 4111 1111 1111 1111, not the other one."},
	} {
		b.Run(bm.name, func(b *testing.B) {
			b.ReportAllocs()
			var s *session.Session
			n := 0
			for b.Loop() {
				if n%32 == 0 {
					s = store.Attach("s"+strconv.Itoa(n%4096), true)
				}
				n++
				s.Do(func(bk *session.Book) {
					bk.State.(*score).Points++
					bk.Append(session.Turn{Role: "customer", Text: bm.text})
				})
			}
		})
	}
}

// BenchmarkFlush is what storing costs, a message of each session in each flush,
// and how many commands Redis sees for a message.
func BenchmarkFlush(b *testing.B) {
	for _, n := range []int{1, 100, 1000, 10_000} {
		b.Run(fmt.Sprintf("sessions=%d", n), func(b *testing.B) {
			server := proxytest.StartRedis(b).URL()
			store, err := session.Open(session.Config{URL: server, NewState: func() session.State { return new(score) }})
			if err != nil {
				b.Fatal(err)
			}
			defer store.Close()
			list := make([]*session.Session, n)
			for i := range list {
				list[i] = store.Attach(session.Key{External: strconv.Itoa(i)}.ID(), true)
			}
			var before, after float64
			before = commands(b, store)
			messages := 0
			for b.Loop() {
				for _, s := range list {
					say(s, "Where is my parcel? I have been waiting since last week.", 1)
					messages++
				}
				if err := store.Flush(b.Context()); err != nil {
					b.Fatal(err)
				}
			}
			after = commands(b, store)
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(messages), "ns/message")
			b.ReportMetric((after-before)/float64(messages), "calls/message")
		})
	}
}

// BenchmarkFlushEmbedded is the same on the embedded store.
func BenchmarkFlushEmbedded(b *testing.B) {
	m := miniredis.RunT(b)
	store, err := session.Open(session.Config{URL: "redis://" + m.Addr(), NewState: func() session.State { return new(score) }})
	if err != nil {
		b.Fatal(err)
	}
	defer store.Close()
	list := make([]*session.Session, 1000)
	for i := range list {
		list[i] = store.Attach(session.Key{External: strconv.Itoa(i)}.ID(), true)
	}
	for b.Loop() {
		for _, s := range list {
			say(s, "Where is my parcel?", 1)
		}
		if err := store.Flush(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(list)), "ns/message")
}

// commands is how many commands Redis was sent; those inside of scripts count
// as their script.
func commands(b *testing.B, store *session.Store) float64 {
	b.Helper()
	info, err := store.Client().Info(b.Context(), "commandstats").Result()
	if err != nil {
		b.Fatal(err)
	}
	total := 0.0
	for line := range strings.SplitSeq(info, "\n") {
		name, rest, _ := strings.Cut(line, ":calls=")
		if name != "cmdstat_evalsha" && name != "cmdstat_eval" {
			continue
		}
		calls, _, _ := strings.Cut(rest, ",")
		n, err := strconv.ParseFloat(calls, 64)
		if err != nil {
			b.Fatal(err)
		}
		total += n
	}
	return total
}
