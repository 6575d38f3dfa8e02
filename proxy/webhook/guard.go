package webhook

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"syscall"
)

// ErrAddress says that the address to be dialled is one that this desk must not
// reach. The name may lead elsewhere another time.
var ErrAddress = errors.New("webhook: the address may not be reached")

// guard judges the address that is really dialled, after names were resolved, so
// that no name, spelling or second answer of a resolver gets around it.
type guard struct {
	private bool // one's own networks too, but for link-local addresses
	public  bool // addresses on the Internet
}

// control is net.Dialer.ControlContext.
func (g guard) control(_ context.Context, _, address string, _ syscall.RawConn) error {
	ap, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("%w: not an IP address", ErrAddress)
	}
	switch where(ap.Addr()) {
	case onInternet:
		if g.public {
			return nil
		}
		return fmt.Errorf("%w: plain http is for private addresses alone", ErrAddress)
	case inHouse:
		if g.private {
			return nil
		}
		return fmt.Errorf("%w: it is private (allow_private: true would admit it)", ErrAddress)
	default:
		return fmt.Errorf("%w: it is no host's", ErrAddress)
	}
}

// place is where an address leads.
type place uint8

const (
	nowhere place = iota // no single host, or one that answers to whoever asks, such as a cloud's metadata
	inHouse              // loopback and private networks
	onInternet
)

// special are the networks that are not simply on the Internet (IANA's registries
// of special-purpose addresses). What contains an IPv4 address is that address.
var special = []struct {
	net   netip.Prefix
	place place
}{
	{netip.MustParsePrefix("127.0.0.0/8"), inHouse},
	{netip.MustParsePrefix("10.0.0.0/8"), inHouse},
	{netip.MustParsePrefix("172.16.0.0/12"), inHouse},
	{netip.MustParsePrefix("192.168.0.0/16"), inHouse},
	{netip.MustParsePrefix("100.64.0.0/10"), inHouse}, // carriers' NAT, and clusters
	{netip.MustParsePrefix("0.0.0.0/8"), nowhere},
	{netip.MustParsePrefix("169.254.0.0/16"), nowhere}, // link-local, metadata
	{netip.MustParsePrefix("192.0.0.0/24"), nowhere},
	{netip.MustParsePrefix("192.0.2.0/24"), nowhere},
	{netip.MustParsePrefix("198.18.0.0/15"), nowhere},
	{netip.MustParsePrefix("198.51.100.0/24"), nowhere},
	{netip.MustParsePrefix("203.0.113.0/24"), nowhere},
	{netip.MustParsePrefix("224.0.0.0/3"), nowhere}, // multicast and beyond
	{netip.MustParsePrefix("::1/128"), inHouse},
	{netip.MustParsePrefix("fc00::/7"), inHouse},
	{netip.MustParsePrefix("fd00:ec2::/32"), nowhere}, // metadata again
	{netip.MustParsePrefix("100.100.100.200/32"), nowhere},
	{netip.MustParsePrefix("fd20:ce::254/128"), nowhere},
	{netip.MustParsePrefix("2001::/23"), nowhere}, // Teredo and others
	{netip.MustParsePrefix("2001:db8::/32"), nowhere},
	{netip.MustParsePrefix("2002::/16"), nowhere}, // 6to4
	{netip.MustParsePrefix("3fff::/20"), nowhere},
	{netip.MustParsePrefix("5f00::/16"), nowhere},
}

var (
	global = netip.MustParsePrefix("2000::/3")
	nat64  = netip.MustParsePrefix("64:ff9b::/96")
)

// where tells where an address leads; the narrowest special network decides.
func where(a netip.Addr) place {
	a = a.Unmap().WithZone("")
	if nat64.Contains(a) {
		b := a.As16()
		a = netip.AddrFrom4([4]byte(b[12:]))
	}
	found, bits := nowhere, -1
	if a.Is4() || global.Contains(a) {
		found = onInternet
	}
	for _, s := range special {
		if s.net.Contains(a) && s.net.Bits() > bits {
			found, bits = s.place, s.net.Bits()
		}
	}
	return found
}
