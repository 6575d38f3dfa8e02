package proxy_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"attune/proxy/proxytest"
)

// TestAnErasedSessionLeavesNothing: not in its record, its handoff, the queue or
// what its desk was still to be told.
func TestAnErasedSessionLeavesNothing(t *testing.T) {
	server := proxytest.StartRedis(t)
	bot := proxytest.NewBackend(t, proxytest.BackendConfig{})
	help := newHelpdesk(t, func(told, int) (int, bool) { return http.StatusServiceUnavailable, false })
	h := open(t, bot, pack(t, people), help.desks(t), redisAt(server.URL()))
	w := h.widget(proxytest.WidgetConfig{})
	id := handOver(t, h, w)
	w.SendText(say("my secret is 12345"))
	c := redis.NewClient(&redis.Options{Network: "unix", Addr: server.Socket()})
	defer func() { _ = c.Close() }()
	// found are the keys in which the session, or its words, are stored.
	found := func() (keys []string) {
		for _, key := range c.Keys(t.Context(), "attune:*").Val() {
			var text string
			switch c.Type(t.Context(), key).Val() {
			case "string":
				text = c.Get(t.Context(), key).Val()
			case "list":
				text = strings.Join(c.LRange(t.Context(), key, 0, -1).Val(), " ")
			case "zset":
				text = strings.Join(c.ZRange(t.Context(), key, 0, -1).Val(), " ")
			case "hash":
				for _, v := range c.HGetAll(t.Context(), key).Val() {
					text += " " + v
				}
			case "stream":
				for _, e := range c.XRange(t.Context(), key, "-", "+").Val() {
					for _, v := range e.Values {
						s, _ := v.(string)
						text += " " + s
					}
				}
			case "none": // gone since
			default:
				t.Errorf("%s is of another type", key)
			}
			if strings.Contains(key, id) || strings.Contains(text, id) || strings.Contains(text, "secret") {
				keys = append(keys, key)
			}
		}
		return keys
	}
	until := func(what string, done func() bool) {
		t.Helper()
		for deadline := time.Now().Add(proxytest.Timeout); !done(); <-time.After(20 * time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatalf("%s; found in %v", what, found())
			}
		}
	}
	until("the words were never on their way to the desk", func() bool {
		n := 0
		for _, key := range found() {
			if strings.HasSuffix(key, ":out") && !strings.Contains(key, "{handoffs}") {
				n += int(c.XLen(t.Context(), key).Val())
			}
		}
		return n >= 2
	})
	w.Drop()
	h.eventually(`attune_bridges{profile="json"} 0`)
	if err := h.store.Erase(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	until("something is left", func() bool {
		left := found()
		return len(left) == 1 && strings.HasSuffix(left[0], "x:"+id) // the tombstone
	})
}
