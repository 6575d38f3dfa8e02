package transport

import (
	"errors"
	"fmt"
	"net"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// poller waits for sockets with epoll, edge-triggered as Go's own poller is:
// what a socket can do is told once, when that becomes so, and whoever hears it
// remembers. Nothing is armed and disarmed, so a message costs no further call.
//
// Every socket is known by an id that is never used again. A descriptor's number
// is, so an event could otherwise reach whoever has that number next.
type poller struct {
	epoll, event int      // descriptors
	file         *os.File // of epoll
	raw          syscall.RawConn
	looking      func(uintptr) bool // look, made once
	until        time.Time          // deadline of file
	past         bool               // it has passed
	found        int                // events that the last look has met
	events       [128]unix.EpollEvent
}

// wakeID stands for the poller's own event.
const wakeID = 0

// edges is what is asked of every socket.
const edges = unix.EPOLLIN | unix.EPOLLOUT | unix.EPOLLRDHUP | unix.EPOLLET

func openPoller() (*poller, error) {
	epoll, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("epoll_create: %w", err)
	}
	event, err := unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK)
	if err != nil {
		_ = unix.Close(epoll)
		return nil, fmt.Errorf("eventfd: %w", err)
	}
	_ = unix.SetNonblock(epoll, true) // so that os.NewFile hands it to Go's poller
	p := &poller{epoll: epoll, event: event, file: os.NewFile(uintptr(epoll), "epoll")}
	p.looking = p.look
	p.raw, err = p.file.SyscallConn()
	if err == nil {
		err = p.file.SetReadDeadline(time.Time{}) // fails unless it was taken
	}
	if err == nil {
		err = p.watch(event, wakeID)
	}
	if err != nil {
		p.close()
		return nil, fmt.Errorf("poller: %w", err)
	}
	return p, nil
}

func (p *poller) close() {
	_, _ = p.file.Close(), unix.Close(p.event)
}

// watch tells of a descriptor under an id, beginning with what it can do now.
// Closing the descriptor ends that.
func (p *poller) watch(fd int, id uint64) error {
	e := unix.EpollEvent{Events: edges, Fd: int32(uint32(id)), Pad: int32(id >> 32)} //nolint:gosec // two halves of the id
	if err := unix.EpollCtl(p.epoll, unix.EPOLL_CTL_ADD, fd, &e); err != nil {
		return fmt.Errorf("epoll_ctl: %w", err)
	}
	return nil
}

// wake ends a wait, from any goroutine.
func (p *poller) wake() {
	_, _ = unix.Write(p.event, []byte{1, 0, 0, 0, 0, 0, 0, 0})
}

// calm takes back what wake has written.
func (p *poller) calm() {
	var count [8]byte
	_, _ = unix.Read(p.event, count[:])
}

// wait returns the events there are; with stay it waits for some until then, for
// ever when that is zero. They are valid until the next call.
//
// The waiting itself is left to Go's poller, to which an epoll descriptor is one
// more that becomes readable: no thread sits in the system meanwhile, and the
// scheduler has no processor to take back from it.
func (p *poller) wait(until time.Time, stay bool) []unix.EpollEvent {
	p.found = 0
	if !stay {
		p.look(0)
		return p.events[:p.found]
	}
	p.wakeAt(until)
	if p.raw.Read(p.looking) != nil { // the deadline, at which nothing was looked for
		p.past = true
		p.look(0)
	}
	return p.events[:p.found]
}

// wakeAt sees to it that a wait ends by then. It may end sooner: deadlines that
// move on, as they do with every message, are not worth a timer each time.
func (p *poller) wakeAt(until time.Time) {
	if !p.past && (until.IsZero() || !p.until.IsZero() && !until.Before(p.until)) {
		return
	}
	p.until, p.past = until, false
	_ = p.file.SetReadDeadline(until)
}

// look reports whether there are events.
func (p *poller) look(uintptr) bool {
	p.found, _ = look(p.epoll, p.events[:]) // an error is EINTR
	return p.found > 0
}

// idOf returns the id under which the socket of an event is watched.
func idOf(e *unix.EpollEvent) uint64 {
	return uint64(uint32(e.Pad))<<32 | uint64(uint32(e.Fd)) //nolint:gosec // two halves of the id
}

// take makes the descriptors of plain TCP conns ours: each is doubled and its
// conn closed, so that Go's poller forgets it while the socket stays open. It
// leaves all conns alone and returns false when one of them is no plain TCP or
// there are no descriptors left.
func take(conns ...net.Conn) ([]int, bool) {
	fds := make([]int, 0, len(conns))
	for _, c := range conns {
		fd, err := double(c)
		if err != nil {
			for _, fd := range fds {
				_ = unix.Close(fd)
			}
			return nil, false
		}
		fds = append(fds, fd)
	}
	for _, c := range conns {
		_ = c.Close()
	}
	return fds, true
}

// double returns another descriptor of a conn's socket, non-blocking as the first.
func double(c net.Conn) (int, error) {
	tcp, ok := c.(*net.TCPConn)
	if !ok {
		return 0, errors.New("no plain TCP")
	}
	raw, err := tcp.SyscallConn()
	if err != nil {
		return 0, fmt.Errorf("descriptor: %w", err)
	}
	fd, fault := -1, error(nil)
	if err := raw.Control(func(of uintptr) { fd, fault = unix.FcntlInt(of, unix.F_DUPFD_CLOEXEC, 0) }); err != nil {
		return 0, fmt.Errorf("descriptor: %w", err)
	}
	if fault != nil {
		return 0, fmt.Errorf("dup: %w", fault)
	}
	return fd, nil
}
