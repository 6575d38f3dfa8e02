package proxy_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"attune/proxy"
	"attune/proxy/proxytest"
)

// parrot is a backend that answers every request with its body, and shows the
// request itself.
func parrot(t *testing.T) (bot *proxytest.Backend, got func() *http.Request) {
	t.Helper()
	requests := make(chan *http.Request, 100)
	bot = proxytest.NewBackend(t, proxytest.BackendConfig{HTTP: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		requests <- r.Clone(t.Context())
		w.Header().Set("Content-Type", r.Header.Get("Content-Type"))
		w.Header().Set("Content-Encoding", r.Header.Get("Content-Encoding"))
		w.Header().Set("Alt-Svc", `h3=":443"`)
		w.Header().Set("Set-Cookie", "bot=1")
		_, _ = w.Write(body)
	})})
	return bot, func() *http.Request {
		t.Helper()
		select {
		case r := <-requests:
			return r
		case <-time.After(proxytest.Timeout):
			t.Fatal("the backend got no request")
			return nil
		}
	}
}

// TestRequestIsMadeAfresh: what is about the widget's connection, or claims what
// only Attune can know, stays here.
func TestRequestIsMadeAfresh(t *testing.T) {
	bot, got := parrot(t)
	h := open(t, bot, ownProfile(t, lineProfile), config(func(c *proxy.Config) {
		u, err := proxy.ParseBackendHTTP("http://" + bot.Addr() + "/base/")
		if err != nil {
			t.Fatal(err)
		}
		c.Routes[0].BackendHTTP = u
	}))
	resp, _ := h.post(http.MethodPost, message+"?a=1&b=%2F", http.Header{
		"Cookie":          {"attune=ABCDEFGHIJKLMNOPQRSTUVWXYZ; bot=7"},
		"X-Forwarded-For": {"1.2.3.4"}, "X-Forwarded-Host": {"evil.example"}, "X-Real-Ip": {"1.2.3.4"}, "X-User-Id": {"1"}, "Forwarded": {"for=1.2.3.4"},
		"Connection": {"X-Mine"}, "X-Mine": {"1"}, "Te": {"trailers"}, "X-Auth-Token": {"t"}, "X-User-Key": {"k"}, "Accept-Encoding": {"gzip, br"},
	}, activity(1, "hello"))
	r := got()
	if r.RequestURI != "/base"+message+"?a=1&b=%2F" || r.Host != bot.Addr() {
		t.Errorf("asked %s of %s", r.RequestURI, r.Host)
	}
	for name, want := range map[string]string{
		"Cookie": "bot=7", "X-Forwarded-For": "127.0.0.1", "X-Forwarded-Proto": "http", "X-Real-Ip": "", "X-User-Id": "", "Forwarded": "",
		"X-Mine": "", "Te": "", "X-Auth-Token": "t", "X-User-Key": "k", "Accept-Encoding": "identity", "Content-Type": "application/json", "User-Agent": "Go-http-client/1.1",
	} {
		if have := strings.Join(r.Header.Values(name), ","); have != want {
			t.Errorf("%s: %q, want %q", name, have, want)
		}
	}
	if resp.Header.Get("Alt-Svc") != "" || resp.Header.Get("Set-Cookie") != "bot=1" {
		t.Errorf("the answer's head is %v", resp.Header)
	}
}

