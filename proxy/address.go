package proxy

import (
	"net/http"
	"net/netip"
	"strings"
	"sync"
)

// addresses tells who really calls, and how many sockets each address holds.
type addresses struct {
	trusted []netip.Prefix

	mu    sync.Mutex
	count map[netip.Addr]int
}

func newAddresses(trusted []netip.Prefix) *addresses {
	return &addresses{trusted: trusted, count: map[netip.Addr]int{}}
}

// of returns the address of the widget: the socket's, or, where that is a
// trusted proxy, the rightmost entry of X-Forwarded-For that is not one.
func (a *addresses) of(r *http.Request) (addr netip.Addr, viaProxy bool) {
	port, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}, false
	}
	addr = port.Addr().Unmap()
	if !a.trusts(addr) {
		return addr, false
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0; i-- {
		hop, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			break
		}
		addr = hop.Unmap()
		if !a.trusts(addr) {
			break
		}
	}
	return addr, true
}

func (a *addresses) trusts(addr netip.Addr) bool {
	for _, p := range a.trusted {
		if p.Contains(addr) {
			return true
		}
	}
	return false
}

// enter counts a socket in, unless the address holds limit already; 0 means no
// limit.
func (a *addresses) enter(addr netip.Addr, limit int) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if limit > 0 && a.count[addr] >= limit {
		return false
	}
	a.count[addr]++
	return true
}

// leave counts a socket out.
func (a *addresses) leave(addr netip.Addr) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.count[addr]--; a.count[addr] <= 0 {
		delete(a.count, addr)
	}
}
