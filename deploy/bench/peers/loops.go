package peers

import (
	"context"
	"net"
	"sync"
	"time"

	"attune/proxy/transport"
)

// Loops passes bytes on between widgets and the backend at a host and port until ctx
// ends, on the event loops that Attune has. It reads nothing, not even the
// handshake: what is left of Attune where nothing is judged.
func Loops(ctx context.Context, l net.Listener, backend string) error {
	asked := ctx
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	t := transport.New(transport.Config{})
	defer context.AfterFunc(ctx, func() { _ = l.Close() })()
	var running, dialling sync.WaitGroup
	running.Go(func() { _ = t.Run(ctx) }) // has no error
	for {
		widget, err := l.Accept()
		if err != nil {
			over := asked.Err() != nil
			stop()
			dialling.Wait()
			running.Wait()
			if over {
				return nil
			}
			return err
		}
		dialling.Go(func() {
			bot, err := (&net.Dialer{}).DialContext(ctx, "tcp", backend)
			if err != nil {
				_ = widget.Close()
				return
			}
			b := &tunnel{}
			t.Start(b, transport.End{Conn: widget}, transport.End{Conn: bot}, func(link transport.Link) {
				b.stop = context.AfterFunc(ctx, func() { link.Tell(nil) })
			}, func() { b.stop() })
		})
	}
}

// tunnel sends each side what the other says.
type tunnel struct{ stop func() bool }

// Receive implements [transport.Bridge].
func (*tunnel) Receive(from transport.Side, p []byte, _ time.Time, out *transport.Output) {
	out.Send[from.Other()] = append(out.Send[from.Other()], p...)
}

// Lost implements [transport.Bridge].
func (*tunnel) Lost(side transport.Side, _ error, _ time.Time, out *transport.Output) {
	out.Close[side.Other()] = true
}

// Tell implements [transport.Bridge]. There is but one thing to tell: that it is over.
func (*tunnel) Tell(_ any, _ time.Time, out *transport.Output) { out.Abort = [2]bool{true, true} }

// Weight implements [transport.Bridge].
func (*tunnel) Weight() int { return 0 }

// Tick implements [transport.Bridge].
func (*tunnel) Tick(time.Time, *transport.Output) {}
