package transport

import (
	"io"
	"net"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// scripted is a bridge of which the test says what it does.
type scripted struct {
	counting
	weight  int
	receive func(from Side, p []byte, out *Output)
	onLost  func()
}

func (b *scripted) Receive(from Side, p []byte, _ time.Time, out *Output) { b.receive(from, p, out) }
func (b *scripted) Weight() int                                           { return b.weight }
func (b *scripted) Lost(Side, error, time.Time, *Output) {
	if b.onLost != nil {
		b.onLost()
	}
}

// serveOnce sends a word from both peers and turns the loop once, when both have arrived.
func serveOnce(t *testing.T, l *loop, near [2]net.Conn) {
	t.Helper()
	l.serve(l.poller.wait(time.Time{}, false)) // all can be written to
	for s, c := range near {
		if _, err := c.Write([]byte(Side(s).String())); err != nil {
			t.Fatal(err)
		}
	}
	met := map[uint64]unix.EpollEvent{}
	for len(met) < 2 {
		for _, e := range l.poller.wait(time.Time{}, true) {
			met[idOf(&e)] = e
		}
	}
	var events []unix.EpollEvent
	for _, k := range l.sockets { // in any order
		events = append(events, met[k.id])
	}
	l.serve(events)
}

// rest returns what a peer reads until the end.
func rest(t *testing.T, c net.Conn) string {
	t.Helper()
	if err := c.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	p, err := io.ReadAll(c)
	if err != nil {
		t.Fatal(err)
	}
	return string(p)
}

// TestASocketAbortedInARoundIsNotHandedOver: what both sides said was read, then
// the first call of the bridge ended both.
func TestASocketAbortedInARoundIsNotHandedOver(t *testing.T) {
	ls, l := still(t)
	b := &counting{}
	near, far := ends(t)
	begin(t, ls, b, far)
	serveOnce(t, l, near)
	if b.received != 1 || b.lost != 2 || len(l.sockets) != 0 {
		t.Errorf("received %d, lost %d, %d sockets left", b.received, b.lost, len(l.sockets))
	}
}

// TestAnEndStandsBehindWhatWasSentBefore: two calls of one round, of which the second
// ends the socket that the first has written to.
func TestAnEndStandsBehindWhatWasSentBefore(t *testing.T) {
	ls, l := still(t)
	b := &scripted{receive: func(from Side, p []byte, out *Output) {
		out.Send[Backend] = append(out.Send[Backend], p...)
		out.Close[Backend] = from == Backend
	}}
	near, far := ends(t)
	begin(t, ls, b, far)
	serveOnce(t, l, near)
	if got := rest(t, near[Backend]); got != "widgetbackend" {
		t.Errorf("the backend got %q", got)
	}
}

// TestWhatArrivesForABusyBridgeWaits: both sides were read in one round, and what the
// first said takes long.
func TestWhatArrivesForABusyBridgeWaits(t *testing.T) {
	ls, l := still(t)
	leave := make(chan struct{})
	var heard []string
	b := &scripted{weight: heavy, receive: func(from Side, p []byte, _ *Output) {
		if from == Widget {
			<-leave
		}
		heard = append(heard, string(p))
	}}
	near, far := ends(t)
	begin(t, ls, b, far)
	serveOnce(t, l, near)
	close(leave)
	var p *pair
	for _, k := range l.sockets {
		p = k.of
	}
	for deadline := time.Now().Add(10 * time.Second); p.busy; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the bridge is busy for ever")
		}
		l.open() // calls beside the loop come back by mail
	}
	if len(heard) != 2 || heard[0] != "widget" || heard[1] != "backend" {
		t.Errorf("heard %q", heard)
	}
}

// TestMakingRoomMayCloseWhatIsToBeRead: there is no room for what a socket has to say until others are handed over, and
// that closes it. Its descriptor's number belongs to somebody else by then, from whom nothing may be read.
func TestMakingRoomMayCloseWhatIsToBeRead(t *testing.T) {
	ls, l := still(t)
	const secret = "for somebody else"
	var others []int
	b := &scripted{receive: func(_ Side, _ []byte, out *Output) { out.Abort = [2]bool{true, true} }}
	b.onLost = func() {
		fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_NONBLOCK, 0)
		if err != nil {
			t.Error(err)
			return
		}
		others = append(others, fds[:]...)
		for _, fd := range fds {
			if _, err := unix.Write(fd, []byte(secret)); err != nil {
				t.Error(err)
			}
		}
	}
	_, far := ends(t)
	numbers := begin(t, ls, b, far)
	l.serve(l.poller.wait(time.Time{}, false))
	var p *pair
	for _, k := range l.sockets {
		p = k.of
	}
	l.arrived(&p.sides[Widget], 1)
	l.filled = roundRoom - readLimit + 1
	p.sides[Backend].ready = true
	p.read(Backend)
	l.handOver()
	if len(others) == 0 || others[0] != numbers[0] && others[0] != numbers[1] {
		t.Fatalf("the system gave the numbers %v after %v", others, numbers)
	}
	for _, fd := range others {
		var room [64]byte
		if n, err := unix.Read(fd, room[:]); err != nil || string(room[:n]) != secret {
			t.Errorf("left to read: %q, %v", room[:max(n, 0)], err)
		}
		_ = unix.Close(fd)
	}
}
