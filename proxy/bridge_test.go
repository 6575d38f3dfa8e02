package proxy

import (
	"errors"
	"log/slog"
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

// stage is a bridge without sockets, and a clock that only the test moves.
type stage struct {
	t   *testing.T
	b   *bridge
	now time.Time
	// next is the deadline that the bridge asked for.
	next time.Time
	// heard is what each side was sent, ended that its socket is done with.
	heard [2][]frame.Message
	ended [2]bool
}

// deafLink is a link to nobody.
type deafLink struct{}

func (deafLink) Tell(any) {}

func (deafLink) Replace(transport.Side, transport.End, any) bool { return false }

// usual are the limits as they are shipped.
var usual = Limits{
	Message: 64 << 10, Rate: 100, RateBurst: 500, PerAddress: 500, Handshake: 10 * time.Second,
	MessageTimeout: 30 * time.Second, Idle: 30 * time.Minute, Ping: 25 * time.Second, Drain: time.Minute,
}

func newStage(t *testing.T, l Limits) *stage {
	t.Helper()
	store, err := session.Open(session.Config{NewState: func() session.State { return new(rules.State) }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	profile, err := wire.Lookup("json")
	if err != nil {
		t.Fatal(err)
	}
	s, err := New(Config{
		Routes: []Route{{Profile: profile}}, Store: store, Metrics: metrics.New(prometheus.NewRegistry()), Limits: l,
		Logger: slog.New(slog.DiscardHandler),
		Rules: func() (*rules.Set, rules.Diagnostics, error) {
			set, found := rules.Compile(nil)
			return set, found, nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	st := &stage{t: t, now: time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)}
	st.b = s.newBridge(&s.cfg.Routes[0], wire.Upgrade{}, binding{secret: "cookie:x", fresh: true}, st.now)
	st.b.link = deafLink{}
	st.step(st.b.Tick)
	return st
}

// step lets the bridge do something now and takes note of what it returns.
func (st *stage) step(f func(now time.Time, out *transport.Output)) {
	st.t.Helper()
	var out transport.Output
	f(st.now, &out)
	st.next = out.Next
	for side := range st.heard {
		d := frame.NewDecoder(transport.Side(side) == transport.Backend, frame.Limits{})
		d.Feed(out.Send[side])
		for {
			m, ok, err := d.Next()
			if err != nil {
				st.t.Fatal(err)
			}
			if !ok {
				break
			}
			m.Payload = append([]byte(nil), m.Payload...)
			st.heard[side] = append(st.heard[side], m)
		}
		st.ended[side] = st.ended[side] || out.Close[side] // an Abort would lose the code
	}
}

func (st *stage) receive(from transport.Side, p []byte) {
	st.t.Helper()
	st.step(func(now time.Time, out *transport.Output) { st.b.Receive(from, p, now, out) })
}

// pass lets time go by; alive are the sides that answer pings.
func (st *stage) pass(d time.Duration, alive ...transport.Side) {
	st.t.Helper()
	for until := st.now.Add(d); ; {
		for _, side := range alive {
			for _, m := range st.heard[side] {
				if m.Op == frame.Ping {
					st.heard[side] = nil
					st.receive(side, pong(side))
				}
			}
		}
		if st.b.over || st.next.IsZero() || st.next.After(until) {
			st.now = until
			return
		}
		if st.next.After(st.now) {
			st.now = st.next
		}
		st.step(st.b.Tick)
	}
}

func pong(from transport.Side) []byte {
	if from == transport.Widget {
		return frame.AppendMasked(nil, frame.Pong, [4]byte{1, 2, 3, 4}, nil)
	}
	return frame.Append(nil, frame.Pong, nil)
}

// code is the code of the Close that a side was sent, 0 for none.
func (st *stage) code(side transport.Side) uint16 {
	for _, m := range st.heard[side] {
		if m.Op == frame.Close {
			code, _, _ := frame.ParseClose(m.Payload)
			return code
		}
	}
	return 0
}

// TestTheDefaultTimes: each end comes in its time, and not before.
func TestTheDefaultTimes(t *testing.T) {
	const widget, backend = transport.Widget, transport.Backend
	half := frame.AppendMasked(nil, frame.Text, [4]byte{}, []byte("half"))
	half[0] &^= 0x80 // a first fragment
	tests := []struct {
		name            string
		send            []byte // by the widget, first
		alive           []transport.Side
		before, after   time.Duration // still open, over
		widget, backend uint16        // the codes that are sent
	}{
		{"a widget that never pongs", nil, []transport.Side{backend}, 30 * time.Second, time.Minute, 1008, 1001},
		{"a backend that never pongs", nil, []transport.Side{widget}, 30 * time.Second, time.Minute, 1013, 1008},
		{"a message that is never finished", half, []transport.Side{widget, backend}, 29 * time.Second, 33 * time.Second, 1008, 1001},
		{"nobody says anything", nil, []transport.Side{widget, backend}, 29*time.Minute + 50*time.Second, 30*time.Minute + 3*time.Second, 1000, 1001},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			st := newStage(t, usual)
			if tt.send != nil {
				st.receive(widget, tt.send)
			}
			st.pass(tt.before, tt.alive...)
			if st.code(widget) != 0 || st.code(backend) != 0 || st.b.over {
				t.Fatalf("closed within %v: %d, %d", tt.before, st.code(widget), st.code(backend))
			}
			st.pass(tt.after-tt.before, tt.alive...)
			if st.code(widget) != tt.widget || st.code(backend) != tt.backend {
				t.Errorf("closed with %d and %d, want %d and %d", st.code(widget), st.code(backend), tt.widget, tt.backend)
			}
			if !st.ended[widget] || !st.ended[backend] {
				t.Errorf("sockets ended: %v, want both", st.ended)
			}
		})
	}
}

// TestNoLimits: 0 means none.
func TestNoLimits(t *testing.T) {
	st := newStage(t, Limits{})
	for range 2000 {
		st.receive(transport.Widget, frame.AppendMasked(nil, frame.Ping, [4]byte{}, nil))
	}
	st.receive(transport.Widget, frame.AppendMasked(nil, frame.Binary, [4]byte{}, make([]byte, 4<<20)))
	st.receive(transport.Widget, frame.AppendMasked(nil, frame.Text, [4]byte{}, []byte("half"))[:8])
	st.pass(24 * time.Hour)
	if st.b.over || st.b.closing.begun {
		t.Error("closed without a limit")
	}
	if last := st.heard[transport.Backend][0]; len(last.Payload) != 4<<20 {
		t.Errorf("a message of %d bytes arrived", len(last.Payload))
	}
}

// TestRate: the burst, then so many a second; a Close is always heard.
func TestRate(t *testing.T) {
	st := newStage(t, usual)
	one := frame.AppendMasked(nil, frame.Text, [4]byte{}, []byte("x"))
	send := func(n int) {
		for range n {
			st.receive(transport.Widget, append([]byte(nil), one...))
		}
	}
	send(500)
	st.now = st.now.Add(time.Second)
	send(100)
	if st.code(transport.Widget) != 0 {
		t.Fatal("closed within the rate")
	}
	send(1)
	st.receive(transport.Backend, frame.Append(nil, frame.Close, frame.AppendClosePayload(nil, 1000, "")))
	if got := st.code(transport.Widget); got != 1008 {
		t.Errorf("closed with %d, want 1008", got)
	}
	if n := len(st.heard[transport.Backend]); n != 601 {
		t.Errorf("the backend heard %d messages, want 600 and a Close", n)
	}
}

// TestDrainWaitsForTheEndOfTheTurn: a bridge that is to close does not cut an
// answer short, but at the end of the time.
func TestDrainWaitsForTheEndOfTheTurn(t *testing.T) {
	for _, answered := range []bool{true, false} {
		st := newStage(t, usual)
		st.receive(transport.Widget, frame.AppendMasked(nil, frame.Text, [4]byte{}, []byte(`{"text":"a question"}`)))
		order := drain{from: st.now.Add(time.Second), by: st.now.Add(time.Minute)}
		st.step(func(now time.Time, out *transport.Output) { st.b.Tell(order, now, out) })
		st.pass(50*time.Second, transport.Widget, transport.Backend)
		if st.code(transport.Widget) != 0 {
			t.Fatal("closed before the answer")
		}
		if answered {
			st.receive(transport.Backend, frame.Append(nil, frame.Text, []byte(`{"text":"an answer"}`)))
			st.pass(time.Second, transport.Widget, transport.Backend)
		} else {
			st.pass(10*time.Second, transport.Widget, transport.Backend)
		}
		if got := st.code(transport.Widget); got != 1012 {
			t.Errorf("answered %v: closed with %d, want 1012", answered, got)
		}
	}
}

// TestLostBothWays: whatever order two sockets end in, the bridge is over.
func TestLostBothWays(t *testing.T) {
	for _, first := range []transport.Side{transport.Widget, transport.Backend} {
		st := newStage(t, usual)
		lose := func(side transport.Side) {
			st.step(func(now time.Time, out *transport.Output) { st.b.Lost(side, errors.New("reset"), now, out) })
		}
		lose(first)
		lose(first.Other())
		if !st.b.over {
			t.Errorf("%v first: not over", first)
		}
	}
}

// TestDrainLetsAMessageBeFinished: one that is on its way when the turn is over still arrives.
func TestDrainLetsAMessageBeFinished(t *testing.T) {
	for _, side := range []transport.Side{transport.Widget, transport.Backend} {
		st := newStage(t, usual)
		whole := frame.Append(nil, frame.Binary, []byte("a message in two pieces"))
		if side == transport.Widget {
			whole = frame.AppendMasked(nil, frame.Binary, [4]byte{1, 2, 3, 4}, []byte("a message in two pieces"))
		}
		st.receive(side, whole[:10])
		st.step(func(now time.Time, out *transport.Output) {
			st.b.Tell(drain{from: now, by: now.Add(20 * time.Second)}, now, out)
		})
		st.pass(10 * time.Second)
		if got := st.code(transport.Widget); got != 0 {
			t.Fatalf("%v: closed with %d inside a message", side, got)
		}
		st.receive(side, whole[10:])
		st.pass(time.Second)
		if got := st.heard[side.Other()]; len(got) == 0 || string(got[0].Payload) != "a message in two pieces" {
			t.Errorf("%v: the other side heard %v", side, got)
		}
		if got := st.code(transport.Widget); got != 1012 {
			t.Errorf("%v: closed with %d, want 1012", side, got)
		}
	}
}

// TestABusyPeerIsNotTakenForAStalledOne: reads that end inside some message are
// no sign of a message that is never finished.
func TestABusyPeerIsNotTakenForAStalledOne(t *testing.T) {
	limits := usual
	limits.Ping = 0
	st := newStage(t, limits)
	one := func() []byte { return frame.AppendMasked(nil, frame.Text, [4]byte{1, 2, 3, 4}, []byte("a message")) }
	st.receive(transport.Widget, one()[:5])
	for range 20 { // each read ends in the middle of a message
		st.pass(10 * time.Second)
		st.receive(transport.Widget, append(one()[5:], one()[:5]...))
	}
	st.receive(transport.Widget, one()[5:])
	texts := 0
	for _, m := range st.heard[transport.Backend] {
		if m.Op == frame.Text {
			texts++
		}
	}
	if texts != 21 || st.code(transport.Widget) != 0 {
		t.Errorf("%d of 21 messages arrived, closed with %d", texts, st.code(transport.Widget))
	}
}
