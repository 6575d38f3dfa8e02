package proxy_test

import (
	"slices"
	"strings"
	"testing"

	"attune/proxy"
	"attune/proxy/proxytest"
	"attune/proxy/session"
)

// TestEraseOnTwoNodes erases a conversation that two nodes hold, with a handoff
// that waits and a message that no widget has confirmed, and looks at every key
// there is and every field in it.
func TestEraseOnTwoNodes(t *testing.T) {
	a, b := pair(t, pack(t, people), ownProfile(t, knowing), secret(strings.Repeat("s", 32)))
	w := a.widget(proxytest.WidgetConfig{Header: known, NoPong: true})
	a.bot.Accept()
	w.SendText(say("I want to talk to a human"))
	w.NextText()
	waitFor(t, "the message does not wait in Redis", func() bool { return waitsInRedis(t, a) == 1 })
	flushed(t, a)
	second := b.widget(proxytest.WidgetConfig{Header: known})
	bot := b.bot.Accept()
	second.SendText(say("my secret is purple"))
	id := b.owner(b)
	waitFor(t, "the second node has not heard the customer", func() (heard bool) {
		if sess, here := b.store.Live(id); here {
			sess.Do(func(book *session.Book) {
				heard = slices.ContainsFunc(book.Turns(), func(turn session.Turn) bool { return turn.Text == "my secret is purple" })
			})
		}
		return heard
	})
	flushed(t, b)

	if err := proxy.Erase(t.Context(), b.store, id); err != nil {
		t.Fatal(err)
	}
	for _, h := range []*house{a, b} {
		waitFor(t, "a node still holds the conversation", func() bool {
			empty := true
			if sess, here := h.store.Live(id); here {
				sess.Do(func(book *session.Book) { empty = book.Count() == 0 && book.Floor == session.Bot })
			}
			return empty
		})
		flushed(t, h)
	}
	c := a.store.Client()
	for _, key := range c.Keys(t.Context(), "*").Val() {
		kind := c.Type(t.Context(), key).Val()
		var fields []string
		switch kind {
		case "hash":
			for k, v := range c.HGetAll(t.Context(), key).Val() {
				fields = append(fields, k, v)
			}
		case "list":
			fields = c.LRange(t.Context(), key, 0, -1).Val()
		case "zset":
			fields = c.ZRange(t.Context(), key, 0, -1).Val()
		case "stream":
			for _, m := range c.XRange(t.Context(), key, "-", "+").Val() {
				for k, v := range m.Values {
					fields = append(fields, k)
					if s, ok := v.(string); ok {
						fields = append(fields, s)
					}
				}
			}
		}
		ours := strings.HasSuffix(key, id)
		if ours && !strings.Contains(key, ":x:") && !strings.Contains(key, ":s:") { // the record may be that of the floor's return
			t.Errorf("left: %s %q", key, fields)
		}
		for _, f := range fields {
			if strings.Contains(f, "secret") || strings.Contains(f, "human") || strings.Contains(f, "purple") {
				t.Errorf("left in %s: %s", key, f)
			}
			if !ours && strings.Contains(f, id) {
				t.Errorf("%s still names the session", key)
			}
		}
	}
	// The customer goes on with an empty story, and the bot.
	second.SendText(say("hello again"))
	bot.ExpectText(say("hello again"))
}
