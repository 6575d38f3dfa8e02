package transport

import (
	"crypto/tls"
	"errors"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// link is one bridge over two sockets.
type link struct {
	t     *goroutines
	done  func()
	open  atomic.Int32 // readers that have not ended
	sides [2]side

	mu     sync.Mutex // hands the bridge to one caller at a time
	bridge Bridge
	wanted time.Time // deadline filed in the wheel, zero for none
	over   bool      // the bridge panicked and is not called again
	lost   [2]bool   // sides without a socket

	filed filed
}

// side is what waits to be written to one socket.
//
// There is no writing goroutine: whoever has bytes for an idle side becomes
// its writer until the queue is empty. For a reading goroutine that is the
// back-pressure; others hand the writing to a goroutine that ends with it.
type side struct {
	conn net.Conn

	mu      sync.Mutex
	room    sync.Cond // signalled when the queue shrank or the side ended
	queue   *chunk    // nil when nothing waits
	writing bool
	closing bool // no more bytes after the queue
	ended   bool // the socket is unusable
	slow    bool // since the peer took too little
}

// chunk is bytes to be written. Those that are not in use are shared, so that a
// side at rest holds none.
type chunk struct{ p []byte }

var (
	outputs pool[Output]
	chunks  pool[chunk]
)

// add appends to a chunk, which is made when there is none.
func (c *chunk) add(p []byte) *chunk {
	if c == nil {
		c = chunks.get()
	}
	c.p = append(c.p, p...)
	return c
}

// size is how many bytes a chunk holds.
func (c *chunk) size() int {
	if c == nil {
		return 0
	}
	return len(c.p)
}

// free gives a chunk back that has been written.
func (c *chunk) free() {
	if c != nil && cap(c.p) <= pauseAt {
		c.p = c.p[:0]
		chunks.put(c)
	}
}

// step hands one event to the bridge and carries out what it returns. With
// inline, the caller itself writes and may be held up by a slow peer.
func (l *link) step(inline bool, event func(Bridge, *Output)) {
	out := outputs.get()
	out.reset()
	l.mu.Lock()
	if l.over {
		l.mu.Unlock()
		return
	}
	l.call(event, out)
	var write [2]bool
	for s := range l.sides {
		write[s] = l.sides[s].put(out.Send[s], out.Close[s], out.Abort[s], l.t.cfg.Queue)
	}
	if !out.Next.IsZero() && (l.wanted.IsZero() || out.Next.Before(l.wanted)) {
		l.wanted = out.Next
		l.t.wheel.set(&l.filed, out.Next)
	}
	l.mu.Unlock()
	out.shrink()
	outputs.put(out)
	for s := range l.sides {
		switch {
		case !write[s]:
		case inline:
			l.write(Side(s))
		default:
			l.t.wg.Go(func() { l.write(Side(s)) })
		}
	}
}

// call guards against a bridge that panics: both its sockets are closed, all
// other bridges live on.
func (l *link) call(event func(Bridge, *Output), out *Output) {
	defer func() {
		if reason := recover(); reason != nil {
			l.over = true
			out.reset()
			out.Abort = [2]bool{true, true}
			if l.t.cfg.Panicked != nil {
				l.t.cfg.Panicked(reason)
			}
		}
	}()
	event(l.bridge, out)
}

// Tell implements [Link].
func (l *link) Tell(event any) {
	l.step(false, func(b Bridge, out *Output) { b.Tell(event, time.Now(), out) })
}

// tick implements ticking.
func (l *link) tick(now time.Time) {
	l.step(false, func(b Bridge, out *Output) {
		l.wanted = time.Time{}
		b.Tick(now, out)
	})
}

// Replace implements [Link].
func (l *link) Replace(s Side, end End, event any) bool {
	if !l.revive(s) {
		return false
	}
	l.sides[s].renew(end.Conn)
	l.Tell(event)
	go l.read(s, end.Conn, end.Early)
	return true
}

// revive counts a reader for a side that was lost, unless the bridge has ended.
func (l *link) revive(s Side) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.over || !l.lost[s] {
		return false
	}
	for n := l.open.Load(); n > 0; n = l.open.Load() {
		if l.open.CompareAndSwap(n, n+1) {
			l.lost[s] = false
			l.t.wg.Add(1)
			return true
		}
	}
	return false
}

