package console_test

import (
	"crypto/tls"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"attune/proxy/console"
)

func form(token string) string { return url.Values{"token": {token}}.Encode() }

const formType = "application/x-www-form-urlencoded"

func TestPages(t *testing.T) {
	r := open(t, parcel("s1"))
	mia := r.logIn(miaToken)
	tests := []struct {
		name   string
		client *http.Client
		method string
		path   string
		status int
		to     string // Location
		has    string
	}{
		{"root", mia, "GET", "/", 303, "/console/", ""},
		{"root as nobody", r.browser(), "GET", "/", 303, "/console/", ""},
		{"no slash", mia, "GET", "/console", 303, "/console/", ""},
		{"home", mia, "GET", "/console/", 200, "", `data-name="Mia" data-speaks`},
		{"home has the controls", mia, "GET", "/console/", 200, "", `id="composer"`},
		{"home as nobody", r.browser(), "GET", "/console/", 303, "/console/login", ""},
		{"home with a HEAD", mia, "HEAD", "/console/", 200, "", ""},
		{"log-in form", r.browser(), "GET", "/console/login", 200, "", `name="token"`},
		{"unknown page", mia, "GET", "/console/x", 404, "", "404"},
		{"unknown place", r.browser(), "GET", "/x", 404, "", "404"},
		{"wrong method", mia, "DELETE", "/console/", 405, "", ""},
		{"log-out with GET", mia, "GET", "/console/logout", 405, "", ""},
		{"no listing", mia, "GET", "/console/static/", 404, "", ""},
		{"no templates", mia, "GET", "/console/static/x/console.html", 404, "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := r.do(tt.client, tt.method, tt.path, "")
			if got.status != tt.status || got.header.Get("Location") != tt.to || !strings.Contains(got.body, tt.has) {
				t.Errorf("%d to %q: %.200s", got.status, got.header.Get("Location"), got.body)
			}
		})
	}
}

func TestReaderSeesNoControls(t *testing.T) {
	r := open(t)
	for _, token := range []string{viewerToken, editorToken, approverToken} {
		got := r.do(r.logIn(token), "GET", "/console/", "")
		if got.status != 200 || strings.Contains(got.body, "data-speaks") || strings.Contains(got.body, `id="composer"`) || strings.Contains(got.body, `id="take"`) {
			t.Errorf("%d: %s", got.status, got.body)
		}
	}
}

func TestAssets(t *testing.T) {
	r := open(t)
	pages := r.do(r.browser(), "GET", "/console/login", "").body + r.do(r.logIn(miaToken), "GET", "/console/", "").body
	urls := regexp.MustCompile(`/console/static/[0-9a-f]{16}/[a-z]+\.(js|css|svg)`).FindAllString(pages, -1)
	kinds := map[string]string{".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml"}
	seen := map[string]bool{}
	for _, u := range urls {
		ext := u[strings.LastIndex(u, "."):]
		seen[ext] = true
		got := r.do(r.browser(), "GET", u, "")
		if got.status != 200 || got.header.Get("Content-Type") != kinds[ext] || !strings.Contains(got.header.Get("Cache-Control"), "immutable") || got.body == "" {
			t.Errorf("%s: %d %v", u, got.status, got.header)
		}
		if other := r.do(r.browser(), "GET", strings.Replace(u, "/static/", "/static/0", 1), ""); other.status != 404 {
			t.Errorf("another version of %s: %d", u, other.status)
		}
	}
	if len(seen) != 3 {
		t.Errorf("pages load only %v", urls)
	}
	if strings.Contains(pages, "http://") || strings.Contains(pages, "https://") {
		t.Error("a page loads something from elsewhere")
	}
	// What the policy forbids must not be there in the first place.
	if m := regexp.MustCompile(`(?i)<script>|\son[a-z]+=|\sstyle=|javascript:`).FindString(pages); m != "" {
		t.Errorf("inline code or style: %q", m)
	}
}

