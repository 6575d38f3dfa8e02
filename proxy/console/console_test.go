package console_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"attune/proxy/console"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	viewerToken   = "viewer-0123456789abcdef"
	editorToken   = "editor-0123456789abcdef"
	approverToken = "approver-0123456789abcdef"
	miaToken      = "agent-mia-0123456789abcdef"
	noahToken     = "agent-noah-0123456789abcdef"
	metricsToken  = "metrics-0123456789abcdef"
	tokensFile    = "vera:viewer:" + viewerToken + "\neddi:editor:" + editorToken + "\nanna:approver:" + approverToken +
		"\nMia:agent:" + miaToken + "\nNoah:agent:" + noahToken + "\nprom:metrics:" + metricsToken + "\n"
)

// clock is a time that tests move.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// syncBuffer is a log that goroutines share.
type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *syncBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// room is a console that listens.
type room struct {
	*console.Console

	t     *testing.T
	board *board
	clock *clock
	log   *syncBuffer
	url   string
}

func open(t *testing.T, convs ...console.Conversation) *room {
	t.Helper()
	return openWith(t, func(*console.Config) {}, convs...)
}

func openWith(t *testing.T, change func(*console.Config), convs ...console.Conversation) *room {
	t.Helper()
	tokens, err := console.ParseTokens("tokens", []byte(tokensFile))
	if err != nil {
		t.Fatal(err)
	}
	r := &room{t: t, board: newBoard(convs...), clock: &clock{now: epoch}, log: &syncBuffer{}}
	cfg := console.Config{
		Switchboard: r.board, Tokens: tokens, Now: r.clock.Now,
		Logger: slog.New(slog.NewJSONHandler(r.log, nil)),
	}
	change(&cfg)
	r.Console = console.New(cfg)
	srv := httptest.NewServer(r.Handler())
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
		srv.Close()
	})
	r.url = srv.URL
	return r
}

// browser is a client that keeps cookies and does not follow redirects.
func (r *room) browser() *http.Client {
	r.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		r.t.Fatal(err)
	}
	tr := &http.Transport{}
	r.t.Cleanup(tr.CloseIdleConnections)
	return &http.Client{Jar: jar, Transport: tr, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// logIn returns a browser that is logged in with a token.
func (r *room) logIn(token string) *http.Client {
	r.t.Helper()
	b := r.browser()
	got := r.do(b, "POST", "/console/login", url.Values{"token": {token}}.Encode(), "Content-Type", "application/x-www-form-urlencoded")
	if got.status != http.StatusSeeOther || got.header.Get("Location") != "/console/" {
		r.t.Fatalf("log in: %d, to %q", got.status, got.header.Get("Location"))
	}
	return b
}

type answer struct {
	status int
	header http.Header
	body   string
}

// do sends a request; headers come in pairs.
func (r *room) do(c *http.Client, method, path, body string, headers ...string) answer {
	r.t.Helper()
	req, err := http.NewRequestWithContext(context.Background(), method, r.url+path, strings.NewReader(body))
	if err != nil {
		r.t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		if headers[i] == "Host" {
			req.Host = headers[i+1]
			continue
		}
		req.Header.Add(headers[i], headers[i+1])
	}
	resp, err := c.Do(req)
	if err != nil {
		r.t.Fatal(err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	return answer{status: resp.StatusCode, header: resp.Header, body: string(data)}
}

// call is do with a bearer token and JSON.
func (r *room) call(token, method, path, body string) answer {
	r.t.Helper()
	headers := []string{"Content-Type", "application/json"}
	if token != "" {
		headers = append(headers, "Authorization", "Bearer "+token)
	}
	return r.do(r.browser(), method, path, body, headers...)
}
