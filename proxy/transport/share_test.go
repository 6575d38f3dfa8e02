package transport_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"runtime"
	"sync"
	"testing"
	"time"

	"attune/proxy/transport"
)

// slowly is a tunnel whose calls with many bytes take as long as the test wants.
type slowly struct {
	tunnel
	entered chan struct{} // told of each such call, as far as there is room
	leave   chan struct{} // closed when they may end
}

const many = 4 << 10

func (b *slowly) Receive(from transport.Side, p []byte, now time.Time, out *transport.Output) {
	if len(p)+b.weight > many {
		select {
		case b.entered <- struct{}{}:
		default:
		}
		<-b.leave
	}
	b.tunnel.Receive(from, p, now, out)
}

// TestWorkOnMuchHoldsUpNobodyElse: what takes long for one bridge does not delay
// another, and its own order is kept.
func TestWorkOnMuchHoldsUpNobodyElse(t *testing.T) {
	g := run(t, transport.Config{})
	b := &slowly{entered: make(chan struct{}, 1), leave: make(chan struct{})}
	b.onTell = func(event any, out *transport.Output) {
		out.Send[transport.Backend] = append(out.Send[transport.Backend], event.(string)...)
	}
	b.weight = many // so that each byte is one too many
	slow := connect(t, g, b, "")
	var others []*rig
	for range 2 * runtime.GOMAXPROCS(0) {
		others = append(others, connect(t, g, &tunnel{}, ""))
	}
	if _, err := slow.widget.Write([]byte("first ")); err != nil {
		t.Fatal(err)
	}
	<-b.entered
	told := make(chan struct{})
	go func() {
		defer close(told)
		slow.link.Tell("told ")
	}()
	if _, err := slow.backend.Write([]byte("answer")); err != nil {
		t.Fatal(err)
	}
	for _, r := range others {
		if _, err := r.widget.Write([]byte("hello")); err != nil {
			t.Fatal(err)
		}
		expect(t, r.backend, "hello")
	}
	close(b.leave)
	expect(t, slow.backend, "first told ")
	<-told
	expect(t, slow.widget, "answer")
}

// heavyEvent is an event that brings many bytes.
type heavyEvent struct{}

func (heavyEvent) Weight() int { return many + 1 }

// TestWorkOnAHeavyEventHoldsUpNobodyElse: bytes that come with an event count, too.
func TestWorkOnAHeavyEventHoldsUpNobodyElse(t *testing.T) {
	g := run(t, transport.Config{})
	entered, leave := make(chan struct{}), make(chan struct{})
	slow := connect(t, g, &tunnel{onTell: func(any, *transport.Output) {
		close(entered)
		<-leave
	}}, "")
	told := make(chan struct{})
	go func() {
		defer close(told)
		slow.link.Tell(heavyEvent{})
	}()
	<-entered
	for range 2 * runtime.GOMAXPROCS(0) {
		r := connect(t, g, &tunnel{}, "")
		if _, err := r.widget.Write([]byte("hello")); err != nil {
			t.Fatal(err)
		}
		expect(t, r.backend, "hello")
	}
	close(leave)
	<-told
}

// TestPanicUnderMuchClosesOnlyItsOwnBridge: also when the call was given a
// goroutine of its own.
func TestPanicUnderMuchClosesOnlyItsOwnBridge(t *testing.T) {
	caught := make(chan any, 1)
	b := &tunnel{panics: true, weight: many}
	r := start(t, b, transport.Config{Panicked: func(reason any) { caught <- reason }}, "")
	if _, err := r.widget.Write([]byte("x")); err != nil {
		t.Fatal(err)
	}
	<-caught
	<-r.done
	r.link.Tell("too late")
	if r.link.Replace(transport.Backend, transport.End{}, "") {
		t.Error("a bridge that panicked took a socket")
	}
}

// TestLastWordsOfAPeerThatHangsUp: whatever a peer sent before it went arrives.
func TestLastWordsOfAPeerThatHangsUp(t *testing.T) {
	r := start(t, &tunnel{}, transport.Config{}, "")
	words := bytes.Repeat([]byte("a long farewell "), 100_000)
	go func() {
		_, _ = r.backend.Write(words)
		_ = r.backend.Close()
	}()
	_ = r.widget.SetReadDeadline(time.Now().Add(2 * time.Minute))
	got, err := io.ReadAll(r.widget)
	if err != nil || !bytes.Equal(got, words) {
		t.Fatalf("%d bytes of %d, %v", len(got), len(words), err)
	}
}

// TestSlowPeerIsWaitedFor: a peer that pauses holds up the one that feeds it, and
// then gets everything.
func TestSlowPeerIsWaitedFor(t *testing.T) {
	r := start(t, &tunnel{}, transport.Config{}, "")
	words := stream(1, 0, 32<<20) // more than all the buffers on the way
	sent := make(chan error, 1)
	go func() {
		_, err := r.backend.Write(words)
		sent <- err
	}()
	expect(t, r.widget, string(words[:1]))
	select {
	case err := <-sent:
		t.Fatalf("32 MiB were taken for a peer that reads nothing (%v)", err)
	case <-time.After(100 * time.Millisecond): // not sent, however long one waits
	}
	expect(t, r.widget, string(words[1:]))
	if err := <-sent; err != nil {
		t.Fatal(err)
	}
}