func TestSecurityHeaders(t *testing.T) {
	r := open(t)
	for _, path := range []string{"/", "/console/", "/console/login", "/console/login?ticket=x", "/api/v1/me", "/nothing"} {
		got := r.do(r.browser(), "GET", path, "")
		csp := got.header.Get("Content-Security-Policy")
		for _, want := range []string{"default-src 'none'", "script-src 'self'", "style-src 'self'", "frame-ancestors 'none'", "base-uri 'none'", "require-trusted-types-for 'script'"} {
			if !strings.Contains(csp, want) {
				t.Errorf("%s: policy lacks %s", path, want)
			}
		}
		if strings.Contains(csp, "unsafe") {
			t.Errorf("%s: policy %s", path, csp)
		}
		for name, want := range map[string]string{"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "X-Frame-Options": "DENY", "Cache-Control": "no-store", "Server": "", "X-Powered-By": ""} {
			if got.header.Get(name) != want {
				t.Errorf("%s: %s = %q, want %q", path, name, got.header.Get(name), want)
			}
		}
	}
}

func TestLogInWithToken(t *testing.T) {
	tests := []struct {
		name, body, media string
		ok                bool
	}{
		{"agent", form(miaToken), formType, true},
		{"viewer", form(viewerToken), formType, true},
		{"pasted with blanks", form("  " + miaToken + "\n"), formType, true},
		{"metrics opens nothing here", form(metricsToken), formType, false},
		{"wrong", form("wrong-0123456789abcdef"), formType, false},
		{"prefix", form(miaToken[:20]), formType, false},
		{"empty", form(""), formType, false},
		{"none", "", formType, false},
		{"JSON", `{"token":"` + miaToken + `"}`, "application/json", false},
		{"huge", form(strings.Repeat("x", 1<<20)), formType, false},
	}
	var refusal string
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := open(t)
			got := r.do(r.browser(), "POST", "/console/login", tt.body, "Content-Type", tt.media)
			if !tt.ok {
				if got.status != 401 || got.header.Get("Set-Cookie") != "" || strings.Contains(got.body, "wrong-") {
					t.Errorf("%d, cookie %q: %s", got.status, got.header.Get("Set-Cookie"), got.body)
				}
				if refusal == "" {
					refusal = got.body
				}
				if got.body != refusal {
					t.Error("not the body of the other refusals")
				}
				return
			}
			cookie := got.header.Get("Set-Cookie")
			if got.status != 303 || got.header.Get("Location") != "/console/" {
				t.Errorf("%d to %q", got.status, got.header.Get("Location"))
			}
			for _, want := range []string{"attune-console=", "Path=/", "HttpOnly", "SameSite=Strict", "Max-Age=43200"} {
				if !strings.Contains(cookie, want) {
					t.Errorf("cookie %q lacks %s", cookie, want)
				}
			}
			if strings.Contains(cookie, "Secure") {
				t.Error("Secure on plain http: browsers would drop it")
			}
		})
	}
}

func TestCookieIsSecureOverTLS(t *testing.T) {
	tokens, err := console.ParseTokens("tokens", []byte(tokensFile))
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		secure func(*http.Request) bool
		tls    *tls.ConnectionState
	}{"in front": {func(*http.Request) bool { return true }, nil}, "native": {nil, &tls.ConnectionState{}}} {
		t.Run(name, func(t *testing.T) {
			c := console.New(console.Config{Switchboard: newBoard(), Tokens: tokens, Secure: tt.secure})
			req := httptest.NewRequestWithContext(t.Context(), "POST", "http://desk.example/console/login", strings.NewReader(form(miaToken)))
			req.Header.Set("Content-Type", formType)
			req.TLS = tt.tls
			w := httptest.NewRecorder()
			c.Handler().ServeHTTP(w, req)
			cookie := w.Header().Get("Set-Cookie")
			if !strings.HasPrefix(cookie, "__Host-attune-console=") || !strings.Contains(cookie, "; Secure") || !strings.Contains(cookie, "Path=/") || strings.Contains(cookie, "Domain") {
				t.Errorf("cookie %q", cookie)
			}
		})
	}
}

