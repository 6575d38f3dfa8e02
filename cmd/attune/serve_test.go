package main

import (
	"crypto/tls"
	"errors"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// pack is a small set whose one rewrite is easy to see.
const pack = `pack: t
version: 1
locale: en
owner: test@example.com
rewrites:
  - id: no-sorry
    what: Leave the apology out.
    why: Nobody reads it.
    move: plain-words
    match: {text: "sorry, the thing is {state}"}
    say: ["The thing is {state}."]
    examples: [{in: "Sorry, the thing is broken.", out: "The thing is broken."}]
`

// testBot starts a bot that knows one sentence, and returns what leads to it.
func testBot(t *testing.T) string {
	t.Helper()
	bot, err := startDemoBot(t.Context(), &script{Greeting: "Hello!", Fallback: "Sorry, the thing is broken."}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(bot.stop)
	bot.bot.pause = 0
	return "ATTUNE_BACKEND_URL=ws://" + bot.listener.net.Addr().String()
}

// testRules writes the pack out, and returns what leads to it.
func testRules(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "t.yaml"), []byte(pack), 0o600); err != nil {
		t.Fatal(err)
	}
	return "ATTUNE_RULES=" + dir
}

// closeCode reads until the peer closes, and returns the code.
func (w talker) closeCode() int {
	w.t.Helper()
	for {
		if _, _, err := w.ws.ReadMessage(); err != nil {
			var closed *websocket.CloseError
			if !errors.As(err, &closed) {
				w.t.Fatalf("the socket ended without a close: %v", err)
			}
			return closed.Code
		}
	}
}

func TestServe(t *testing.T) {
	p := start(t, []string{testBot(t), testRules(t), "ATTUNE_ORIGINS=none", "ATTUNE_DRAIN=0"}, "serve")
	at := p.log("listening")
	admin := "http://" + at["admin"]

	w := dial(t, "ws://"+at["widgets"]+"/chat")
	w.send(`{"text":"are you there?","session":"s1"}`)
	if got := w.hear(); got.Text != "The thing is broken." || got.Said != "Sorry, the thing is broken." || got.Session != "s1" {
		t.Errorf("the bot's answer came as %+v", got)
	}
	for _, tt := range []struct {
		name, method, path string
		status             int
		contains           string
	}{
		{"alive", "GET", "/-/healthy", 200, "healthy"},
		{"ready", "GET", "/-/ready", 200, "ready"},
		{"customer counted", "GET", "/metrics", 200, `attune_messages_total{direction="upstream",role="customer"} 1`},
		{"bot counted", "GET", "/metrics", 200, `attune_messages_total{direction="downstream",role="bot"} 1`},
		{"rewrite counted", "GET", "/metrics", 200, `attune_rewrites_total{outcome="applied",rule="no-sorry"} 1`},
		{"store named", "GET", "/metrics", 200, `attune_store_info{mode="embedded"} 1`},
		{"rules named", "GET", "/metrics", 200, `slot="active"} 1`},
		{"version named", "GET", "/metrics", 200, `attune_build_info{goversion="go1.`},
		{"reload", "POST", "/-/reload", 200, `"ok":true`},
		{"profiles", "GET", "/debug/pprof/cmdline", 200, "attune"},
		{"drain wants POST", "GET", "/-/drain", 405, ""},
	} {
		if status, body := get(t, tt.method, admin+tt.path); status != tt.status || !strings.Contains(body, tt.contains) {
			t.Errorf("%s: %s %s answers %d without %q", tt.name, tt.method, tt.path, status, tt.contains)
		}
	}
	if status, _ := get(t, "GET", "http://"+at["console"]+"/api/v1/queue"); status != http.StatusUnauthorized && status != http.StatusForbidden {
		t.Errorf("the console's API answers a stranger with %d", status)
	}
	if status, _ := get(t, "GET", admin+"/-/healthy", "Host", "evil.example"); status != http.StatusForbidden {
		t.Errorf("a page that rebinds its name gets %d from the admin listener, want 403", status)
	}
	if strings.Contains(p.said(), "are you there") {
		t.Error("the log holds what the customer said")
	}

	p.signal(syscall.SIGTERM)
	if code := w.closeCode(); code != 1012 {
		t.Errorf("the widget was closed with %d, want 1012", code)
	}
	if code := p.exit(); code != exitOK {
		t.Errorf("exit code %d, want 0", code)
	}
}

func TestServeDrainByRequest(t *testing.T) {
	p := start(t, []string{testBot(t), testRules(t), "ATTUNE_DRAIN=0"}, "serve")
	if status, _ := get(t, "POST", "http://"+p.log("listening")["admin"]+"/-/drain"); status != http.StatusAccepted {
		t.Errorf("POST /-/drain answers %d, want 202", status)
	}
	if code := p.exit(); code != exitOK {
		t.Errorf("exit code %d, want 0", code)
	}
}

func TestServeSecondSignal(t *testing.T) {
	p := start(t, []string{testBot(t), testRules(t), "ATTUNE_DRAIN=1h"}, "serve")
	p.log("listening")
	p.signal(syscall.SIGTERM)
	p.log("draining")
	p.signal(syscall.SIGTERM)
	if code := p.exit(); code != exitFailure {
		t.Errorf("exit code %d, want 2", code)
	}
	if !strings.Contains(p.said(), "attune: error: stopped at once by a second signal") {
		t.Errorf("said:\n%s", p.said())
	}
}

