package proxy_test

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"attune/proxy/proxytest"
)

// lineProfile is a protocol in which customers speak by HTTP and bots over a
// socket, shaped as Direct Line is.
const lineProfile = `
profile: line
framing: raw
each: "$.activities[*]"
keepalive: [""]
session: "$.conversation.id"
http:
  - match: "POST /v3/directline/conversations/*/activities"
    dir: up
    kind: message
    role: customer
    when: ["$.type == message"]
    text: ["$.text"]
    id: "$response.id"
    correlate: "$.channelData.clientActivityID"
    remember: {from_id: "$.from.id"}
    answer: '{"id":"{{session_raw}}|att-{{n}}"}'
  - {match: "POST /v3/directline/conversations", session: "$response.conversationId", credential: "$response.token", rewrite_url: ["$response.streamUrl"]}
  - {match: "POST /v3/directline/tokens/refresh", session: "$response.conversationId", credential: "$response.token"}
  - {match: "GET /v3/directline/conversations/*/activities", each: "$response.activities[*]", as: down}
frames:
  - {dir: down, kind: echo, role: customer, when: ["$.channelData.clientActivityID exists"], text: ["$.text"], id: "$.id", correlate: "$.channelData.clientActivityID"}
  - {dir: down, kind: message, role: bot, when: ["$.type == message"], text: ["$.text"], id: "$.id", payloads: ["$.suggestedActions.actions[*].value"]}
inject:
  bot: '{"activities":[{"type":"message","from":{"id":"bot"},"text":{{text}}}]}'
  echo: '{"activities":[{"type":"message","id":"{{session_raw}}|att-{{n}}","from":{"id":{{from_id}}},"text":{{text}},"channelData":{"clientActivityID":{{correlate}}}}]}'
`

// line is the service behind it: conversations that are started and spoken in by
// HTTP, with a socket each that shows what was said.
type line struct {
	t    *testing.T
	bot  *proxytest.Backend
	name string // of the profile
	auth string // the Authorization that messages need, "" for none
	anew bool   // whoever starts a conversation gets another token

	mu       sync.Mutex
	said     []string          // what the bot heard
	socket   *proxytest.Conn   // of the one conversation
	history  []json.RawMessage // all activities
	answered chan struct{}     // when not nil, answers to messages wait for it
}

func newLine(t *testing.T, auth string) *line {
	t.Helper()
	l := &line{t: t, name: "line", auth: auth}
	l.bot = proxytest.NewBackend(t, proxytest.BackendConfig{HTTP: l})
	return l
}

func (l *line) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	l.mu.Lock()
	refused := l.auth != "" && r.Header.Get("Authorization") != l.auth
	l.mu.Unlock()
	if refused {
		w.WriteHeader(http.StatusForbidden)
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	switch {
	case r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/conversations"):
		w.WriteHeader(http.StatusCreated)
		token := ""
		if l.anew {
			l.mu.Lock()
			l.auth += "0"
			token = `"token":"` + strings.TrimPrefix(l.auth, "Bearer ") + `",`
			l.mu.Unlock()
		}
		_, _ = fmt.Fprintf(w, `{"conversationId":"c1",%s"streamUrl":"%s/v3/directline/conversations/c1/stream?watermark=-&t=secret"}`, token, l.bot.URL)
	case strings.HasSuffix(r.URL.Path, "/refresh"):
		l.mu.Lock()
		defer l.mu.Unlock()
		l.auth += "1"
		_, _ = fmt.Fprintf(w, `{"conversationId":"c1","token":"%s","expires_in":1800}`, strings.TrimPrefix(l.auth, "Bearer "))
	case r.Method == http.MethodPost:
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		id := l.take(body)
		l.mu.Lock()
		wait := l.answered
		l.mu.Unlock()
		if wait != nil {
			<-wait
		}
		_, _ = fmt.Fprintf(w, `{"id":"%s"}`, id)
	default:
		l.mu.Lock()
		defer l.mu.Unlock()
		_ = json.NewEncoder(w).Encode(map[string]any{"activities": l.history, "watermark": "9"})
	}
}

// take keeps an activity of the customer's, and shows it on the socket.
func (l *line) take(body []byte) (id string) {
	var said struct{ Text string }
	if err := json.Unmarshal(body, &said); err != nil {
		l.t.Errorf("the service was sent %s", body)
	}
	l.mu.Lock()
	l.said = append(l.said, said.Text)
	l.mu.Unlock()
	return l.show(string(body))
}

