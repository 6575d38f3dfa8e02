package transport_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"attune/proxy/transport"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(twice{m}) }

// kind is the transport under test.
var kind transport.Kind

// twice runs the tests over both kinds of transport.
type twice struct{ *testing.M }

// Run implements goleak.TestingM.
func (m twice) Run() (worst int) {
	for _, kind = range []transport.Kind{transport.Auto, transport.Goroutines} {
		if code := m.M.Run(); code != 0 {
			fmt.Fprintf(os.Stderr, "these tests ran with ATTUNE_TRANSPORT=%v\n", kind)
			worst = code
		}
	}
	return worst
}

// tunnel is the simplest bridge: bytes go to the other side.
type tunnel struct {
	mu    sync.Mutex
	ticks int
	lost  [2]error
	told  []any

	every  time.Duration // ask for a Tick so often
	onTell func(event any, out *transport.Output)
	panics bool
	weight int
	stays  chan struct{} // if set, the loss of the backend is told here and the widget stays
}

func (b *tunnel) Receive(from transport.Side, p []byte, _ time.Time, out *transport.Output) {
	if b.panics {
		panic("a fault")
	}
	to := from.Other()
	out.Send[to] = append(out.Send[to], p...)
}

func (b *tunnel) Lost(side transport.Side, err error, _ time.Time, out *transport.Output) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.lost[side] = err
	if b.stays != nil && side == transport.Backend {
		b.stays <- struct{}{}
		return
	}
	out.Close[side.Other()] = true
}

func (b *tunnel) Tell(event any, _ time.Time, out *transport.Output) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.told = append(b.told, event)
	if b.onTell != nil {
		b.onTell(event, out)
	}
}

func (b *tunnel) Weight() int { return b.weight }

func (b *tunnel) Tick(now time.Time, out *transport.Output) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.ticks++
	if b.every > 0 {
		out.Next = now.Add(b.every)
	}
}

// rig is a running bridge between two sockets of the test's own.
type rig struct {
	widget, backend net.Conn
	link            transport.Link
	done            chan struct{}
}

// run returns a transport that runs until the test ends.
func run(tb testing.TB, cfg transport.Config) *transport.Transport {
	tb.Helper()
	cfg.Kind = kind
	g := transport.New(cfg)
	ctx, cancel := context.WithCancel(context.Background())
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		if err := g.Run(ctx); err != nil {
			tb.Errorf("run: %v", err)
		}
	}()
	tb.Cleanup(func() {
		cancel()
		<-stopped
	})
	return g
}

// start runs a bridge until the test ends.
func start(tb testing.TB, b transport.Bridge, cfg transport.Config, early string) *rig {
	tb.Helper()
	return connect(tb, run(tb, cfg), b, early)
}

// connect is start on a transport that runs.
func connect(tb testing.TB, g *transport.Transport, b transport.Bridge, early string) *rig {
	tb.Helper()
	r := &rig{done: make(chan struct{})}
	var widget, backend net.Conn
	r.widget, widget = pipe(tb)
	r.backend, backend = pipe(tb)
	g.Start(b, transport.End{Conn: widget}, transport.End{Conn: backend, Early: []byte(early)},
		func(l transport.Link) { r.link = l }, func() { close(r.done) })
	tb.Cleanup(func() {
		_ = r.widget.Close()
		_ = r.backend.Close()
		<-r.done
	})
	return r
}

// pipe returns two ends of a TCP connection.
func pipe(tb testing.TB) (near, far net.Conn) {
	tb.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	accepted := make(chan net.Conn, 1)
	go func() {
		c, _ := l.Accept()
		accepted <- c
	}()
	near, err = net.Dial("tcp", l.Addr().String())
	if err != nil {
		tb.Fatal(err)
	}
	return near, <-accepted
}

func expect(tb testing.TB, c net.Conn, want string) {
	tb.Helper()
	_ = c.SetReadDeadline(time.Now().Add(2 * time.Minute))
	got := make([]byte, len(want))
	if _, err := io.ReadFull(c, got); err != nil || string(got) != want {
		tb.Fatalf("read %.80q, %v; want %.80q", got, err, want)
	}
}

func TestRelaysBothWaysAndEarlyBytesFirst(t *testing.T) {
	r := start(t, &tunnel{}, transport.Config{}, "hello from behind the handshake;")
	if _, err := r.backend.Write([]byte("later")); err != nil {
		t.Fatal(err)
	}
	expect(t, r.widget, "hello from behind the handshake;later")
	if _, err := r.widget.Write([]byte("up")); err != nil {
		t.Fatal(err)
	}
	expect(t, r.backend, "up")
}

func TestKeepsOrderUnderLoad(t *testing.T) {
	r := start(t, &tunnel{}, transport.Config{}, "")
	var want bytes.Buffer
	for i := range 20000 {
		fmt.Fprintf(&want, "line %d\n", i)
	}
	go func() { _, _ = r.backend.Write(want.Bytes()) }()
	expect(t, r.widget, want.String())
}

func TestTellSpeaksToBothSides(t *testing.T) {
	b := &tunnel{onTell: func(event any, out *transport.Output) {
		out.Send[transport.Widget] = append(out.Send[transport.Widget], event.(string)...)
		out.Send[transport.Backend] = append(out.Send[transport.Backend], "!"...)
	}}
	r := start(t, b, transport.Config{}, "")
	r.link.Tell("an agent's words")
	expect(t, r.widget, "an agent's words")
	expect(t, r.backend, "!")
}

