package console

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/gorilla/websocket"
)

// visitor is who a request comes from.
type visitor struct {
	Identity
	login *login // nil when a bearer token was sent
	token digest // of the bearer token
}

// identify finds out who a request comes from: the bearer token when there
// is an Authorization header (a wrong one is not made good by a cookie),
// else the log-in cookie.
func (c *Console) identify(r *http.Request) (visitor, bool) {
	if h := r.Header.Values("Authorization"); len(h) > 0 {
		scheme, token, _ := strings.Cut(h[0], " ")
		if len(h) > 1 || !strings.EqualFold(scheme, "Bearer") {
			return visitor{}, false
		}
		return c.bearer(strings.TrimSpace(token))
	}
	cookie, err := r.Cookie(c.cookieName(r))
	if err != nil {
		return visitor{}, false
	}
	lg, ok := c.logins.find(cookie.Value)
	if !ok {
		return visitor{}, false
	}
	return visitor{Identity: lg.who, login: lg}, true
}

func (c *Console) bearer(token string) (visitor, bool) {
	who, d, ok := c.logins.bearer(token)
	return visitor{Identity: who, token: d}, ok
}

// identifyAPI is identify for the API, where a browser program of another
// origin than ours, which cannot set headers on a WebSocket, may send its
// token as a subprotocol "bearer.TOKEN" (beside "attune", which is the one
// that the answer names). Nothing is ever taken from the query.
func (c *Console) identifyAPI(r *http.Request) (visitor, bool) {
	if token := bearerOffered(r); token != "" && len(r.Header.Values("Authorization")) == 0 {
		return c.bearer(token)
	}
	return c.identify(r)
}

// bearerOffered is the token among the subprotocols of an upgrade, "" for none.
func bearerOffered(r *http.Request) string {
	if !websocket.IsWebSocketUpgrade(r) {
		return ""
	}
	for _, p := range websocket.Subprotocols(r) {
		if token, ok := strings.CutPrefix(p, "bearer."); ok {
			return token
		}
	}
	return ""
}

// secure reports whether the browser speaks TLS, to us or to a proxy in
// front.
func (c *Console) secure(r *http.Request) bool {
	return r.TLS != nil || c.cfg.Secure != nil && c.cfg.Secure(r)
}

// cookieName is a name that browsers tie to this host where they can.
func (c *Console) cookieName(r *http.Request) string {
	if c.secure(r) {
		return "__Host-attune-console"
	}
	return "attune-console"
}

func (c *Console) cookie(r *http.Request, value string) *http.Cookie {
	k := &http.Cookie{
		Name: c.cookieName(r), Value: value, Path: "/",
		HttpOnly: true, SameSite: http.SameSiteStrictMode, Secure: c.secure(r),
		MaxAge: int(loginLife.Seconds()),
	}
	if value == "" {
		k.MaxAge = -1
	}
	return k
}

// refuse answers every request that may not do what it asks, whatever the
// reason, with the same body: the reason is for the log.
func refuse(w http.ResponseWriter, status int) {
	if status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", "Bearer")
	}
	writeError(w, status, problem{
		Error: "refused",
		Hint:  "log in at /console/ or send Authorization: Bearer with a token whose role allows this",
	})
}

// sameOrigin reports whether a WebSocket upgrade comes from our own page or
// from a program (no Origin). Upgrades are GET requests, which the
// cross-origin protection of unsafe methods lets pass.
func sameOrigin(r *http.Request) bool {
	h := r.Header.Values("Origin")
	if len(h) == 0 {
		return true
	}
	if len(h) > 1 {
		return false
	}
	u, err := url.Parse(h[0])
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.User == nil &&
		u.Path == "" && u.RawQuery == "" && u.Fragment == "" && strings.EqualFold(u.Host, r.Host)
}

// policy is the content security policy of every answer: our own files and
// nothing else, and no way from text into markup.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"

// guard puts the security headers on every answer and refuses cross-site
// requests that would change something.
func guard(next http.Handler) http.Handler {
	csrf := http.NewCrossOriginProtection()
	csrf.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		refuse(w, http.StatusForbidden)
	}))
	protected := csrf.Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
		h.Set("Cache-Control", "no-store")
		protected.ServeHTTP(w, r)
	})
}