// TestBodiesThatAreNotRead pass as they are, and are counted.
func TestBodiesThatAreNotRead(t *testing.T) {
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	_, _ = z.Write([]byte(activity(1, "hello")))
	_ = z.Close()
	big := activity(1, strings.Repeat("hello ", 20<<10))
	for _, tt := range []struct {
		name    string
		header  http.Header
		body    string
		counted string
	}{
		{"big", nil, big, `attune_wire_unread_total{reason="size"} 2`}, // the request, and its answer
		{"compressed", http.Header{"Content-Encoding": {"gzip"}}, packed.String(), `attune_wire_unread_total{reason="encoding"} 2`},
		{"a form", http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}, "type=message&text=hello", ""},
		{"a picture", http.Header{"Content-Type": {"multipart/form-data; boundary=x"}}, "--x\r\n\r\n\x00\xff\r\n--x--", ""},
		{"broken", nil, `{"type":"message","text":"hello"`, ""},
		{"nothing", nil, "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			bot, got := parrot(t)
			h := open(t, bot, ownProfile(t, lineProfile))
			resp, body := h.post(http.MethodPost, message, tt.header, tt.body)
			if resp.StatusCode != http.StatusOK || body != tt.body {
				t.Errorf("answered %d with %d bytes, want %d", resp.StatusCode, len(body), len(tt.body))
			}
			if r := got(); r.ContentLength != int64(len(tt.body)) {
				t.Errorf("the backend got %d bytes, want %d", r.ContentLength, len(tt.body))
			}
			if tt.counted != "" {
				h.eventually(tt.counted)
			}
			h.eventually(`attune_http_requests_total{result="passed"} 1`)
		})
	}
}

// TestBodyWithoutALength is read up to the limit, and streams beyond it.
func TestBodyWithoutALength(t *testing.T) {
	for _, words := range []int{1, 20 << 10} {
		bot, got := parrot(t)
		h := open(t, bot, ownProfile(t, lineProfile))
		want := activity(1, strings.Repeat("hello ", words))
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http"+strings.TrimPrefix(h.widgets, "ws")+message, io.MultiReader(strings.NewReader(want)))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/json")
		resp, err := http.DefaultTransport.RoundTrip(r)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if err != nil || string(body) != want {
			t.Errorf("%d words: %d bytes came back of %d, %v", words, len(body), len(want), err)
		}
		got()
	}
}

// TestAddressesLeadToWhereTheWidgetCalled: over a trusted proxy, to that proxy.
func TestAddressesLeadToWhereTheWidgetCalled(t *testing.T) {
	l := newLine(t, "")
	h := open(t, l.bot, ownProfile(t, lineProfile), config(func(c *proxy.Config) {
		c.Trusted = []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}
	}))
	_, body := h.post(http.MethodPost, "/v3/directline/conversations", http.Header{"X-Forwarded-Host": {"chat.example"}, "X-Forwarded-Proto": {"https"}}, "{}")
	want := `{"conversationId":"c1","streamUrl":"wss://chat.example/v3/directline/conversations/c1/stream?watermark=-&t=secret"}`
	if body != want {
		t.Errorf("got  %s\nwant %s", body, want)
	}
	plain := open(t, l.bot, ownProfile(t, lineProfile))
	_, body = plain.post(http.MethodPost, "/v3/directline/conversations", http.Header{"X-Forwarded-Host": {"evil.example"}, "X-Forwarded-Proto": {"https"}}, "{}")
	if !strings.Contains(body, `"streamUrl":"`+plain.widgets+`/v3/`) {
		t.Errorf("a stranger's word counts: %s", body)
	}
}

func TestRedirectionsStayHere(t *testing.T) {
	bot := proxytest.NewBackend(t, proxytest.BackendConfig{HTTP: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		to := "https://elsewhere.example/x"
		if r.URL.RawQuery == "" {
			to = "http://" + r.Host + "/x?y"
		}
		w.Header().Set("Location", to)
		w.WriteHeader(http.StatusTemporaryRedirect)
	})})
	h := open(t, bot, ownProfile(t, lineProfile))
	resp, _ := h.post(http.MethodPost, message, nil, "{}")
	if got, want := resp.Header.Get("Location"), "http"+strings.TrimPrefix(h.widgets, "ws")+"/x?y"; resp.StatusCode != http.StatusTemporaryRedirect || got != want {
		t.Errorf("%d to %s, want %s", resp.StatusCode, got, want)
	}
	if resp, _ := h.post(http.MethodPost, message+"?away", nil, "{}"); resp.Header.Get("Location") != "https://elsewhere.example/x" {
		t.Errorf("to %s", resp.Header.Get("Location"))
	}
}