// TestCloseWaitsForWhatIsQueued: the end of a side comes behind everything that was
// sent to it, however late its peer reads.
func TestCloseWaitsForWhatIsQueued(t *testing.T) {
	words := stream(1, 0, 16<<20)
	b := &tunnel{onTell: func(_ any, out *transport.Output) {
		out.Send[transport.Widget] = append(out.Send[transport.Widget], words...)
		out.Close[transport.Widget] = true
	}}
	r := start(t, b, transport.Config{Queue: 32 << 20}, "")
	r.link.Tell("speak")
	expect(t, r.widget, string(words))
	if n, err := r.widget.Read(make([]byte, 1)); n != 0 || !errors.Is(err, io.EOF) {
		t.Fatalf("behind the last word: %d, %v", n, err)
	}
}

// stream is a pseudo-random stream of bytes that tells who sent it.
func stream(id, side, n int) []byte {
	var seed [32]byte
	binary.LittleEndian.PutUint64(seed[:], uint64(id))
	seed[31] = byte(side)
	p := make([]byte, n)
	_, _ = rand.NewChaCha8(seed).Read(p)
	return p
}

// TestManyPeersOfManyKinds: bridges come and go by the hundred, with peers that are
// quick, slow, rude or silent, and their descriptors' numbers are used again and
// again. Nobody ever gets a byte that was not for him, each bridge ends once, and
// every descriptor is given back.
func TestManyPeersOfManyKinds(t *testing.T) {
	before := descriptors(t)
	t.Cleanup(func() { settled(t, before) }) // after the transport has ended
	g := run(t, transport.Config{Linger: 100 * time.Millisecond, Stall: 500 * time.Millisecond})
	const workers, rounds = 16, 12
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			r := rand.New(rand.NewPCG(uint64(w), 1))
			for i := range rounds {
				visit(t, g, r, w*rounds+i)
			}
		})
	}
	wg.Wait()
}

// visit is the life of one bridge.
func visit(t *testing.T, g *transport.Transport, r *rand.Rand, id int) {
	t.Helper()
	b := &tunnel{}
	if r.IntN(4) == 0 {
		b.weight = many
	}
	b.onTell = func(event any, out *transport.Output) {
		switch event {
		case "abort":
			out.Abort = [2]bool{true, true}
		case "close":
			out.Close = [2]bool{true, true}
		}
	}
	var near, far [2]net.Conn
	for s := range near {
		near[s], far[s] = pipe(t)
	}
	var link transport.Link
	done := make(chan struct{})
	g.Start(b, transport.End{Conn: far[0]}, transport.End{Conn: far[1]}, func(l transport.Link) { link = l }, func() { close(done) })

	var wg sync.WaitGroup
	for s, conn := range near {
		n, rude, size, pause := r.IntN(200_000), r.IntN(3) == 0, 1+r.IntN(8<<10), r.IntN(3) == 0
		wg.Go(func() { // speaks, and may leave in the middle
			_, _ = conn.Write(stream(id, s, n))
			if rude {
				_ = conn.(*net.TCPConn).SetLinger(0)
				_ = conn.Close()
			}
		})
		wg.Go(func() { // listens
			want := stream(id, 1-s, 200_000)
			_ = conn.SetReadDeadline(time.Now().Add(2 * time.Minute))
			for got, p := 0, make([]byte, size); ; {
				n, err := conn.Read(p)
				if !bytes.Equal(p[:n], want[got:got+n]) {
					t.Errorf("bridge %d: side %d got what was not for it", id, s)
				}
				got += n
				if err != nil {
					return
				}
				if pause {
					runtime.Gosched()
				}
			}
		})
	}
	switch r.IntN(4) {
	case 0:
		link.Tell("abort")
	case 1:
		link.Tell("close")
	case 2:
		_ = near[r.IntN(2)].(*net.TCPConn).CloseWrite()
	default:
		_ = near[r.IntN(2)].Close()
	}
	<-done
	for _, conn := range near {
		_ = conn.Close()
	}
	wg.Wait()
}

// roundTrip returns a function that sends n bytes up and n down.
func roundTrip(tb testing.TB, r *rig, n int) func() {
	tb.Helper()
	p := make([]byte, n)
	return func() {
		for _, way := range [2][2]net.Conn{{r.widget, r.backend}, {r.backend, r.widget}} {
			if _, err := way[0].Write(p); err != nil {
				tb.Fatal(err)
			}
			if _, err := io.ReadFull(way[1], p); err != nil {
				tb.Fatal(err)
			}
		}
	}
}

// BenchmarkRoundTrip is one message up and one down, by a bridge that does nothing
// to them; the peers' own calls are part of it.
func BenchmarkRoundTrip(b *testing.B) {
	b.Run(kind.String(), func(b *testing.B) {
		trip := roundTrip(b, start(b, &tunnel{}, transport.Config{}, ""), 300)
		b.ReportAllocs()
		for b.Loop() {
			trip()
		}
	})
}
