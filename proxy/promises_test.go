package proxy_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"attune/proxy"
	"attune/proxy/console"
	"attune/proxy/proxytest"
)

// waiting is people with words about the wait, said in minutes.
const waiting = people + `  promise.late: ["It takes longer, {wait}."]
  promise.missed: ["It did not happen."]
  handoff.stayed: ["On we go."]
`

var promising = strings.NewReplacer(`"One moment, I am fetching somebody."`, `"One moment, I am fetching somebody. It takes {wait}."`).Replace(waiting)

// asksForAPerson has a customer ask for a person, who is told how long it takes.
func (h *house) asksForAPerson(w *proxytest.Conn) string {
	h.t.Helper()
	w.SendText(say("I want to talk to a human"))
	w.ExpectText(say("One moment, I am fetching somebody. It takes about 4 minutes."))
	for deadline := time.Now().Add(proxytest.Timeout); time.Now().Before(deadline); <-time.After(20 * time.Millisecond) {
		if list, err := h.server.Switchboard().Waiting(h.t.Context()); err == nil && len(list) == 1 {
			return list[0].Session
		}
	}
	h.t.Fatal("nobody waits")
	return ""
}

// card waits until a session's card has so many promises.
func (h *house) card(id string, promises int) console.Conversation {
	h.t.Helper()
	for deadline := time.Now().Add(proxytest.Timeout); ; <-time.After(20 * time.Millisecond) {
		conv, err := h.server.Switchboard().Conversation(h.t.Context(), id)
		if err == nil && len(conv.Promises) == promises {
			return conv
		}
		if time.Now().After(deadline) {
			h.t.Fatalf("the card has %v, want %d promises (error %v)", conv.Promises, promises, err)
		}
	}
}

// hasten makes every promise due now.
func (h *house) hasten() {
	h.t.Helper()
	ctx, c := h.t.Context(), h.store.Client()
	for _, pattern := range []string{"attune:*:p", "attune:{promises}:due"} {
		for _, key := range c.Keys(ctx, pattern).Val() {
			for _, member := range c.ZRange(ctx, key, 0, -1).Val() {
				c.ZIncrBy(ctx, key, -float64(24*time.Hour.Milliseconds()), member)
			}
		}
	}
}

// sums demands that a counter has a value over all nodes.
func sums(t *testing.T, line string, want int, houses ...*house) {
	t.Helper()
	got := 0
	for deadline := time.Now().Add(proxytest.Timeout); time.Now().Before(deadline); <-time.After(20 * time.Millisecond) {
		got = 0
		for _, h := range houses {
			for l := range strings.SplitSeq(h.scrape(), "\n") {
				if rest, ok := strings.CutPrefix(l, line+" "); ok {
					n := 0
					_, _ = fmt.Sscan(rest, &n)
					got += n
				}
			}
		}
		if got == want {
			return
		}
	}
	t.Errorf("%s is %d over all nodes, want %d", line, got, want)
}

// TestPromiseOfAWait: the wait that a customer is told is on record, on the
// card, and kept by an agent who comes in time.
func TestPromiseOfAWait(t *testing.T) {
	h := open(t, proxytest.NewBackend(t, proxytest.BackendConfig{}), pack(t, promising))
	w := h.widget(proxytest.WidgetConfig{})
	id := h.asksForAPerson(w)
	p := h.card(id, 1).Promises[0]
	if in := time.Until(p.Due); in < 3*time.Minute || in > 4*time.Minute || !strings.Contains(p.Text, "about 4 minutes") {
		t.Errorf("promised %q, due in %v", p.Text, in)
	}
	if err := h.server.Switchboard().Claim(t.Context(), id, "Mia"); err != nil {
		t.Fatal(err)
	}
	w.ExpectText(say("Mia is here."))
	sums(t, `attune_promises_total{outcome="kept"}`, 1, h)
	h.card(id, 0)
	sums(t, `attune_promises_total{outcome="made"}`, 1, h)
}

// TestPromiseThatIsNotKept: of two nodes that see the time come one says so, once,
// and what it says is a promise again.
func TestPromiseThatIsNotKept(t *testing.T) {
	a, b := pair(t, pack(t, promising))
	w := a.widget(proxytest.WidgetConfig{})
	id := a.asksForAPerson(w)
	b.card(id, 1)
	b.hasten()
	w.ExpectText(say("It takes longer, about 4 minutes."))
	sums(t, `attune_promises_total{outcome="broken"}`, 1, a, b)
	sums(t, `attune_promises_total{outcome="made"}`, 2, a, b)
	if p := b.card(id, 1).Promises[0]; !strings.Contains(p.Text, "longer") || time.Until(p.Due) < 3*time.Minute {
		t.Errorf("now it is %q, due %v", p.Text, p.Due)
	}
	w.ExpectSilence(1500 * time.Millisecond)
	if err := b.server.Switchboard().Claim(t.Context(), id, "Mia"); err != nil {
		t.Fatal(err)
	}
	w.ExpectText(say("Mia is here."))
	sums(t, `attune_promises_total{outcome="kept"}`, 1, a, b)
	sums(t, `attune_promises_total{outcome="broken"}`, 1, a, b)
}

// TestPromiseToWhoeverStays: a customer who goes on with the bot is promised
// nothing any more.
func TestPromiseToWhoeverStays(t *testing.T) {
	h := open(t, proxytest.NewBackend(t, proxytest.BackendConfig{}), pack(t, promising))
	w := h.widget(proxytest.WidgetConfig{})
	h.card(h.asksForAPerson(w), 1)
	w.SendText(say("stay"))
	w.ExpectText(say("On we go."))
	sums(t, `attune_promises_total{outcome="void"}`, 1, h)
	sums(t, `attune_promises_total{outcome="broken"}`, 0, h)
}

// calls is a pack whose rewrite promises a call.
const calls = `
pack: calls
version: 1
locale: en
rewrites:
  - id: will-call
    what: A refusal becomes a call.
    why: A dead end feels like being dominated.
    move: way-out
    match: {text: "We cannot help"}
    steps:
      - say: ["We cannot help here, and we promise to call you within 2 hours."]
        adds: [promise, fact]
        needs: "score >= 0"
        approved: {by: "cx@example.com", until: 2099-01-01}
    examples: [{in: "We cannot help.", out: "We cannot help here, and we promise to call you within 2 hours."}, {in: "We can help.", unchanged: true}]
messages:
  promise.missed: ["It did not happen."]
`

// TestPromiseOfARule: what a rewrite promises has a time as well, and when
// nobody came by then the customer hears the truth.
func TestPromiseOfARule(t *testing.T) {
	bot := proxytest.NewBackend(t, proxytest.BackendConfig{})
	h := open(t, bot, pack(t, calls), config(func(c *proxy.Config) { c.Desks = nil }))
	w := h.widget(proxytest.WidgetConfig{})
	c := bot.Accept()
	w.SendText(say("hello"))
	c.ExpectText(say("hello"))
	c.SendText(say("We cannot help."))
	w.ExpectText(say("We cannot help here, and we promise to call you within 2 hours."))
	sums(t, `attune_promises_total{outcome="made"}`, 1, h)
	h.hasten()
	w.ExpectText(say("It did not happen."))
	sums(t, `attune_promises_total{outcome="broken"}`, 1, h)
}
