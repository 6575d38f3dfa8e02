package console_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"attune/proxy/console"
)

// patience is how long a test waits for what must come.
const patience = time.Minute

// dial opens the events socket; headers come in pairs.
func (r *room) dial(headers ...string) (*websocket.Conn, *http.Response, error) {
	r.t.Helper()
	return r.dialPath("/api/v1/events", headers...)
}

func (r *room) dialPath(path string, headers ...string) (*websocket.Conn, *http.Response, error) {
	r.t.Helper()
	h := http.Header{}
	for i := 0; i < len(headers); i += 2 {
		h.Add(headers[i], headers[i+1])
	}
	d := websocket.Dialer{HandshakeTimeout: patience}
	conn, resp, err := d.DialContext(context.Background(), "ws"+strings.TrimPrefix(r.url, "http")+path, h)
	if conn != nil {
		_ = conn.SetReadDeadline(time.Now().Add(patience))
		r.t.Cleanup(func() { _ = conn.Close() })
	}
	return conn, resp, err
}

func (r *room) join(headers ...string) *websocket.Conn {
	r.t.Helper()
	conn, _, err := r.dial(headers...)
	if err != nil {
		r.t.Fatal(err)
	}
	return conn
}

func bearer(token string) []string { return []string{"Authorization", "Bearer " + token} }

// cookie returns the log-in of a browser as a header.
func (r *room) cookie(b *http.Client) []string {
	k := b.Jar.Cookies(must(url.Parse(r.url)))[0]
	return []string{"Cookie", k.Name + "=" + k.Value}
}

func hear(t *testing.T, conn *websocket.Conn, want string) {
	t.Helper()
	_, data, err := conn.ReadMessage()
	if err != nil {
		t.Fatalf("waiting for %s: %v", want, err)
	}
	if strings.TrimSpace(string(data)) != want {
		t.Fatalf("got %s, want %s", data, want)
	}
}

func hearClose(t *testing.T, conn *websocket.Conn, code int) {
	t.Helper()
	for {
		_, _, err := conn.ReadMessage()
		if err == nil {
			continue
		}
		if ce, ok := errors.AsType[*websocket.CloseError](err); !ok || ce.Code != code {
			t.Fatalf("ended with %v, want code %d", err, code)
		}
		return
	}
}

func TestEventsWhoMayJoin(t *testing.T) {
	tests := []struct {
		name    string
		headers []string
		status  int
	}{
		{"agent", bearer(miaToken), 101},
		{"viewer", bearer(viewerToken), 101},
		{"nobody", nil, 401},
		{"wrong token", bearer("wrong-0123456789abcdef"), 401},
		{"metrics", bearer(metricsToken), 403},
		{"own origin", append(bearer(miaToken), "Origin", "OWN"), 101},
		{"other origin", append(bearer(miaToken), "Origin", "http://evil.example"), 403},
		{"origin by suffix", append(bearer(miaToken), "Origin", "http://evil-HOST"), 403},
		{"origin with userinfo", append(bearer(miaToken), "Origin", "http://x@HOST"), 403},
		{"origin with a path", append(bearer(miaToken), "Origin", "OWN/x"), 403},
		{"null origin", append(bearer(miaToken), "Origin", "null"), 403},
		{"empty origin", append(bearer(miaToken), "Origin", ""), 403},
		{"two origins", append(bearer(miaToken), "Origin", "OWN", "Origin", "OWN"), 403},
		{"token as a subprotocol", []string{"Sec-WebSocket-Protocol", "attune, bearer." + miaToken}, 101},
		{"wrong token as a subprotocol", []string{"Sec-WebSocket-Protocol", "attune, bearer.x"}, 401},
		{"cookie of nobody", []string{"Cookie", "attune-console=guess"}, 401},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := open(t)
			host := strings.TrimPrefix(r.url, "http://")
			headers := make([]string, len(tt.headers))
			for i, h := range tt.headers {
				headers[i] = strings.NewReplacer("OWN", r.url, "HOST", host).Replace(h)
			}
			conn, resp, err := r.dial(headers...)
			if resp == nil || resp.StatusCode != tt.status {
				t.Fatalf("%v, %v; want %d", resp, err, tt.status)
			}
			if conn != nil && strings.Contains(resp.Header.Get("Sec-WebSocket-Protocol"), "bearer") {
				t.Error("the token is echoed")
			}
			if conn == nil {
				_ = resp.Body.Close()
			}
		})
	}
}

func TestEventsTellOfChanges(t *testing.T) {
	r := open(t, parcel("s1"))
	b := r.logIn(miaToken)
	mia := r.join(append(r.cookie(b), "Origin", r.url)...)
	vera := r.join(bearer(viewerToken)...)
	<-r.board.joined
	<-r.board.joined
	r.board.hear("s1", console.Turn{Role: "customer", Text: "hello?"})
	hear(t, mia, `{"kind":"turn","session":"s1"}`)
	hear(t, vera, `{"kind":"turn","session":"s1"}`)
	r.call(miaToken, "POST", "/api/v1/handoffs/s1/claim", "")
	hear(t, mia, `{"kind":"floor","session":"s1"}`)
	hear(t, vera, `{"kind":"floor","session":"s1"}`)
}