// TestWhatIsRefused before the backend is asked.
func TestWhatIsRefused(t *testing.T) {
	l := newLine(t, "")
	h := open(t, l.bot, ownProfile(t, lineProfile))
	for _, tt := range []struct {
		name, request string
		status        int
	}{
		{"dots", "POST /v3/directline/conversations/../activities HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n", 400},
		{"encoded slash", "POST /v3/directline/conversations/a%2Fb/activities HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n", 400},
		{"long", "POST /v3/directline/conversations?" + strings.Repeat("a", 5000) + " HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n", 414},
		{"folded", "POST /v3/directline/conversations HTTP/1.1\r\nHost: a\r\nX-A: 1\r\n 2\r\nContent-Length: 0\r\n\r\n", 400},
		{"two lengths", "POST /v3/directline/conversations HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTRANSFER-ENCODING: chunked\r\n\r\n0\r\n\r\n", 400},
		{"two lengths the other way", "POST /v3/directline/conversations HTTP/1.1\r\nHost: a\r\ntransfer-encoding:chunked\r\nX: y\r\ncontent-length:4\r\n\r\n0\r\n\r\n", 400},
		{"many headers", "POST /v3/directline/conversations HTTP/1.1\r\nHost: a\r\n" + strings.Repeat("X-A: 1\r\n", 120) + "Content-Length: 0\r\n\r\n", 431},
		{"no route", "POST /v3/directline/tokens HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n", 400},
		{"no such method", "PUT /v3/directline/conversations HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n", 400},
	} {
		t.Run(tt.name, func(t *testing.T) {
			conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", strings.TrimPrefix(h.widgets, "ws://"))
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = conn.Close() }()
			_, _ = io.WriteString(conn, tt.request)
			resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
			if err != nil {
				t.Fatal(err)
			}
			_ = resp.Body.Close()
			if resp.StatusCode != tt.status {
				t.Errorf("%d, want %d", resp.StatusCode, tt.status)
			}
		})
	}
	if n := len(l.bot.Requests()); n != 0 {
		t.Errorf("the backend got %d requests", n)
	}
}

// TestRequestsAreBounded by address and altogether, and messages by rate.
func TestRequestsAreBounded(t *testing.T) {
	l := newLine(t, "")
	l.answered = make(chan struct{})
	for _, tt := range []struct {
		name   string
		change func(*proxy.Limits)
		status int
		result string
	}{
		{"address", func(l *proxy.Limits) { l.PerAddress = 1 }, 429, "address"},
		{"all", func(l *proxy.Limits) { l.Sessions = 1 }, 503, "full"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := open(t, l.bot, ownProfile(t, lineProfile), limits(tt.change))
			before := len(l.heard())
			done := make(chan struct{})
			go func() {
				defer close(done)
				h.post(http.MethodPost, message, nil, activity(1, "first"))
			}()
			for len(l.heard()) == before {
				<-time.After(5 * time.Millisecond)
			}
			resp, _ := h.post(http.MethodPost, message, nil, activity(2, "second"))
			if resp.StatusCode != tt.status || resp.Header.Get("Retry-After") == "" {
				t.Errorf("answered %d %v", resp.StatusCode, resp.Header)
			}
			h.eventually(fmt.Sprintf(`attune_http_requests_total{result="%s"} 1`, tt.result))
			l.answered <- struct{}{}
			<-done
		})
	}
	close(l.answered)
	h := open(t, l.bot, ownProfile(t, lineProfile), limits(func(l *proxy.Limits) { l.Rate, l.RateBurst = 1, 2 }))
	c := l.call(h, nil)
	for i, deadline := 0, time.Now().Add(proxytest.Timeout); ; i++ {
		if resp, _ := h.post(http.MethodPost, message, nil, activity(i, "hello")); resp.StatusCode == http.StatusTooManyRequests {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("nobody was told to wait")
		}
	}
	c.sees("hello") // and the socket is there all the same
}

