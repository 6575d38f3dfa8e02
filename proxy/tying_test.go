package proxy_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"attune/proxy/proxytest"
	"attune/proxy/session"
)

// bus hears what nodes tell one another.
func (h *house) bus() *redis.PubSub {
	h.t.Helper()
	bus := h.store.Client().Subscribe(h.t.Context(), "attune:bus")
	h.t.Cleanup(func() { _ = bus.Close() })
	if _, err := bus.Receive(h.t.Context()); err != nil {
		h.t.Fatal(err)
	}
	return bus
}

// spread waits until a node has told another one something of a kind.
func spread(t *testing.T, bus *redis.PubSub, kind string, from, to *house) {
	t.Helper()
	late := time.After(10 * time.Second)
	for {
		select {
		case m := <-bus.Channel():
			var e session.Event
			if json.Unmarshal([]byte(m.Payload), &e) == nil && e.Kind == kind && e.Node == from.store.Instance() {
				hear(t, from, to) // whoever answers has heard what came before
				return
			}
		case <-late:
			t.Fatalf("no word of %q", kind)
		}
	}
}

// passed is how many requests have passed whose words were judged.
func (h *house) passed() (n int) {
	h.t.Helper()
	for line := range strings.Lines(h.scrape()) {
		_, _ = fmt.Sscanf(line, `attune_http_requests_total{result="passed"} %d`, &n)
	}
	return n
}

// isHeard says things by HTTP until a bridge of another node has judged one of them: on
// a busy machine it may not do so in time.
func (c *customer) isHeard() {
	c.h.t.Helper()
	before := c.h.passed()
	for deadline := time.Now().Add(20 * time.Second); c.h.passed() == before; {
		if time.Now().After(deadline) {
			c.h.t.Fatal("what is said on one node is never heard on the other")
		}
		c.says("hello")
		c.sees("hello")
	}
}

// apart opens a conversation with its socket on one node, by an address that another
// one handed out, to which its requests go.
func apart(t *testing.T) (a, b *house, l *line, c *customer, bus *redis.PubSub) {
	t.Helper()
	l = newLine(t, "")
	url := proxytest.StartRedis(t).URL()
	a = open(t, l.bot, ownProfile(t, lineProfile), pack(t, people), redisAt(url)).ready()
	b = open(t, l.bot, ownProfile(t, lineProfile), pack(t, people), redisAt(url)).ready()
	hear(t, a, b)
	bus = a.bus()
	_, body := a.post(http.MethodPost, "/v3/directline/conversations", nil, `{"locale":"en"}`)
	var started struct{ StreamURL string }
	if err := json.Unmarshal([]byte(body), &started); err != nil {
		t.Fatalf("started: %s", body)
	}
	spread(t, bus, "handed", a, b)
	c = l.open(a, nil, strings.Replace(started.StreamURL, a.widgets, b.widgets, 1))
	spread(t, bus, "tie", b, a)
	return a, b, l, c, bus
}

// TestTheSocketIsOnAnotherNode: what is said on one node is heard on the other.
func TestTheSocketIsOnAnotherNode(t *testing.T) {
	_, _, _, c, _ := apart(t)
	c.isHeard()
}

// TestASocketThatIsGone is asked for once: no further request waits for it.
func TestASocketThatIsGone(t *testing.T) {
	a, b, l, c, bus := apart(t)
	c.socket.Drop()
	l.mu.Lock()
	l.socket = nil
	l.mu.Unlock()
	b.eventually(`attune_sessions{profile="line"} 0`)
	for range 2 {
		a.post(http.MethodPost, "/v3/directline/conversations/c1/activities", nil, activity(1, "hello"))
	}
	a.tells(session.Event{Kind: "the end"})
	asked := 0
	for late := time.After(10 * time.Second); ; {
		select {
		case m := <-bus.Channel():
			var e session.Event
			if json.Unmarshal([]byte(m.Payload), &e) != nil {
				continue
			}
			if e.Kind == "hear" {
				asked++
			}
			if e.Kind != "the end" {
				continue
			}
			if asked != 1 {
				t.Errorf("asked for %d times, want once", asked)
			}
			return
		case <-late:
			t.Fatal("the bus is silent")
		}
	}
}

// TestAnswerAndEchoMeetOnTwoNodes: nobody can say whose the first message is, and its
// echo on another node tells.
func TestAnswerAndEchoMeetOnTwoNodes(t *testing.T) {
	l := newLine(t, "")
	url := proxytest.StartRedis(t).URL()
	a := open(t, l.bot, ownProfile(t, lineProfile), pack(t, people), redisAt(url)).ready()
	b := open(t, l.bot, ownProfile(t, lineProfile), pack(t, people), redisAt(url)).ready()
	hear(t, a, b)
	bus := a.bus()
	c := l.open(b, signed, b.widgets+"/v3/directline/conversations/c1/stream")
	c.h = a
	c.says("hello")
	c.sees("hello")
	a.eventually(`attune_http_requests_total{result="unheard"} 1`)
	spread(t, bus, "tie", b, a)
	c.isHeard()
}
