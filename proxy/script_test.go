package proxy

import (
	"fmt"
	"io"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"attune/metrics"
	"attune/proxy/frame"
	"attune/proxy/session"
	"attune/proxy/transport"
	"attune/proxy/wire"
	"attune/rules"
)

// script drives one bridge without sockets and with a clock of its own.
type script struct {
	t     testing.TB
	s     *Server
	b     *bridge
	reg   *prometheus.Registry
	now   time.Time
	next  time.Time
	ends  [2]*frame.Decoder // what widget and backend receive
	saw   []string          // by the widget, so far
	heard []string          // by the backend
}

type nobody struct{}

func (nobody) Tell(any) {}

func (nobody) Replace(transport.Side, transport.End, any) bool { return false }

// play opens a bridge with a profile and the rules of a pack.
func play(t testing.TB, profile *wire.Profile, pack string, change ...func(*Config)) *script {
	t.Helper()
	p := &script{t: t, reg: prometheus.NewRegistry(), now: time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)}
	store, err := session.Open(session.Config{NewState: func() session.State { return &rules.State{} }, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	cfg := Config{
		Routes: []Route{{Profile: profile}}, Store: store, Metrics: metrics.New(p.reg), Gather: p.reg, Logger: slog.New(slog.DiscardHandler),
		Limits: Limits{Message: 64 << 10, Idle: time.Hour},
		Rules: func() (*rules.Set, rules.Diagnostics, error) {
			set, found := rules.Compile([]rules.File{{Name: "test.yaml", Data: []byte(pack)}})
			if set == nil {
				t.Fatalf("test pack: %v", found)
			}
			return set, found, nil
		},
	}
	for _, c := range change {
		c(&cfg)
	}
	if p.s, err = New(cfg); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		p.s.jobs.stop()
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	p.open()
	return p
}

// open begins a conversation of its own.
func (p *script) open() {
	p.b = p.s.newBridge(&p.s.cfg.Routes[0], wire.Upgrade{Path: "/"}, binding{secret: fmt.Sprint(p.now), fresh: true}, p.now)
	p.b.link = nobody{}
	p.ends = [2]*frame.Decoder{transport.Widget: frame.NewDecoder(false, frame.Limits{}), transport.Backend: frame.NewDecoder(true, frame.Limits{})}
	p.saw, p.heard = nil, nil
}

// take reads what the bridge sends.
func (p *script) take(out *transport.Output) {
	p.t.Helper()
	p.next = out.Next
	for side, d := range p.ends {
		d.Feed(out.Send[side])
		for {
			m, ok, err := d.Next()
			if err != nil {
				p.t.Fatal(err)
			}
			if !ok {
				break
			}
			if m.Op != frame.Text {
				continue
			}
			if transport.Side(side) == transport.Widget {
				p.saw = append(p.saw, string(m.Payload))
			} else {
				p.heard = append(p.heard, string(m.Payload))
			}
		}
	}
}

// bot lets the backend send messages, all at once.
func (p *script) bot(messages ...string) {
	p.t.Helper()
	for _, m := range messages {
		var out transport.Output
		p.b.Receive(transport.Backend, frame.Append(nil, frame.Text, []byte(m)), p.now, &out)
		p.take(&out)
	}
}

// customer lets the widget send a message.
func (p *script) customer(m string) {
	p.t.Helper()
	var out transport.Output
	p.b.Receive(transport.Widget, frame.AppendMasked(nil, frame.Text, [4]byte{1, 2, 3, 4}, []byte(m)), p.now, &out)
	p.take(&out)
}

// wait lets time pass, with a tick at every deadline.
func (p *script) wait(d time.Duration) {
	p.t.Helper()
	end := p.now.Add(d)
	for !p.next.IsZero() && !p.next.After(end) {
		if p.now.Before(p.next) {
			p.now = p.next
		}
		var out transport.Output
		p.b.Tick(p.now, &out)
		p.take(&out)
	}
	p.now = end
}

// floor gives the floor to somebody.
func (p *script) floor(to session.Floor) {
	p.b.sess.Do(func(book *session.Book) { book.Floor = to })
}

// sees holds what the widget received since it was asked last against lines.
func (p *script) sees(want ...string) {
	p.t.Helper()
	if got := strings.Join(p.saw, "\n"); got != strings.Join(want, "\n") {
		p.t.Errorf("the widget sees\n%s\nwant\n%s", got, strings.Join(want, "\n"))
	}
	p.saw = nil
}

// told holds what the backend received since it was asked last against lines.
func (p *script) told(want ...string) {
	p.t.Helper()
	if got := strings.Join(p.heard, "\n"); got != strings.Join(want, "\n") {
		p.t.Errorf("the backend is told\n%s\nwant\n%s", got, strings.Join(want, "\n"))
	}
	p.heard = nil
}

// story is the guest book, a turn a line.
func (p *script) story() string {
	var lines []string
	p.b.sess.Do(func(book *session.Book) {
		for _, t := range book.Turns() {
			line := t.Role + ": " + t.Text
			if t.Sent != "" {
				line += " -> " + t.Sent
			}
			if t.Late {
				line += " (late)"
			}
			lines = append(lines, line)
		}
	})
	return strings.Join(lines, "\n")
}

// rests demands that nothing is kept of streams.
func (p *script) rests() {
	p.t.Helper()
	p.wait(time.Minute)
	if b := p.b; b.streams != nil || b.waiting != nil || b.after != nil || b.owed != nil {
		p.t.Errorf("at rest there are %d streams, %d messages, %d judgements, %d confirmations", len(b.streams), len(b.waiting), len(b.after), len(b.owed))
	}
}

// count is the value of a counter, or how often a histogram observed, over all series with these labels.
func (p *script) count(name string, labels ...string) float64 {
	p.t.Helper()
	sum := 0.0
	families, err := p.reg.Gather()
	if err != nil {
		p.t.Fatal(err)
	}
	for _, f := range families {
		if f.GetName() != name {
			continue
		}
		for _, m := range f.GetMetric() {
			have := map[string]bool{}
			for _, l := range m.GetLabel() {
				have[l.GetName()+"="+l.GetValue()] = true
			}
			all := true
			for _, l := range labels {
				all = all && have[l]
			}
			if all {
				sum += m.GetCounter().GetValue() + float64(m.GetHistogram().GetSampleCount())
			}
		}
	}
	return sum
}

// reading is a profile of YAML.
func reading(t testing.TB, yaml string) *wire.Profile {
	t.Helper()
	all, err := wire.Parse("test.yaml", []byte(yaml))
	if err != nil {
		t.Fatal(err)
	}
	return all[0]
}

// hangUp ends the backend's socket.
func (p *script) hangUp() {
	p.t.Helper()
	var out transport.Output
	p.b.Lost(transport.Backend, io.EOF, p.now, &out)
	p.take(&out)
}

// binary lets the backend send bytes.
func (p *script) binary(data []byte) {
	p.t.Helper()
	var out transport.Output
	p.b.Receive(transport.Backend, frame.Append(nil, frame.Binary, data), p.now, &out)
	p.take(&out)
}
