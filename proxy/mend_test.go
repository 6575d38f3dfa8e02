package proxy_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

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
	w.SendText(say("hello"))
	c.ExpectText(say("hello")) // and not "anybody", which the bot was not to answer
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
