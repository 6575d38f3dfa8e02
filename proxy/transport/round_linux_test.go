package transport

import (
	"io"
	"net"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// scripted is a bridge of which the test says what it does with bytes.
type scripted struct {
	counting
	weight  int
	receive func(from Side, p []byte, out *Output)
}

func (b *scripted) Receive(from Side, p []byte, _ time.Time, out *Output) { b.receive(from, p, out) }
func (b *scripted) Weight() int                                           { return b.weight }

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
