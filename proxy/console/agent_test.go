package console_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"attune/proxy/console"
)

// talker is a program on the agent socket. All that goes over it is held against
// the description.
type talker struct {
	t    *testing.T
	conn *websocket.Conn
	s    *schemas
}

// program opens the agent socket; headers come in pairs.
func (r *room) program(headers ...string) *talker {
	r.t.Helper()
	conn, resp, err := r.dialPath("/api/v1/agent", headers...)
	if err != nil {
		r.t.Fatalf("%v, %v", resp, err)
	}
	if strings.Contains(resp.Header.Get("Sec-WebSocket-Protocol"), "bearer") {
		r.t.Error("the token is echoed")
	}
	return &talker{r.t, conn, newSchemas(r.t)}
}

func (p *talker) say(message string) {
	p.t.Helper()
	p.s.check("what is said", component("SocketIn"), message)
	if err := p.conn.WriteMessage(websocket.TextMessage, []byte(message)); err != nil {
		p.t.Fatal(err)
	}
}

// hear waits for a message of a kind; hints, which may come at any time, are
// passed over.
func (p *talker) hear(kind string) map[string]any {
	p.t.Helper()
	for {
		_, data, err := p.conn.ReadMessage()
		if err != nil {
			p.t.Fatalf("waiting for %s: %v", kind, err)
		}
		p.s.check("what is heard", component("SocketOut"), string(data))
		var m map[string]any
		if err := json.Unmarshal(data, &m); err != nil {
			p.t.Fatal(err)
		}
		switch m["kind"] {
		case kind:
			return m
		case console.KindQueue, console.KindTurn, console.KindFloor, console.KindTyping:
		default:
			p.t.Fatalf("heard %s, want %s", data, kind)
		}
	}
}

func TestAgentSocketLogIn(t *testing.T) {
	login := func(token string) string { return `{"type":"login","token":"` + token + `"}` }
	for name, tt := range map[string]struct {
		headers []string
		first   string // "": nothing is said
		code    int    // of the close; 0: welcome
	}{
		"by header":            {bearer(miaToken), `{"type":"ping"}`, 0},
		"by subprotocol":       {[]string{"Sec-WebSocket-Protocol", "attune, bearer." + miaToken}, `{"type":"ping"}`, 0},
		"by message":           {nil, login(miaToken), 0},
		"from another page":    {[]string{"Origin", "http://evil.example"}, login(miaToken), 0},
		"wrong token":          {nil, login("wrong-0123456789abcdef"), websocket.ClosePolicyViolation},
		"a role without a way": {nil, login(metricsToken), websocket.ClosePolicyViolation},
		"something else first": {nil, `{"type":"claim","session":"s1"}`, websocket.ClosePolicyViolation},
		"nothing":              {nil, "", websocket.ClosePolicyViolation},
	} {
		t.Run(name, func(t *testing.T) {
			r := openWith(t, func(c *console.Config) {
				if tt.first == "" {
					c.LoginWait = 20 * time.Millisecond
				}
			}, parcel("s1"))
			p := r.program(tt.headers...)
			if tt.first != "" {
				p.say(tt.first)
			}
			if tt.code != 0 {
				hearClose(t, p.conn, tt.code)
				return
			}
			if m := p.hear("welcome"); m["name"] != "Mia" || m["speaks"] != true || m["heartbeat"] != 10.0 {
				t.Errorf("welcome: %v", m)
			}
			if got := r.log.String(); strings.Contains(got, miaToken) {
				t.Error("the token is in the log")
			}
		})
	}
}

// TestAgentSocketHasFewGuests: those who do not say who they are keep nobody out
// for long, and are not many.
func TestAgentSocketHasFewGuests(t *testing.T) {
	r := openWith(t, func(c *console.Config) { c.LoginWait = 10 * time.Minute })
	var guests []*talker
	for range 64 {
		guests = append(guests, r.program())
	}
	for deadline := time.Now().Add(patience); ; { // the last of them may still be on its way in
		one := r.program()
		_ = one.conn.SetReadDeadline(time.Now().Add(2 * time.Second))
		if _, _, err := one.conn.ReadMessage(); websocket.IsCloseError(err, websocket.CloseTryAgainLater) {
			break
		}
		_ = one.conn.Close()
		if time.Now().After(deadline) {
			t.Fatal("everybody is let in")
		}
	}
	r.program(bearer(miaToken)...).hear("welcome")
	guests[0].say(`{"type":"login","token":"` + noahToken + `"}`)
	guests[0].hear("welcome")
}

