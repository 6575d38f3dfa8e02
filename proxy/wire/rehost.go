package wire

import "strings"

// Place is where widgets reach Attune.
type Place struct {
	Host   string // host, and port when it is not the scheme's own
	Secure bool   // over TLS
	Base   string // path under which the backend lies and Attune does not, "" for none
}

// Rehost returns an absolute address (ws, wss, http, https) of the backend as a widget reaches it: the same path and
// query at the place given. False when it is no such address.
func (at Place) Rehost(address string) (string, bool) {
	scheme, rest, ok := strings.Cut(address, "://")
	if !ok {
		return "", false
	}
	switch strings.ToLower(scheme) {
	case "ws", "wss":
		scheme = "ws"
	case "http", "https":
		scheme = "http"
	default:
		return "", false
	}
	if at.Secure {
		scheme += "s"
	}
	end := strings.IndexAny(rest, "/?#")
	if end < 0 {
		end = len(rest)
	}
	if end == 0 { // no host
		return "", false
	}
	path := rest[end:]
	if base := strings.TrimSuffix(at.Base, "/"); base != "" && strings.HasPrefix(path, base) {
		if below := path[len(base):]; below == "" || strings.ContainsRune("/?#", rune(below[0])) {
			path = below
		}
	}
	return scheme + "://" + at.Host + path, true
}
