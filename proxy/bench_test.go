package proxy

import (
	"bytes"
	"log/slog"
	"strconv"
	"strings"
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

// usualMessage is one as a widget or a bot sends it, of about 300 bytes, with one text or another.
type usualMessage struct {
	name   string
	texts  []string
	from   transport.Side
	edited bool // by the shipped packs
	heard  bool // in other conversations
}

const rewordedReply = "Please utilize the form on the website in order to change the address of order 1182 before Friday at 12."

// utterances are more than a conversation remembers, and so are the replies, so that none is a repetition.
var utterances = []string{
	"hello, I would like to know when the blue kettle that I ordered last week will be sent to my new address",
	"Can you tell me which of the trains to Galway has room for two bicycles and whether we have to book a place",
	"my parcel was to be here on Tuesday, it is Thursday now and nobody has told me anything about it so far",
	"I need a table for six people on Saturday evening, somewhere quiet with food for a child who eats no nuts",
	"We moved last month, so could you please send the bill for the heating to our new flat and not to the old",
	"is there a cheaper room with a view of the lake for the first week of June, and can we bring the dog along",
}

var untouchedReplies = []string{
	"Your order 1182 of 3 May is on its way and will reach you on Friday between 9 and 12. The driver rings twice.",
	"Your order 1182 holds two kettles and a lamp, and each of them comes in a box of its own with a label on top.",
	"Your order 1182 goes to the flat in Cork, second floor, and the bill for it goes to the office on Main Street.",
	"Your order 1182 leaves our store in the morning, and the mail brings it to your door two days later as a rule.",
	"Your order 1182 was packed by the evening shift and stands beside the gate until the van comes at six o'clock.",
	"Your order 1182 counts for the summer draw, whose winners hear from the shop by letter in the last week of July.",
}

var usualMessages = []usualMessage{
	{name: "utterance", texts: utterances, from: transport.Widget},
	{name: "reply untouched", texts: untouchedReplies, from: transport.Backend},
	{name: "reply reworded", texts: []string{rewordedReply}, from: transport.Backend, edited: true},
	{name: "reply untouched, again", texts: untouchedReplies, from: transport.Backend, heard: true},
	{name: "reply reworded, again", texts: []string{rewordedReply}, from: transport.Backend, edited: true, heard: true},
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
			for _, text := range m.texts {
				set.Judge(&st, &rules.Turn{Role: rules.Bot, Text: text}, &rules.Facts{Session: session, Mode: rules.Tone}, &j)
			}
		}
	}
}

// frames are the messages as they are sent.
func (m usualMessage) frames() (all [][]byte) {
	for _, s := range m.texts {
		text := []byte(`{"type":"message","id":"0c6f8a52-9d3e-4b7a-8f61-2f1de9d05a77","session_id":"visitor-42","locale":"en",` +
			`"meta":{"page":"/orders","t":1764288000123,"tags":["web","chat"],"fill":"` + strings.Repeat("x", max(0, 100-len(s))) + `"},"text":"` + s + `"}`)
		if m.from == transport.Backend {
			all = append(all, frame.Append(nil, frame.Text, text))
		} else {
			all = append(all, frame.AppendMasked(nil, frame.Text, [4]byte{1, 2, 3, 4}, text))
		}
	}
	return all
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
			sent := m.frames()
			number := bytes.Index(sent[0], []byte("1182"))
			if m.heard {
				m.hear(b)
			}
			buf, now := make([]byte, 512), time.Now()
			var out transport.Output
			b.ReportAllocs()
			b.SetBytes(int64(len(sent[0])))
			for i := 0; b.Loop(); i++ {
				if i%flushEvery == 0 { // what waits to be stored does not pile up
					b.StopTimer()
					if err := br.s.cfg.Store.Flush(b.Context()); err != nil {
						b.Fatal(err)
					}
					b.StartTimer()
				}
				got := buf[:copy(buf, sent[i%len(sent)])] // the bridge unmasks in place
				if m.from == transport.Backend && !m.heard {
					copy(got[number:], strconv.Itoa(2000+i%1000))
				}
				out.Send[0], out.Send[1] = out.Send[0][:0], out.Send[1][:0]
				br.Receive(m.from, got, now, &out)
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
	compiled := sync.OnceValues(shippedSet)
	return func() (*rules.Set, rules.Diagnostics, error) {
		set, err := compiled()
		return set, nil, err
	}
}()

// shippedSet compiles the shipped packs.
func shippedSet() (*rules.Set, error) {
	files, err := packs.Files()
	if err != nil {
		return nil, err
	}
	set, _ := rules.Compile(files)
	return set, nil
}
