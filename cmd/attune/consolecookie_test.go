package main

import (
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestConsoleCookieBehindAProxy logs in through a proxy that ends TLS: where it is
// trusted, the cookie is one for TLS only.
func TestConsoleCookieBehindAProxy(t *testing.T) {
	const token = "mia-0123456789abcdef"
	file := filepath.Join(t.TempDir(), "tokens")
	if err := os.WriteFile(file, []byte("mia:agent:"+token+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct{ trusted, proto, begins, holds string }{
		"trusted":     {"127.0.0.1", "https", "__Host-attune-console=", "; Secure"},
		"plain":       {"127.0.0.1", "http", "attune-console=", "; SameSite=Strict"},
		"not trusted": {"10.0.0.1", "https", "attune-console=", "; SameSite=Strict"},
	} {
		t.Run(name, func(t *testing.T) {
			p := start(t, []string{testBot(t), testRules(t), "ATTUNE_TOKENS_FILE=" + file, "ATTUNE_TRUSTED_PROXIES=" + tt.trusted, "ATTUNE_DRAIN=0"}, "serve")
			body := strings.NewReader(url.Values{"token": {token}}.Encode())
			r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+p.log("listening")["console"]+"/console/login", body)
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.Header.Set("X-Forwarded-Proto", tt.proto)
			resp, err := http.DefaultTransport.RoundTrip(r)
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
			cookie := resp.Header.Get("Set-Cookie")
			if !strings.HasPrefix(cookie, tt.begins) || !strings.Contains(cookie, tt.holds) || strings.Contains(cookie, "Secure") != (name == "trusted") {
				t.Errorf("answered %d with the cookie %q", resp.StatusCode, cookie)
			}
		})
	}
}