// read feeds the bridge from one socket until that socket ends.
func (l *link) read(s Side, conn net.Conn, early []byte) {
	defer l.t.wg.Done()
	if len(early) > 0 {
		l.receive(s, early)
	}
	buf := make([]byte, readSize)
	for {
		n, err := conn.Read(buf)
		if n > 0 {
			l.receive(s, buf[:n])
		}
		if err != nil {
			l.lose(s, err)
			break
		}
	}
	if l.open.Add(-1) == 0 {
		l.t.wheel.drop(&l.filed)
		if l.done != nil {
			l.done()
		}
	}
}

func (l *link) receive(s Side, p []byte) {
	l.step(true, func(b Bridge, out *Output) { b.Receive(s, p, time.Now(), out) })
	for i := range l.sides {
		l.sides[i].wait(pauseAt)
	}
}

// lose ends a side and tells the bridge.
func (l *link) lose(s Side, err error) {
	if l.sides[s].end() {
		err = ErrSlow
	}
	l.step(true, func(b Bridge, out *Output) {
		l.lost[s] = true
		b.Lost(s, err, time.Now(), out)
	})
}

// put queues bytes and reports whether the caller has become the writer.
func (d *side) put(p []byte, closing, abort bool, bound int) (write bool) {
	if len(p) == 0 && !closing && !abort {
		return false
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.ended {
		return false
	}
	if !d.closing {
		if len(p) > 0 {
			d.queue = d.queue.add(p)
		}
		d.closing = closing
	}
	if d.slow = d.queue.size() > bound; abort || d.slow {
		d.ended = true
		d.room.Broadcast()
		_ = d.conn.Close() // the reader of this side sees it and tells the bridge
		return false
	}
	if d.writing {
		return false
	}
	d.writing = true
	return true
}

// renew gives a side that has ended another socket.
func (d *side) renew(conn net.Conn) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for d.writing { // the last writer of the old socket is on its way out
		d.room.Wait()
	}
	d.conn, d.queue, d.closing, d.ended, d.slow = conn, nil, false, false, false
}

// wait returns when at most n bytes are queued or the side has ended.
func (d *side) wait(n int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for d.queue.size() > n && !d.ended {
		d.room.Wait()
	}
}

// end marks the side as unusable, closes its socket and reports whether it was
// cut off because its peer was slow.
func (d *side) end() (slow bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.ended = true
	d.queue = nil
	d.room.Broadcast()
	_ = d.conn.Close()
	return d.slow
}

// write empties the queue of a side; the caller has become its writer by put.
func (l *link) write(s Side) {
	d := &l.sides[s]
	d.mu.Lock()
	defer d.mu.Unlock()
	for d.queue != nil && !d.ended {
		c := d.queue
		d.queue = nil
		d.mu.Unlock()
		err := l.send(d.conn, c.p)
		c.free()
		d.mu.Lock()
		if err != nil {
			d.slow = errors.Is(err, os.ErrDeadlineExceeded)
			d.ended = true
			_ = d.conn.Close()
		}
		d.room.Broadcast()
	}
	d.writing = false
	d.room.Broadcast()
	if d.closing && !d.ended {
		l.shut(d.conn)
	}
}

// How send writes: a call takes no more than a step, so that progress shows, and is asked for it so often within the
// time allowed. A TLS conn is of no use any more after a call that timed out, so it has all the time for a step the
// size of one of its records.
const (
	sendStep    = 64 << 10
	sendStepTLS = 16 << 10
	sendLooks   = 10
)

// send writes p. A peer that takes at least one byte within the time allowed is
// slow, not stalled.
func (l *link) send(conn net.Conn, p []byte) error {
	step, look := sendStep, l.t.cfg.Stall/sendLooks
	_, once := conn.(*tls.Conn)
	if once {
		step, look = sendStepTLS, l.t.cfg.Stall
	}
	for took := time.Now(); len(p) > 0; {
		if err := conn.SetWriteDeadline(time.Now().Add(look)); err != nil {
			return err
		}
		n, err := conn.Write(p[:min(len(p), step)])
		p = p[n:]
		if n > 0 {
			took = time.Now()
		}
		if err != nil && (once || !errors.Is(err, os.ErrDeadlineExceeded) || time.Since(took) >= l.t.cfg.Stall) {
			return err
		}
	}
	return nil
}

// shut ends the writing direction and leaves the reader a moment for what the
// peer still sends, so that our last frame is not lost in a reset.
func (l *link) shut(conn net.Conn) {
	half, ok := conn.(interface{ CloseWrite() error })
	if !ok || half.CloseWrite() != nil || conn.SetReadDeadline(time.Now().Add(l.t.cfg.Linger)) != nil {
		_ = conn.Close()
	}
}
