package proxy_test

import (
	"strings"
	"testing"
	"time"

	"attune/proxy/proxytest"
)

// twoNodes is pair with a cable between the second one and Redis, and without
// leeway: a Redis that is slow is too slow.
func twoNodes(t *testing.T, options ...option) (a, b *house, redis *proxytest.Redis, cable *proxytest.Cable) {
	t.Helper()
	options = append([]option{leeway(1)}, options...)
	redis = proxytest.StartRedis(t)
	cable = proxytest.NewCable(t, redis.Socket())
	a = open(t, proxytest.NewBackend(t, proxytest.BackendConfig{}), append(options, redisAt(redis.URL()))...).ready()
	b = open(t, proxytest.NewBackend(t, proxytest.BackendConfig{}), append(options, redisAt(cable.URL()))...).ready()
	hear(t, a, b)
	return a, b, redis, cable
}

// floorInRedis is the floor of the only session that is stored, and its id.
func floorInRedis(t *testing.T, h *house) (floor, id string) {
	t.Helper()
	for _, key := range h.store.Client().Keys(t.Context(), "*:s:*").Val() {
		floor, id = h.store.Client().HGet(t.Context(), key, "fl").Val(), key[strings.LastIndexByte(key, ':')+1:]
	}
	return floor, id
}

// missing has a widget that was lost on a node before it could show that it heard
// what Attune said, and returns that and the session's id.
func (h *house) missing() (words, id string) {
	h.t.Helper()
	t, ok := h.t.(*testing.T)
	if !ok {
		h.t.Fatal("not in a test")
	}
	w := h.widget(proxytest.WidgetConfig{Header: known, NoPong: true})
	h.bot.Accept()
	w.SendText(say("I want to talk to a human"))
	words = w.NextText()
	waitFor(t, "the words do not wait in Redis, or the floor is the bot's there", func() bool {
		var floor string
		floor, id = floorInRedis(t, h)
		return floor == "attune" && waitsInRedis(t, h) == 1
	})
	w.Drop()
	return words, id
}

// TestSaidAgainWhenRedisIsBack: a widget comes back while Redis hangs. What it says
// does not wait; what it has missed is said as soon as Redis answers, and what was
// said meanwhile is not said twice.
func TestSaidAgainWhenRedisIsBack(t *testing.T) {
	a, b, redis, _ := twoNodes(t, pack(t, people), ownProfile(t, knowing), secret(strings.Repeat("s", 32)))
	words, id := a.missing()
	redis.Pause()
	again := b.widget(proxytest.WidgetConfig{Header: known, NoPong: true})
	bot := b.bot.Accept()
	again.SendText(say("are you there"))
	bot.ExpectText(say("are you there"))
	again.SendText(say("I want to talk to a human"))
	if got := again.NextText(); !strings.Contains(got, "One moment") || got == words {
		t.Fatalf("the widget was told %s", got)
	}
	redis.Resume()
	again.ExpectText(words)
	if err := a.server.Switchboard().Claim(t.Context(), id, "mia"); err != nil {
		t.Fatal(err)
	}
	if got := again.NextText(); !strings.HasPrefix(got, `{"text":"mia is here.","id":"att-`) {
		t.Errorf("the widget was told %s", got)
	}
}

// TestSaidAgainWhereRedisIsSlow: Redis never answers within the time that a message
// may wait.
func TestSaidAgainWhereRedisIsSlow(t *testing.T) {
	a, b, _, cable := twoNodes(t, pack(t, people), ownProfile(t, knowing), secret(strings.Repeat("s", 32)))
	words, id := a.missing()
	cable.Lag(100 * time.Millisecond)
	again := b.widget(proxytest.WidgetConfig{Header: known})
	b.bot.Accept()
	again.SendText(say("are you there"))
	again.ExpectText(words)
	waitFor(t, "the words were confirmed and still wait", func() bool { return waitsInRedis(t, a) == 0 })
	cable.Lag(0)
	if err := a.server.Switchboard().Claim(t.Context(), id, "mia"); err != nil {
		t.Fatal(err)
	}
	if got := again.NextText(); !strings.HasPrefix(got, `{"text":"mia is here.","id":"att-`) {
		t.Errorf("the widget was told %s", got)
	}
}
