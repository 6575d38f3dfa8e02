package webhook_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
	"go.uber.org/goleak"

	"attune/proxy/webhook"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// receiver is what messages are sent to, and a client that sends them there.
func receiver(t *testing.T, handle http.HandlerFunc, change func(*webhook.Config)) *webhook.Client {
	t.Helper()
	s := httptest.NewServer(handle)
	t.Cleanup(s.Close)
	return clientOf(t, s.URL+"/hook?tenant=7", change)
}

func clientOf(t *testing.T, address string, change func(*webhook.Config)) *webhook.Client {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	cfg := webhook.Config{Address: u, Secrets: []webhook.Secret{parse(t, secretOf(32))}, Timeout: time.Minute, AllowPrivate: true}
	if change != nil {
		change(&cfg)
	}
	c := webhook.NewClient(cfg)
	t.Cleanup(c.Close)
	return c
}

func parse(t *testing.T, s string) webhook.Secret {
	t.Helper()
	secret, err := webhook.ParseSecret(s)
	if err != nil {
		t.Fatal(err)
	}
	return secret
}

var hello = webhook.Message{ID: "m1", Body: []byte(`{"type":"handoff.requested","data":{"text":"ünïcode"}}`)}

// TestStandardWebhooksVerifies: the project's own library takes what is sent,
// with either secret, and takes nothing that was changed or kept for long.
func TestStandardWebhooksVerifies(t *testing.T) {
	type sent struct {
		header http.Header
		body   []byte
	}
	came := make(chan sent, 1)
	c := receiver(t, func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		came <- sent{r.Header.Clone(), body}
	}, func(cfg *webhook.Config) { cfg.Secrets = append(cfg.Secrets, parse(t, secretOf(64))) })
	if err := c.Send(t.Context(), hello); err != nil {
		t.Fatal(err)
	}
	got := <-came
	header, body := got.header, got.body
	if string(body) != string(hello.Body) || header.Get("Content-Type") != "application/json" || header.Get("Webhook-Id") != "m1" {
		t.Errorf("sent %q, %v", body, header)
	}
	for _, n := range []int{32, 64} {
		wh, err := standardwebhooks.NewWebhook(secretOf(n))
		if err != nil {
			t.Fatal(err)
		}
		if err := wh.Verify(body, header); err != nil {
			t.Errorf("the secret of %d bytes: %v", n, err)
		}
		if err := wh.Verify(append(body, ' '), header); err == nil {
			t.Error("a changed body is taken")
		}
		old := header.Clone()
		old.Set("Webhook-Timestamp", strconv.FormatInt(time.Now().Add(-10*time.Minute).Unix(), 10))
		if err := wh.Verify(body, old); err == nil {
			t.Error("an old time is taken")
		}
		other := header.Clone()
		other.Set("Webhook-Id", "m2")
		if err := wh.Verify(body, other); err == nil {
			t.Error("another id is taken")
		}
	}
	if wh, _ := standardwebhooks.NewWebhook(secretOf(48)); wh.Verify(body, header) == nil {
		t.Error("a foreign secret verifies it")
	}
}

func TestOnly2xxIsSuccess(t *testing.T) {
	for _, tt := range []struct {
		status int
		after  string
		want   time.Duration
	}{
		{200, "", 0},
		{204, "", 0},
		{301, "", 0},
		{302, "", 0},
		{400, "", 0},
		{410, "", 0},
		{429, "7", 7 * time.Second},
		{503, "99999", 2 * time.Minute},
		{503, "-5", 0},
		{503, "Mon, 02 Jan 2006 15:04:05 GMT", 0},
		{500, "soon", 0},
	} {
		var asked atomic.Int32
		c := receiver(t, func(w http.ResponseWriter, _ *http.Request) {
			asked.Add(1)
			w.Header().Set("Location", "/elsewhere")
			w.Header().Set("Retry-After", tt.after)
			w.WriteHeader(tt.status)
		}, nil)
		err := c.Send(t.Context(), hello)
		if n := asked.Load(); n != 1 {
			t.Errorf("%d: asked %d times", tt.status, n)
		}
		var status *webhook.StatusError
		switch {
		case tt.status/100 == 2:
			if err != nil {
				t.Errorf("%d: %v", tt.status, err)
			}
		case !errors.As(err, &status) || status.Code != tt.status || status.After != tt.want:
			t.Errorf("%d %q: %#v", tt.status, tt.after, err)
		}
	}
}

func TestAnAttemptEnds(t *testing.T) {
	hang := make(chan struct{})
	defer close(hang)
	tests := map[string]http.HandlerFunc{
		"no answer": func(_ http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			select {
			case <-hang:
			case <-r.Context().Done():
			}
		},
		"a head without an end": func(w http.ResponseWriter, _ *http.Request) {
			c, _, err := http.NewResponseController(w).Hijack()
			if err != nil {
				t.Error(err)
				return
			}
			defer func() { _ = c.Close() }()
			for {
				if _, err := c.Write([]byte("HTTP/1.1 200 OK\r\nX-Long: " + strings.Repeat("x", 1<<10) + "\r\n")); err != nil {
					return
				}
			}
		},
		"cut": func(w http.ResponseWriter, _ *http.Request) {
			if c, _, err := http.NewResponseController(w).Hijack(); err == nil {
				_ = c.Close()
			}
		},
	}
	for name, handle := range tests {
		t.Run(name, func(t *testing.T) {
			c := receiver(t, handle, func(cfg *webhook.Config) { cfg.Timeout = 300 * time.Millisecond })
			err := c.Send(t.Context(), hello)
			if err == nil {
				t.Fatal("taken for success")
			}
			if strings.Contains(err.Error(), "tenant") || strings.Contains(err.Error(), "ünï") {
				t.Errorf("the error tells too much: %v", err)
			}
		})
	}
}

