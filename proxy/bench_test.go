package proxy

import (
	"bytes"
	"log/slog"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"attune/metrics"
	"attune/proxy/frame"
	"attune/proxy/session"
	"attune/proxy/transport"
	"attune/proxy/wire"
	"attune/rules"
	"attune/rules/packs"
)

// usualMessage is one as a widget or a bot sends it, of about 300 bytes.
type usualMessage struct {
	name, text string
	from       transport.Side
	heard      bool // in other conversations
}

const (
	untouchedReply = "Your order 1182 of 3 May is on its way and will reach you on Friday between 9 and 12. The driver rings twice."
	rewordedReply  = "Please utilize the form on the website in order to change the address of order 1182 before Friday at 12."
)

var usualMessages = []usualMessage{
	{"utterance", "hello, I would like to know when the blue kettle that I ordered last week will be sent to my new address", transport.Widget, false},
	{"reply untouched", untouchedReply, transport.Backend, false},
	{"reply reworded", rewordedReply, transport.Backend, false},
	{"reply untouched, again", untouchedReply, transport.Backend, true},
	{"reply reworded, again", rewordedReply, transport.Backend, true},
}

// hear has two other conversations hear a reply.
func (m usualMessage) hear(b *testing.B) {
	b.Helper()
	set, _, err := shippedRules()
	if err != nil {
		b.Fatal(err)
	}
	for _, session := range []string{"one", "another", "a third"} {
		var st rules.State
		var j rules.Judgement
		for range 4 { // every variant
			set.Judge(&st, &rules.Turn{Role: rules.Bot, Text: m.text}, &rules.Facts{Session: session, Mode: rules.Tone}, &j)
		}
	}
}

func (m usualMessage) frame() []byte {
	text := []byte(`{"type":"message","id":"0c6f8a52-9d3e-4b7a-8f61-2f1de9d05a77","session_id":"visitor-42","locale":"en",` +
		`"meta":{"page":"/orders","t":1764288000123,"tags":["web","chat"]},"text":"` + m.text + `"}`)
	if m.from == transport.Backend {
		return frame.Append(nil, frame.Text, text)
	}
	return frame.AppendMasked(nil, frame.Text, [4]byte{1, 2, 3, 4}, text)
}

// BenchmarkMessage is the whole way of a message through Attune but for the
// sockets: from the frame as it came to the frame as it goes, judged by the
// shipped packs, written down and counted, but not yet stored. Replies are new each
// time, or such as other conversations have heard.
func BenchmarkMessage(b *testing.B) {
	const flushEvery = 100
	for _, m := range usualMessages {
		b.Run(m.name, func(b *testing.B) {
			br := benchBridge(b)
			sent := m.frame()
			number := bytes.Index(sent, []byte("1182"))
			if m.heard {
				m.hear(b)
			}
			buf, now := make([]byte, len(sent)), time.Now()
			var out transport.Output
			b.ReportAllocs()
			b.SetBytes(int64(len(sent)))
			for i := 0; b.Loop(); i++ {
				if i%flushEvery == 0 { // what waits to be stored does not pile up
					b.StopTimer()
					if err := br.s.cfg.Store.Flush(b.Context()); err != nil {
						b.Fatal(err)
					}
					b.StartTimer()
				}
				copy(buf, sent) // the bridge unmasks in place
				if m.from == transport.Backend && !m.heard {
					copy(buf[number:], strconv.Itoa(2000+i%1000))
				}
				out.Send[0], out.Send[1] = out.Send[0][:0], out.Send[1][:0]
				br.Receive(m.from, buf, now, &out)
			}
			if len(out.Send[m.from.Other()]) == 0 {
				b.Fatal("nothing was passed on")
			}
		})
	}
}

// benchBridge is a bridge of a conversation that has begun, with the shipped
// packs and no limit on the rate.
func benchBridge(b testing.TB) *bridge {
	b.Helper()
	store, err := session.Open(session.Config{NewState: func() session.State { return new(rules.State) }})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = store.Close() })
	profile, err := wire.Lookup("json")
	if err != nil {
		b.Fatal(err)
	}
	limits := usual
	limits.Rate = 0
	s, err := New(Config{
		Routes: []Route{{Profile: profile}}, Mode: rules.Tone, Store: store, Metrics: metrics.New(prometheus.NewRegistry()), Limits: limits,
		Logger: slog.New(slog.DiscardHandler),
		Rules:  shippedRules,
	})
	if err != nil {
		b.Fatal(err)
	}
	br := s.newBridge(&s.cfg.Routes[0], wire.Upgrade{}, binding{secret: "cookie:x", fresh: true}, time.Now())
	br.link = deafLink{}
	return br
}

// shippedRules loads the shipped packs, once for all benchmarks.
var shippedRules = func() func() (*rules.Set, rules.Diagnostics, error) {
	compiled := sync.OnceValues(func() (*rules.Set, error) {
		files, err := packs.Files()
		if err != nil {
			return nil, err
		}
		set, _ := rules.Compile(files)
		return set, nil
	})
	return func() (*rules.Set, rules.Diagnostics, error) {
		set, err := compiled()
		return set, nil, err
	}
}()
