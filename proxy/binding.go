package proxy

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"
)

// The name of Attune's cookie. The __Host- prefix ties it to the host and to
// TLS; browsers refuse it on plain http.
const (
	cookieName       = "attune"
	secureCookieName = "__Host-attune"
)

// binding is the secret that ties a widget to its session: Attune's cookie, or
// else a credential of the widget's own. What a frame says about the session
// only correlates.
type binding struct {
	secret string
	// fresh: the secret was made just now, so nothing can be stored under it.
	fresh bool
	// set is the cookie to give to the widget, nil when it has one.
	set *http.Cookie
}

// bind finds the binding in the upgrade, or makes one.
func bind(r *http.Request, c caller) binding {
	name := cookieName
	if c.secure {
		name = secureCookieName
	}
	if had, err := r.Cookie(name); err == nil && len(had.Value) >= 26 && len(had.Value) <= 128 {
		return binding{secret: "cookie:" + had.Value}
	}
	secret := rand.Text()
	cookie := &http.Cookie{Name: name, Value: secret, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode}
	if c.secure {
		cookie.Secure, cookie.SameSite, cookie.Partitioned = true, http.SameSiteNoneMode, true
	}
	if credential := credentialBinding(r); credential != "" {
		return binding{secret: credential}
	}
	return binding{secret: "cookie:" + secret, fresh: true, set: cookie}
}

// credentialBinding returns the binding by the widget's own credential, "" when
// it shows none.
func credentialBinding(r *http.Request) string {
	if credential := credentialOf(r); credential != "" {
		return bindingBy(credential)
	}
	return ""
}

// bearerBinding is the binding of a widget that shows a bearer token.
func bearerBinding(token string) string { return bindingBy("authorization Bearer " + token) }

func bindingBy(credential string) string {
	sum := sha256.Sum256([]byte(credential))
	return "credential:" + hex.EncodeToString(sum[:])
}

// credentialOf returns the credential that a widget showed in a request: the
// Authorization header or one that stands for it, or a token in the query as
// widgets in browsers send it.
func credentialOf(r *http.Request) string {
	for _, name := range []string{"authorization", "x-auth-token", "x-user-key", "x-amz-bearer"} {
		if v := r.Header.Get(name); v != "" {
			return name + " " + v
		}
	}
	query := r.URL.Query()
	for _, name := range []string{"access_token", "token", "urlToken", "pubsub_token", "x-user-key"} {
		if v := query.Get(name); len(v) >= 16 {
			return name + " " + v
		}
	}
	return ""
}

// foreignCookies returns the Cookie header without Attune's own.
func foreignCookies(r *http.Request) string {
	var keep []string
	for _, line := range r.Header.Values("Cookie") {
		for part := range strings.SplitSeq(line, ";") {
			part = strings.TrimSpace(part)
			name, _, _ := strings.Cut(part, "=")
			if part != "" && name != cookieName && name != secureCookieName {
				keep = append(keep, part)
			}
		}
	}
	return strings.Join(keep, "; ")
}