func TestCloseDeliversTheLastWords(t *testing.T) {
	b := &tunnel{onTell: func(_ any, out *transport.Output) {
		out.Send[transport.Widget] = append(out.Send[transport.Widget], "goodbye"...)
		out.Close = [2]bool{true, true}
	}}
	r := start(t, b, transport.Config{}, "")
	// Bytes that nobody reads any more must not turn the end into a reset.
	if _, err := r.widget.Write(make([]byte, 100<<10)); err != nil {
		t.Fatal(err)
	}
	go func() { _, _ = io.Copy(io.Discard, r.backend) }()
	r.link.Tell("end")
	expect(t, r.widget, "goodbye")
	if n, err := r.widget.Read(make([]byte, 1)); n != 0 || !errors.Is(err, io.EOF) {
		t.Fatalf("after the last words: %d, %v; want the end of the stream", n, err)
	}
}

func TestLostPeerEndsTheOther(t *testing.T) {
	b := &tunnel{}
	r := start(t, b, transport.Config{}, "")
	_ = r.backend.Close()
	_ = r.widget.SetReadDeadline(time.Now().Add(2 * time.Minute))
	if _, err := r.widget.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
		t.Fatalf("widget read: %v", err)
	}
	_ = r.widget.Close()
	<-r.done
	if !errors.Is(b.lost[transport.Backend], io.EOF) {
		t.Errorf("lost backend with %v", b.lost[transport.Backend])
	}
}

func TestSlowPeerPausesReadingThenIsCut(t *testing.T) {
	b := &tunnel{}
	r := start(t, b, transport.Config{Stall: 300 * time.Millisecond, Linger: 20 * time.Millisecond}, "")
	// The widget never reads. The backend can send only what sockets and the
	// queue hold, then it is held up, and then the widget is cut.
	_ = r.backend.SetWriteDeadline(time.Now().Add(2 * time.Minute))
	sent, err := r.backend.Write(make([]byte, 256<<20))
	if err == nil {
		t.Fatal("256 MiB were taken for a peer that reads nothing")
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		t.Fatalf("the slow peer was not cut; %d bytes taken", sent)
	}
	<-r.done
	if !errors.Is(b.lost[transport.Widget], transport.ErrSlow) {
		t.Errorf("lost widget with %v, want ErrSlow", b.lost[transport.Widget])
	}
}

func TestQueueIsBounded(t *testing.T) {
	flood := make([]byte, 64<<10)
	b := &tunnel{onTell: func(_ any, out *transport.Output) {
		out.Send[transport.Widget] = append(out.Send[transport.Widget], flood...)
	}}
	r := start(t, b, transport.Config{Queue: 256 << 10, Stall: time.Hour}, "")
	for range 4000 { // 250 MiB, to a widget that reads nothing
		r.link.Tell("flood")
	}
	_ = r.backend.Close()
	<-r.done
	if !errors.Is(b.lost[transport.Widget], transport.ErrSlow) {
		t.Errorf("lost widget with %v, want ErrSlow", b.lost[transport.Widget])
	}
}

func TestTicksWhenAsked(t *testing.T) {
	ticked := make(chan time.Time, 16)
	b := &ticker{at: ticked}
	began := time.Now()
	start(t, b, transport.Config{}, "")
	<-ticked // the first event
	second := <-ticked
	if d := second.Sub(began); d < 100*time.Millisecond {
		t.Errorf("tick asked for in 100 ms came after %v", d)
	}
}

type ticker struct {
	tunnel
	at chan time.Time
}

func (b *ticker) Tick(now time.Time, out *transport.Output) {
	if len(b.at) < cap(b.at) {
		b.at <- now
	}
	out.Next = now.Add(100 * time.Millisecond)
}

func TestPanicClosesOnlyItsOwnBridge(t *testing.T) {
	caught := make(chan any, 1)
	b := &tunnel{panics: true}
	r := start(t, b, transport.Config{Panicked: func(reason any) { caught <- reason }}, "")
	if _, err := r.widget.Write([]byte("x")); err != nil {
		t.Fatal(err)
	}
	<-caught
	<-r.done
}

func Example() {
	near, widget := net.Pipe()
	far, backend := net.Pipe()
	g := transport.New(transport.Config{})
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = g.Run(ctx)
	}()
	g.Start(&tunnel{}, transport.End{Conn: widget}, transport.End{Conn: backend}, func(transport.Link) {}, nil)

	go func() { _, _ = near.Write([]byte("where is my parcel")) }()
	p := make([]byte, 18)
	_, _ = io.ReadFull(far, p)
	fmt.Println(string(p))

	_ = near.Close()
	_ = far.Close()
	stop()
	<-ended
	// Output: where is my parcel
}

func TestKindsHaveNames(t *testing.T) {
	for _, name := range []string{"auto", "goroutines"} {
		var k transport.Kind
		if err := k.UnmarshalText([]byte(name)); err != nil || k.String() != name {
			t.Errorf("%q is read as %v, %v", name, k, err)
		}
	}
	var k transport.Kind
	if err := k.UnmarshalText([]byte("threads")); err == nil {
		t.Error("threads are no kind")
	}
}
