package proxy

import (
	"net/http"
	"strings"

	"attune/metrics"
)

// A widget's page is never on Attune's own origin, so that browsers ask whether
// it may send requests here and read the answers (CORS). The list of origins is
// Attune's, so Attune answers; a preflight never reaches the backend. An answer
// of the backend keeps what the backend says of this itself.

// permitFor is how long a browser need not ask again, in seconds.
const permitFor = "600"

// isPreflight reports whether a request asks if another one may be sent.
func isPreflight(r *http.Request) bool {
	return r.Method == http.MethodOptions && r.Header.Get("Origin") != "" && r.Header.Get("Access-Control-Request-Method") != ""
}

// permit answers a preflight for a path that has routes for some methods.
func (v *visit) permit(methods []string) {
	if status := badRequest(v.r); status != 0 {
		v.refuse(status, metrics.RequestMalformed)
		return
	}
	h := v.w.Header()
	h.Add("Vary", "Origin, Access-Control-Request-Method, Access-Control-Request-Headers")
	if !v.route.origins.admit(v.r, v.c.host) {
		v.refuse(http.StatusForbidden, metrics.RequestOrigin)
		return
	}
	v.s.metrics.Request(metrics.RequestPreflight)
	h.Set("Access-Control-Allow-Origin", v.r.Header.Get("Origin"))
	h.Set("Access-Control-Allow-Credentials", "true")
	h.Set("Access-Control-Allow-Methods", strings.Join(methods, ", "))
	if asked := v.r.Header.Values("Access-Control-Request-Headers"); len(asked) > 0 {
		h.Set("Access-Control-Allow-Headers", strings.Join(asked, ", "))
	}
	h.Set("Access-Control-Max-Age", permitFor)
	v.w.WriteHeader(http.StatusNoContent)
}

// share lets the page that sent a request read the answer, unless the answer
// says itself who may.
func (v *visit) share(h http.Header) {
	origin := v.r.Header.Get("Origin")
	if origin == "" || h.Get("Access-Control-Allow-Origin") != "" {
		return
	}
	h.Set("Access-Control-Allow-Origin", origin)
	h.Set("Access-Control-Allow-Credentials", "true")
	h.Add("Vary", "Origin")
}

// admitPage judges the origin of an HTTP request. Browsers leave it out of what
// a page asks of its own host, and say so in a header that no page can write.
func (o origins) admitPage(r *http.Request, host string) bool {
	if len(r.Header.Values("Origin")) > 0 || r.Header.Get("Sec-Fetch-Site") != "same-origin" {
		return o.admit(r, host)
	}
	host = strings.ToLower(host)
	return o.same || o.all || o.none || o.list["https://"+host] || o.list["http://"+host]
}
