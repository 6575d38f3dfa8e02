package proxy_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"attune/proxy/proxytest"
)

// TestDirectLineAsShipped: the profile that comes with Attune does what the one
// of these tests does.
func TestDirectLineAsShipped(t *testing.T) {
	l := newLine(t, "Bearer somebody")
	l.name = "directline"
	h := open(t, l.bot, profile(t, "directline"), pack(t, people))
	c := l.call(h, signed)
	c.says("hello")
	c.sees("hello")
	l.says("Your request has been denied.")
	c.sees("I could not get that approved.")
	if _, body := h.post(http.MethodGet, message, signed, ""); !strings.Contains(body, "I could not get that approved.") {
		t.Errorf("the history reads %s", body)
	}
	answer := c.says("I want to talk to a human")
	var id struct{ ID string }
	if err := json.Unmarshal([]byte(answer), &id); err != nil || !strings.HasPrefix(id.ID, "c1|att-") {
		t.Errorf("answered %s", answer)
	}
	echo := c.socket.NextText()
	var set struct {
		Activities []struct {
			ID, Text    string
			From        struct{ ID, Role string }
			ChannelData struct{ ClientActivityID string }
		}
	}
	if err := json.Unmarshal([]byte(echo), &set); err != nil || len(set.Activities) != 1 {
		t.Fatalf("the echo is %s", echo)
	}
	a := set.Activities[0]
	if a.ID != id.ID || a.Text != "I want to talk to a human" || a.From.ID != "u1" || a.From.Role != "user" || a.ChannelData.ClientActivityID != "k2" {
		t.Errorf("the echo is %s", echo)
	}
	c.sees("One moment, I am fetching somebody.")
	h.eventually(`attune_signals_total{rule="asks-for-person"} 1`)
}

// cable is Chatwoot, as far as its widget sees it.
type cable struct {
	t   *testing.T
	bot *proxytest.Backend

	mu     sync.Mutex
	n      int
	socket *proxytest.Conn
	said   []string
	all    []json.RawMessage
}

const cableHead = `{"identifier":"{\"channel\":\"RoomChannel\",\"pubsub_token\":\"pub-1\"}","message":{"event":"message.created","data":`

func (c *cable) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("X-Auth-Token") != "visitor" {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	if r.Method == http.MethodGet {
		c.mu.Lock()
		defer c.mu.Unlock()
		_ = json.NewEncoder(w).Encode(map[string]any{"payload": c.all, "meta": map[string]any{}})
		return
	}
	var body struct {
		Message struct {
			Content string
			EchoID  string `json:"echo_id"`
		}
	}
	if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
		c.t.Error(err)
	}
	c.mu.Lock()
	c.said = append(c.said, body.Message.Content)
	c.mu.Unlock()
	_, _ = io.WriteString(w, c.show(0, body.Message.Content, body.Message.EchoID))
}

// show adds a message to the conversation and to the socket.
func (c *cable) show(kind int, content, echo string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.n++
	msg := fmt.Sprintf(`{"id":%d,"content":"%s","message_type":%d,"content_type":"text","content_attributes":{},"created_at":1790000000,"conversation_id":61,"account_id":2,"sender_type":"AgentBot","echo_id":"%s"}`, 300+c.n, content, kind, echo)
	c.all = append(c.all, json.RawMessage(msg))
	c.socket.SendText(cableHead + msg + `}}`)
	return msg
}

// TestChatwootAsShipped: nothing ties its requests to its socket but the ids of
// messages, so the first one is judged by its echo.
func TestChatwootAsShipped(t *testing.T) {
	c := &cable{t: t}
	c.bot = proxytest.NewBackend(t, proxytest.BackendConfig{HTTP: c, Subprotocols: []string{"actioncable-v1-json"}})
	h := open(t, c.bot, profile(t, "chatwoot-cable"), pack(t, again))
	w := proxytest.DialWidget(t, h.widgets+"/cable", proxytest.WidgetConfig{Subprotocols: []string{"actioncable-v1-json"}})
	c.socket = c.bot.Accept()
	subscribe := `{"command":"subscribe","identifier":"{\"channel\":\"RoomChannel\",\"pubsub_token\":\"pub-1\"}"}`
	w.SendText(subscribe)
	c.socket.ExpectText(subscribe)
	seen := func(want string) {
		t.Helper()
		got := w.NextText()
		var m struct {
			Message struct{ Data struct{ Content string } }
		}
		if err := json.Unmarshal([]byte(got), &m); err != nil || m.Message.Data.Content != want {
			t.Fatalf("the socket shows %s, want %q", got, want)
		}
	}
	visitor := http.Header{"X-Auth-Token": {"visitor"}}
	n := 0
	says := func(text string) string {
		t.Helper()
		n++
		resp, body := h.post(http.MethodPost, "/api/v1/widget/messages?website_token=w&locale=en", visitor, fmt.Sprintf(`{"message":{"content":"%s","echo_id":"e%d"}}`, text, n))
		if resp.StatusCode != http.StatusOK {
			t.Fatalf("say %q: %d %s", text, resp.StatusCode, body)
		}
		return body
	}
	says("This is useless")
	seen("This is useless")
	h.eventually(`attune_signals_total{rule="useless"} 1`)
	h.eventually(`attune_http_requests_total{result="unheard"} 1`)
	says("This is useless")
	seen("This is useless")
	h.eventually(`attune_signals_total{rule="useless"} 2`)
	h.eventually(`attune_http_requests_total{result="passed"} 1`)
	c.show(1, "I cannot help with that.", "")
	offered := "I cannot help with that. All colleagues are talking to someone right now. Shall I put you in the queue?"
	seen(offered)
	_, history := h.post(http.MethodGet, "/api/v1/widget/messages", visitor, "")
	if !strings.Contains(history, `"content":"`+offered+`"`) || strings.Count(history, "This is useless") != 2 {
		t.Errorf("the history reads %s", history)
	}
	var answer struct {
		ID, Content    string
		MessageType    int    `json:"message_type"`
		ConversationID int    `json:"conversation_id"`
		EchoID         string `json:"echo_id"`
	}
	if err := json.Unmarshal([]byte(says("yes")), &answer); err != nil || answer.Content != "yes" || answer.ConversationID != 61 || answer.EchoID != "e3" || !strings.HasPrefix(answer.ID, "att-") {
		t.Errorf("answered %+v, %v", answer, err)
	}
	seen("yes")
	seen("One moment, I am fetching somebody.")
	h.eventually(`attune_asks_total{ask="connect",outcome="accepted"} 1`)
	if len(c.said) != 2 {
		t.Errorf("Chatwoot heard %q", c.said)
	}
}
