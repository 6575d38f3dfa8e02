package e2e

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// liveSessions is how many customers are on a node that is killed:
// ATTUNE_TEST_SESSIONS, or 40.
func liveSessions(t *testing.T) int {
	t.Helper()
	if v := os.Getenv("ATTUNE_TEST_SESSIONS"); v != "" {
		n, err := strconv.Atoi(v)
		if err != nil || n < 10 {
			t.Fatalf("ATTUNE_TEST_SESSIONS=%s: want a number from 10", v)
		}
		return n
	}
	return 40
}

// missing is a bot that understands nothing.
func missing(t *testing.T) (url string) {
	t.Helper()
	return answering(t, func(string) string { return miss })
}

// answering is a bot with one reply to each message.
func answering(t *testing.T, reply func(text string) string) (url string) {
	t.Helper()
	up := websocket.Upgrader{CheckOrigin: func(*http.Request) bool { return true }}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := up.Upgrade(w, r, nil)
		if err != nil {
			return
		}
		defer func() { _ = c.Close() }()
		for {
			var m struct{ Text string }
			if c.ReadJSON(&m) != nil || c.WriteJSON(map[string]string{"text": reply(m.Text)}) != nil {
				return
			}
		}
	}))
	t.Cleanup(func() {
		s.CloseClientConnections()
		s.Close()
	})
	return "ws" + strings.TrimPrefix(s.URL, "http")
}

// customer is one of many, with a credential of his or her own.
type customer struct {
	n    int
	conn *websocket.Conn
}

// connect opens the customer's socket at a node.
func (c *customer) connect(a *attune) error {
	d := websocket.Dialer{HandshakeTimeout: patience}
	conn, resp, err := d.Dial("ws://"+a.widgets+"/chat", http.Header{"Authorization": {fmt.Sprintf("Bearer customer-%d", c.n)}})
	if err != nil {
		return err
	}
	_ = resp.Body.Close()
	c.conn = conn
	return nil
}

// hears says something and wants these answers to come, in this order.
func (c *customer) hears(text string, want ...string) error {
	if err := c.conn.WriteJSON(map[string]string{"text": text}); err != nil {
		return err
	}
	for _, w := range want {
		_ = c.conn.SetReadDeadline(time.Now().Add(patience))
		var got struct{ Text string }
		if err := c.conn.ReadJSON(&got); err != nil {
			return fmt.Errorf("customer %d waits for %q: %w", c.n, w, err)
		}
		if got.Text != w {
			return fmt.Errorf("customer %d: %w: %q, want %q", c.n, errOther, got.Text, w)
		}
	}
	return nil
}

var errOther = errors.New("something else is heard")

// all does something for every customer, many at a time.
func all(t *testing.T, list []*customer, do func(c *customer) error) {
	t.Helper()
	var wg sync.WaitGroup
	seats := make(chan struct{}, 32)
	errs := make(chan error, len(list))
	for _, c := range list {
		seats <- struct{}{}
		wg.Go(func() {
			defer func() { <-seats }()
			if err := do(c); err != nil {
				errs <- err
			}
		})
	}
	wg.Wait()
	close(errs)
	bad := 0
	for err := range errs {
		if bad++; bad <= 5 {
			t.Error(err)
		}
	}
	if bad > 0 {
		t.Fatalf("%d of %d customers fared ill", bad, len(list))
	}
}

const fetching = "One moment, I am fetching somebody."

// TestANodeIsKilled kills a node with many live sessions. All of them go on at
// another one, with the score and the floor that they had, and nobody who asked
// for a person is in the queue twice.
func TestANodeIsKilled(t *testing.T) {
	n := liveSessions(t)
	pack := strings.Replace(oneRule, "messages:\n", "messages:\n  handoff.requested: [\""+fetching+"\"]\n", 1)
	redis := redisServer(t)
	env := []string{
		"ATTUNE_BACKEND_URL=" + missing(t), "ATTUNE_RULES=" + rulesDir(t, pack), "ATTUNE_REDIS_URL=" + redis,
		"ATTUNE_MAX_PER_ADDRESS=0", "ATTUNE_LOG_LEVEL=warn",
	}
	one, two := serve(t, env...), serve(t, env...)
	list := make([]*customer, n)
	for i := range list {
		list[i] = &customer{n: i}
	}
	t.Cleanup(func() {
		for _, c := range list {
			if c.conn != nil {
				_ = c.conn.Close()
			}
		}
	})
	asks := func(c *customer) bool { return c.n%10 == 0 }
	waiting := 0
	for _, c := range list {
		if asks(c) {
			waiting++
		}
	}
	all(t, list, func(c *customer) error {
		if err := c.connect(one); err != nil {
			return err
		}
		if err := c.hears("purple monkey", miss); err != nil || !asks(c) {
			return err
		}
		return c.hears("I want to talk to a human", fetching)
	})
	queue(t, two, waiting)
	stored(t, redis, n)
	one.kill()

	began := time.Now()
	var late atomic.Int64
	all(t, list, func(c *customer) error {
		_ = c.conn.Close()
		if err := c.connect(two); err != nil {
			return err
		}
		if asks(c) { // the floor is not the bot's: nothing is answered but by a person
			return c.conn.WriteJSON(map[string]string{"text": "I want to talk to a human"})
		}
		// The second failure counts as the second, unless the store took longer than
		// a message may wait for it.
		if err := c.hears("green monkey", offered); !errors.Is(err, errOther) {
			return err
		}
		late.Add(1)
		return c.hears("blue monkey", offered)
	})
	t.Logf("%d sessions resumed within %v; %d were judged before the store had answered", n, time.Since(began).Round(time.Millisecond), late.Load())
	if late.Load() > int64(n/10) {
		t.Errorf("%d of %d did not find their score", late.Load(), n)
	}
	for _, session := range queue(t, two, waiting) {
		if status, data := call(t, http.MethodPost, "http://"+two.console+"/api/v1/handoffs/"+session+"/claim", token, ""); status/100 != 2 {
			t.Errorf("claim: %d %s", status, data)
		}
		break
	}
	// The dead node has a lease for some seconds more.
	two.metric(`attune_handoffs_total{desk="console",state="active"} 1`)
	// A word of whoever asked would have come by now, had the bot answered.
	all(t, list, func(c *customer) error {
		if !asks(c) {
			return c.hears("I want to talk to a human", fetching)
		}
		return nil
	})
	queue(t, two, n)
	_, data := get(t, "http://"+two.admin+"/metrics", "")
	if line := []byte(fmt.Sprintf("\nattune_handoffs_total{desk=\"console\",state=\"requested\"} %d\n", n-waiting)); !bytes.Contains(data, line) {
		t.Errorf("the second node has not requested %d handoffs, one for each customer who had none", n-waiting)
	}
}

// queue waits until so many sessions have an open handoff, each once, and returns
// them.
func queue(t *testing.T, a *attune, want int) []string {
	t.Helper()
	var sessions []string
	for deadline := time.Now().Add(patience); ; <-time.After(50 * time.Millisecond) {
		_, data := get(t, "http://"+a.console+"/api/v1/handoffs", token)
		var list struct{ Handoffs []struct{ Session string } }
		if json.Unmarshal(data, &list) == nil {
			sessions = sessions[:0]
			seen := map[string]bool{}
			for _, h := range list.Handoffs {
				if seen[h.Session] {
					t.Fatal("a session is in the queue twice")
				}
				seen[h.Session] = true
				sessions = append(sessions, h.Session)
			}
			if len(sessions) == want {
				return sessions
			}
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d handoffs are open, want %d: %.300s", len(sessions), want, data)
		}
	}
}
