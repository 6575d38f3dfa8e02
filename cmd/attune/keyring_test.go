package main

import (
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"attune/proxy/proxytest"
)

// TestServeFollowsTheTokens replaces the file of tokens without a signal: whoever is
// taken out is out, whoever is new is in, at the console as at the metrics, and a file
// with a fault changes nothing.
func TestServeFollowsTheTokens(t *testing.T) {
	const mia, noah, prom, newProm = "mia-0123456789abcdef", "noah-0123456789abcdef", "prom-0123456789abcdef", "new-prom-0123456789abcdef"
	file := filepath.Join(t.TempDir(), "tokens")
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(file+".new", []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(file+".new", file); err != nil {
			t.Fatal(err)
		}
	}
	write("mia:agent:" + mia + "\n")
	p := start(t, []string{testBot(t), testRules(t), "ATTUNE_TOKENS_FILE=" + file, "ATTUNE_DRAIN=0"}, "serve")
	listening := p.log("listening")
	api, metrics := "http://"+listening["console"]+"/api/v1/me", "http://"+listening["admin"]+"/metrics"
	answers := func(url, token string, want int) {
		t.Helper()
		for deadline := time.Now().Add(proxytest.Timeout); ; time.Sleep(10 * time.Millisecond) {
			status, _ := get(t, "GET", url, "Authorization", "Bearer "+token)
			if status == want {
				return
			}
			if time.Now().After(deadline) {
				t.Fatalf("%s answers %d to %s, want %d", url, status, token, want)
			}
		}
	}
	answers(api, mia, http.StatusOK)
	answers(metrics, "", http.StatusOK) // nobody has a token for them

	write("noah:agent:" + noah + "\nprom:metrics:" + prom + "\n")
	answers(api, mia, http.StatusUnauthorized)
	answers(api, noah, http.StatusOK)
	answers(metrics, "", http.StatusUnauthorized)
	answers(metrics, prom, http.StatusOK)

	write("noah:boss:" + noah + "\n")
	p.log("tokens not loaded, the old ones stay")
	answers(api, noah, http.StatusOK)

	const short = "open"
	write("noah:agent:" + noah + "\nmia:agent:" + short + "\n")
	p.log("tokens of less than 16 characters can be guessed: have a machine draw them")
	answers(api, short, http.StatusOK)

	write("noah:agent:" + noah + "\nprom:metrics:" + newProm + "\n")
	answers(metrics, newProm, http.StatusOK)
	answers(metrics, prom, http.StatusUnauthorized)
}
