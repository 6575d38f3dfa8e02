package proxy_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"attune/proxy"
	"attune/proxy/proxytest"
	"attune/proxy/session"
)

// knowing is a protocol whose widgets know a message again.
const knowing = `
profile: knowing
framing: raw
once: true
frames:
  - {dir: up, kind: message, when: ["$.text is string"], text: ["$.text"]}
  - {dir: down, kind: message, when: ["$.text is string"], text: ["$.text"]}
inject:
  bot: '{"text":{{text}},"id":"att-{{now}}-{{n}}"}'
  agent: '{"text":{{text}},"agent":{{agent}},"id":"att-{{now}}-{{n}}"}'
`

func secret(s string) option {
	return func(_ *proxy.Config, c *session.Config) { c.Secret = s }
}

// waitsInRedis counts the messages that wait for a sign of a widget.
func waitsInRedis(t *testing.T, h *house) (n int64) {
	t.Helper()
	it := h.store.Client().Scan(t.Context(), 0, "*:u:*", 1000).Iterator()
	for it.Next(t.Context()) {
		m, err := h.store.Client().HLen(t.Context(), it.Val()).Result()
		if err != nil {
			t.Fatal(err)
		}
		n += m
		if ttl := h.store.Client().PTTL(t.Context(), it.Val()).Val(); ttl <= 0 && ttl != -2 || ttl > session.UnconfirmedTTL {
			t.Errorf("TTL of %s = %v", it.Val(), ttl)
		}
		for _, data := range h.store.Client().HVals(t.Context(), it.Val()).Val() {
			if strings.Contains(data, "One moment") {
				t.Error("words in the clear in Redis")
			}
		}
	}
	return n
}

// TestSaidAgain loses a widget before it has shown that it heard, and finds it on
// another node: what was said is said again, with the same id, and what it has
// shown to have heard is not.
func TestSaidAgain(t *testing.T) {
	a, b := pair(t, pack(t, people), ownProfile(t, knowing), secret(strings.Repeat("s", 32)))
	missed, _ := a.missing()
	if !regexp.MustCompile(`^{"text":"One moment, I am fetching somebody\.","id":"att-.+"}$`).MatchString(missed) {
		t.Fatalf("the widget was told %s", missed)
	}
	flushed(t, a)

	again := b.widget(proxytest.WidgetConfig{Header: known})
	bot := b.bot.Accept()
	again.SendText(say("are you there"))
	again.ExpectText(missed)
	waitFor(t, "the message was confirmed and still waits", func() bool { return waitsInRedis(t, a) == 0 })
	if strings.Contains(b.scrape(), `attune_fail_open_total{reason="floor"} 0`) { // Redis said in time whose the floor is
		bot.ExpectSilence(100 * time.Millisecond)
	}
	again.Drop()

	sess, ok := a.store.Live(a.waiting())
	if !ok {
		t.Fatal("the first node has forgotten the session")
	}
	if left, err := a.store.Unconfirmed(t.Context(), sess); err != nil || len(left) != 0 {
		t.Errorf("%d messages wait on the first node, %v", len(left), err)
	}
	third := a.widget(proxytest.WidgetConfig{Header: known})
	a.bot.Accept()
	third.SendText(say("hello"))
	if err := a.server.Switchboard().Claim(t.Context(), a.waiting(), "mia"); err != nil {
		t.Fatal(err)
	}
	got := third.NextText()
	if got == missed { // Redis did not say in time that it was confirmed
		got = third.NextText()
	}
	if !strings.HasPrefix(got, `{"text":"mia is here.","id":"att-`) {
		t.Errorf("the widget was told %s", got)
	}
}

// TestSaidAgainWithoutASecret: the words wait in memory, and on no other node.
func TestSaidAgainWithoutASecret(t *testing.T) {
	a, b := pair(t, pack(t, people), ownProfile(t, knowing))
	w := a.widget(proxytest.WidgetConfig{Header: known, NoPong: true})
	a.bot.Accept()
	w.SendText(say("I want to talk to a human"))
	missed := w.NextText()
	flushed(t, a)
	w.Drop()
	again := a.widget(proxytest.WidgetConfig{Header: known, NoPong: true})
	a.bot.Accept()
	again.SendText(say("are you there"))
	again.ExpectText(missed)
	again.Drop()
	other := b.widget(proxytest.WidgetConfig{Header: known})
	b.bot.Accept()
	other.SendText(say("are you there"))
	other.ExpectSilence(200 * time.Millisecond)
	if n := waitsInRedis(t, a); n != 0 {
		t.Errorf("%d messages in Redis", n)
	}
}

// TestNotSaidAgain: where widgets do not know a message again, nothing is.
func TestNotSaidAgain(t *testing.T) {
	h := open(t, proxytest.NewBackend(t, proxytest.BackendConfig{}), pack(t, people))
	w := h.widget(proxytest.WidgetConfig{Header: known, NoPong: true})
	h.bot.Accept()
	w.SendText(say("I want to talk to a human"))
	w.ExpectText(say("One moment, I am fetching somebody."))
	w.Drop()
	again := h.widget(proxytest.WidgetConfig{Header: known})
	h.bot.Accept()
	again.SendText(say("are you there"))
	again.ExpectSilence(200 * time.Millisecond)
}
