package main

import (
	"net/http"
	"net/http/cookiejar"
	"strings"
	"syscall"
	"testing"

	"github.com/gorilla/websocket"
)

func TestDemo(t *testing.T) {
	p := start(t, []string{"ATTUNE_BACKEND_URL=ws://elsewhere.example"}, "demo", "--page", "127.0.0.1:0")
	widget, console, metrics := p.line(), p.line(), p.line()
	page, ok1 := strings.CutPrefix(widget, "widget: ")
	login, ok2 := strings.CutPrefix(console, "console: ")
	scrape, ok3 := strings.CutPrefix(metrics, "metrics: ")
	if !ok1 || !ok2 || !ok3 {
		t.Fatalf("stdout:\n%s\n%s\n%s", widget, console, metrics)
	}
	if !strings.Contains(p.said(), "ATTUNE_BACKEND_URL has no effect") {
		t.Error("a variable is passed over in silence")
	}

	// The page says where its socket goes; the socket leads to the bot.
	_, config := get(t, http.MethodGet, page+"config.json")
	_, rest, _ := strings.Cut(config, `"port":"`)
	widgets, _, _ := strings.Cut(rest, `"`)
	ws, _, err := websocket.DefaultDialer.DialContext(t.Context(), "ws://127.0.0.1:"+widgets+"/chat", http.Header{"Origin": {strings.TrimSuffix(page, "/")}})
	if err != nil {
		t.Fatal(err)
	}
	defer ws.Close()
	w := talker{t, ws}
	w.send(`{"text":"I was charged twice for March, 49.90 each time.","session":"demo-1"}`)
	if got := w.hear(); got.Said != "You must enter your invoice number." || got.Text == "" {
		t.Errorf("the bot says %+v", got)
	}
	// A page from elsewhere may not.
	if _, resp, err := websocket.DefaultDialer.DialContext(t.Context(), "ws://127.0.0.1:"+widgets+"/chat", http.Header{"Origin": {"http://elsewhere.example"}}); err == nil || resp.StatusCode != http.StatusForbidden {
		t.Errorf("a foreign page gets %v", resp)
	}

	// The link logs in, once; the page makes more.
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	browser := &http.Client{Jar: jar}
	visit := func(url string) string {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := browser.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		return resp.Request.URL.Path
	}
	if path := visit(login); path != "/console/" {
		t.Errorf("the log-in link leads to %s", path)
	}
	browser.Jar = nil
	if path := visit(login); path == "/console/" {
		t.Error("the log-in link works twice")
	}
	if browser.Jar, err = cookiejar.New(nil); err != nil {
		t.Fatal(err)
	}
	if path := visit(page + "console"); path != "/console/" {
		t.Errorf("the page's link leads to %s", path)
	}
	if status, body := get(t, http.MethodGet, scrape); status != 200 || !strings.Contains(body, "attune_sessions") {
		t.Errorf("%s answers %d", scrape, status)
	}

	p.signal(syscall.SIGINT)
	if code := p.exit(); code != exitOK {
		t.Errorf("exit code %d, want 0", code)
	}
}