// TestAgentSocketIgnoresCookies: a page elsewhere must not act for somebody who
// is logged in.
func TestAgentSocketIgnoresCookies(t *testing.T) {
	r := openWith(t, func(c *console.Config) { c.LoginWait = 20 * time.Millisecond }, parcel("s1"))
	p := r.program(append(r.cookie(r.logIn(miaToken)), "Origin", "http://evil.example")...)
	hearClose(t, p.conn, websocket.ClosePolicyViolation)
}

func TestAgentSocketEndsWithItsToken(t *testing.T) {
	r := open(t)
	p := r.program()
	p.say(`{"type":"login","token":"` + miaToken + `"}`)
	p.hear("welcome")
	p.say(`{"type":"login","id":"2","token":"` + noahToken + `"}`)
	if m := p.hear("error"); m["error"] != "already logged in" || m["id"] != "2" {
		t.Errorf("a second login: %v", m)
	}
	tokens, err := console.ParseTokens("tokens", []byte("Noah:agent:"+noahToken))
	if err != nil {
		t.Fatal(err)
	}
	r.SetTokens(tokens)
	hearClose(t, p.conn, websocket.ClosePolicyViolation)
}

// TestAgentSocketConversation is a conversation from the first look to the end,
// over the socket alone.
func TestAgentSocketConversation(t *testing.T) {
	r := open(t, parcel("s1"))
	p := r.program(bearer(miaToken)...)
	p.hear("welcome")
	p.say(`{"type":"ping","id":"0"}`)
	if m := p.hear("pong"); m["id"] != "0" {
		t.Errorf("pong: %v", m)
	}
	p.say(`{"type":"subscribe","id":"1","session":"s1"}`)
	m := p.hear("conversation")
	conv, _ := m["conversation"].(map[string]any)
	turns, _ := conv["turns"].([]any)
	if m["id"] != "1" || len(turns) != len(parcel("s1").Turns) || conv["goal"] == "" {
		t.Errorf("conversation: %v", m)
	}
	p.say(`{"type":"subscribe","id":"2","session":"s9"}`)
	if m := p.hear("error"); m["id"] != "2" || m["error"] != "no such conversation" {
		t.Errorf("of nobody: %v", m)
	}
	p.say(`{"type":"claim","id":"3","session":"s1"}`)
	p.hear("done")
	if m := p.hear("handoff"); m["session"] != "s1" || m["handoff"].(map[string]any)["agent"] != "Mia" {
		t.Errorf("handoff: %v", m)
	}
	p.say(`{"type":"say","id":"4","session":"s1","text":"Hi"}`)
	p.hear("done")
	if m := p.hear("said"); m["turn"].(map[string]any)["text"] != "Hi" || m["turn"].(map[string]any)["agent"] != "Mia" {
		t.Errorf("said: %v", m)
	}
	p.say(`{"type":"typing","id":"5","session":"s1"}`)
	p.hear("done")
	p.say(`{"type":"release","id":"6","session":"s1"}`)
	p.hear("done")
	if m := p.hear("handoff"); m["handoff"].(map[string]any)["state"] != "queued" {
		t.Errorf("released: %v", m)
	}
	p.say(`{"type":"claim","id":"7","session":"s1"}`)
	p.hear("done")
	p.hear("handoff")
	p.say(`{"type":"resolve","id":"8","session":"s1","verdict":"needed"}`)
	p.hear("done")
	if m := p.hear("ended"); m["session"] != "s1" {
		t.Errorf("ended: %v", m)
	}
	p.say(`{"type":"unsubscribe","id":"9","session":"s1"}`)
	p.hear("done")
}

func TestAgentSocketOfAViewer(t *testing.T) {
	r := open(t, parcel("s1"))
	p := r.program(bearer(viewerToken)...)
	if m := p.hear("welcome"); m["speaks"] != false {
		t.Errorf("welcome: %v", m)
	}
	p.say(`{"type":"subscribe","session":"s1"}`)
	p.hear("conversation")
	p.say(`{"type":"claim","session":"s1"}`)
	if m := p.hear("error"); m["error"] != "refused" {
		t.Errorf("claim: %v", m)
	}
	conn, resp, err := r.dialPath("/api/v1/agent", bearer(metricsToken)...)
	if err == nil || resp.StatusCode != http.StatusForbidden {
		t.Errorf("metrics: %v, %v, %v", conn, resp, err)
	}
	_ = resp.Body.Close()
}