func TestALongAnswerIsNotRead(t *testing.T) {
	sent := make(chan int, 1)
	c := receiver(t, func(w http.ResponseWriter, _ *http.Request) {
		n := 0
		for range 1 << 14 { // 64 MiB, were it read
			m, err := w.Write(make([]byte, 4<<10))
			if n += m; err != nil {
				break
			}
		}
		sent <- n
	}, nil)
	if err := c.Send(t.Context(), hello); err != nil {
		t.Fatal(err)
	}
	if n := <-sent; n > 32<<20 {
		t.Errorf("%d bytes were taken", n)
	}
}

// TestGuard: whatever spelling leads to this machine, its network or a cloud's
// metadata is not dialled.
func TestGuard(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	port := strconv.Itoa(l.Addr().(*net.TCPAddr).Port)
	dialled := make(chan struct{}, 100)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			dialled <- struct{}{}
			_ = c.Close()
		}
	}()
	for _, host := range []string{
		"127.0.0.1", "127.1", "127.0.1", "2130706433", "0x7f000001", "0x7f.0.0.1", "0177.0.0.1", "017700000001", "127.0.0.1.", "localhost",
		"LOCALHOST.", "0", "0.0.0.0", "[::]", "[::1]", "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[64:ff9b::127.0.0.1]",
		"[::127.0.0.1]", "[2002:7f00:1::]", "127.255.255.254", "%31%32%37.0.0.1",
	} {
		u := &url.URL{Scheme: "https", Host: host + ":" + port, Path: "/"}
		if parsed, err := url.Parse(u.String()); err == nil {
			u = parsed
		}
		c := webhook.NewClient(webhook.Config{Address: u, Secrets: []webhook.Secret{parse(t, secretOf(32))}, Timeout: 5 * time.Second})
		if err := c.Send(t.Context(), hello); err == nil {
			t.Errorf("%s is reached", host)
		}
		c.Close()
	}
	select {
	case <-dialled:
		t.Error("this machine was dialled")
	default:
	}
}

func TestGuardByAddress(t *testing.T) {
	tests := []struct {
		ip                     string
		strict, private, plain bool // admitted by https; with allow_private; by http with it
	}{
		{"203.0.114.7", true, true, false},
		{"8.8.8.8", true, true, false},
		{"2606:4700::1111", true, true, false},
		{"64:ff9b::8.8.8.8", true, true, false},
		{"::ffff:8.8.8.8", true, true, false},
		{"127.0.0.1", false, true, true},
		{"10.1.2.3", false, true, true},
		{"172.31.255.255", false, true, true},
		{"192.168.0.1", false, true, true},
		{"100.64.0.1", false, true, true},
		{"100.127.255.255", false, true, true},
		{"::1", false, true, true},
		{"fd12::1", false, true, true},
		{"::ffff:10.0.0.1", false, true, true},
		{"64:ff9b::10.0.0.1", false, true, true},
		{"169.254.169.254", false, false, false},
		{"::ffff:169.254.169.254", false, false, false},
		{"fd00:ec2::254", false, false, false},
		{"100.100.100.200", false, false, false},
		{"fd20:ce::254", false, false, false},
		{"fe80::1", false, false, false},
		{"0.0.0.0", false, false, false},
		{"::", false, false, false},
		{"255.255.255.255", false, false, false},
		{"224.0.0.1", false, false, false},
		{"ff02::1", false, false, false},
		{"198.18.0.1", false, false, false},
		{"2002:a00:1::", false, false, false},
		{"2001:db8::1", false, false, false},
		{"::8.8.8.8", false, false, false},
	}
	for _, tt := range tests {
		for mode, want := range map[string]bool{"strict": tt.strict, "private": tt.private, "plain": tt.plain} {
			g := webhook.Guard(mode != "strict", mode != "plain")
			err := g(context.Background(), "tcp", net.JoinHostPort(tt.ip, "443"), nil)
			if (err == nil) != want || err != nil && !errors.Is(err, webhook.ErrAddress) {
				t.Errorf("%s, %s: %v", tt.ip, mode, err)
			}
		}
	}
}

// TestRedirectsAreNotFollowed, least of all to a cloud's metadata.
func TestRedirectsAreNotFollowed(t *testing.T) {
	var followed atomic.Bool
	c := receiver(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/hook" {
			followed.Store(true)
		}
		http.Redirect(w, r, "/latest/meta-data", http.StatusTemporaryRedirect)
	}, nil)
	var status *webhook.StatusError
	if err := c.Send(t.Context(), hello); !errors.As(err, &status) || status.Code != http.StatusTemporaryRedirect || followed.Load() {
		t.Errorf("%v, followed: %v", err, followed.Load())
	}
}

// TestANameThatMovesInside: the guard looks at what is dialled, whatever the name
// said before.
func TestANameThatMovesInside(t *testing.T) {
	var asked atomic.Bool
	s := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Store(true) }))
	defer s.Close()
	_, port, _ := net.SplitHostPort(s.Listener.Addr().String())
	c := clientOf(t, "https://localhost:"+port, func(cfg *webhook.Config) { cfg.AllowPrivate = false })
	if err := c.Send(t.Context(), hello); !errors.Is(err, webhook.ErrAddress) || asked.Load() {
		t.Errorf("%v, asked: %v", err, asked.Load())
	}
}