func TestServeReloads(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "t.yaml")
	tokens := filepath.Join(dir, "tokens")
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(file, pack)
	write(tokens, "prom:metrics:0123456789abcdef\n")
	p := start(t, []string{testBot(t), "ATTUNE_RULES=" + dir, "ATTUNE_TOKENS_FILE=" + tokens, "ATTUNE_DRAIN=0"}, "serve")
	first := p.log("rules in force")["digest"]
	admin := "http://" + p.log("listening")["admin"]
	if told := p.log("nobody can come to customers who ask for a person: no token in ATTUNE_TOKENS_FILE has the role agent; ATTUNE_MODE=observe-all promises nobody"); told["level"] != "WARN" {
		t.Errorf("that no agent has a token is told as %v", told)
	}

	// A bad set changes nothing.
	write(file, strings.Replace(pack, "what:", "wat:", 1))
	p.signal(syscall.SIGHUP)
	p.log("rules not loaded, the set in force stays")
	if finding := p.log("finding in the rules"); finding["file"] != file || finding["hint"] == "" {
		t.Errorf("a finding is told as %v", finding)
	}
	metrics := func() string {
		_, body := get(t, "GET", admin+"/metrics", "Authorization", "Bearer 0123456789abcdef")
		return body
	}
	if body := metrics(); !strings.Contains(body, `attune_rules_info{digest="`+first+`",slot="active"} 1`) || !strings.Contains(body, `attune_rules_reloads_total{result="error"} 1`) {
		t.Error("after a bad reload the metrics do not tell of the old set and the error")
	}
	if status, body := get(t, "POST", admin+"/-/reload"); status != http.StatusUnprocessableEntity || !strings.Contains(body, "wat") {
		t.Errorf("POST /-/reload answers %d:\n%s", status, body)
	}

	// A good one does.
	write(file, strings.ReplaceAll(pack, "The thing is", "This is"))
	if status, body := get(t, "POST", admin+"/-/reload"); status != http.StatusOK || strings.Contains(body, first) {
		t.Errorf("POST /-/reload answers %d:\n%s", status, body)
	}
	if status, _ := get(t, "GET", admin+"/metrics"); status != http.StatusUnauthorized {
		t.Errorf("/metrics answers %d without the token", status)
	}

	// What cannot be read is told of by its name.
	if err := os.Symlink(os.DevNull, filepath.Join(dir, "z.yaml")); err != nil {
		t.Fatal(err)
	}
	p.signal(syscall.SIGHUP)
	if told := p.log("the rules cannot be read"); !strings.Contains(told["error"], "z.yaml") {
		t.Errorf("a pack that cannot be read is told as %v", told)
	}

	// When it can, the rules are in force again, though they are the same as before.
	if err := os.Remove(filepath.Join(dir, "z.yaml")); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(patience); ; time.Sleep(settle) {
		if _, body := get(t, "GET", admin+"/-/ready"); strings.TrimSpace(body) == "ready" {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("what can be read again is not read")
		}
	}

	// Without any file nothing is judged, which is told.
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	p.log("these rules hold no pack: nothing is reworded, and nobody is brought in")
}

func TestServeTLS(t *testing.T) {
	cert, key := selfSigned(t, t.TempDir())
	p := start(t, []string{testBot(t), testRules(t), "ATTUNE_TLS_CERT=" + cert, "ATTUNE_TLS_KEY=" + key, "ATTUNE_ORIGINS=none", "ATTUNE_DRAIN=0"}, "serve")
	dialer := websocket.Dialer{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}
	ws, resp, err := dialer.DialContext(t.Context(), "wss://"+p.log("listening")["widgets"]+"/", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer ws.Close()
	if cookie := resp.Header.Get("Set-Cookie"); !strings.HasPrefix(cookie, "__Host-attune=") || !strings.Contains(cookie, "Secure") {
		t.Errorf("over TLS the cookie is %q", cookie)
	}
	if err := ws.WriteJSON(fromWidget{Text: "hi"}); err != nil {
		t.Fatal(err)
	}
	var got fromBot
	if err := ws.ReadJSON(&got); err != nil || got.Text != "The thing is broken." {
		t.Errorf("over TLS the bot says %+v (error %v)", got, err)
	}
}

func TestServeRefusesUsedPorts(t *testing.T) {
	first := start(t, []string{testBot(t), testRules(t), "ATTUNE_DRAIN=0"}, "serve")
	taken := first.log("listening")["widgets"]
	second := start(t, []string{testBot(t), testRules(t), "ATTUNE_LISTEN=" + taken}, "serve")
	if code := second.exit(); code != exitFailure {
		t.Errorf("exit code %d, want 2", code)
	}
	for _, want := range []string{"attune: error: " + taken + " is in use", "hint: stop what listens there, or give ATTUNE_LISTEN another port"} {
		if !strings.Contains(second.said(), want) {
			t.Errorf("no %q in:\n%s", want, second.said())
		}
	}
}
