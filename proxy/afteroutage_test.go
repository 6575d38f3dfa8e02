package proxy_test

import (
	"slices"
	"testing"
	"time"

	"attune/proxy"
	"attune/proxy/console"
	"attune/proxy/proxytest"
	"attune/proxy/session"
)

// outage is a house of which Redis is gone until back is called.
func outage(t *testing.T, before func(h *house, w *proxytest.Conn) (id string)) (h *house, w, bot *proxytest.Conn, id string, back func()) {
	t.Helper()
	redis := proxytest.StartRedis(t)
	h = open(t, proxytest.NewBackend(t, proxytest.BackendConfig{}), pack(t, peopleAndDanger), redisAt(redis.URL()), leeway(10)).ready()
	w, bot = h.talk(known, "hello")
	id = before(h, w)
	flushed(t, h)
	redis.Stop()
	h.eventually("attune_degraded 1")
	return h, w, bot, id, func() {
		redis.Start()
		h.eventually("attune_degraded 0")
	}
}

// TestAgentsKeepWhatTheyHaveOverAnOutage: without Redis nobody can say that they are
// there. When it is back they have the whole grace to do so.
func TestAgentsKeepWhatTheyHaveOverAnOutage(t *testing.T) {
	h, w, _, id, back := outage(t, func(h *house, w *proxytest.Conn) string {
		id := handOver(t, h, w)
		h.claimed(id, w)
		return id
	})
	h.server.WasSeen("mia", time.Minute)
	back()
	if err := h.server.Attend(t.Context(), 0); err != nil {
		t.Fatal(err)
	}
	if err := h.server.Switchboard().Say(t.Context(), id, "mia", "still here"); err != nil {
		t.Fatal(err)
	}
	w.ExpectText(`{"text":"still here","agent":"mia"}`) // and not that she had to leave
	if err := h.server.Attend(t.Context(), time.Minute); err != nil {
		t.Fatal(err)
	}
	w.ExpectText(say("mia had to leave."))
}

// TestStaysWhileRedisIsGone: who chooses the bot, and is told that it goes on, is not
// left with nobody because the queue could not be told.
func TestStaysWhileRedisIsGone(t *testing.T) {
	h, w, bot, _, back := outage(t, func(h *house, w *proxytest.Conn) string { return handOver(t, h, w) })
	w.SendText(say("stay"))
	w.ExpectText(say("All right, let's go on. Say 'person' whenever you want a colleague."))
	waitFor(t, "nobody noticed that Redis was not told", func() bool { return h.server.Staying() == 1 })
	back()
	waitsFor(t, h, "nobody", func(l []console.Summary) bool { return len(l) == 0 })
	h.eventually(`attune_handoffs_total{desk="console",state="abandoned"} 1`)
	w.SendText(say("where is my parcel"))
	bot.ExpectText(say("where is my parcel"))
	bot.SendText(say("On its way."))
	w.ExpectText(say("On its way."))
	waitFor(t, "it is told for ever", func() bool { return h.server.Staying() == 0 })
}

// TestWantsAPersonAfterAll: of two wishes of an outage the last one counts.
func TestWantsAPersonAfterAll(t *testing.T) {
	h, w, _, id, back := outage(t, func(h *house, w *proxytest.Conn) string { return handOver(t, h, w) })
	w.SendText(say("stay"))
	w.ExpectText(say("All right, let's go on. Say 'person' whenever you want a colleague."))
	waitFor(t, "the floor is not the bot's", func() bool {
		floor := session.Attune
		if sess, here := h.store.Live(id); here {
			sess.Do(func(book *session.Book) { floor = book.Floor })
		}
		return floor == session.Bot
	})
	w.SendText(say("I want to talk to a human"))
	w.ExpectText(say("One moment, I am fetching somebody."))
	waitFor(t, "the last wish is not known", func() bool { return h.server.Staying() == 0 })
	back()
	h.queued(1)
	if err := h.server.Switchboard().Claim(t.Context(), id, "mia"); err != nil {
		t.Fatal(err)
	}
	w.ExpectText(say("mia is here."))
}

// TestAMovedCustomerIsNotGone: the node that a waiting customer has left asks whether
// another one has the widget. That one does not answer, and she keeps her place.
func TestAMovedCustomerIsNotGone(t *testing.T) {
	a, b, _, cable := twoNodes(t, pack(t, people), func(_ *proxy.Config, s *session.Config) { s.Lease = 5 * time.Minute })
	w, _ := a.talk(known, "hello")
	id := handOver(t, a, w)
	flushed(t, a)
	w.SendClose(1001, "")
	waitFor(t, "nobody notices that the customer left", func() bool { return a.server.Left(id, 0) })
	w = b.widget(proxytest.WidgetConfig{Header: known})
	w.SendText(say("I am back"))
	b.owner(b)
	cable.Break()
	a.server.Left(id, time.Hour)
	waitFor(t, "she is given up", func() bool { return a.server.LeftAnew(id) })
	cable.Mend()
	a.queued(1)
}

// TestAgentsWordsAreWrittenDownOnce: whose the conversation is can be in doubt; an
// agent's words stand in its story once all the same.
func TestAgentsWordsAreWrittenDownOnce(t *testing.T) {
	a, b, _, cable := twoNodes(t, pack(t, people), func(_ *proxy.Config, s *session.Config) { s.Lease = 5 * time.Minute })
	first, _ := a.talk(known, "hello")
	flushed(t, a)
	second, _ := b.talk(known, "me again")
	id := b.owner(b)
	a.follows(id, b)
	flushed(t, b)
	cable.Break()
	sess, _ := a.store.Live(id)
	_ = a.store.Doubt(t.Context(), sess) // b does not answer, and is the owner for itself
	words := session.Event{Session: id, Kind: session.KindSay, Agent: "mia", Text: "hi, mia here", Token: "one"}
	for _, h := range []*house{a, b} {
		if err := h.store.Post(words); err != nil {
			t.Fatal(err)
		}
	}
	first.ExpectText(`{"text":"hi, mia here","agent":"mia"}`)
	second.ExpectText(`{"text":"hi, mia here","agent":"mia"}`)
	cable.Mend()
	settled(t, a, b)
	if got, want := a.story(id), []string{"agent: hi, mia here", "customer: hello", "customer: me again"}; !slices.Equal(got, want) {
		t.Errorf("the story is %q", got)
	}
}
