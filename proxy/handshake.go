package proxy

import (
	"encoding/base64"
	"net/http"
	"strings"

	"github.com/gorilla/websocket"
)

// maxURI bounds the request line; the head as a whole is bounded by the
// listener's MaxHeaderBytes.
const maxURI = 4 << 10

// maxHeaders bounds how many header lines a request may have.
const maxHeaders = 100

// version13 is the one version of the protocol there is; a widget that speaks
// another is told so (RFC 6455, section 4.4).
const version13, faultVersion = "13", "version"

// badHandshake tells what is wrong with a request to open a socket, or "" if
// nothing is. gorilla/websocket would refuse some of it, too, but only when the
// backend has seen it. The answer is always the same bare 400 (or 414); the word
// goes to the log.
func badHandshake(r *http.Request) (status int, fault string) {
	switch {
	case len(r.RequestURI) > maxURI:
		return http.StatusRequestURITooLong, "uri_too_long"
	case folded(r):
		return http.StatusBadRequest, "folded_header"
	case !r.ProtoAtLeast(1, 1):
		return http.StatusBadRequest, "http_version"
	case r.Method != http.MethodGet:
		return http.StatusBadRequest, "method"
	case lines(r.Header) > maxHeaders:
		return http.StatusRequestHeaderFieldsTooLarge, "too_many_headers"
	case r.ContentLength != 0 || len(r.TransferEncoding) > 0:
		return http.StatusBadRequest, "body"
	case !plainPath(r.RequestURI):
		return http.StatusBadRequest, "path"
	case !websocket.IsWebSocketUpgrade(r) || !strings.EqualFold(strings.TrimSpace(r.Header.Get("Upgrade")), "websocket"):
		return http.StatusBadRequest, "no_upgrade"
	}
	for _, name := range []string{"Upgrade", "Sec-Websocket-Key", "Sec-Websocket-Version"} {
		if len(r.Header.Values(name)) != 1 {
			return http.StatusBadRequest, "header_count"
		}
	}
	if r.Header.Get("Sec-Websocket-Version") != version13 {
		return http.StatusBadRequest, faultVersion
	}
	if key, err := base64.StdEncoding.DecodeString(r.Header.Get("Sec-Websocket-Key")); err != nil || len(key) != 16 {
		return http.StatusBadRequest, "key"
	}
	return 0, ""
}

// offeredBy are the subprotocols that a widget offers, in order, whether it names
// them in one line or in several.
func offeredBy(r *http.Request) (names []string) {
	for _, line := range r.Header.Values("Sec-Websocket-Protocol") {
		for name := range strings.SplitSeq(line, ",") {
			if name = strings.TrimSpace(name); name != "" {
				names = append(names, name)
			}
		}
	}
	return names
}

func lines(h http.Header) (n int) {
	for _, v := range h {
		n += len(v)
	}
	return n
}

// plainPath reports whether the request target is an absolute path in its
// canonical spelling. A backend must never see a path outside its base, in no
// reading of it: dot segments (plain or encoded, once or twice), encoded
// slashes, backslashes, empty segments, parameters, NUL and fragments are
// refused.
func plainPath(target string) bool {
	path, _, _ := strings.Cut(target, "?")
	if !strings.HasPrefix(path, "/") || strings.Contains(target, "#") {
		return false
	}
	low := strings.ToLower(path)
	for _, bad := range []string{"//", "\\", ";", "\x00", "%00", "%2e", "%2f", "%5c", "%25", "%3b"} {
		if strings.Contains(low, bad) {
			return false
		}
	}
	for segment := range strings.SplitSeq(path, "/") {
		if segment == "." || segment == ".." {
			return false
		}
	}
	return true
}

// passed are the headers of a widget that reach the backend, beside what the
// handshake itself and the forwarding headers need.
var passed = []string{"Authorization", "Origin", "User-Agent", "Accept-Language", "X-Twilio-Signature", "Traceparent", "Tracestate"}

// upstreamHeader builds the head of the request to the backend afresh.
func upstreamHeader(r *http.Request, c caller) http.Header {
	h := http.Header{}
	for _, name := range passed {
		if v := r.Header.Get(name); v != "" {
			h.Set(name, v)
		}
	}
	if cookies := foreignCookies(r); cookies != "" {
		h.Set("Cookie", cookies)
	}
	forwarded(h, r, c)
	return h
}

// forwarded says who asks, and where.
func forwarded(h http.Header, r *http.Request, c caller) {
	by, proto := c.addr.String(), "http"
	if c.secure {
		proto = "https"
	}
	if v := r.Header.Values("X-Forwarded-For"); c.viaProxy && len(v) > 0 {
		by = strings.Join(v, ", ")
	}
	h.Set("X-Forwarded-For", by)
	h.Set("X-Forwarded-Proto", proto)
	h.Set("X-Forwarded-Host", c.host)
}
