package proxy

import (
	"net/http"
	"net/netip"
	"strings"

	"attune/proxy/wire"
)

// caller is who calls and where, as far as it can be believed: what the request
// itself says, or, where it comes from a trusted proxy, what that says of it.
type caller struct {
	addr     netip.Addr
	viaProxy bool
	host     string // that was called, with its port where it has one
	secure   bool   // over TLS
}

// callerOf reads a request.
func (s *Server) callerOf(r *http.Request) caller {
	c := caller{host: r.Host, secure: s.cfg.Secure}
	c.addr, c.viaProxy = s.addresses.of(r)
	if !c.viaProxy {
		return c
	}
	if v := first(r.Header.Get("X-Forwarded-Host")); v != "" {
		c.host = v
	}
	if v := first(r.Header.Get("X-Forwarded-Proto")); v != "" {
		c.secure = overTLS(v)
	}
	return c
}

// EndedTLS reports whether a request came over TLS that ended in a trusted proxy, for
// handlers on another listener than the widgets'.
func (s *Server) EndedTLS(r *http.Request) bool {
	_, viaProxy := s.addresses.of(r)
	return viaProxy && overTLS(first(r.Header.Get("X-Forwarded-Proto")))
}

// overTLS tells whether a scheme is one over TLS.
func overTLS(scheme string) bool {
	return strings.EqualFold(scheme, "https") || strings.EqualFold(scheme, "wss")
}

// first is the first entry of a list in a header: what the widget itself asked.
func first(list string) string {
	v, _, _ := strings.Cut(list, ",")
	return strings.TrimSpace(v)
}

// place is where the widget called, for addresses that lead there too. The backend
// lies under base, and Attune does not.
func (c caller) place(base string) wire.Place {
	return wire.Place{Host: c.host, Secure: c.secure, Base: base}
}