func TestLoginEnds(t *testing.T) {
	t.Run("after twelve hours", func(t *testing.T) {
		r := open(t)
		b := r.logIn(miaToken)
		r.clock.advance(12*time.Hour - time.Second)
		if got := r.do(b, "GET", "/api/v1/me", ""); got.status != 200 {
			t.Errorf("shortly before: %d", got.status)
		}
		r.clock.advance(time.Second)
		if got := r.do(b, "GET", "/api/v1/me", ""); got.status != 401 {
			t.Errorf("after: %d", got.status)
		}
		if got := r.do(b, "GET", "/console/", ""); got.header.Get("Location") != "/console/login" {
			t.Errorf("home: %d", got.status)
		}
	})
	t.Run("by log-out", func(t *testing.T) {
		r := open(t)
		b := r.logIn(miaToken)
		old := b.Jar.Cookies(must(url.Parse(r.url)))[0]
		got := r.do(b, "POST", "/console/logout", "")
		if got.status != 303 || got.header.Get("Location") != "/console/login" || !strings.Contains(got.header.Get("Set-Cookie"), "Max-Age=0") {
			t.Errorf("log-out: %d %v", got.status, got.header)
		}
		// Also for whoever kept the cookie.
		if got := r.do(r.browser(), "GET", "/api/v1/me", "", "Cookie", old.Name+"="+old.Value); got.status != 401 {
			t.Errorf("kept cookie: %d", got.status)
		}
	})
	t.Run("by a new log-in", func(t *testing.T) {
		r := open(t)
		b := r.logIn(miaToken)
		old := b.Jar.Cookies(must(url.Parse(r.url)))[0]
		r.do(b, "POST", "/console/login", form(noahToken), "Content-Type", formType)
		if got := r.do(r.browser(), "GET", "/api/v1/me", "", "Cookie", old.Name+"="+old.Value); got.status != 401 {
			t.Errorf("old cookie: %d", got.status)
		}
		if got := r.do(b, "GET", "/api/v1/me", ""); !strings.Contains(got.body, "Noah") {
			t.Errorf("me: %s", got.body)
		}
	})
	t.Run("with its token", func(t *testing.T) {
		r := open(t)
		mia, noah := r.logIn(miaToken), r.logIn(noahToken)
		tokens, err := console.ParseTokens("tokens", []byte("Noah:agent:"+noahToken))
		if err != nil {
			t.Fatal(err)
		}
		r.SetTokens(tokens)
		if got := r.do(mia, "GET", "/api/v1/me", ""); got.status != 401 {
			t.Errorf("Mia: %d", got.status)
		}
		if got := r.do(noah, "GET", "/api/v1/me", ""); got.status != 200 {
			t.Errorf("Noah: %d", got.status)
		}
		if got := r.call(miaToken, "GET", "/api/v1/me", ""); got.status != 401 {
			t.Errorf("Mia's token: %d", got.status)
		}
	})
	t.Run("when its token means somebody else", func(t *testing.T) {
		r := open(t)
		mia := r.logIn(miaToken)
		tokens, err := console.ParseTokens("tokens", []byte("Mia:viewer:"+miaToken))
		if err != nil {
			t.Fatal(err)
		}
		r.SetTokens(tokens)
		if got := r.do(mia, "GET", "/api/v1/me", ""); got.status != 401 {
			t.Errorf("Mia: %d", got.status)
		}
	})
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func TestTicket(t *testing.T) {
	follow := func(r *room, ticket string, headers ...string) answer {
		return r.do(r.browser(), "GET", "/console/login?ticket="+url.QueryEscape(ticket), "", headers...)
	}
	t.Run("works once", func(t *testing.T) {
		r := open(t)
		ticket := must(r.NewTicket("Demo agent", console.Agent, 0))
		b := r.browser()
		got := r.do(b, "GET", "/console/login?ticket="+ticket, "")
		if got.status != 303 || got.header.Get("Location") != "/console/" {
			t.Fatalf("%d to %q", got.status, got.header.Get("Location"))
		}
		if got := r.do(b, "GET", "/api/v1/me", ""); !strings.Contains(got.body, `"name":"Demo agent","role":"agent"`) {
			t.Errorf("me: %s", got.body)
		}
		if got := follow(r, ticket); got.status != 401 || got.header.Get("Set-Cookie") != "" {
			t.Errorf("again: %d", got.status)
		}
		// A change of tokens is no business of tickets.
		r.SetTokens(nil)
		if got := r.do(b, "GET", "/api/v1/me", ""); got.status != 200 {
			t.Errorf("after SetTokens: %d", got.status)
		}
	})
	t.Run("for thirty seconds", func(t *testing.T) {
		r := open(t)
		a, b := must(r.NewTicket("Demo", console.Agent, 0)), must(r.NewTicket("Demo", console.Agent, 0))
		r.clock.advance(30*time.Second - time.Millisecond)
		if got := follow(r, a); got.status != 303 {
			t.Errorf("before: %d", got.status)
		}
		r.clock.advance(time.Millisecond)
		if got := follow(r, b); got.status != 401 {
			t.Errorf("after: %d", got.status)
		}
	})
	t.Run("or as long as asked", func(t *testing.T) {
		r := open(t)
		a := must(r.NewTicket("Demo", console.Viewer, time.Hour))
		r.clock.advance(59 * time.Minute)
		if got := follow(r, a); got.status != 303 {
			t.Errorf("%d", got.status)
		}
	})
	t.Run("refused like a wrong token", func(t *testing.T) {
		r := open(t)
		a := follow(r, "guess")
		b := r.do(r.browser(), "POST", "/console/login", form("wrong"), "Content-Type", formType)
		if a.status != b.status || a.body != b.body {
			t.Error("refusals differ")
		}
	})
	t.Run("followed from another site", func(t *testing.T) {
		r := open(t)
		got := follow(r, must(r.NewTicket("Demo", console.Agent, 0)), "Sec-Fetch-Site", "cross-site")
		if got.status != 200 || got.header.Get("Refresh") != "0; url=/console/" || got.header.Get("Set-Cookie") == "" {
			t.Errorf("%d %v", got.status, got.header)
		}
	})
	t.Run("not for everyone", func(t *testing.T) {
		r := open(t)
		for _, who := range []console.Identity{{Name: "x", Role: console.Metrics}, {Name: "x", Role: "boss"}, {Name: "", Role: console.Agent}, {Name: "a\nb", Role: console.Agent}} {
			if ticket, err := r.NewTicket(who.Name, who.Role, 0); err == nil || ticket != "" {
				t.Errorf("%v: %q, %v", who, ticket, err)
			}
		}
	})
	t.Run("at most a thousand wait", func(t *testing.T) {
		r := open(t)
		for n := range 1000 {
			if _, err := r.NewTicket("Demo", console.Agent, 0); err != nil {
				t.Fatalf("ticket %d: %v", n, err)
			}
		}
		if _, err := r.NewTicket("Demo", console.Agent, 0); err == nil {
			t.Error("one too many")
		}
		r.clock.advance(time.Minute)
		if _, err := r.NewTicket("Demo", console.Agent, 0); err != nil {
			t.Errorf("after the old ones expired: %v", err)
		}
	})
}

// A browser that is logged in visits a hostile site, which sends requests
// with its cookie.
func TestCrossSite(t *testing.T) {
	origins := []struct {
		name    string
		headers []string
		ok      bool
	}{
		{"same origin", []string{"Sec-Fetch-Site", "same-origin"}, true},
		{"a program", nil, true},
		{"old browser, own origin", []string{"Origin", "OWN"}, true},
		{"cross-site", []string{"Sec-Fetch-Site", "cross-site"}, false},
		{"sibling", []string{"Sec-Fetch-Site", "same-site"}, false},
		{"old browser, other origin", []string{"Origin", "https://evil.example"}, false},
		{"null origin", []string{"Origin", "null"}, false},
		{"other port", []string{"Origin", "http://127.0.0.1:1"}, false},
	}
	for _, tt := range origins {
		t.Run(tt.name, func(t *testing.T) {
			r := open(t, parcel("s1"))
			b := r.logIn(miaToken)
			headers := []string{"Content-Type", "application/json"}
			for _, h := range tt.headers {
				headers = append(headers, strings.Replace(h, "OWN", r.url, 1))
			}
			for _, path := range []string{"/api/v1/handoffs/s1/claim", "/api/v1/handoffs/s1/say", "/api/v1/handoffs/s1/return", "/console/logout", "/console/login"} {
				got := r.do(b, "POST", path, `{"text":"x"}`, headers...)
				if (got.status != 403) != tt.ok {
					t.Errorf("%s: %d %s", path, got.status, got.body)
				}
			}
		})
	}
}
