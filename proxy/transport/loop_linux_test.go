package transport

import (
	"maps"
	"net"
	"os"
	"slices"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// counting is a bridge that counts its calls and aborts both sides with the first
// bytes that arrive.
type counting struct{ received, lost int }

func (b *counting) Receive(_ Side, _ []byte, _ time.Time, out *Output) {
	b.received++
	out.Abort = [2]bool{true, true}
}
func (b *counting) Lost(Side, error, time.Time, *Output) { b.lost++ }
func (b *counting) Tell(any, time.Time, *Output)         {}
func (b *counting) Tick(time.Time, *Output)              {}
func (b *counting) Weight() int                          { return 0 }

// still returns loops that do not run: the test turns one itself.
func still(t *testing.T) (*loops, *loop) {
	t.Helper()
	ls := newLoops(Config{Stall: time.Minute, Queue: 1 << 20, Linger: time.Second})
	if ls == nil {
		t.Fatal("no loops")
	}
	for _, l := range ls.all[1:] {
		l.poller.close()
	}
	ls.all = ls.all[:1]
	l := ls.all[0]
	t.Cleanup(func() {
		for _, k := range l.sockets {
			k.end(net.ErrClosed)
			k.of.bury()
		}
		ls.wg.Wait()
		l.poller.close()
	})
	return ls, l
}

// ends returns the two ends of a bridge, and their peers.
func ends(t *testing.T) (near [2]net.Conn, far [2]End) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	for s := range far {
		if near[s], err = net.Dial("tcp", listener.Addr().String()); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = near[s].Close() })
		if far[s].Conn, err = listener.Accept(); err != nil {
			t.Fatal(err)
		}
	}
	return near, far
}

// begin starts a bridge and returns the numbers of its descriptors, in order.
func begin(t *testing.T, ls *loops, b Bridge, far [2]End) (numbers []int) {
	t.Helper()
	if !ls.start(b, far, func(l Link) {
		for _, k := range l.(*pair).sides {
			numbers = append(numbers, k.fd)
		}
	}, nil) {
		t.Fatal("not taken")
	}
	ls.all[0].open()
	slices.Sort(numbers)
	return numbers
}

// fill opens files until every number up to the one given is in use.
func fill(t *testing.T, number int) {
	t.Helper()
	for {
		f, err := os.Open(os.DevNull)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = f.Close() })
		if int(f.Fd()) > number {
			return
		}
	}
}

// TestEventOfAClosedSocketReachesNobody: events that were met together with the one
// that closed their socket are thrown away, though the descriptor's number already
// belongs to somebody else.
func TestEventOfAClosedSocketReachesNobody(t *testing.T) {
	ls, l := still(t)
	first := &counting{}
	near, far := ends(t)
	_, next := ends(t)
	numbers := begin(t, ls, first, far)
	fill(t, numbers[1])
	l.serve(l.poller.wait(time.Time{}, false)) // all can be written to
	for _, c := range near {
		if _, err := c.Write([]byte("the last word")); err != nil {
			t.Fatal(err)
		}
		if err := c.(*net.TCPConn).CloseWrite(); err != nil {
			t.Fatal(err)
		}
	}
	met := map[uint64]unix.EpollEvent{}
	for ends := 0; ends < 2; {
		for _, e := range l.poller.wait(time.Time{}, true) {
			if e.Events&unix.EPOLLRDHUP != 0 {
				ends++
			}
			e.Events |= met[idOf(&e)].Events
			met[idOf(&e)] = e
		}
	}
	stale := slices.Collect(maps.Values(met))
	l.serve(stale[:1])
	if first.received != 1 || first.lost != 2 || len(l.sockets) != 0 {
		t.Fatalf("received %d, lost %d, %d sockets left", first.received, first.lost, len(l.sockets))
	}

	second := &counting{}
	if again := begin(t, ls, second, next); !slices.Equal(numbers, again) {
		t.Fatalf("the system gave the numbers %v after %v", again, numbers)
	}
	l.serve(stale[1:])
	for _, k := range l.sockets {
		if k.ready || k.hungUp {
			t.Error("a socket heard what happened to another")
		}
	}
	if second.received != 0 || second.lost != 0 {
		t.Errorf("received %d, lost %d", second.received, second.lost)
	}
}

// TestConnsThatAreNoPlainTCPAreLeftAlone: and with them the plain one beside them.
func TestConnsThatAreNoPlainTCPAreLeftAlone(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	plain, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	other, end := net.Pipe()
	if _, ok := take(plain, other); ok {
		t.Fatal("taken")
	}
	if err := plain.SetDeadline(time.Time{}); err != nil {
		t.Errorf("the plain conn is not what it was: %v", err)
	}
	for _, c := range []net.Conn{plain, other, end} {
		_ = c.Close()
	}
}