func TestEventsActions(t *testing.T) {
	// Watch is silent here, so that only answers come.
	r := openWith(t, func(c *console.Config) { c.Switchboard = quiet{c.Switchboard.(*board)} }, parcel("s1"))
	mia, noah, vera := r.join(bearer(miaToken)...), r.join(bearer(noahToken)...), r.join(bearer(viewerToken)...)
	steps := []struct {
		conn      *websocket.Conn
		say, want string
	}{
		{mia, `{"type":"say","id":"1","session":"s1","text":"Hi"}`, `{"kind":"error","id":"1","error":"the floor is not yours","hint":"take the conversation first"}`},
		{mia, `{"type":"claim","id":"2","session":"s1"}`, `{"kind":"done","id":"2"}`},
		{noah, `{"type":"claim","id":"a","session":"s1"}`, `{"kind":"error","id":"a","error":"taken by Mia","hint":"ask them, or take another","by":"Mia"}`},
		{vera, `{"type":"claim","id":"v","session":"s1"}`, `{"kind":"error","id":"v","error":"refused","hint":"your role may read"}`},
		{mia, `{"type":"say","id":"3","session":"s1","text":"Hi, <i>Mia</i> here"}`, `{"kind":"done","id":"3"}`},
		{mia, `{"type":"dance","id":"4","session":"s1"}`, `{"kind":"error","id":"4","error":"no such action","hint":"claim, say, typing, release, return, resolve or transfer"}`},
		{mia, `{"type":"claim","id":"5"}`, `{"kind":"error","id":"5","error":"no session"}`},
		{mia, `what`, `{"kind":"error","error":"bad JSON","hint":"one object with only the documented keys"}`},
		{mia, `{"type":"return","id":"6","session":"s1"}`, `{"kind":"done","id":"6"}`},
		{mia, `{"type":"resolve","id":"7","session":"s1","verdict":"needed"}`, `{"kind":"error","id":"7","error":"no such conversation","hint":"it has ended"}`},
	}
	for _, st := range steps {
		if err := st.conn.WriteMessage(websocket.TextMessage, []byte(st.say)); err != nil {
			t.Fatal(err)
		}
		hear(t, st.conn, st.want)
	}
}

// quiet is a board whose Watch tells nothing.
type quiet struct{ *board }

func (quiet) Watch(context.Context) <-chan console.Event { return nil }

func TestEventsReportPresence(t *testing.T) {
	r := openWith(t, func(c *console.Config) { c.Heartbeat = 5 * time.Millisecond })
	vera := r.join(bearer(viewerToken)...)
	go func() { // answers pings
		for {
			if _, _, err := vera.NextReader(); err != nil {
				return
			}
		}
	}()
	mia := r.join(bearer(miaToken)...)
	read := make(chan struct{})
	go func() {
		defer close(read)
		for {
			if _, _, err := mia.NextReader(); err != nil {
				return
			}
		}
	}()
	for range 3 { // on joining, then at each pong
		select {
		case who := <-r.board.present:
			if who != "Mia" {
				t.Errorf("present: %s", who)
			}
		case <-time.After(patience):
			t.Fatal("no presence reported")
		}
	}
	_ = mia.Close()
	<-read
}

func TestEventsEnd(t *testing.T) {
	t.Run("with the log-out", func(t *testing.T) {
		r := open(t)
		b := r.logIn(miaToken)
		conn := r.join(r.cookie(b)...)
		r.do(b, "POST", "/console/logout", "")
		hearClose(t, conn, websocket.ClosePolicyViolation)
	})
	t.Run("with the token", func(t *testing.T) {
		r := open(t)
		conn := r.join(bearer(miaToken)...)
		stay := r.join(bearer(noahToken)...)
		<-r.board.present
		<-r.board.present
		tokens := must(console.ParseTokens("tokens", []byte("Noah:agent:"+noahToken)))
		r.SetTokens(tokens)
		hearClose(t, conn, websocket.ClosePolicyViolation)
		if err := stay.WriteMessage(websocket.TextMessage, []byte("?")); err != nil {
			t.Fatal(err)
		}
		hear(t, stay, `{"kind":"error","error":"bad JSON","hint":"one object with only the documented keys"}`)
	})
	t.Run("when the login expires", func(t *testing.T) {
		r := openWith(t, func(c *console.Config) { c.Heartbeat = 5 * time.Millisecond })
		conn := r.join(bearer(miaToken)...)
		<-r.board.present // the login has begun
		r.clock.advance(12 * time.Hour)
		hearClose(t, conn, websocket.ClosePolicyViolation)
	})
	t.Run("with the console", func(t *testing.T) {
		r := open(t)
		conn := r.join(bearer(miaToken)...)
		<-r.board.present
		closed := make(chan error)
		go func() { closed <- r.Close() }()
		hearClose(t, conn, websocket.CloseServiceRestart)
		if err := <-closed; err != nil {
			t.Error(err)
		}
		if _, resp, _ := r.dial(bearer(miaToken)...); resp == nil || resp.StatusCode != 503 {
			t.Errorf("after Close: %v", resp)
		}
	})
	t.Run("with the switchboard", func(t *testing.T) {
		r := open(t)
		conn := r.join(bearer(miaToken)...)
		<-r.board.present
		r.board.hangUp()
		hearClose(t, conn, websocket.CloseServiceRestart)
	})
	t.Run("after a message too long", func(t *testing.T) {
		r := open(t)
		conn := r.join(bearer(miaToken)...)
		data, err := json.Marshal(map[string]string{"type": "say", "session": "s1", "text": strings.Repeat("x", 70<<10)})
		if err != nil {
			t.Fatal(err)
		}
		if err := conn.WriteMessage(websocket.TextMessage, data); err != nil {
			t.Fatal(err)
		}
		hearClose(t, conn, websocket.CloseMessageTooBig)
	})
	t.Run("without its Watch left behind", func(t *testing.T) {
		r := open(t)
		conn := r.join(bearer(miaToken)...)
		<-r.board.present
		_ = conn.Close()
		if err := r.Close(); err != nil {
			t.Error(err)
		}
		<-r.board.left
	})
}
