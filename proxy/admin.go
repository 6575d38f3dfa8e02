package proxy

import (
	"net"
	"net/http"
	"net/http/pprof"
	"strings"

	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// AdminHandler answers operators and machines: health and readiness (open),
// metrics, profiles and the trace of a message that stayed too long (a token
// where one is set), reload, the switches of rules and drain. It is meant for
// a listener that only they can reach; requests for a foreign Host, as a page
// in a browser could send them, are refused. drain is called, once, when
// POST /-/drain asks for it.
func (s *Server) AdminHandler(drain func()) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /-/healthy", func(w http.ResponseWriter, _ *http.Request) { answer(w, http.StatusOK, "healthy") })
	mux.HandleFunc("GET /-/ready", s.readiness)
	mux.Handle("GET /metrics", s.guard(promhttp.HandlerFor(s.cfg.Gather, promhttp.HandlerOpts{EnableOpenMetrics: true})))
	mux.HandleFunc("POST /-/reload", s.reload)
	mux.HandleFunc("GET /-/rules", s.listRules)
	mux.HandleFunc("POST /-/rules/{id}/off", s.ruleSwitch(true))
	mux.HandleFunc("POST /-/rules/{id}/on", s.ruleSwitch(false))
	mux.HandleFunc("POST /-/drain", func(w http.ResponseWriter, _ *http.Request) {
		drain()
		answer(w, http.StatusAccepted, "draining")
	})
	for pattern, h := range map[string]http.Handler{
		"GET /debug/pprof/":        http.HandlerFunc(pprof.Index),
		"GET /debug/pprof/cmdline": http.HandlerFunc(pprof.Cmdline),
		"GET /debug/pprof/profile": http.HandlerFunc(pprof.Profile),
		"GET /debug/pprof/symbol":  http.HandlerFunc(pprof.Symbol),
		"GET /debug/pprof/trace":   http.HandlerFunc(pprof.Trace),
		"GET /debug/flight":        s.flight,
	} {
		mux.Handle(pattern, s.guard(h))
	}
	return checkHost(http.NewCrossOriginProtection().Handler(mux))
}

func answer(w http.ResponseWriter, status int, word string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(word + "\n"))
}

// readiness says whether a load balancer may send widgets here. A store that
// does not answer does not matter, nor do older rules: conversations go on.
func (s *Server) readiness(w http.ResponseWriter, _ *http.Request) {
	switch {
	case !s.ready.Load() || s.leaving.Load():
		answer(w, http.StatusServiceUnavailable, "not ready")
	case s.cfg.Store.Degraded():
		answer(w, http.StatusOK, "ready, degraded: the store does not answer, or refuses what is written")
	case s.lacking.Load():
		answer(w, http.StatusOK, "ready, degraded: the rules that should judge could not be loaded")
	default:
		answer(w, http.StatusOK, "ready")
	}
}

func (s *Server) reload(w http.ResponseWriter, _ *http.Request) {
	found, err := s.Reload()
	body := struct {
		OK     bool     `json:"ok"`
		Digest string   `json:"digest"`
		Faults []string `json:"faults,omitempty"`
	}{OK: err == nil, Digest: s.Rules().Digest()}
	for _, d := range found {
		body.Faults = append(body.Faults, d.String())
	}
	status := http.StatusOK
	if err != nil {
		status = http.StatusUnprocessableEntity
		if len(body.Faults) == 0 {
			body.Faults = []string{err.Error()}
		}
	}
	writeJSON(w, status, body)
}

// guard lets in whoever has the token for metrics, where one is set.
func (s *Server) guard(next http.Handler) http.Handler {
	if s.cfg.MetricsToken == nil {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		if !ok {
			token = ""
		}
		if !s.cfg.MetricsToken(token) {
			w.Header().Set("WWW-Authenticate", "Bearer")
			answer(w, http.StatusUnauthorized, "refused")
			return
		}
		next.ServeHTTP(w, r)
	})
}

// checkHost refuses requests whose Host is a name other than localhost, which
// is how a page that rebinds its own name to this machine would call. The host
// that was listened on and plain addresses are what tools use.
func checkHost(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host := r.Host
		if h, _, err := net.SplitHostPort(host); err == nil {
			host = h
		}
		host = strings.Trim(host, "[]")
		if net.ParseIP(host) == nil && !strings.EqualFold(host, "localhost") && !plainName(host) {
			answer(w, http.StatusForbidden, "refused: call this by an address, as localhost, or by a name without dots")
			return
		}
		next.ServeHTTP(w, r)
	})
}

// plainName reports whether a host is a single label, as containers call one
// another; no public name is.
func plainName(host string) bool { return host != "" && !strings.Contains(host, ".") }
