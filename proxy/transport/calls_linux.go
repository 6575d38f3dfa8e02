package transport

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// The calls that a message costs. None of them waits, so the scheduler is not told
// of them: it would take the processor away from a loop that is in one of them for
// more than 20 us, as a busy machine often is, and watch all the closer for it.

// look returns how many events there are, at once.
func look(epoll int, events []unix.EpollEvent) (int, error) {
	return result(unix.RawSyscall6(unix.SYS_EPOLL_PWAIT, uintptr(epoll), uintptr(unsafe.Pointer(unsafe.SliceData(events))), uintptr(len(events)), 0, 0, 0)) //nolint:gosec // the pointer lives as long as the call
}

// receive reads from a socket that does not block. For sockets recv and send are
// shorter ways than read and write.
func receive(fd int, p []byte) (int, error) {
	return result(unix.RawSyscall6(unix.SYS_RECVFROM, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(p))), uintptr(len(p)), 0, 0, 0)) //nolint:gosec // the pointer lives as long as the call
}

// send writes to a socket that does not block.
func send(fd int, p []byte) (int, error) {
	return result(unix.RawSyscall6(unix.SYS_SENDTO, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(p))), uintptr(len(p)), unix.MSG_NOSIGNAL, 0, 0)) //nolint:gosec // the pointer lives as long as the call
}

func result(n, _ uintptr, errno unix.Errno) (int, error) {
	if errno != 0 {
		return 0, errno
	}
	return int(n), nil
}