// TestAnswersStream: what the backend says piece by piece arrives piece by piece.
func TestAnswersStream(t *testing.T) {
	next := make(chan string)
	bot := proxytest.NewBackend(t, proxytest.BackendConfig{HTTP: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		for {
			select {
			case piece, ok := <-next:
				if !ok {
					return
				}
				_, _ = io.WriteString(w, piece)
				_ = http.NewResponseController(w).Flush()
			case <-r.Context().Done():
				close(next) // seen below
				return
			}
		}
	})})
	h := open(t, bot, ownProfile(t, lineProfile))
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http"+strings.TrimPrefix(h.widgets, "ws")+message, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{DisableKeepAlives: true}
	go func() { next <- "one" }()
	resp, err := transport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 10)
	for _, piece := range []string{"one", "two"} {
		if piece != "one" {
			next <- piece
		}
		n, err := resp.Body.Read(buf)
		if err != nil || string(buf[:n]) != piece {
			t.Fatalf("read %q, %v; want %s", buf[:n], err, piece)
		}
	}
	_ = resp.Body.Close() // the widget leaves, and the backend learns of it
	select {
	case <-next:
	case <-time.After(proxytest.Timeout):
		t.Error("the backend's request never ended")
	}
}

// TestHalfAnAnswerIsNoAnswer: a backend that breaks off is not taken for one
// that has said all.
func TestHalfAnAnswerIsNoAnswer(t *testing.T) {
	bot := proxytest.NewBackend(t, proxytest.BackendConfig{HTTP: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			w.Header().Set("Content-Type", "application/json")
		}
		w.Header().Set("Content-Length", "100")
		_, _ = io.WriteString(w, `{"activities":`)
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	})})
	h := open(t, bot, ownProfile(t, lineProfile))
	if resp, _ := h.post(http.MethodGet, message, nil, ""); resp.StatusCode != http.StatusBadGateway {
		t.Errorf("answered %d", resp.StatusCode)
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http"+strings.TrimPrefix(h.widgets, "ws")+message, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultTransport.RoundTrip(r)
	if err == nil {
		_, err = io.ReadAll(resp.Body)
		_ = resp.Body.Close()
	}
	if err == nil {
		t.Error("half an answer looked whole")
	}
}

// TestABodyThatDoesNotCome: a widget that does not finish what it says in time is cut off, whether it stops or goes on
// byte by byte.
func TestABodyThatDoesNotCome(t *testing.T) {
	for name, dribbled := range map[string]int{"stops": 0, "dribbles": 200} {
		t.Run(name, func(t *testing.T) {
			l := newLine(t, "")
			h := open(t, l.bot, ownProfile(t, lineProfile), limits(func(l *proxy.Limits) { l.MessageTimeout = 200 * time.Millisecond }))
			conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", strings.TrimPrefix(h.widgets, "ws://"))
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = conn.Close() }()
			const body = `{"type":"message","text":"`
			_, _ = io.WriteString(conn, "POST "+message+" HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 226\r\n\r\n"+body)
			go func() {
				for range dribbled {
					if _, err := io.WriteString(conn, "x"); err != nil {
						return
					}
					<-time.After(20 * time.Millisecond)
				}
			}()
			_ = conn.SetReadDeadline(time.Now().Add(proxytest.Timeout))
			resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
			if err != nil {
				t.Fatal(err)
			}
			_ = resp.Body.Close()
			if resp.StatusCode != http.StatusBadRequest {
				t.Errorf("answered %d", resp.StatusCode)
			}
			if n := len(l.bot.Requests()); n != 0 {
				t.Errorf("the backend got %d requests", n)
			}
		})
	}
}
