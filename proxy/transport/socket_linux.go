package transport

import (
	"errors"
	"io"
	"net"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// socket is one side of a pair: a descriptor and what is known about it. At rest
// it holds no buffer.
type socket struct {
	of   *pair
	id   uint64 // by which the poller knows it
	fd   int    // below zero once closed
	side Side

	ready   bool // there may be something to read
	hungUp  bool // what there is to read has an end, so that a short read is not the last
	broken  bool // nothing can be written any more
	closing bool // nothing may follow the queue
	shut    bool // the writing direction is shut
	lost    bool // the bridge was told

	queue []byte    // waits to be written
	until time.Time // the peer must take something, or be done, by then
	err   error     // why it was closed
}

// notice does what a socket has become ready for.
func (p *pair) notice(k *socket, events uint32) {
	if events&unix.EPOLLOUT != 0 {
		k.flush()
	}
	if events&^unix.EPOLLOUT != 0 {
		k.ready = true
		k.hungUp = k.hungUp || events&(unix.EPOLLRDHUP|unix.EPOLLHUP|unix.EPOLLERR) != 0
		p.read(k.side)
	}
	p.bury()
}

// mayRead reports whether the bridge may be handed more: not while it is busy,
// nor while a peer is slow to take what it has coming.
func (p *pair) mayRead() bool {
	return !p.busy && len(p.sides[Widget].queue) <= pauseAt && len(p.sides[Backend].queue) <= pauseAt
}

// resume has the loop read what was not read before.
func (p *pair) resume() {
	if !p.queued && (p.sides[Widget].ready || p.sides[Backend].ready) && p.mayRead() {
		p.queued = true
		p.loop.again = append(p.loop.again, p)
	}
}

// read reads once from a side. Whoever sends without end has the loop no longer
// than others have it.
func (p *pair) read(s Side) {
	k := &p.sides[s]
	room := p.loop.room() // first, since it may have bridges called, which may close k
	if !k.ready || k.fd < 0 || !p.mayRead() {
		return
	}
	n, err := receive(k.fd, room)
	switch {
	case errors.Is(err, unix.EAGAIN):
		k.ready = false
		if k.broken { // it will not say more
			k.end(net.ErrClosed)
		}
	case errors.Is(err, unix.EINTR):
	case err != nil:
		k.end(os.NewSyscallError("read", err))
	case n == 0:
		k.end(io.EOF)
	default:
		k.ready = n == readLimit || k.hungUp
		p.loop.arrived(k, n)
	}
	p.bury()
	p.resume()
}

// put writes bytes, or queues what the peer does not take at once.
func (k *socket) put(p []byte, closing, abort bool) {
	if k.fd < 0 {
		return
	}
	if abort {
		k.end(net.ErrClosed)
		return
	}
	if len(p) > 0 && !k.closing && !k.broken {
		if len(k.queue) == 0 {
			p = k.write(p)
		}
		if len(p) > 0 && !k.broken {
			k.wait(p)
		}
	}
	k.closing = k.closing || closing
	k.shutDown()
}

// wait queues bytes.
func (k *socket) wait(p []byte) {
	cfg := &k.of.loop.t.cfg
	if len(k.queue) == 0 {
		k.allow(cfg.Stall)
	}
	k.queue = append(k.queue, p...)
	if len(k.queue) > cfg.Queue {
		k.end(ErrSlow)
	}
}

// allow gives the peer some time.
func (k *socket) allow(d time.Duration) {
	k.until = time.Now().Add(d)
	k.of.file(k.until)
}

// write writes what the peer takes now and returns the rest.
func (k *socket) write(p []byte) []byte {
	for len(p) > 0 {
		n, err := send(k.fd, p)
		switch {
		case errors.Is(err, unix.EAGAIN):
			return p
		case errors.Is(err, unix.EINTR):
		case err != nil:
			// What the peer said before it went is still read.
			k.broken, k.ready, k.hungUp = true, true, true
			k.queue, k.until = nil, time.Time{}
			k.of.resume()
			return nil
		default:
			p = p[n:]
		}
	}
	return nil
}

// flush writes what waits.
func (k *socket) flush() {
	if len(k.queue) == 0 || k.fd < 0 {
		return
	}
	before := len(k.queue)
	k.queue = k.write(k.queue)
	switch {
	case k.broken:
	case len(k.queue) == 0:
		k.queue, k.until = nil, time.Time{}
		k.shutDown()
	case len(k.queue) < before:
		k.allow(k.of.loop.t.cfg.Stall)
	}
	k.of.resume()
}

// shutDown ends the writing direction once everything is written, and leaves the
// peer a moment for what it still sends, so that our last words are not lost in a
// reset.
func (k *socket) shutDown() {
	if !k.closing || k.shut || k.fd < 0 || len(k.queue) > 0 {
		return
	}
	k.shut = true
	if unix.Shutdown(k.fd, unix.SHUT_WR) != nil {
		k.end(net.ErrClosed)
		return
	}
	k.allow(k.of.loop.t.cfg.Linger)
}

// check ends a socket whose time is up.
func (k *socket) check(now time.Time) {
	switch {
	case k.fd < 0 || k.until.IsZero():
	case now.Before(k.until):
		k.of.file(k.until)
	case k.shut:
		k.end(os.ErrDeadlineExceeded)
	default:
		k.end(ErrSlow)
	}
}

// end closes the socket; pair.bury tells the bridge.
func (k *socket) end(err error) {
	if k.fd < 0 {
		return
	}
	delete(k.of.loop.sockets, k.id)
	_ = unix.Close(k.fd)
	k.fd, k.err, k.queue, k.ready = -1, err, nil, false
}