// show adds an activity to the conversation, under an id of its own.
func (l *line) show(activity string) (id string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	id = fmt.Sprintf("c1|%07d", len(l.history))
	activity = strings.TrimSuffix(activity, "}") + fmt.Sprintf(`,"id":"%s","conversation":{"id":"c1"}}`, id)
	l.history = append(l.history, json.RawMessage(activity))
	if l.socket != nil {
		l.socket.SendText(`{"activities":[` + activity + `],"watermark":"1"}`)
	}
	return id
}

// says is the bot's message.
func (l *line) says(text string) {
	l.show(`{"type":"message","from":{"id":"bot"},"text":"` + text + `"}`)
}

// heard is what the bot heard so far.
func (l *line) heard() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]string(nil), l.said...)
}

// post sends a request through Attune and returns status, head and body.
func (h *house) post(method, path string, header http.Header, body string) (*http.Response, string) {
	h.t.Helper()
	r, err := http.NewRequestWithContext(h.t.Context(), method, "http"+strings.TrimPrefix(h.widgets, "ws")+path, strings.NewReader(body))
	if err != nil {
		h.t.Fatal(err)
	}
	maps.Copy(r.Header, header)
	if body != "" && r.Header.Get("Content-Type") == "" {
		r.Header.Set("Content-Type", "application/json")
	}
	resp, err := (&http.Transport{DisableKeepAlives: true, DisableCompression: true}).RoundTrip(r)
	if err != nil {
		h.t.Fatalf("%s %s: %v", method, path, err)
	}
	defer func() { _ = resp.Body.Close() }()
	got, err := io.ReadAll(resp.Body)
	if err != nil {
		h.t.Fatalf("%s %s: %v", method, path, err)
	}
	return resp, string(got)
}

// customer is a widget of that protocol.
type customer struct {
	h      *house
	header http.Header
	socket *proxytest.Conn
	n      int
}

// call starts the conversation and opens its socket where the service says.
func (l *line) call(h *house, header http.Header) *customer {
	h.t.Helper()
	resp, body := h.post(http.MethodPost, "/v3/directline/conversations", header, `{"locale":"en"}`)
	var started struct{ ConversationID, StreamURL string }
	if err := json.Unmarshal([]byte(body), &started); err != nil || resp.StatusCode != http.StatusCreated {
		h.t.Fatalf("start: %d %s", resp.StatusCode, body)
	}
	u, err := url.Parse(started.StreamURL)
	if err != nil || "ws://"+u.Host != h.widgets {
		h.t.Fatalf("the stream is at %s, want it at %s", started.StreamURL, h.widgets)
	}
	c := l.open(h, header, started.StreamURL)
	h.eventually(`attune_sessions{profile="` + l.name + `"} 1`) // Attune knows whose socket it is
	return c
}

// open opens the socket of the conversation.
func (l *line) open(h *house, header http.Header, address string) *customer {
	h.t.Helper()
	c := &customer{h: h, header: header, socket: proxytest.DialWidget(h.t, address, proxytest.WidgetConfig{})}
	conn := l.bot.Accept()
	l.mu.Lock()
	l.socket = conn
	l.mu.Unlock()
	return c
}

func activity(n int, text string) string {
	return fmt.Sprintf(`{"type":"message","from":{"id":"u1"},"text":"%s","channelData":{"clientActivityID":"k%d"}}`, text, n)
}

// says sends a message and returns the answer.
func (c *customer) says(text string) string {
	c.h.t.Helper()
	c.n++
	resp, body := c.h.post(http.MethodPost, "/v3/directline/conversations/c1/activities", c.header, activity(c.n, text))
	if resp.StatusCode != http.StatusOK {
		c.h.t.Fatalf("say %q: %d %s", text, resp.StatusCode, body)
	}
	return body
}

// sees waits for a message on the socket.
func (c *customer) sees(want string) {
	c.h.t.Helper()
	got := c.socket.NextText()
	var set struct{ Activities []struct{ Text string } }
	if err := json.Unmarshal([]byte(got), &set); err != nil || len(set.Activities) != 1 || set.Activities[0].Text != want {
		c.h.t.Fatalf("the socket shows %s, want %q", got, want)
	}
}
