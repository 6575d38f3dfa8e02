package proxy_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"attune/proxy/console"
	"attune/proxy/proxytest"
	"attune/proxy/session"
)

// TestAFloorWithoutAHandoffGoesBack: a node died after it had closed a handoff
// and before the floor had followed.
func TestAFloorWithoutAHandoffGoesBack(t *testing.T) {
	bot := proxytest.NewBackend(t, proxytest.BackendConfig{})
	h := open(t, bot, pack(t, people))
	w := h.widget(proxytest.WidgetConfig{})
	c := bot.Accept()
	id := handOver(t, h, w)
	board := h.server.Switchboard()
	h.claimed(id, w)
	h.server.Mend(t.Context())
	h.server.Mend(t.Context())
	if err := board.Return(t.Context(), id, "mia"); err != nil {
		t.Fatal(err)
	}
	w.ExpectText(say("The bot goes on."))
	if _, err := h.store.SetFloor(t.Context(), id, session.Agent, "ghost", "ghost"); err != nil {
		t.Fatal(err)
	}
	w.SendText(say("anybody"))
	h.eventually(`attune_messages_total{direction="upstream",role="customer"} 2`)
	h.server.Mend(t.Context())
	h.server.Mend(t.Context())
	h.eventually(`attune_floor_changes_total{to="bot"} 2`)
	w.ExpectText(say("The bot goes on."))
	w.SendText(say("hello"))
	c.ExpectText(say("hello")) // and not "anybody", which the bot was not to answer
}

// TestALostHandoff: Redis has lost who waits. The customer, who was told that somebody
// comes, hears that nobody does.
func TestALostHandoff(t *testing.T) {
	h := open(t, proxytest.NewBackend(t, proxytest.BackendConfig{}), pack(t, people+"  handoff.failed: [\"Nobody can be reached.\"]\n"))
	w := h.widget(proxytest.WidgetConfig{})
	c := h.bot.Accept()
	id := handOver(t, h, w)
	keys := h.store.Client().Keys(t.Context(), "attune:*:h:"+id).Val()
	if len(keys) != 1 {
		t.Fatalf("the handoff is in %q", keys)
	}
	if err := h.store.Client().Del(t.Context(), keys...).Err(); err != nil {
		t.Fatal(err)
	}
	for floor := session.Attune; floor != session.Bot; {
		h.server.Mend(t.Context())
		sess, _ := h.store.Live(id)
		sess.Do(func(book *session.Book) { floor = book.Floor })
	}
	w.ExpectText(say("Nobody can be reached."))
	w.SendText(say("hello"))
	c.ExpectText(say("hello"))
}

// TestTheFloorFollowsTheHandoff: a customer who stays with the bot in the moment
// in which an agent claims must not be left with a floor that nobody has.
func TestTheFloorFollowsTheHandoff(t *testing.T) {
	bot := proxytest.NewBackend(t, proxytest.BackendConfig{Answer: func(text string) []string { return []string{text} }})
	h := open(t, bot, pack(t, people))
	t.Cleanup(h.server.Unmended()) // that would help, too, in a while
	for i := range 20 {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			w := h.widget(proxytest.WidgetConfig{})
			id := handOver(t, h, w)
			board := h.server.Switchboard()
			var wg sync.WaitGroup
			wg.Go(func() { w.SendText(say("stay")) })
			wg.Go(func() { _ = board.Claim(t.Context(), id, "mia") })
			wg.Wait()
			deadline := time.Now().Add(proxytest.Timeout)
			for floor := session.Attune; floor != session.Bot; {
				_ = board.Return(t.Context(), id, "mia")
				sess, here := h.store.Live(id)
				if !here {
					t.Fatal("the session is gone")
				}
				sess.Do(func(book *session.Book) { floor = book.Floor })
				if time.Now().After(deadline) {
					t.Fatal("the floor stays with nobody")
				}
			}
			w.SendClose(1000, "")
		})
	}
}

// TestWhoAskedAtADeadNode: who asked for a person at a node that died, and does not
// come back, is missed by another, whether they wait or an agent has them.
func TestWhoAskedAtADeadNode(t *testing.T) {
	for _, claimed := range []bool{false, true} {
		t.Run(fmt.Sprintf("claimed %v", claimed), func(t *testing.T) {
			t.Parallel() // it waits
			a, b := pair(t, pack(t, people), hasty)
			w := a.widget(proxytest.WidgetConfig{Header: known})
			id := handOver(t, a, w)
			if claimed {
				a.claimed(id, w)
			}
			flushed(t, a)
			b.server.Mend(t.Context())
			waitFor(t, "nobody looks after the session", func() bool { return b.server.Lost(id, time.Hour) })
			waitFor(t, "nobody asked who has the session", func() bool { return !b.server.Lost(id, 0) })
			if open, err := b.server.Switchboard().Waiting(t.Context()); err != nil || len(open) != 1 {
				t.Fatalf("while the node lives %d are open, %v", len(open), err)
			}
			a.stop()
			<-a.stopped
			waitFor(t, "nobody ends the handoff", func() bool { // each look is one try
				b.server.Mend(t.Context())
				b.server.Lost(id, time.Hour)
				return strings.Contains(b.scrape(), `attune_handoffs_total{desk="console",state="abandoned"} 1`)
			})
		})
	}
}

// TestWhoIsToBeCalledBackMayGo: a call-back ends with nobody's node, and stays the
// agent's who has it.
func TestWhoIsToBeCalledBackMayGo(t *testing.T) {
	closed := []string{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"}[(int(time.Now().UTC().Weekday())+3)%7]
	a, b := pair(t, pack(t, peopleAndDanger), desks(t, "people: {kind: console, hours: [\""+closed+" 08:00-09:00\"]}"))
	w := a.widget(proxytest.WidgetConfig{Header: known})
	w.SendText(say("I want to talk to a human"))
	w.ExpectText(say("Nobody is here now. You will hear from us."))
	list := waitsFor(t, b, "a call-back", func(l []console.Summary) bool { return len(l) == 1 && l[0].Callback })
	b.server.Mend(t.Context())
	if b.server.Lost(list[0].Session, 0) {
		t.Error("who is to be called back is missed")
	}
	if err := b.server.Switchboard().Claim(t.Context(), list[0].Session, "mia"); err != nil {
		t.Fatal(err)
	}
	b.server.Mend(t.Context())
	if b.server.Lost(list[0].Session, 0) {
		t.Error("who is to be called back is missed once an agent has them")
	}
}
